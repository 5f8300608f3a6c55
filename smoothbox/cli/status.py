"""`smoothbox status`."""

from collections import Counter

import click

from smoothbox.cli.output import facts
from smoothbox.cli.session import Session
from smoothbox.operations import tenants


@click.command()
@click.pass_obj
def status(session: Session) -> None:
    """Say what this box holds and whether it is being served.

    A box that nobody serves is no failure. The server is not called: to hear whether it answers, see 'health'.

    Example: smoothbox --json status
    """
    with session.box() as box:
        of_status = Counter(each.status for each in box.read(tenants.list_all))
    server = session.folder.server()
    value = {
        "data_dir": str(session.folder.root),
        "running": server is not None,
        "url": server.url if server else None,
        "pid": server.pid if server else None,
        "tenants": {"active": of_status["ACTIVE"], "disabled": of_status["DISABLED"]},
    }
    lines = (
        ("data folder", session.folder.root),
        ("server", f"{server.url} (pid {server.pid})" if server else "not running"),
        ("tenants", f"{of_status['ACTIVE']} active, {of_status['DISABLED']} disabled"),
    )
    session.out.data(value, facts(lines))
    if server is None:
        session.out.next_step(session.command("serve"))

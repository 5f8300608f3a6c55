"""`smoothbox demo`: the newcomer's first five minutes."""

from collections.abc import Mapping
from functools import partial
from typing import Any, Final

import click

from smoothbox.cli.address import login_address
from smoothbox.cli.serve import announce, listening_options, serve_box
from smoothbox.cli.session import Session
from smoothbox.cli.shipped import shipped
from smoothbox.contract.first_calls import curl_line
from smoothbox.located_toml import load_toml
from smoothbox.operations import catalogue_file
from smoothbox.operations import demo as demo_tenant
from smoothbox.upkeep import boxes

_LINK_SECONDS: Final = 900
_THIS_MACHINE: Final = frozenset({"127.0.0.1", "::1", "localhost"})
_TO_THIS_MACHINE: Final = {"webhooks.allow_cidrs": ("127.0.0.1/32",)}


@click.command()
@listening_options
@click.pass_obj
def demo(session: Session, host: str | None, port: int | None) -> None:
    """Make a demo tenant with bookings, print its tokens, and serve.

    Makes the box too, where there is none. Running it again keeps everything and makes no new tokens. Other tenants of the
    box are left alone. To be rid of it: smoothbox tenant delete demo

    Example: smoothbox demo --port 8080
    """
    flags = _flags(session, {"server.host": host, "server.port": port})
    settings = session.settings(flags)
    boxes.make(session.folder, session.clock)
    file = shipped("demo.toml")
    made = demo_tenant.settle(session.folder, session.clock, catalogue_file.parse(*load_toml(file), file))
    session.out.remark(f"{'Made' if made else 'Kept'} the tenant '{demo_tenant.SLUG}' in {session.folder.root}.")
    may_listen = settings.sources["webhooks.allow_cidrs"] == "flag"
    serve_box(session, settings, flags, partial(_welcome, session, may_listen))


def _flags(session: Session, flags: Mapping[str, Any]) -> Mapping[str, Any]:
    """The flags; where the settings do not say where deliveries may go, those to this machine are allowed.

    Not where others can reach the box: whoever has a token could make it call what listens here.
    """
    settings = session.settings(flags)
    if settings.sources["webhooks.allow_cidrs"] != "default" or settings.server.host not in _THIS_MACHINE:
        return flags
    return {**flags, **_TO_THIS_MACHINE}


def _welcome(session: Session, may_listen: bool, url: str) -> None:
    """Say where the box answers, and hand out the first tokens: only now, so that none is lost when the port is taken."""
    announce(url)
    with session.box() as box:
        new = box.write(demo_tenant.first_tokens)
        secret = box.write(demo_tenant.login_secret, _LINK_SECONDS)
    for each in new:
        click.echo(f"\n{each.token.mode}: {each.secret}\n  {curl_line(url, each.secret, each.token.scopes)}")
    if not new:
        another = session.command(f"token create {demo_tenant.SLUG} --name mine --test --all-scopes")
        session.out.remark(f"Its tokens were shown when they were made. For another: {another}")
    click.echo(f"\nconsole, for a quarter of an hour and once: {login_address(url, secret)}")
    session.out.remark(f"For another such link: {session.command('user login-link demo')}")
    if may_listen:
        listen = session.command(f"webhook listen {demo_tenant.SLUG} --test")
        session.out.remark(f"Webhooks may be delivered to this machine (127.0.0.1). To see them come: {listen}")

"""`smoothbox version`."""

import platform
from collections.abc import Sequence
from typing import Any, Final

import click

from smoothbox import __version__
from smoothbox.cli.output import facts, table
from smoothbox.cli.session import Session
from smoothbox.errors import Problem
from smoothbox.store.connection import SQLITE_VERSION
from smoothbox.store.migrate import BOX, TENANT, newest
from smoothbox.upkeep import schemas
from smoothbox.upkeep.schemas import Found

_BACK: Final = (
    "Use the newer smoothbox again; or stop the server and put the snapshots in their places that were made before the"
    " upgrade (live.schema-N.sqlite beside live.db): what was written since then is lost."
)


@click.command()
@click.option("--check-data", is_flag=True, help="Say of each file of the box which schema it is of.")
@click.pass_obj
def version(session: Session, check_data: bool) -> None:
    """Say which versions run here.

    Of this program, of Python, and of the SQLite that Python brings. With --check-data also which schema each file of the box
    is of, and which would be migrated when this program first opens them; it ends with 1 where one is of a newer program or
    cannot be used. Nothing is changed, and a server may be running.

    Example: smoothbox --data-dir /var/lib/smoothbox version --check-data
    """
    versions: dict[str, Any] = {"smoothbox": __version__, "python": platform.python_version(), "sqlite": SQLITE_VERSION}
    if not check_data:
        session.out.data(versions, facts(versions.items()))
        return
    session.require_box()
    with session.out.watched("Checking") as watch:
        found = schemas.check(session.folder, session.clock, watch)
    _say(session, versions, found)
    if refused := [each for each in found if each.state in {"ahead", "unusable"}]:
        raise _failure(session, refused, len(found))
    if any(each.state == "behind" for each in found):
        session.out.next_step(session.command("tenant migrate --all"))


def _say(session: Session, versions: dict[str, Any], found: Sequence[Found]) -> None:
    value = {
        **versions,
        "schemas": {kind.name: newest(kind) for kind in (BOX, TENANT)},
        "files": [_wire(each) for each in found],
    }
    rows = [(each.path.relative_to(session.folder.root), each.schema, _verdict(each)) for each in found]
    session.out.data(value, f"{facts(versions.items())}\n\n{table(('FILE', 'SCHEMA', 'STATE'), rows)}")


def _verdict(found: Found) -> str:
    texts = {
        "current": "up to date",
        "behind": f"would be migrated to {found.newest}",
        "ahead": f"of a newer program; this one knows schema {found.newest}",
        "unusable": found.reason,
    }
    return texts[found.state]


def _wire(found: Found) -> dict[str, Any]:
    return {
        "path": str(found.path),
        "tenant": found.tenant,
        "mode": found.mode,
        "schema": found.schema,
        "newest": found.newest,
        "state": found.state,
        "reason": found.reason,
    }


def _failure(session: Session, refused: Sequence[Found], count: int) -> Problem:
    head = f"{len(refused)} of {count} files cannot be served by this program:"
    problem = Problem("unavailable", "\n".join([head, *(f"{each.path}: {_verdict(each)}" for each in refused)]))
    if any(each.state == "ahead" for each in refused):
        problem.add_note(_BACK)
    if any(each.state == "unusable" for each in refused):
        problem.add_note(session.command("doctor"))
    return problem

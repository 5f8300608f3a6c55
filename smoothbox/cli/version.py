"""`smoothbox version`."""

import platform

import click

from smoothbox import __version__
from smoothbox.cli.output import facts
from smoothbox.cli.session import Session
from smoothbox.store.connection import SQLITE_VERSION


@click.command()
@click.pass_obj
def version(session: Session) -> None:
    """Say which versions run here.

    Of this program, of Python, and of the SQLite that Python brings. The box is left alone.

    Example: smoothbox --json version
    """
    versions = {"smoothbox": __version__, "python": platform.python_version(), "sqlite": SQLITE_VERSION}
    session.out.data(versions, facts(versions.items()))

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
    """Say which versions run here."""
    versions = {"smoothbox": __version__, "python": platform.python_version(), "sqlite": SQLITE_VERSION}
    session.out.data(versions, facts(versions.items()))

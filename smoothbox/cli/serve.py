"""`smoothbox serve`."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

from smoothbox.cli.session import Session, hint
from smoothbox.settings import Settings

F = TypeVar("F", bound=Callable[..., Any])


def listening_options(command: F) -> F:
    """Where to listen: the options of every command that serves."""
    host = click.option("--host", help="Address to listen on.  [default: server.host of the settings]")
    port = click.option(
        "--port", type=click.IntRange(0, 65535), help="0 takes a free one.  [default: server.port of the settings]"
    )
    return host(port(command))


@click.command()
@listening_options
@click.pass_obj
def serve(session: Session, host: str | None, port: int | None) -> None:
    """Answer requests until stopped.

    Says "listening on URL" once it answers. SIGTERM or Ctrl-C ends it, after what is in flight has been answered.
    """
    settings = session.settings({"server.host": host, "server.port": port})
    session.require_box()
    serve_box(session, settings, announce)


def serve_box(session: Session, settings: Settings, ready: Callable[[str], None]) -> None:
    """Serve the session's box and tell `ready` its address. Raises Problem 'conflict' when the folder or the port is taken."""
    from smoothbox.app import serve as serve_until_stopped  # noqa: PLC0415 -- tornado is not for every command

    with hint("conflict", session.command("status")):
        serve_until_stopped(session.folder, settings, ready)


def announce(url: str) -> None:
    """Say where the box answers."""
    click.echo(f"listening on {url}")  # flushes, so that whoever waits for it in a pipe sees it at once

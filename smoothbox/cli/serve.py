"""`smoothbox serve`."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, TypeVar

import click

from smoothbox.cli.exits import MisconfiguredError
from smoothbox.cli.session import Session, hint
from smoothbox.errors import Problem
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

    Says "listening on URL" once it answers. SIGTERM or Ctrl-C ends it, after what is in flight has been answered. SIGHUP has
    it read its settings and certificates anew, and open its log file anew; the log says which settings wait for a restart.
    The other commands work beside it. One server has a data folder for itself: a second one is refused, and told of the first.

    Example: smoothbox --data-dir /var/lib/smoothbox serve --host 127.0.0.1 --port 8080
    """
    flags = {"server.host": host, "server.port": port}
    settings = session.settings(flags)
    session.require_box()
    serve_box(session, settings, flags, announce)


def serve_box(session: Session, settings: Settings, flags: Mapping[str, Any], ready: Callable[[str], None]) -> None:
    """Serve the session's box and tell `ready` its address; `flags` go before what the settings file says later.

    Raises Problem 'conflict' when the folder or the port is taken, 'unavailable' or 'storage_full' when the folder cannot be
    written to; MisconfiguredError for certificate files that cannot be used.
    """
    from smoothbox.serving import serve as serve_until_stopped  # noqa: PLC0415 -- tornado is not for every command

    try:
        with hint("conflict", session.command("status")):
            serve_until_stopped(session.folder, settings, partial(session.reread, flags), ready)
    except Problem as problem:
        if "setting" in problem.details:
            raise MisconfiguredError(problem.message) from problem
        raise


def announce(url: str) -> None:
    """Say where the box answers."""
    click.echo(f"listening on {url}")  # flushes, so that whoever waits for it in a pipe sees it at once

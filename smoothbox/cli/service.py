"""`smoothbox service`."""

import os
import pwd
import shlex
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final, TypeVar

import click
from click.core import ParameterSource

from smoothbox.cli.session import Session, hint
from smoothbox.cli.shipped import shipped
from smoothbox.errors import Problem
from smoothbox.store.folder import DataFolder
from smoothbox.upkeep import units
from smoothbox.upkeep.units import SERVICE, SOCKET, Service

F = TypeVar("F", bound=Callable[..., Any])

_USUAL: Final = Path("/var/lib/smoothbox")
_MACHINE: Final = Path("/")


def _user_option(command: F) -> F:
    return click.option("--user", metavar="NAME", default="smoothbox", show_default=True, help="Whom the service runs as.")(
        command
    )


def _root_option(command: F) -> F:
    path = click.Path(path_type=Path, file_okay=False)
    return click.option("--root", metavar="DIR", type=path, default=_MACHINE, help="Below DIR instead of /, for packages.")(
        command
    )


@click.command("print")
@_user_option
@click.option("--socket", "is_socket", is_flag=True, help="Print the unit of the socket instead.")
@click.pass_obj
def print_(session: Session, user: str, is_socket: bool) -> None:
    """Print the unit of the service, or of its socket.

    It names this program, the data folder (/var/lib/smoothbox, unless --data-dir or SMOOTHBOX_DATA_DIR names another) and what
    else the settings let the box write to. With the unit of the socket, systemd holds the address that the settings name:
    what is asked while the service is replaced waits, and is answered.

    Example: smoothbox --data-dir /var/lib/smoothbox service print
    """
    text = _socket(session) if is_socket else _service(session, user)
    session.out.data({"unit": text}, text.rstrip("\n"))


@click.command()
@_user_option
@click.option("--socket", "has_socket", is_flag=True, help="Write the unit of the socket too.")
@_root_option
@click.pass_obj
def install(session: Session, user: str, has_socket: bool, root: Path) -> None:
    """Write the units where systemd looks for them.

    That is /etc/systemd/system, for which root is needed. Nothing is started: the commands that come next are named. Doing it
    again, after an upgrade or with other settings, replaces what it wrote; what somebody else wrote there is left alone.

    Example: smoothbox --data-dir /var/lib/smoothbox service install --root build
    """
    _require_rights(session, root, "install")
    wanted = {SERVICE: _service(session, user)} | ({SOCKET: _socket(session)} if has_socket else {})
    paths = units.install(root, wanted)
    session.out.done({"written": [*map(str, paths)]}, f"Wrote {' and '.join(map(str, paths))}.")
    if root == _MACHINE:
        for command in _next_steps(session, user, wanted):
            session.out.next_step(command)


@click.command()
@_root_option
@click.pass_obj
def uninstall(session: Session, root: Path) -> None:
    """Remove the units that 'install' wrote.

    The data folder stays, and so does whatever somebody else wrote. Stop the service first, which takes it out of the start of
    the machine too: systemctl disable --now smoothbox.service smoothbox.socket

    Example: smoothbox service uninstall --root build
    """
    _require_rights(session, root, "uninstall")
    with hint("conflict", f"systemctl disable --now {SERVICE} {SOCKET}"):
        paths = units.uninstall(root)
    session.out.done({"removed": [*map(str, paths)]}, f"Removed {' and '.join(map(str, paths))}.")
    if root == _MACHINE:
        session.out.next_step("systemctl daemon-reload")


def _require_rights(session: Session, root: Path, verb: str) -> None:
    """Raises Problem 'forbidden'."""
    if root == _MACHINE and os.geteuid() != 0:
        problem = Problem("forbidden", f"To {verb} units, root is needed.")
        problem.add_note(f"sudo {_at(session).command(f'service {verb}')}")
        raise problem


def _service(session: Session, user: str) -> str:
    data = _at(session).folder.root.absolute()
    config = ["--config", str(session.config.absolute())] if _is_named("config") and session.config else []
    command = [*_program(), *config, "--data-dir", str(data), "serve"]
    service = Service(command, user, data, session.settings())
    for place in units.hidden((Path(command[0]), Path(sys.executable).resolve(), data)):
        session.out.remark(f"Warning: the service cannot see {place}: homes are hidden from it. Put it below /opt or /var/lib.")
    return units.service_text(shipped(SERVICE).read_text("utf-8"), service)


def _socket(session: Session) -> str:
    return units.socket_text(shipped(SOCKET).read_text("utf-8"), session.settings())


def _at(session: Session) -> Session:
    """A service has its data folder where services have theirs, unless somebody has named one."""
    return session if _is_named("data_dir") else session.at(_USUAL)


def _is_named(option: str) -> bool:
    source = click.get_current_context().find_root().get_parameter_source(option)
    return source not in {None, ParameterSource.DEFAULT}


def _program() -> list[str]:
    """What calls this program from everywhere."""
    called = Path(sys.argv[0])
    return [str(called.absolute())] if called.name == "smoothbox" else [sys.executable, "-m", "smoothbox"]


def _next_steps(session: Session, user: str, wanted: dict[str, str]) -> Iterator[str]:
    """What is still to be done until it runs."""
    folder = _at(session).folder
    root = shlex.quote(str(folder.root.absolute()))
    if not _is_known(user):
        yield f"useradd --system --user-group --home-dir {root} --shell /usr/sbin/nologin {user}"
    if not folder.exists():
        yield f"install -d -m 700 -o {user} -g {user} {root}"
        yield f"sudo -u {user} {shlex.join(_program())} --data-dir {root} init"
    elif _owner(folder) != user:
        yield f"chown -R {user}: {root}"
    yield "systemctl daemon-reload"
    yield f"systemctl enable --now {' '.join(reversed(wanted))}"


def _is_known(user: str) -> bool:
    try:
        pwd.getpwnam(user)
    except KeyError:
        return False
    return True


def _owner(folder: DataFolder) -> str:
    try:
        return folder.root.owner()
    except KeyError:  # a number without a name
        return ""

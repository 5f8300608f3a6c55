"""`smoothbox backup`: copies of the box that are whole."""

from pathlib import Path
from typing import Any

import click

from smoothbox.cli.output import size_text, table
from smoothbox.cli.session import Session, hint
from smoothbox.errors import Problem
from smoothbox.upkeep import backups
from smoothbox.upkeep.backups import Backup

_directory = click.option(
    "--directory", type=click.Path(path_type=Path, file_okay=False), help="Where backups are.  [default: backup.directory]"
)


@click.command()
@_directory
@click.option("--with-keyring", is_flag=True, help="Put the keys of the box into it as well.")
@click.pass_obj
def create(session: Session, directory: Path | None, with_keyring: bool) -> None:
    """Make a backup now.

    The keyring is left out, for a backup that holds it opens every secret in it. Without the keyring a restored box cannot
    sign with the secrets of its webhooks, nor honour the links that it has handed out: keep it apart (see 'keys export').

    Example: smoothbox --data-dir /var/lib/smoothbox backup create --directory /mnt/usb/smoothbox
    """
    session.require_box()
    with session.out.watched("Copying") as watch, hint("conflict", session.command("backup list")):
        made = backups.create(session.folder, session.clock, _home(session, directory), watch, with_keyring=with_keyring)
    _say_made(session, made)


def _say_made(session: Session, made: Backup) -> None:
    if made.manifest is None or made.manifest.missing:
        missing = () if made.manifest is None else made.manifest.missing
        lines = (f"{each.folder}/{each.mode}: {each.reason}" for each in missing)
        problem = Problem("unavailable", "\n".join([f"{made.path} was made, but is not complete:", *lines]))
        problem.add_note(session.command("doctor"))
        raise problem
    count, size = len(made.manifest.files), size_text(made.manifest.size)
    session.out.done(_wire(made), f"Made {made.path}: {count} files, {size}, each one checked.")
    if not made.manifest.has_keyring:
        session.out.remark(
            "The keyring is not in it. Keep that apart, or webhooks and links do not survive a restore: "
            + session.command("keys export --output FILE")
        )


@click.command("list")
@_directory
@click.pass_obj
def list_(session: Session, directory: Path | None) -> None:
    """Show the backups that are there, the newest first.

    Says of each how many tenants it has, whether the keyring is in it, and whether it is complete. Only manifests are read:
    whether the files are still as they were written, 'backup verify' says.

    Example: smoothbox --data-dir /var/lib/smoothbox backup list
    """
    found = backups.all_in(_home(session, directory))
    headings = ("name", "made", "tenants", "size", "keyring", "state")
    session.out.data([_wire(each) for each in found], table(headings, map(_row, found)))


@click.command()
@click.argument("name", required=False)
@_directory
@click.pass_obj
def verify(session: Session, name: str | None, directory: Path | None) -> None:
    """Read a backup whole, and say whether every file is there, as it was written, and sound.

    NAME is one of 'backup list', or the path of a folder; without it the newest complete one is read.

    Example: smoothbox --data-dir /var/lib/smoothbox backup verify 2027-03-01T02-00-00Z
    """
    with hint("not_found", session.command("backup list")):
        chosen = backups.find(_home(session, directory), name)
        with session.out.watched("Reading") as watch:
            wrong = backups.verify(chosen.path, watch)
    if wrong:
        problem = Problem("unavailable", "\n".join([f"{chosen.path} cannot be relied on:", *wrong]))
        problem.add_note(session.command("backup create"))
        raise problem
    session.out.done(_wire(chosen) | {"sound": True}, f"{chosen.path} is sound: all {_count(chosen)} files are as written.")


@click.command()
@_directory
@click.option("--keep", type=click.IntRange(1), help="How many complete ones stay.  [default: backup.keep]")
@click.pass_obj
def prune(session: Session, directory: Path | None, keep: int | None) -> None:
    """Remove old backups.

    The newest complete ones stay, and as many of those that are not complete. The server does this after each backup it makes.

    Example: smoothbox --data-dir /var/lib/smoothbox backup prune --keep 7
    """
    removed = backups.prune(_home(session, directory), keep or session.settings().backup.keep, session.clock.now())
    session.out.done([str(path) for path in removed], f"Removed {len(removed)} old backups.")


def _home(session: Session, directory: Path | None) -> Path:
    return directory or backups.home(session.folder, session.settings().backup.directory)


def _wire(shown: Backup) -> dict[str, Any]:
    said = shown.manifest
    return {
        "path": str(shown.path),
        "name": shown.path.name,
        "created_at": said and said.created_at,
        "tenants": said and len(said.tenants),
        "files": said and len(said.files),
        "size": said and said.size,
        "keyring": said and said.has_keyring,
        "complete": shown.is_complete,
        "damage": shown.damage or None,
    }


def _row(shown: Backup) -> tuple[object, ...]:
    said = shown.manifest
    if said is None:
        return (shown.path.name, None, None, None, None, "damaged")
    state = "complete" if said.is_complete else f"{len(said.missing)} files missing"
    return (
        shown.path.name,
        said.created_at,
        len(said.tenants),
        size_text(said.size),
        "yes" if said.has_keyring else "no",
        state,
    )


def _count(shown: Backup) -> int:
    return len(shown.manifest.files) if shown.manifest else 0

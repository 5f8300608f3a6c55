"""`smoothbox restore`."""

import shlex
from pathlib import Path
from typing import Any

import click

from smoothbox.cli.arrived import say_arrival
from smoothbox.cli.session import Session, hint
from smoothbox.errors import Problem
from smoothbox.keyring import Keyring
from smoothbox.keyring_file import load_keyring
from smoothbox.store.copies import checksum
from smoothbox.store.folder import DataFolder
from smoothbox.upkeep import arrivals, restoring
from smoothbox.upkeep.manifest import KEYRING, Manifest


@click.command()
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--data-dir", type=click.Path(path_type=Path), help="The folder to restore into, as the global option.")
@click.option("--tenant", "slug", metavar="SLUG", help="Restore this tenant alone, into the box that is there.")
@click.option("--as", "new_slug", metavar="SLUG", help="With --tenant: under another slug, beside the others.")
@click.option("--replace", is_flag=True, help="With --tenant: in the place of what it has now, which is kept beside it.")
@click.option("--dry-run", is_flag=True, help="Only read the backup, and say what would be restored.")
@click.pass_obj
def restore(
    session: Session, path: Path, data_dir: Path | None, slug: str | None, new_slug: str | None, replace: bool, dry_run: bool
) -> None:
    """Put a box back from a backup, or one of its tenants.

    PATH is the folder of a backup (see 'backup list'). It is read whole and checked before anything is written.

    A whole box: the folder is empty, or has the keyring in it. A backup holds the keyring only if that was asked for; put
    yours there before, or after. Deliveries that waited when the backup was made are made again.

    One tenant, beside the others and a running server: it comes with its tokens, people and webhooks; a slug that is taken
    is avoided by --as; links to bookings and calendars that were handed out are dead. With --replace the server is stopped
    first, the tenant keeps its tokens and people of today, and the files it had are kept in a folder beside the restored ones.

    Example: smoothbox --data-dir /var/lib/smoothbox restore /mnt/usb/smoothbox/2027-03-01T02-00-00Z
    """
    into = session.at(data_dir)
    if slug is None and (new_slug or replace):
        raise click.UsageError("--as and --replace go with --tenant.", click.get_current_context())
    if new_slug and replace:
        raise click.UsageError("Say either --as or --replace.", click.get_current_context())
    with into.out.watched("Reading") as watch, hint("not_found", into.command("backup list")):
        said = restoring.judged(path, watch)
    if slug is None:
        _whole(into, path, said, dry_run=dry_run)
    else:
        _one(into, path, said, slug, new_slug or slug, replace=replace, dry_run=dry_run)


def _whole(session: Session, path: Path, said: Manifest, *, dry_run: bool) -> None:
    restoring.check_empty(session.folder)
    value = _wire(path, said, session.folder)
    if dry_run:
        session.out.done(value, f"{path} is sound, and would be restored into {session.folder.root}: {_counts(said)}.")
        return
    is_own = session.folder.keyring.exists()
    with session.out.watched("Restoring") as watch:
        restoring.restore_box(path, said, session.folder, session.clock, watch)
    session.out.done(value, f"Restored into {session.folder.root}: {_counts(said)}.")
    for each in said.missing:
        session.out.remark(f"Not in the backup: {each.folder}/{each.mode} ({each.reason})")
    if is_own and said.has_keyring and checksum(path / KEYRING) != checksum(session.folder.keyring):
        session.out.remark(f"The keyring that lay there stays; that of the backup is another one: {path / KEYRING}.")
    if session.folder.keyring.exists():
        session.out.next_step(session.command("doctor"))
    else:
        session.out.remark(f"The backup has no keyring. Copy yours to {session.folder.keyring}; if it is lost, make a new one:")
        session.out.next_step(session.command("keys create"))


def _one(session: Session, path: Path, said: Manifest, slug: str, new_slug: str, *, replace: bool, dry_run: bool) -> None:
    session.require_box()
    if slug not in said.tenants.values():
        raise Problem("not_found", f"The backup has no tenant '{slug}'; it has: {', '.join(sorted(said.tenants.values()))}.")
    keyring = _keyring(session)
    with hint("not_found", session.command("tenant list")):
        what = restoring.luggage(path, said, session.folder, session.clock, slug, keyring)
    if dry_run:
        value = {"path": str(path), "tenant": slug, "as": new_slug, "files": len(what.copies)}
        session.out.done(value, f"{path} is sound; the tenant '{slug}' would be restored as '{new_slug}'.")
    elif replace:
        deed = f"Replacing the data of '{slug}' by that of {said.created_at}"
        session.confirm(slug, deed, but="ends what it has now, which is kept beside it")
        with hint("conflict", session.command("status")):
            tenant, aside = restoring.restore_over(session.folder, session.clock, keyring, what)
        value = {"path": str(path), "tenant": tenant.slug, "replaced": str(aside)}
        session.out.done(value, f"'{slug}' is as it was at {said.created_at}. What it had until now is in {aside}.")
    else:
        with hint("conflict", session.command(f"restore {shlex.quote(str(path))} --tenant {slug} --as ANOTHER-SLUG")):
            arrival = arrivals.settle(session.folder, session.clock, keyring, new_slug, what)
        say_arrival(session, arrival)


def _keyring(session: Session) -> Keyring:
    with hint("unavailable", session.command("keys create")):
        return load_keyring(session.folder.keyring)


def _wire(path: Path, said: Manifest, folder: DataFolder) -> dict[str, Any]:
    return {
        "path": str(path),
        "data_dir": str(folder.root),
        "created_at": said.created_at,
        "tenants": sorted(said.tenants.values()),
        "files": len(said.files),
        "keyring": said.has_keyring or folder.keyring.exists(),
        "missing": [f"{each.folder}/{each.mode}" for each in said.missing],
    }


def _counts(said: Manifest) -> str:
    bookings = sum(each.counts.get("bookings", 0) for each in said.files if each.mode == "live")
    return f"tenants {len(said.tenants)}, live bookings {bookings}, as of {said.created_at}"

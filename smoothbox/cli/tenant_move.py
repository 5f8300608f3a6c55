"""`smoothbox tenant pause|resume|export|import`: a tenant on its way to another box."""

import os
import shlex
from pathlib import Path
from typing import Any

import click

from smoothbox.cli.arrived import say_arrival
from smoothbox.cli.session import Session, hint
from smoothbox.cli.slugs import known_slugs
from smoothbox.durable import workshop
from smoothbox.keyring import archive_keyring, new_archive_key
from smoothbox.keyring_file import load_keyring
from smoothbox.store.box import Tenant
from smoothbox.upkeep import archives, moving
from smoothbox.upkeep.outputs import put


@click.command()
@click.argument("slug", shell_complete=known_slugs)
@click.pass_obj
def pause(session: Session, slug: str) -> None:
    """Stop a tenant for a move: nothing is written to its files until it is resumed.

    Its tokens get 503 with Retry-After, which clients try again, and its webhooks wait. When the command ends, all that was
    ever acknowledged is in the files. The other tenants notice nothing.

    Example: smoothbox tenant pause acme
    """
    session.require_box()
    with hint("not_found", session.command("tenant list")):
        paused = moving.pause(session.folder, session.clock, slug)
    session.out.done(_wire(paused), f"The tenant '{slug}' is paused.")
    session.out.next_step(session.command(f"tenant export {slug} --output {slug}.smoothbox"))


@click.command()
@click.argument("slug", shell_complete=known_slugs)
@click.pass_obj
def resume(session: Session, slug: str) -> None:
    """Let a paused tenant go on here.

    Not after it has been imported elsewhere: then two boxes would go on with it, each in its own way.

    Example: smoothbox tenant resume acme
    """
    session.require_box()
    with hint("not_found", session.command("tenant list")):
        resumed = moving.resume(session.folder, session.clock, slug)
    session.out.done(_wire(resumed), f"The tenant '{slug}' goes on.")


@click.command()
@click.argument("slug", shell_complete=known_slugs)
@click.option("--output", type=click.Path(path_type=Path, dir_okay=False), required=True, help="File to write.")
@click.pass_obj
def export(session: Session, slug: str, output: Path) -> None:
    """Pack a tenant into one file, to be imported on another box.

    In it are both data files, the hashes of its tokens, and its people; so the tokens go on working there. Secrets of
    webhooks are sealed with a key that is shown once, and asked for by the import. Customers and bookings are not encrypted:
    keep the file as you keep the box. For a move without a lost write, pause the tenant first.

    Example: smoothbox tenant export acme --output acme.smoothbox
    """
    session.require_box()
    own, key = load_keyring(session.folder.keyring), new_archive_key()
    with hint("not_found", session.command("tenant list")), put(output) as file:
        resealed = moving.export(session.folder, session.clock, own, slug, archive_keyring(key), file)
    value = {"path": str(output), "key": key, "secrets": resealed.count, "secrets_lost": resealed.broken}
    session.out.data(value, key)
    session.out.remark(f"Wrote {output}. The import asks for the key above, which is not shown again.")
    session.out.remark(f"On the other box: SMOOTHBOX_ARCHIVE_KEY={key} smoothbox tenant import {shlex.quote(output.name)}")


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--as", "slug", metavar="SLUG", help="Under another slug than it had.")
@click.option("--key", envvar="SMOOTHBOX_ARCHIVE_KEY", help="The key that the export showed.  [env: SMOOTHBOX_ARCHIVE_KEY]")
@click.option("--dry-run", is_flag=True, help="Only check the file, and say what is in it.")
@click.pass_obj
def import_(session: Session, file: Path, slug: str | None, key: str | None, dry_run: bool) -> None:
    """Take a tenant in that another box has exported.

    It comes with its data, tokens, people and webhooks, or not at all; a server may be running. Links that the old box has
    signed (of customers to their bookings, of calendars) are dead: only that box's keyring honours them. Tokens and people
    that this box has already stay where they are.

    Example: smoothbox tenant import acme.smoothbox
    """
    session.require_box()
    own, archive = load_keyring(session.folder.keyring), archive_keyring(key or _typed_key())
    if dry_run:
        with workshop(session.folder.root) as room:
            found = archives.unpack(file, room, archive).belongings
        value = {"slug": found.slug, "name": found.name, "tokens": len(found.tokens), "people": len(found.people)}
        session.out.done(value, f"{file} is sound: '{found.slug}', {len(found.tokens)} tokens, {len(found.people)} people.")
        return
    with hint("conflict", session.command(f"tenant import {shlex.quote(str(file))} --as ANOTHER-SLUG")):
        say_arrival(session, moving.take_in(session.folder, session.clock, own, file, archive, slug))


def _typed_key() -> str:
    """Raises click.UsageError where nobody can be asked."""
    if not os.isatty(0):
        raise click.UsageError("Say the key of the archive by --key or SMOOTHBOX_ARCHIVE_KEY.", click.get_current_context())
    typed: str = click.prompt("Key of the archive", hide_input=True, err=True)
    return typed


def _wire(shown: Tenant) -> dict[str, Any]:
    return {"slug": shown.slug, "name": shown.name, "status": shown.status, "created_at": shown.created_at}

"""`smoothbox keys`."""

from pathlib import Path

import click
from msgspec import structs

from smoothbox.cli.output import table
from smoothbox.cli.session import Session, hint
from smoothbox.errors import Problem
from smoothbox.keyring_file import key_names
from smoothbox.upkeep import keys as verbs
from smoothbox.upkeep.outputs import put


@click.command()
@click.pass_obj
def create(session: Session) -> None:
    """Make a keyring for a box that has lost its own.

    What the lost one sealed does not open any more: webhooks need new secrets (webhook rotate-secret), and links that were
    handed out are dead. If it may be found again, look for it first.

    Example: smoothbox --data-dir /var/lib/smoothbox keys create
    """
    session.require_box()
    with hint("conflict", session.command("keys show")):
        key_id = verbs.create(session.folder, session.clock)
    session.out.done({"id": key_id}, f"Made {session.folder.keyring} with the key {key_id}.")
    session.out.next_step(session.command("doctor"))


@click.command()
@click.pass_obj
def show(session: Session) -> None:
    """List the keys of the box, without their secrets.

    The last one is in use; the others still open what they have sealed, and check what they have signed.

    Example: smoothbox --data-dir /var/lib/smoothbox keys show
    """
    session.require_box()
    found = key_names(session.folder.keyring)
    newest = found[-1].id
    rows = [(each.id, each.created_at, "in use" if each.id == newest else "opens and checks") for each in found]
    value = [structs.asdict(each) | {"in_use": each.id == newest} for each in found]
    session.out.data(value, table(("ID", "CREATED", "USE"), rows))


@click.command()
@click.option("--forget-old", is_flag=True, help="Let the older keys go; the server must not run.")
@click.pass_obj
def rotate(session: Session, forget_old: bool) -> None:
    """Make a new key, and seal every secret of every tenant with it.

    It may be done beside a running server, which takes the new key up by itself within seconds. The older keys stay in the
    keyring, since links that they have signed are still about. After a theft of the keyring, add --forget-old: those links,
    feeds and client tokens are dead then, and backups of before need the keyring of before.

    Example: smoothbox --data-dir /var/lib/smoothbox keys rotate
    """
    session.require_box()
    if forget_old:
        session.confirm("forget", "Forgetting the older keys")
    with session.out.watched("Sealing") as watch, hint("conflict", session.command("status")):
        done = (verbs.rotate_and_forget if forget_old else verbs.rotate)(session.folder, session.clock, watch)
    value = {
        "id": done.key_id,
        "resealed": done.resealed.count,
        "broken": done.resealed.broken,
        "failed": done.failures,
        "forgotten": done.forgotten,
    }
    session.out.done(value, f"The key {done.key_id} is in use; {done.resealed.count} secrets were sealed with it.")
    if done.resealed.broken:
        session.out.remark(f"{done.resealed.broken} secrets do not open with any key; their webhooks need new ones.")
    kept = " The older keys were kept." if forget_old else ""
    if done.failures:
        raise Problem("unavailable", "\n".join([f"Some files could not be reached.{kept}", *done.failures]))
    if forget_old and done.resealed.broken:
        raise Problem("unavailable", f"{done.resealed.broken} secrets could not be sealed anew.{kept}")
    session.out.next_step(session.command("keys export --output FILE"))


@click.command()
@click.option("--output", type=click.Path(path_type=Path, dir_okay=False), help="File to write; without it, standard output.")
@click.pass_obj
def export(session: Session, output: Path | None) -> None:
    """Hand out the keyring, to be kept apart from the backups.

    Keep it where only you get at it: in a password manager, or printed in a safe. Whoever has it and a backup can read the
    secrets of webhooks, and make links that the box honours. To put it back, copy it to 'keyring' in the data folder, with
    the mode 0600. After 'keys rotate' there is a new one to keep.

    Example: smoothbox --data-dir /var/lib/smoothbox keys export --output /mnt/usb/smoothbox-keyring
    """
    session.require_box()
    key_names(session.folder.keyring)
    content = session.folder.keyring.read_bytes()
    if output is None:
        click.echo(content.decode(), nl=False)
    else:
        with put(output) as file:
            file.write(content)
        session.out.done({"path": str(output)}, f"Wrote {output}; keep it apart from the backups.")

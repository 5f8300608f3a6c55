"""`smoothbox tenant …`: the tenants themselves, and their catalogues."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from smoothbox.cli.output import facts, table
from smoothbox.cli.session import Session, hint
from smoothbox.cli.slugs import known_slugs
from smoothbox.ids import MODES, Mode
from smoothbox.located_toml import load_toml
from smoothbox.operations import catalogue_file, sandbox, tenancy, tenants
from smoothbox.operations.catalogue import Change
from smoothbox.operations.tenancy import NewTenant
from smoothbox.store.box import Tenant
from smoothbox.store.direct import Direct


@click.command()
@click.argument("slug")
@click.option("--name", required=True, help="Name of the business.")
@click.option("--timezone", required=True, help="Its time zone, such as Europe/Paris.")
@click.option("--currency", required=True, help="Its currency, such as EUR.")
@click.pass_obj
def create(session: Session, slug: str, name: str, timezone: str, currency: str) -> None:
    """Make a tenant, with a live file and a sandbox.

    SLUG is its short name: a-z, 0-9 and '-', as in a host name. The business has no services and is closed until a catalogue
    is applied. Other tenants are left alone: a slug that is taken is refused.

    Example: smoothbox tenant create acme --name "Acme Barbers" --timezone America/New_York --currency USD
    """
    session.require_box()
    with hint("conflict", session.command(f"tenant show {slug}")):
        made = tenancy.settle(session.folder, session.clock, NewTenant(slug, name, timezone, currency))
    session.out.done(_wire(made), f"Made the tenant '{slug}'. It is closed until a catalogue says when it is open.")
    session.out.next_step(session.command(f"tenant apply {slug} CATALOGUE.toml"))


@click.command("list")
@click.pass_obj
def list_(session: Session) -> None:
    """List all tenants.

    Those that are disabled are among them. Their data files stay closed: for what they hold, see 'tenant show'.

    Example: smoothbox tenant list
    """
    with session.box() as box:
        found = box.read(tenants.list_all)
    rows = [(each.slug, each.name, each.status, each.created_at) for each in found]
    session.out.data([_wire(each) for each in found], table(("SLUG", "NAME", "STATUS", "CREATED"), rows))


@click.command()
@click.argument("slug", shell_complete=known_slugs)
@click.pass_obj
def show(session: Session, slug: str) -> None:
    """Show a tenant and how much its files hold.

    Counts the active services and resources, the customers and the bookings, in the live data and in the sandbox. Changes
    none of them.

    Example: smoothbox tenant show acme
    """
    with _registry(session) as box:
        found = box.read(tenants.find, slug)
    held = tenancy.census(session.folder, session.clock, found)
    pairs = [(name, value) for name, value in _wire(found).items()]
    pairs += [(mode, ", ".join(f"{count} {thing}" for thing, count in held[mode].items())) for mode in MODES]
    session.out.data(_wire(found) | held, facts(pairs))


@click.command()
@click.argument("slug", shell_complete=known_slugs)
@click.argument("new_slug")
@click.pass_obj
def rename(session: Session, slug: str, new_slug: str) -> None:
    """Give a tenant another slug; its tokens go on working.

    Its name, data, users, webhooks and calendar addresses stay as they are. What contains the slug is another from now on: its
    host name below a base domain, and SLUG in these commands.

    Example: smoothbox tenant rename acme acme-barbers
    """
    with _registry(session) as box:
        renamed = box.write(tenants.rename, slug, new_slug)
    session.out.done(_wire(renamed), f"The tenant '{slug}' is now '{new_slug}'.")


@click.command()
@click.argument("slug", shell_complete=known_slugs)
@click.pass_obj
def disable(session: Session, slug: str) -> None:
    """Refuse a tenant's tokens until it is enabled again.

    Its console, the links of its customers and its calendars are closed too. All its data, tokens and users stay, for
    'tenant enable'.

    Example: smoothbox tenant disable acme
    """
    with _registry(session) as box:
        session.out.done(_wire(box.write(tenants.set_status, slug, "DISABLED")), f"The tenant '{slug}' is disabled.")


@click.command()
@click.argument("slug", shell_complete=known_slugs)
@click.pass_obj
def enable(session: Session, slug: str) -> None:
    """Let a disabled tenant's tokens work again.

    Everything is as it was before it was disabled. Tokens that have expired or were revoked meanwhile stay so.

    Example: smoothbox tenant enable acme
    """
    with _registry(session) as box:
        session.out.done(_wire(box.write(tenants.set_status, slug, "ACTIVE")), f"The tenant '{slug}' is enabled.")


@click.command()
@click.argument("slug", shell_complete=known_slugs)
@click.pass_obj
def delete(session: Session, slug: str) -> None:
    """Remove a tenant with all its data and tokens.

    Asks for its slug first, for this cannot be undone; --yes before the command stands for the answer. Other tenants and
    the backups that were made are left alone: to be able to go back, make one before.

    Example: smoothbox --yes tenant delete acme
    """
    with _registry(session) as box:
        box.read(tenants.find, slug)
    session.confirm(slug, f"Deleting the tenant '{slug}' and all its data")
    removed = tenancy.remove(session.folder, session.clock, slug)
    session.out.done(_wire(removed) | {"status": "DELETED"}, f"Deleted the tenant '{slug}' and all its data.")


@click.command()
@click.argument("slug", shell_complete=known_slugs)
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--dry-run", is_flag=True, help="Only show what would change.")
@click.option("--mode", type=click.Choice(MODES), help="Only the live data or only the sandbox.  [default: both]")
@click.pass_obj
def apply(session: Session, slug: str, file: Path, dry_run: bool, mode: Mode | None) -> None:
    """Make a tenant's business, resources and services what a catalogue FILE (TOML) says.

    Applying a file twice changes nothing. What it no longer names is deactivated, never deleted; customers and bookings are
    left alone. A file with a mistake changes nothing at all. What changed is listed.

    Example: smoothbox tenant apply acme acme.toml --dry-run
    """
    wanted = catalogue_file.parse(*load_toml(file), file)
    with _registry(session) as box:
        found = box.read(tenants.find, slug)
    go = tenancy.preview_catalogue if dry_run else tenancy.apply_catalogue
    changes = go(session.folder, session.clock, found, (mode,) if mode else MODES, wanted)
    rows = [(where, each.action, each.what, each.key, ", ".join(each.fields)) for where, each in changes]
    text = table(("MODE", "ACTION", "WHAT", "KEY", "FIELDS"), rows) if rows else "Nothing to change."
    session.out.data([_change(where, each) for where, each in changes], text)
    if dry_run:
        session.out.remark("A dry run: nothing was written.")


@click.command("reset-sandbox")
@click.argument("slug", shell_complete=known_slugs)
@click.pass_obj
def reset_sandbox(session: Session, slug: str) -> None:
    """Refill the sandbox with the live catalogue; its bookings and customers go.

    Asks for the slug first, as this cannot be undone; --yes before the command stands for the answer. The live data, and the
    sandbox's tokens, webhooks and calendar addresses, are left alone.

    Example: smoothbox --yes tenant reset-sandbox acme
    """
    with _registry(session) as box:
        found = box.read(tenants.find, slug)
    session.confirm(slug, f"Resetting the sandbox of '{slug}'")
    sandbox.reset(session.folder, found.folder, session.clock)
    session.out.done(_wire(found), f"The sandbox of '{slug}' holds the live catalogue, and nothing else.")


@contextmanager
def _registry(session: Session) -> Iterator[Direct]:
    with session.box() as box, hint("not_found", session.command("tenant list")):
        yield box


def _wire(shown: Tenant) -> dict[str, Any]:
    return {"slug": shown.slug, "name": shown.name, "status": shown.status, "created_at": shown.created_at}


def _change(mode: Mode, change: Change) -> dict[str, Any]:
    return {"mode": mode, "action": change.action, "what": change.what, "key": change.key, "fields": list(change.fields)}

"""What a shell offers where the slug of a tenant is wanted."""

from contextlib import closing

import click
from click.shell_completion import CompletionItem

from smoothbox.clock import Clock
from smoothbox.operations import tenants
from smoothbox.store.box import Tenant
from smoothbox.store.connection import connect
from smoothbox.store.direct import Direct
from smoothbox.store.folder import DataFolder
from smoothbox.store.migrate import BOX


def known_slugs(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[CompletionItem[str]]:
    """The tenants whose slug begins so; none where something is wrong with the box. A press of Tab complains of nothing."""
    try:
        found = _tenants(DataFolder(ctx.find_root().params["data_dir"].expanduser()))
    except Exception:  # noqa: BLE001 -- a line that is being typed is no place for a traceback
        return []
    return [CompletionItem(each.slug, help=_described(each)) for each in found if each.slug.startswith(incomplete)]


def _described(tenant: Tenant) -> str | None:
    """Its name, which the business gave itself; one that would steer a terminal is not shown."""
    return tenant.name if tenant.name.isprintable() else None


def _tenants(folder: DataFolder) -> list[Tenant]:
    """As `open_box` would read them, but without bringing a registry of an older schema up to date."""
    with closing(connect(folder.box, "read", journal=BOX.journal)) as connection:
        return Direct(connection, Clock()).read(tenants.list_all)

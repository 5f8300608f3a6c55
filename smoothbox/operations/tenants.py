"""Tenants of the box: created, renamed, disabled, deleted. Their data files belong to `store.folder`."""

import re
from typing import Final, Literal

from smoothbox.errors import Problem, invalid
from smoothbox.store import box
from smoothbox.store.connection import Tx

_PAUSE: Final = 5  # seconds; a move takes about that
_SLUG: Final = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")


def create(tx: Tx, slug: str, name: str) -> box.Tenant:
    """Register a tenant.

    Raises Problem 'validation_error' for a slug that is no DNS label, 'conflict' for one that is taken.
    """
    check_new(tx, slug)
    box.insert_tenant(tx, slug, name, unused_folder(tx, slug))
    return find(tx, slug)


def check_new(tx: Tx, slug: str) -> None:
    """Whether a tenant could be registered under this slug. Raises Problem as `create`."""
    _check_slug(slug)
    _check_free(tx, slug)


def find(tx: Tx, slug: str) -> box.Tenant:
    """The tenant with this slug. Raises Problem 'not_found'."""
    tenant = box.tenant_by_slug(tx, slug)
    if tenant is None:
        raise Problem("not_found", f"There is no tenant '{slug}'.")
    return tenant


def behind_folder(tx: Tx, folder: str) -> box.Tenant:
    """The tenant whose files are in this folder. Raises Problem 'not_found', or as `require_active`."""
    tenant = box.tenant_by_folder(tx, folder)
    if tenant is None:
        raise Problem("not_found")
    require_active(tenant)
    return tenant


def require_active(tenant: box.Tenant) -> None:
    """Raises Problem 'tenant_disabled', or 'unavailable' for a while where the tenant is being moved."""
    if tenant.status == "PAUSED":
        raise Problem("unavailable", "This business is being moved; try again shortly.", {"retry_after": _PAUSE})
    if tenant.status != "ACTIVE":
        raise Problem("tenant_disabled")


def list_all(tx: Tx) -> list[box.Tenant]:
    """Every tenant, by slug."""
    return box.tenants(tx)


def rename(tx: Tx, slug: str, new_slug: str) -> box.Tenant:
    """Give a tenant another slug. Its folder keeps its name: a running server may have its files open.

    Raises Problem as `create` and `find` do.
    """
    tenant = find(tx, slug)
    _check_slug(new_slug)
    if new_slug != slug:
        _check_free(tx, new_slug)
    box.set_tenant_slug(tx, tenant.id, new_slug)
    return find(tx, new_slug)


def take_name(tx: Tx, tenant_id: int, name: str) -> None:
    """The name that the business has given itself is the one that lists of tenants show."""
    box.set_tenant_name(tx, tenant_id, name)


def set_status(tx: Tx, slug: str, status: Literal["ACTIVE", "DISABLED"]) -> box.Tenant:
    """Let a tenant's tokens work, or answer them 403 tenant_disabled. Raises Problem 'not_found'."""
    box.set_tenant_status(tx, find(tx, slug).id, status)
    return find(tx, slug)


def pause(tx: Tx, slug: str) -> box.Tenant:
    """Answer a tenant's tokens 503 until it is resumed. Raises Problem 'not_found'."""
    box.set_tenant_pause(tx, find(tx, slug).id, tx.stamp)
    return find(tx, slug)


def resume(tx: Tx, slug: str) -> box.Tenant:
    """Undo `pause`. Raises Problem 'not_found'."""
    box.set_tenant_pause(tx, find(tx, slug).id, None)
    return find(tx, slug)


def delete(tx: Tx, slug: str) -> box.Tenant:
    """Take a tenant off the box and end its tokens; returns what it was, so that its folder can be removed.

    Raises Problem 'not_found'.
    """
    tenant = find(tx, slug)
    box.revoke_tokens_of(tx, tenant.id)
    box.set_tenant_status(tx, tenant.id, "DELETED")
    return tenant


def _check_slug(slug: str) -> None:
    if not _SLUG.fullmatch(slug):
        raise invalid("slug", "A slug is 1 to 63 of a-z, 0-9 and '-', and neither begins nor ends with '-'.")


def _check_free(tx: Tx, slug: str) -> None:
    if box.tenant_by_slug(tx, slug) is not None:
        raise Problem("conflict", f"There is a tenant '{slug}' already.")


def unused_folder(tx: Tx, slug: str) -> str:
    """The folder for a tenant of this slug. None is used twice, not even after its tenant was deleted: see the migration."""
    folder, number = slug, 2
    while box.folder_was_used(tx, folder):
        folder, number = f"{slug}.{number}", number + 1
    return folder

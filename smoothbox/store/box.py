"""The registry's SQL: tenants and tokens. Plain rows out, no decisions."""

from dataclasses import dataclass
from typing import Final

import msgspec

from smoothbox.ids import Mode
from smoothbox.store.connection import Row, Tx


@dataclass(frozen=True, slots=True)
class Tenant:
    """One business on the box. `folder` is the name of its folder of data files; it never changes.

    Its status is ACTIVE, PAUSED (active, but being moved: nothing is to be written), DISABLED or DELETED.
    """

    id: int
    slug: str
    name: str
    folder: str
    status: str
    created_at: str


@dataclass(frozen=True, slots=True)
class Token:
    """What is known of an API token, with the tenant whose door it opens. Times are texts of clock.instant_text."""

    id: int
    name: str
    mode: Mode
    scopes: tuple[str, ...]
    last_four: str
    lineage: int
    hourly: int | None
    burst: int | None
    expires_at: str | None
    revoked_at: str | None
    last_used_at: str | None
    created_at: str
    tenant: Tenant


TENANT: Final = (
    "tenant.id, tenant.slug, tenant.name, tenant.folder,"
    " iif(tenant.status = 'ACTIVE' AND tenant.paused_at IS NOT NULL, 'PAUSED', tenant.status), tenant.created_at"
)
_TOKEN = (
    "token.id, token.name, token.mode, token.scopes, token.last_four, token.lineage, token.hourly, token.burst, "
    f"token.expires_at, token.revoked_at, token.last_used_at, token.created_at, {TENANT}"
)
_TOKENS = f"SELECT {_TOKEN} FROM token JOIN tenant ON tenant.id = token.tenant_id"


def tenants(tx: Tx) -> list[Tenant]:
    """All tenants that were not deleted, by slug."""
    return [Tenant(*row) for row in tx.all(f"SELECT {TENANT} FROM tenant WHERE status <> 'DELETED' ORDER BY slug")]


def count_tenants(tx: Tx) -> int:
    """How many tenants there are that were not deleted."""
    row = tx.one("SELECT count(*) FROM tenant WHERE status <> 'DELETED'")
    return row[0] if row else 0


def tenant_by_slug(tx: Tx, slug: str) -> Tenant | None:
    """The tenant that has this slug now."""
    row = tx.one(f"SELECT {TENANT} FROM tenant WHERE slug = ? AND status <> 'DELETED'", slug)
    return Tenant(*row) if row else None


def tenant_by_folder(tx: Tx, folder: str) -> Tenant | None:
    """The tenant whose data files are in this folder."""
    row = tx.one(f"SELECT {TENANT} FROM tenant WHERE folder = ? AND status <> 'DELETED'", folder)
    return Tenant(*row) if row else None


def folder_was_used(tx: Tx, folder: str) -> bool:
    """Whether a tenant, also a deleted one, ever had this folder."""
    return tx.one("SELECT 1 FROM tenant WHERE folder = ?", folder) is not None


def pauses(tx: Tx) -> dict[int, str]:
    """Since when each tenant is paused that is, by id."""
    return dict(tx.all("SELECT id, paused_at FROM tenant WHERE paused_at IS NOT NULL AND status = 'ACTIVE'"))


def slugs(tx: Tx) -> dict[str, str]:
    """The slug of each tenant that was not deleted, by its folder; also of a registry of an older schema."""
    return dict(tx.all("SELECT folder, slug FROM tenant WHERE status <> 'DELETED' ORDER BY slug"))


def deleted_folders(tx: Tx) -> list[str]:
    """The folders of all tenants that were deleted."""
    return [folder for (folder,) in tx.all("SELECT folder FROM tenant WHERE status = 'DELETED'")]


def insert_tenant(tx: Tx, slug: str, name: str, folder: str) -> int:
    """Add a tenant; its id."""
    return tx.insert(
        "INSERT INTO tenant (slug, name, folder, status, created_at) VALUES (?, ?, ?, 'ACTIVE', ?)",
        slug,
        name,
        folder,
        tx.stamp,
    )


def set_tenant_status(tx: Tx, tenant_id: int, status: str) -> None:
    """ACTIVE, DISABLED or DELETED."""
    tx.run("UPDATE tenant SET status = ? WHERE id = ?", status, tenant_id)


def set_tenant_pause(tx: Tx, tenant_id: int, paused_at: str | None) -> None:
    """Since when a tenant is paused; None: it is not."""
    tx.run("UPDATE tenant SET paused_at = ? WHERE id = ?", paused_at, tenant_id)


def set_tenant_slug(tx: Tx, tenant_id: int, slug: str) -> None:
    """Give the tenant another slug; its folder stays."""
    tx.run("UPDATE tenant SET slug = ? WHERE id = ?", slug, tenant_id)


def set_tenant_name(tx: Tx, tenant_id: int, name: str) -> None:
    """The name that lists of tenants show."""
    tx.run("UPDATE tenant SET name = ? WHERE id = ?", name, tenant_id)


def tokens_of(tx: Tx, tenant_id: int) -> list[Token]:
    """Every token of a tenant, also revoked ones, oldest first."""
    return [_token(row) for row in tx.all(f"{_TOKENS} WHERE token.tenant_id = ? ORDER BY token.id", tenant_id)]


def token_by_id(tx: Tx, token_id: int) -> Token | None:
    """One token."""
    row = tx.one(f"{_TOKENS} WHERE token.id = ?", token_id)
    return _token(row) if row else None


def token_by_hash(tx: Tx, digest: bytes) -> Token | None:
    """The token whose SHA-256 this is."""
    row = tx.one(f"{_TOKENS} WHERE token.hash = ?", digest)
    return _token(row) if row else None


def insert_token(
    tx: Tx,
    *,
    tenant_id: int,
    name: str,
    mode: Mode,
    scopes: tuple[str, ...],
    digest: bytes,
    last_four: str,
    lineage: int | None = None,
    hourly: int | None = None,
    burst: int | None = None,
    expires_at: str | None = None,
) -> int:
    """Add a token; its id. Without a lineage it begins its own."""
    token_id = tx.insert(
        "INSERT INTO token (tenant_id, name, mode, scopes, hash, last_four, lineage, hourly, burst, expires_at, created_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        *(tenant_id, name, mode, msgspec.json.encode(scopes).decode(), digest, last_four),
        *(lineage or 0, hourly, burst, expires_at, tx.stamp),
    )
    if lineage is None:
        tx.run("UPDATE token SET lineage = id WHERE id = ?", token_id)
    return token_id


def set_token_expiry(tx: Tx, token_id: int, expires_at: str) -> None:
    """Let a token end at this instant."""
    tx.run("UPDATE token SET expires_at = ? WHERE id = ?", expires_at, token_id)


def revoke_token(tx: Tx, token_id: int) -> None:
    """End a token now; a token that was revoked before keeps its time."""
    tx.run("UPDATE token SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL", tx.stamp, token_id)


def revoke_tokens_of(tx: Tx, tenant_id: int) -> None:
    """End every token of a tenant."""
    tx.run("UPDATE token SET revoked_at = ? WHERE tenant_id = ? AND revoked_at IS NULL", tx.stamp, tenant_id)


def touch_tokens(tx: Tx, last_used: dict[int, str]) -> None:
    """Note when tokens were last used: id → instant text."""
    tx.many("UPDATE token SET last_used_at = ? WHERE id = ?", [(stamp, token) for token, stamp in last_used.items()])


def _token(row: Row) -> Token:
    scopes = tuple(msgspec.json.decode(row[3], type=list[str]))
    return Token(*row[:3], scopes, *row[4:12], Tenant(*row[12:]))  # type: ignore[call-arg]  # as many as the SELECT names

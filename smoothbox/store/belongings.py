"""The SQL of all that the registry holds of one tenant, as rows that can be carried to another box."""

from msgspec import Struct

from smoothbox.store.connection import Tx


class TokenRow(Struct, frozen=True):
    """A token as it is stored: `hash` is its SHA-256, `scopes` a JSON list, `id` and `lineage` are those of its old box."""

    id: int
    name: str
    mode: str
    scopes: str
    hash: bytes
    last_four: str
    lineage: int
    hourly: int | None
    burst: int | None
    expires_at: str | None
    revoked_at: str | None
    last_used_at: str | None
    created_at: str


class PersonRow(Struct, frozen=True):
    """Who may open the console, as it is stored: `password` is an Argon2id text, or None."""

    name: str
    name_key: str
    password: str | None
    created_at: str


_TOKEN = ", ".join(TokenRow.__struct_fields__)
_PERSON = ", ".join(PersonRow.__struct_fields__)


def tokens_of(tx: Tx, tenant_id: int) -> list[TokenRow]:
    """Every token of a tenant, those that were revoked too, oldest first."""
    return [TokenRow(*row) for row in tx.all(f"SELECT {_TOKEN} FROM token WHERE tenant_id = ? ORDER BY id", tenant_id)]


def people_of(tx: Tx, tenant_id: int) -> list[PersonRow]:
    """Everybody of a tenant, without their sessions and links."""
    return [PersonRow(*row) for row in tx.all(f"SELECT {_PERSON} FROM person WHERE tenant_id = ? ORDER BY id", tenant_id)]


def insert_token(tx: Tx, tenant_id: int, row: TokenRow, lineage: int | None) -> int | None:
    """Add a token with a new id, which is its lineage too unless one is given; None where the box has it already."""
    if tx.one("SELECT 1 FROM token WHERE hash = ?", row.hash):
        return None
    values = {name: getattr(row, name) for name in TokenRow.__struct_fields__ if name != "id"}
    token_id = tx.insert_row("token", {"tenant_id": tenant_id, **values, "lineage": lineage or 0})
    if lineage is None:
        tx.run("UPDATE token SET lineage = id WHERE id = ?", token_id)
    return token_id


def insert_person(tx: Tx, tenant_id: int, row: PersonRow) -> bool:
    """Add a person; False where somebody on the box has that name already."""
    if tx.one("SELECT 1 FROM person WHERE name_key = ?", row.name_key):
        return False
    tx.insert_row("person", {"tenant_id": tenant_id, **{name: getattr(row, name) for name in PersonRow.__struct_fields__}})
    return True

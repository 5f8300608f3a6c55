"""The SQL of all that the registry holds of one tenant, as rows that can be carried to another box.

They are read back from what anybody may have written: their types say what the registry takes, and what costs it no more
than its own.
"""

from typing import Annotated

from msgspec import Meta, Struct

from smoothbox.ids import Mode
from smoothbox.store.connection import Tx

Text = Annotated[str, Meta(min_length=1, max_length=2000)]
Number = Annotated[int, Meta(ge=1, le=2**62)]
Instant = Annotated[str, Meta(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z\Z")]
Words = Annotated[str, Meta(max_length=2000, pattern=r'^\[("[a-z:_]+"(,"[a-z:_]+")*)?\]\Z')]
"""A JSON list."""
Argon2id = Annotated[str, Meta(max_length=200, pattern=r"^\$argon2id\$v=19\$m=[0-9]{1,5},t=[0-9],p=[0-9]\$[\w+/]+\$[\w+/]+\Z")]
"""Up to five times as dear as ours: the box reckons with it when somebody logs in."""


class TokenRow(Struct, frozen=True):
    """A token as it is stored: `hash` is its SHA-256, `scopes` a JSON list, `id` and `lineage` are those of its old box."""

    id: Number
    name: Text
    mode: Mode
    scopes: Words
    hash: Annotated[bytes, Meta(min_length=32, max_length=32)]
    last_four: Text
    lineage: Number
    hourly: Number | None
    burst: Number | None
    expires_at: Instant | None
    revoked_at: Instant | None
    last_used_at: Instant | None
    created_at: Instant


class PersonRow(Struct, frozen=True):
    """Who may open the console, as it is stored: `password` is an Argon2id text, or None."""

    name: Text
    name_key: Text
    password: Argon2id | None
    created_at: Instant


_TOKEN = ", ".join(TokenRow.__struct_fields__)
_PERSON = ", ".join(PersonRow.__struct_fields__)
_OF_NOBODY = "tenant_id IN (SELECT id FROM tenant WHERE status = 'DELETED')"


def tokens_of(tx: Tx, tenant_id: int) -> list[TokenRow]:
    """Every token of a tenant, those that were revoked too, oldest first."""
    return [TokenRow(*row) for row in tx.all(f"SELECT {_TOKEN} FROM token WHERE tenant_id = ? ORDER BY id", tenant_id)]


def people_of(tx: Tx, tenant_id: int) -> list[PersonRow]:
    """Everybody of a tenant, without their sessions and links."""
    return [PersonRow(*row) for row in tx.all(f"SELECT {_PERSON} FROM person WHERE tenant_id = ? ORDER BY id", tenant_id)]


def insert_token(tx: Tx, tenant_id: int, row: TokenRow, lineage: int | None) -> int | None:
    """Add a token with a new id, which is its lineage too unless one is given; None where the box has it already.

    That of a tenant that was deleted gives way: what was deleted comes back with what opens it.
    """
    tx.run(f"DELETE FROM token WHERE hash = ? AND {_OF_NOBODY}", row.hash)
    if tx.one("SELECT 1 FROM token WHERE hash = ?", row.hash):
        return None
    values = {name: getattr(row, name) for name in TokenRow.__struct_fields__ if name != "id"}
    token_id = tx.insert_row("token", {"tenant_id": tenant_id, **values, "lineage": lineage or 0})
    if lineage is None:
        tx.run("UPDATE token SET lineage = id WHERE id = ?", token_id)
    return token_id


def insert_person(tx: Tx, tenant_id: int, row: PersonRow) -> bool:
    """Add a person; False where somebody on the box has that name already, of a tenant that is there."""
    tx.run(f"DELETE FROM person WHERE name_key = ? AND {_OF_NOBODY}", row.name_key)
    if tx.one("SELECT 1 FROM person WHERE name_key = ?", row.name_key):
        return False
    tx.insert_row("person", {"tenant_id": tenant_id, **{name: getattr(row, name) for name in PersonRow.__struct_fields__}})
    return True

"""The SQL of answers that can be repeated: kept by the token's lineage and the key that it sent."""

from msgspec import Struct

from smoothbox.store.connection import Tx


class Answer(Struct, frozen=True, gc=False):
    """An answer as it was given; `headers` is a JSON object, and the body may be sealed (0 or 1)."""

    status: int
    headers: str
    body: bytes
    is_sealed: int


class Kept(Answer, frozen=True, gc=False):
    """An answer on file: to which request it was given (a hash), and when (UTC seconds)."""

    fingerprint: bytes
    created_at: int


def get(tx: Tx, owner: int, key: str) -> Kept | None:
    """The answer under a key, however old it is."""
    row = tx.one(
        "SELECT status, headers, body, is_sealed, fingerprint, created_at FROM idempotency WHERE owner = ? AND key = ?",
        *(owner, key),
    )
    return Kept(*row) if row else None


def put(tx: Tx, owner: int, key: str, kept: Kept) -> None:
    """Keep an answer in the place of any that is there."""
    tx.run(
        "INSERT OR REPLACE INTO idempotency (owner, key, fingerprint, status, headers, body, is_sealed, created_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        owner,
        key,
        kept.fingerprint,
        kept.status,
        kept.headers,
        kept.body,
        kept.is_sealed,
        kept.created_at,
    )


def has_older(tx: Tx, second: int) -> bool:
    """Whether an answer of before this UTC second is on file."""
    return tx.one("SELECT 1 FROM idempotency WHERE created_at < ? LIMIT 1", second) is not None


def drop_older(tx: Tx, second: int, most: int) -> int:
    """Forget the oldest answers of before this UTC second, at most so many; the number forgotten."""
    return tx.run(
        "DELETE FROM idempotency WHERE rowid IN"
        " (SELECT rowid FROM idempotency WHERE created_at < ? ORDER BY created_at LIMIT ?)",
        second,
        most,
    )

"""The SQL of those who may open a console: people, their login links and their sessions. Plain rows out, no decisions."""

from dataclasses import dataclass
from typing import Final

from smoothbox.store.box import TENANT, Tenant
from smoothbox.store.connection import Row, Tx


@dataclass(frozen=True, slots=True)
class Person:
    """Who may open the console of a tenant. `password` is a PHC text, or None where links are the only way in."""

    id: int
    name: str
    password: str | None
    created_at: str
    tenant: Tenant


_PERSON: Final = (
    f"SELECT person.id, person.name, person.password, person.created_at, {TENANT}"
    " FROM person JOIN tenant ON tenant.id = person.tenant_id"
)


def by_name(tx: Tx, name_key: str) -> Person | None:
    """The person of this name, without case, at a tenant that was not deleted."""
    return _person(tx.one(f"{_PERSON} WHERE name_key = ? AND tenant.status <> 'DELETED'", name_key))


def of_tenant(tx: Tx, tenant_id: int) -> list[Person]:
    """Everybody of a tenant, by name."""
    rows = tx.all(f"{_PERSON} WHERE person.tenant_id = ? ORDER BY name_key", tenant_id)
    return [person for row in rows if (person := _person(row))]


def insert(tx: Tx, tenant_id: int, name: str, name_key: str, password: str | None) -> None:
    """Add a person."""
    tx.run(
        "INSERT INTO person (tenant_id, name, name_key, password, created_at) VALUES (?, ?, ?, ?, ?)",
        *(tenant_id, name, name_key, password, tx.stamp),
    )


def set_password(tx: Tx, person_id: int, password: str | None) -> None:
    """Another password, or none."""
    tx.run("UPDATE person SET password = ? WHERE id = ?", password, person_id)


def delete(tx: Tx, person_id: int) -> None:
    """Remove a person, with links and sessions."""
    tx.run("DELETE FROM person WHERE id = ?", person_id)


def insert_link(tx: Tx, digest: bytes, person_id: int, expires_at: str) -> None:
    """Add a login link."""
    tx.run("INSERT INTO login_link (hash, person_id, expires_at) VALUES (?, ?, ?)", digest, person_id, expires_at)


def by_link(tx: Tx, digest: bytes) -> Person | None:
    """Who may log in with this link now."""
    return _person(
        tx.one(f"{_PERSON} JOIN login_link ON person_id = person.id WHERE hash = ? AND expires_at > ?", digest, tx.stamp)
    )


def delete_link(tx: Tx, digest: bytes) -> None:
    """A link was used."""
    tx.run("DELETE FROM login_link WHERE hash = ?", digest)


def insert_session(tx: Tx, digest: bytes, person_id: int, expires_at: str) -> None:
    """Somebody has logged in."""
    tx.run(
        "INSERT INTO session (hash, person_id, created_at, expires_at) VALUES (?, ?, ?, ?)",
        *(digest, person_id, tx.stamp, expires_at),
    )


def by_session(tx: Tx, digest: bytes) -> Person | None:
    """Who is logged in with this session now."""
    return _person(
        tx.one(f"{_PERSON} JOIN session ON person_id = person.id WHERE hash = ? AND expires_at > ?", digest, tx.stamp)
    )


def delete_session(tx: Tx, digest: bytes) -> None:
    """Somebody has logged out."""
    tx.run("DELETE FROM session WHERE hash = ?", digest)


def delete_sessions_of(tx: Tx, person_id: int) -> None:
    """End every session and every link of a person."""
    tx.run("DELETE FROM session WHERE person_id = ?", person_id)
    tx.run("DELETE FROM login_link WHERE person_id = ?", person_id)


def delete_expired(tx: Tx) -> None:
    """Links and sessions whose time is over."""
    tx.run("DELETE FROM session WHERE expires_at <= ?", tx.stamp)
    tx.run("DELETE FROM login_link WHERE expires_at <= ?", tx.stamp)


def _person(row: Row | None) -> Person | None:
    return Person(*row[:4], Tenant(*row[4:])) if row else None  # type: ignore[call-arg]  # as many as the SELECT names

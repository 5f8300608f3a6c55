"""The SQL of customers."""

from collections.abc import Mapping
from typing import Any, Final

from msgspec import Struct

from smoothbox.store.connection import Tx
from smoothbox.store.listing import Source


class CustomerRow(Struct, frozen=True, gc=False):
    """As stored: JSON is text, `last_visit_at` UTC seconds."""

    id: int
    version: int
    first_name: str
    last_name: str
    email: str
    phone: str
    notes: str
    tags: str
    status: str
    external_id: str | None
    address: str
    metadata: str
    created_at: str
    updated_at: str
    booking_count: int
    total_spend: int
    last_visit_at: int | None


_OWN = CustomerRow.__struct_fields__[:-3]
_SELECT: Final = (
    ", ".join(_OWN)
    + ", (SELECT count(*) FROM booking WHERE customer_id = customer.id AND status <> 'CANCELLED')"
    + ", (SELECT coalesce(sum(price), 0) FROM booking WHERE customer_id = customer.id AND status = 'COMPLETED')"
    + ", (SELECT max(start_at) FROM booking WHERE customer_id = customer.id AND status = 'COMPLETED')"
)

SOURCE: Final = Source(
    "customer",
    _SELECT,
    {
        "id": "id",
        "last_name": "last_name_key",
        "first_name": "first_name_key",
        "email": "email_key",
        "phone": "phone_key",
        "status": "status",
        "external_id": "external_id",
        "created_at": "created_at",
        "updated_at": "updated_at",
    },
    {
        "search": "instr(search_key, ?)",
        "tag": "EXISTS (SELECT 1 FROM json_each(customer.tags) WHERE value = ?)",
    },
)


def get(tx: Tx, customer_id: int) -> CustomerRow | None:
    """One customer."""
    row = tx.one(f"SELECT {_SELECT} FROM customer WHERE id = ?", customer_id)
    return CustomerRow(*row) if row else None


def id_by_email(tx: Tx, email_key: str) -> int | None:
    """The customer with this e-mail address; there is at most one."""
    found: int | None = tx.value("SELECT id FROM customer WHERE email_key = ? AND email_key <> ''", email_key)
    return found


def id_by_phone(tx: Tx, phone_key: str) -> int | None:
    """The first customer with this phone number."""
    found: int | None = tx.value(
        "SELECT id FROM customer WHERE phone_key = ? AND phone_key <> '' ORDER BY id LIMIT 1", phone_key
    )
    return found


def insert(tx: Tx, columns: Mapping[str, Any]) -> int:
    """Add a customer from its columns; its id."""
    names = (*columns, "created_at", "updated_at")
    return tx.insert(
        f"INSERT INTO customer ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})",
        *columns.values(),
        tx.stamp,
        tx.stamp,
    )


def update(tx: Tx, customer_id: int, columns: Mapping[str, Any]) -> None:
    """Change columns of a customer; its version grows by one."""
    tx.run(
        f"UPDATE customer SET {', '.join(f'{name} = ?' for name in columns)}, version = version + 1, updated_at = ?"
        " WHERE id = ?",
        *columns.values(),
        tx.stamp,
        customer_id,
    )

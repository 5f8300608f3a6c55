"""The SQL of customers."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from msgspec import Struct

from smoothbox.store import versioned
from smoothbox.store.connection import Tx
from smoothbox.store.listing import Source
from smoothbox.store.walks import Branch, Tally, Walk


class Person(Struct, frozen=True, gc=False):
    """The part of a customer that a booking needs, read without counting what they have booked before."""

    id: int
    first_name: str
    last_name: str
    email: str
    phone: str
    status: str

    @property
    def full_name(self) -> str:
        """First and last name, or what there is."""
        return f"{self.first_name} {self.last_name}".strip() or self.email or self.phone


class CustomerRow(Person, frozen=True, gc=False):
    """As stored: JSON is text, `last_visit_at` UTC seconds."""

    version: int
    notes: str
    tags: str
    external_id: str | None
    address: str
    metadata: str
    created_at: str
    updated_at: str
    booking_count: int
    total_spend: int
    last_visit_at: int | None


# All from the index booking_customer alone; a completed booking has a time, so its start_key is its start_at.
_OWN_BOOKINGS: Final = "FROM booking INDEXED BY booking_customer WHERE customer_id = customer.id AND status"
_COLUMNS: Final = (
    *CustomerRow.__struct_fields__[:-3],
    f"(SELECT count(*) {_OWN_BOOKINGS} <> 'CANCELLED')",
    f"(SELECT coalesce(sum(price), 0) {_OWN_BOOKINGS} = 'COMPLETED')",
    f"(SELECT max(start_key) {_OWN_BOOKINGS} = 'COMPLETED')",
)

_PERSON: Final = ", ".join(Person.__struct_fields__)

_TALLY: Final = Tally("customer_tally", {"status": "status"})


def _ordered(field: str, index: str) -> Walk:
    return Walk(field, (Branch(f"customer {index}", tally=_TALLY),))


def _of(status: str, index: str) -> Branch:
    where = f"status = '{status}' AND status IN ({{marks}})"  # said twice: an index of some rows needs it literally
    return Branch(f"customer INDEXED BY {index}", where, _TALLY, only=("status", frozenset({status})))


SOURCE: Final = Source(
    "customer",
    _COLUMNS,
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
    (
        Walk("", (Branch("customer", "id IN ({marks})"),), "id__in"),
        Walk("", (Branch("customer INDEXED BY customer_external", "external_id = ?"),), "external_id"),
        Walk("", (Branch("customer INDEXED BY customer_phone", "phone_key = ?"),), "phone"),
        Walk("last_name", (_of("ACTIVE", "customer_last_name"), _of("BLOCKED", "customer_blocked")), "status"),
        _ordered("last_name", "INDEXED BY customer_last_name"),
        _ordered("first_name", "INDEXED BY customer_first_name"),
        _ordered("email", "INDEXED BY customer_email"),
        _ordered("created_at", "INDEXED BY customer_created"),
        _ordered("updated_at", "INDEXED BY customer_updated"),
        _ordered("id", "NOT INDEXED"),
    ),
)


def get(tx: Tx, customer_id: int) -> CustomerRow | None:
    """One customer."""
    row = tx.one(f"SELECT {', '.join(_COLUMNS)} FROM customer WHERE id = ?", customer_id)
    return CustomerRow(*row) if row else None


def person(tx: Tx, customer_id: int) -> Person | None:
    """Who a customer is."""
    return _person(tx, "id = ?", customer_id)


def person_by_email(tx: Tx, email_key: str) -> Person | None:
    """The customer with this e-mail address; there is at most one."""
    return _person(tx, "email_key = ?", email_key) if email_key else None


def person_by_phone(tx: Tx, phone_key: str) -> Person | None:
    """The first customer with this phone number."""
    return _person(tx, "phone_key = ? AND phone_key <> '' ORDER BY id LIMIT 1", phone_key) if phone_key else None


def with_phone(tx: Tx) -> list[Person]:
    """Every customer who has a phone number."""
    return [Person(*row) for row in tx.all(f"SELECT {_PERSON} FROM customer WHERE phone <> ''")]


def insert(tx: Tx, columns: Mapping[str, Any]) -> int:
    """Add a customer from its columns; its id."""
    return versioned.insert(tx, "customer", columns)


def update(tx: Tx, customer_id: int, columns: Mapping[str, Any]) -> None:
    """Change columns of a customer; its version grows by one."""
    versioned.update(tx, "customer", customer_id, columns)


def set_phone_keys(tx: Tx, keys: Sequence[tuple[str, str, int]]) -> None:
    """Write (phone_key, search_key, customer) where they differ; the versions stay, for a customer shows neither."""
    tx.many("UPDATE customer SET phone_key = ?1, search_key = ?2 WHERE id = ?3 AND phone_key <> ?1", keys)


def _person(tx: Tx, where: str, key: str | int) -> Person | None:
    row = tx.one(f"SELECT {_PERSON} FROM customer WHERE {where}", key)
    return Person(*row) if row else None

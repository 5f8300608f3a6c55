"""The SQL of imports and exports: whom and what a row of somebody else's table means, and everything page by page."""

from typing import Final

from msgspec import Struct

from smoothbox.store.bookings import BookingRow
from smoothbox.store.connection import Tx
from smoothbox.store.customers import SOURCE as CUSTOMERS
from smoothbox.store.customers import CustomerRow, Person
from smoothbox.store.services import ServiceRow

_PERSON: Final = ", ".join(Person.__struct_fields__)
_BOOKING: Final = ", ".join(f"booking.{name}" for name in BookingRow.__struct_fields__)
_SERVICE: Final = ", ".join(ServiceRow.__struct_fields__)
_MOST_ALIKE: Final = 50  # customers who share a phone number


class Named(Struct, frozen=True, gc=False):
    """A resource as rows name it."""

    id: int
    name: str
    is_active: int


class Visit(Struct, frozen=True, gc=False):
    """A booking, and what its service and its customer are called now."""

    booking: BookingRow
    service: str
    email: str
    phone: str
    customer_external_id: str | None


def all_services(tx: Tx) -> list[ServiceRow]:
    """Every service, also those that cannot be booked."""
    return [ServiceRow(*row) for row in tx.all(f"SELECT {_SERVICE} FROM service ORDER BY id")]


def all_resources(tx: Tx) -> list[Named]:
    """Every resource, also those that cannot be booked."""
    return [Named(*row) for row in tx.all("SELECT id, name, is_active FROM resource ORDER BY id")]


def person_by_external_id(tx: Tx, external_id: str) -> Person | None:
    """The first customer who has this external id."""
    row = tx.one(
        f"SELECT {_PERSON} FROM customer INDEXED BY customer_external WHERE external_id = ? ORDER BY id LIMIT 1", external_id
    )
    return Person(*row) if row else None


def people_by_phone(tx: Tx, phone_key: str) -> list[Person]:
    """The customers with this phone number, the first ones where there are many."""
    rows = tx.all(f"SELECT {_PERSON} FROM customer WHERE phone_key = ? ORDER BY id LIMIT ?", phone_key, _MOST_ALIKE)
    return [Person(*row) for row in rows]


def bookings_called(tx: Tx, external_id: str, last_id: int) -> int:
    """How many of the bookings up to an id have this external id."""
    found: int = tx.value("SELECT count(*) FROM booking WHERE external_id = ? AND id <= ?", external_id, last_id)
    return found


def bookings_like(tx: Tx, customer_id: int, service_id: int, start: int | None, last_id: int) -> int:
    """How many of the bookings up to an id a customer has of a service at this UTC second, or as requests without a time."""
    found: int = tx.value(
        "SELECT count(*) FROM booking INDEXED BY booking_customer"
        " WHERE customer_id = ? AND start_key = coalesce(?, 253402300800) AND service_id = ? AND id <= ?",
        *(customer_id, start, service_id, last_id),
    )
    return found


def last_booking(tx: Tx) -> int:
    """The greatest id of a booking; 0 where there is none."""
    return _last(tx, "booking")


def last_customer(tx: Tx) -> int:
    """The greatest id of a customer; 0 where there is none."""
    return _last(tx, "customer")


def last_service(tx: Tx) -> int:
    """The greatest id of a service; 0 where there is none."""
    return _last(tx, "service")


def last_resource(tx: Tx) -> int:
    """The greatest id of a resource; 0 where there is none."""
    return _last(tx, "resource")


def customers_after(tx: Tx, last_id: int, most: int) -> list[CustomerRow]:
    """The customers with the next ids."""
    rows = tx.all(f"SELECT {', '.join(CUSTOMERS.select)} FROM customer WHERE id > ? ORDER BY id LIMIT ?", last_id, most)
    return [CustomerRow(*row) for row in rows]


def bookings_after(tx: Tx, last_id: int, first: int, end: int, most: int) -> list[Visit]:
    """The bookings with the next ids that start in these UTC seconds; a request without a time starts after every time."""
    rows = tx.all(
        f"SELECT {_BOOKING}, service.name, customer.email, customer.phone, customer.external_id FROM booking NOT INDEXED"
        " CROSS JOIN service ON service.id = service_id CROSS JOIN customer ON customer.id = customer_id"
        " WHERE booking.id > ? AND start_key >= ? AND start_key < ? ORDER BY booking.id LIMIT ?",
        *(last_id, first, end, most),
    )
    return [Visit(BookingRow(*row[:-4]), *row[-4:]) for row in rows]


def _last(tx: Tx, table: str) -> int:
    found: int = tx.value(f"SELECT coalesce(max(id), 0) FROM {table}")
    return found

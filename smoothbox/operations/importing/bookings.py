"""Rows of bookings: what a business has in its old diary, past and to come, as it stands there.

The rules for making an appointment (hours, notice, the grid) do not apply: these were made. What takes time of a resource
still never shares it with another: such a row is refused, by the same triggers that refuse every booking.
A booking is known again by its external id, else by its customer, service and start; then it stays as it is.
"""

from collections.abc import Hashable, Mapping
from typing import Any
from zoneinfo import ZoneInfo

from msgspec import structs

from smoothbox.contract.bookings import NewBooking
from smoothbox.errors import invalid
from smoothbox.operations import holds
from smoothbox.operations.booking_shapes import new_columns, placed, search_key
from smoothbox.operations.importing.customers import alike, certain, refuse_unreachable
from smoothbox.operations.importing.diary import Diary
from smoothbox.operations.importing.given import Appointment, GivenBooking, of_the_customer
from smoothbox.operations.importing.report import Outcome
from smoothbox.operations.importing.whole import Plan
from smoothbox.scheduling.lifecycle import BLOCKING, Status
from smoothbox.store import allocations, bookings, customers, transfers
from smoothbox.store.connection import Tx
from smoothbox.store.customers import Person
from smoothbox.store.services import ServiceRow


def named_first(said: Plan[Appointment]) -> Plan[Appointment]:
    """The plan with the rows last that want somebody at a time and do not say whom: they take whom the others leave."""
    return structs.replace(said, rows=sorted(said.rows, key=lambda row: row[1].given.takes_anybody))


class Bookings:
    """Takes rows in, one after the other, within one transaction."""

    def __init__(self, tx: Tx, zone: ZoneInfo) -> None:
        holds.expire(tx)
        self.customers_added = 0
        self._tx = tx
        self._diary = Diary(tx, zone)
        self._last_id = transfers.last_booking(tx)
        self._left: dict[Hashable, int] = {}
        self._rows: dict[tuple[str, int | None], int] = {}

    def take(self, row: int, said: Appointment) -> Outcome:
        """Write the booking of a row down, and its customer where nobody knows them.

        Raises Problem 'validation_error', or 'slot_unavailable' where it would take time that another has.
        """
        given = said.given
        service = self._diary.service(given.service, given.length)
        self._refuse_twin(row, given)
        customer = self._meant(said)
        if self._is_known(given, service, customer):
            return "unchanged"
        if customer is None:
            self._write(given, service, self._add(said.customer))
            self.customers_added += 1
        else:
            self._write(given, service, customer)
        return "added"

    def _refuse_twin(self, row: int, given: GivenBooking) -> None:
        """A series may share an external id, so only what starts at the same time is the same booking."""
        if given.external_id is None:
            return
        twin = self._rows.setdefault((given.external_id, given.start), row)
        if twin != row:
            raise invalid("external_id", f"Row {twin} is this booking already, at the same time; leave one of them out.")

    def _is_known(self, given: GivenBooking, service: ServiceRow, customer: Person | None) -> bool:
        """Whether the box had as many of these before as rows have named by now: each is counted once."""
        if given.external_id is not None:
            key: Hashable = given.external_id
        elif customer is not None:
            key = (customer.id, service.id, given.start)
        else:
            return False
        if key not in self._left:
            self._left[key] = self._count(given, service, customer)
        self._left[key] -= 1
        return self._left[key] >= 0

    def _count(self, given: GivenBooking, service: ServiceRow, customer: Person | None) -> int:
        if given.external_id is not None:
            return transfers.bookings_called(self._tx, given.external_id, self._last_id)
        assert customer is not None  # noqa: S101 -- a booking without external id is known by its customer
        return transfers.bookings_like(self._tx, customer.id, service.id, given.start, self._last_id)

    def _meant(self, said: Appointment) -> Person | None:
        """The customer with this external id, else this e-mail address, else this phone number and the name, if one is told."""
        columns, tx = said.customer, self._tx
        if known := certain(tx, columns):
            return known
        if columns["first_name"] or columns["last_name"]:
            return alike(tx, columns)
        return customers.person_by_phone(tx, columns["phone_key"])

    def _add(self, columns: Mapping[str, Any]) -> Person:
        with of_the_customer():
            refuse_unreachable(columns)
        person = customers.person(self._tx, customers.insert(self._tx, columns))
        assert person is not None  # noqa: S101 -- it was inserted just now
        return person

    def _write(self, given: GivenBooking, service: ServiceRow, customer: Person) -> None:
        status = self._status(given, service)
        columns = self._columns(given, service, customer) | {"status": status}
        if status == "CANCELLED":
            columns |= {"cancelled_at": self._tx.stamp, "cancellation_reason": given.cancellation_reason.strip()}
        if given.start is None:
            self._write_request(given, service, columns)
            return
        place = self._diary.place(given, service, given.start, takes_time=status in BLOCKING)
        name = self._diary.name_of(place.resource_ids[0])
        booked = bookings.insert(self._tx, columns | placed(place, name, columns["customer_name"], service.name))
        take = allocations.take_for_booking if status in BLOCKING else allocations.note_for_booking
        take(self._tx, booked.id, place, given.party_size)

    def _columns(self, given: GivenBooking, service: ServiceRow, customer: Person) -> dict[str, Any]:
        new = NewBooking(
            service.id,
            notes=given.notes,
            internal_notes=given.internal_notes,
            external_id=given.external_id,
            metadata=given.metadata,
        )
        columns = new_columns(self._tx, new, service, customer, given.party_size)
        if name := given.customer_name.strip():
            columns |= {"customer_name": name, "search_key": search_key(name, service.name)}
        agreed = {"duration": given.duration, "price": given.price}
        return columns | {name: value for name, value in agreed.items() if value is not None}

    def _status(self, given: GivenBooking, service: ServiceRow) -> Status:
        if given.start is None:
            if given.status in {"PENDING", "CANCELLED"} or (given.status is None and service.requires_manual_scheduling):
                return given.status or "PENDING"
            raise invalid("start_time", "This is required, unless it is a request that is PENDING or was CANCELLED.")
        if given.status is not None:
            return "SCHEDULED" if given.status == "PENDING" else given.status
        end = given.start + (given.length or service.duration) * 60
        return "COMPLETED" if end <= self._tx.now else "SCHEDULED"

    def _write_request(self, given: GivenBooking, service: ServiceRow, columns: dict[str, Any]) -> None:
        """A resource that a request names is only a wish."""
        if given.resource:
            wish = self._diary.resources(given.resource)[0]
            name = self._diary.name_of(wish)
            columns |= {"resource_id": wish, "resource_name": name}
            columns["search_key"] = search_key(columns["customer_name"], service.name, name)
        bookings.insert(self._tx, columns)

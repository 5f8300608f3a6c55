"""What a row of bookings says: its cells as a booking of declared bounds, every mistake under its column."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Annotated, Any, Final
from zoneinfo import ZoneInfo

from msgspec import Meta, Struct, structs

from smoothbox.contract.bounds import Buffer, Cents, Duration
from smoothbox.contract.customers import NewCustomer
from smoothbox.contract.fields import ExternalId, Metadata, PartySize, ShortText, Text
from smoothbox.errors import Problem, invalid
from smoothbox.operations.customers import columns_of
from smoothbox.operations.importing import cells
from smoothbox.operations.importing.reading import Document, Shape
from smoothbox.operations.importing.table import Row
from smoothbox.operations.times import parse_start
from smoothbox.scheduling.lifecycle import Status

Reference = Annotated[str, Meta(max_length=500)]

_PLAIN: Final = ("external_id", "service", "resource", "notes", "internal_notes", "cancellation_reason", "customer_name")
_READ: Final[Mapping[str, Callable[[str], Any]]] = {
    "duration": cells.minutes,
    "status": cells.status,
    "price": cells.cents,
    "party_size": cells.whole_number,
    "buffer_before": cells.minutes,
    "buffer_after": cells.minutes,
    "metadata": cells.facts,
}
_OF_CUSTOMER: Final = ("external_id", "first_name", "last_name", "email", "phone")


class GivenBooking(Struct, frozen=True, forbid_unknown_fields=True):
    """A booking as a row tells of one; what it leaves out is the service's. Times are UTC seconds."""

    service: Reference
    customer: NewCustomer
    start: int | None = None
    end: int | None = None
    duration: Duration | None = None
    resource: Reference = ""
    status: Status | None = None
    price: Cents | None = None
    party_size: PartySize = 1
    customer_name: Annotated[str, Meta(max_length=300)] = ""
    notes: Text = ""
    internal_notes: Text = ""
    cancellation_reason: ShortText = ""
    external_id: ExternalId | None = None
    buffer_before: Buffer | None = None
    buffer_after: Buffer | None = None
    metadata: Metadata = {}

    @property
    def takes_anybody(self) -> bool:
        """Whether it has a time, and leaves open who does it."""
        return self.start is not None and not self.resource

    @property
    def length(self) -> int | None:
        """Minutes, as far as the row tells. Raises Problem 'validation_error' where it contradicts itself."""
        if self.start is None or self.end is None:
            return self.duration
        seconds = self.end - self.start
        if seconds <= 0 or seconds % 60:
            raise invalid("end_time", "A booking ends after its start, by whole minutes.")
        if self.duration not in {None, seconds // 60}:
            raise invalid("duration", f"From start to end it is {seconds // 60} minutes, not {self.duration}; correct one.")
        return seconds // 60


class Appointment(Struct, frozen=True):
    """What a row says, and its customer as columns."""

    given: GivenBooking
    customer: Mapping[str, Any]


def appointment(row: Row, shape: Shape, zone: ZoneInfo, order: cells.DateOrder | None) -> Appointment:
    """What a row says of a booking.

    Raises Problem 'validation_error', 'nonexistent_local_time' or 'ambiguous_local_time'.
    """
    document = Document(row.cells)
    for name in _PLAIN:
        document.take(name)
    for name, read in _READ.items():
        document.take(name, read)
    document.fields["customer"] = _customer(row.cells)
    seconds = _Seconds(row.cells, document, zone, order)
    document.fields["start"], document.fields["end"] = seconds.start(), seconds.end()
    given = document.shaped(shape, GivenBooking)
    with of_the_customer():
        return Appointment(given, columns_of(structs.asdict(given.customer), zone))


@contextmanager
def of_the_customer() -> Iterator[None]:
    """Let what is refused inside stand beside the cells that tell of the customer."""
    try:
        yield
    except Problem as problem:
        raise Problem(problem.code, None, {f"customer.{name}": said for name, said in problem.details.items()}) from None


def _customer(found: Mapping[str, str]) -> dict[str, str]:
    fields = {name: found[f"customer_{name}"] for name in _OF_CUSTOMER if f"customer_{name}" in found}
    if "customer_name" in found and not {"first_name", "last_name"} & fields.keys():
        fields["first_name"], fields["last_name"] = cells.whole_name(found["customer_name"])
    return fields


class _Seconds:
    """The times of a row; what is wrong with them is noted in its document, or raised where a clock skips or repeats them."""

    def __init__(self, found: Mapping[str, str], document: Document, zone: ZoneInfo, order: cells.DateOrder | None) -> None:
        self._found = found
        self._document = document
        self._zone = zone
        self._order = order

    def start(self) -> int | None:
        """When it starts; a date that has a time of day in it needs no column for that."""
        if "start_time" in self._found:
            return self._second("start_time", self._found["start_time"])
        return self._second("date", self._found["date"]) if "date" in self._found else None

    def end(self) -> int | None:
        """When it ends; a time of day alone is on the day of the start."""
        return self._second("end_time", self._found["end_time"]) if "end_time" in self._found else None

    def _second(self, name: str, text: str) -> int | None:
        try:
            written = cells.moment(text, self._day(), self._order)
        except ValueError as error:
            self._document.wrong(name, str(error))
            return None
        return parse_start(written, self._zone, name)

    def _day(self) -> str:
        """The date by itself, or the one that the start begins with."""
        return self._found.get("date") or self._found.get("start_time", "").partition("T")[0].partition(" ")[0]

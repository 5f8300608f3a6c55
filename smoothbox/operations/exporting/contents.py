"""What there is of each kind, page by page in the order of ids: as the API shows it, and as a flat row of texts.

Each page is a short read of its own, so that an export keeps nobody waiting and no log from being shortened, however slowly
it is read; a row is as it was when its page was read, and one that is added meanwhile may be there or not.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

import msgspec
from msgspec import Struct

from smoothbox.contract.resources import Resource
from smoothbox.contract.services import Service
from smoothbox.operations import customers, resources, services
from smoothbox.operations.booking_shapes import wire
from smoothbox.operations.exporting.window import Window
from smoothbox.operations.times import business_zone, wall_text, zone_named
from smoothbox.store import business, transfers
from smoothbox.store import resources as resource_rows
from smoothbox.store.bookings import BookingRow
from smoothbox.store.connection import Tx
from smoothbox.store.customers import CustomerRow
from smoothbox.store.transfers import Visit

_PAGE: Final = 500
_TAG_NEEDS_JSON: Final = frozenset(",;[]\"'")


class Item(Struct, frozen=True):
    """One thing by its id: as the API shows it, and its columns as texts."""

    id: int
    shown: Struct
    cells: tuple[str, ...]


class Content(Struct, frozen=True):
    """A kind of things: the names of their columns, and the verbs that read a page of them after an id and the greatest id."""

    columns: tuple[str, ...]
    page: Callable[[Tx, int, Window], Sequence[Item]]
    greatest: Callable[[Tx], int]


def _bookings_after(tx: Tx, last_id: int, window: Window) -> list[Item]:
    own, names = business.get(tx), {each.id: each.name for each in transfers.all_resources(tx)}
    found = transfers.bookings_after(tx, last_id, window.first, window.end, _PAGE)
    return [Item(each.booking.id, wire(each.booking, own.timezone), _booking(each, own.timezone, names)) for each in found]


def rows_after(tx: Tx, last_id: int, window: Window) -> list[BookingRow]:
    """The bookings with the next ids that start in the window, as they are stored."""
    return [each.booking for each in transfers.bookings_after(tx, last_id, window.first, window.end, _PAGE)]


def _customers_after(tx: Tx, last_id: int, _: Window) -> list[Item]:
    zone = business_zone(tx)
    found = transfers.customers_after(tx, last_id, _PAGE)
    return [Item(each.id, customers.wire(each, zone), _customer(each)) for each in found]


def _services_after(tx: Tx, last_id: int, _: Window) -> list[Item]:
    own = business.get(tx)
    found = (services.wire(each, own) for each in transfers.all_services(tx) if each.id > last_id)
    return [Item(each.id, each, _flat(each)) for each in found]


def _resources_after(tx: Tx, last_id: int, _: Window) -> list[Item]:
    own = business.get(tx)
    rows = (resource_rows.get(tx, each.id) for each in transfers.all_resources(tx) if each.id > last_id)
    found = (resources.wire(row, own) for row in rows if row is not None)
    return [Item(each.id, each, _flat(each)) for each in found]


def _customer(row: CustomerRow) -> tuple[str, ...]:
    return (
        row.external_id or "",
        row.first_name,
        row.last_name,
        row.email,
        row.phone,
        row.address,
        row.notes,
        _tags(msgspec.json.decode(row.tags, type=list[str])),
        row.status,
        _facts(row.metadata),
    )


def _booking(visit: Visit, timezone: str, names: Mapping[int, str]) -> tuple[str, ...]:
    row = visit.booking
    return (
        row.external_id or "",
        row.status,
        visit.service,
        "; ".join(names[id_] for id_ in _occupied(row)),
        *(_time(second, timezone) for second in (row.start_at, row.end_at)),
        *map(str, (row.duration, row.buffer_before, row.buffer_after)),
        "" if row.price is None else f"{row.price // 100}.{row.price % 100:02}",
        str(row.party_size),
        row.customer_name,
        visit.email,
        visit.phone,
        visit.customer_external_id or "",
        row.notes,
        row.internal_notes,
        row.cancellation_reason,
        _facts(row.metadata),
    )


CONTENTS: Final[Mapping[str, Content]] = {
    "customers": Content(
        ("external_id", "first_name", "last_name", "email", "phone", "address", "notes", "tags", "status", "metadata"),
        _customers_after,
        transfers.last_customer,
    ),
    "bookings": Content(
        (
            *("external_id", "status", "service", "resource", "start_time", "end_time", "duration"),
            *("buffer_before", "buffer_after", "price", "party_size", "customer_name", "customer_email", "customer_phone"),
            *("customer_external_id", "notes", "internal_notes", "cancellation_reason", "metadata"),
        ),
        _bookings_after,
        transfers.last_booking,
    ),
    "services": Content(Service.__struct_fields__, _services_after, transfers.last_service),
    "resources": Content(Resource.__struct_fields__, _resources_after, transfers.last_resource),
}


def _occupied(row: BookingRow) -> list[int]:
    """What a booking occupies, or did; of a request the one that it wishes for."""
    return msgspec.json.decode(row.resource_ids, type=list[int]) or ([] if row.resource_id is None else [row.resource_id])


def _time(second: int | None, timezone: str) -> str:
    return "" if second is None else wall_text(second, zone_named(timezone))


def _tags(found: Sequence[str]) -> str:
    """With commas between them, or as JSON where that would be read in another way."""
    if any(_TAG_NEEDS_JSON & set(tag) or tag != tag.strip() for tag in found):
        return msgspec.json.encode(found).decode()
    return ", ".join(found)


def _facts(text: str) -> str:
    return "" if text == "{}" else text


def _flat(shown: Struct) -> tuple[str, ...]:
    return tuple(_texts(msgspec.json.decode(msgspec.json.encode(shown)).values()))


def _texts(values: Any) -> Iterator[str]:
    for value in values:
        if value is None:
            yield ""
        elif isinstance(value, str):
            yield value
        else:
            yield msgspec.json.encode(value).decode()

"""What a booking of another box says, in the columns that it is stored in here."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

import msgspec
from msgspec import Struct

from smoothbox.clock import instant_text
from smoothbox.contract.pulled import PulledBooking, Sourced
from smoothbox.errors import Problem, invalid
from smoothbox.operations.booking_shapes import json_of, search_key
from smoothbox.operations.times import business_zone, local_second, parse_start, parse_time
from smoothbox.store import customers, imported, resources, series, services
from smoothbox.store.bookings import BookingRow
from smoothbox.store.connection import Tx
from smoothbox.store.services import ServiceRow

PLACE: Final = ("service_id", "resource_ids", "start_at", "end_at")
"""The columns that say what a booking occupies, its buffers aside."""


class Ids(Struct, frozen=True):
    """The ids here of what bookings refer to, by those at the source."""

    services: Mapping[int, int]
    resources: Mapping[int, int]
    customers: Mapping[int, int]


class Scribe:
    """Writes columns, within one transaction."""

    def __init__(self, tx: Tx, name: str, ids: Ids) -> None:
        self._tx = tx
        self._name = name
        self._ids = ids
        self._zone = business_zone(tx)
        self._series: dict[int, int] = {}

    def learn_series(self, found: Iterable[tuple[int | None, BookingRow | None]]) -> None:
        """Which series here those of the source are, by what came of them before."""
        for there, row in found:
            if there is not None and row is not None and row.series_id is not None:
                self._series[there] = row.series_id

    def columns(self, sourced: Sourced[PulledBooking], before: BookingRow | None) -> dict[str, Any]:
        """All columns of a booking, of which `before` is here already.

        Raises Problem 'validation_error', or 'nonexistent_local_time' / 'ambiguous_local_time'.
        """
        said = sourced.body
        service = services.get(self._tx, _own(self._ids.services, said.service_id, "service"))
        assert service is not None  # noqa: S101 -- it was written just now
        columns = self._times(said, service) | self._resources(said) | self._names(said, service) | self._facts(said)
        columns |= {"external_id": imported.name(self._name, sourced.id), "service_id": service.id}
        names = (columns["customer_name"], columns["service_name"], columns["resource_name"])
        return columns | _terms(columns, service, before) | {"search_key": search_key(*names)}

    def _times(self, said: PulledBooking, service: ServiceRow) -> dict[str, Any]:
        start, end = self._second(said, "start_time"), self._second(said, "end_time")
        times = {"start_at": None, "end_at": None, "duration": service.duration, "status": said.status}
        if start is None:
            if said.status not in {"PENDING", "CANCELLED"}:
                raise invalid("start_time", f"A booking that is {said.status} has a time.")
            return times
        if end is None or end <= start:
            raise invalid("end_time", "It does not end after its start.")
        status = "SCHEDULED" if said.status == "PENDING" else said.status  # with a time it is a request no more
        return times | {"start_at": start, "end_at": end, "duration": (end - start) // 60, "status": status}

    def _second(self, said: PulledBooking, field: str) -> int | None:
        text: str | None = getattr(said, field)
        return None if text is None else parse_start(text, self._zone, field)

    def _resources(self, said: PulledBooking) -> dict[str, Any]:
        """All that it occupies, that by which it goes first; of a request only the wish."""
        named = () if said.resource_id is None else (said.resource_id,)
        occupied = tuple(_own(self._ids.resources, each, "resource") for each in dict.fromkeys((*named, *said.resource_ids)))
        first = occupied[0] if occupied else None
        if said.start_time is None:
            return {"resource_id": first, "resource_ids": "[]"}
        if not occupied:
            raise invalid("resource_id", "It says nobody who does it.")
        return {"resource_id": first, "resource_ids": json_of(occupied)}

    def _names(self, said: PulledBooking, service: ServiceRow) -> dict[str, Any]:
        """Names as they were; where the source has kept none, as they are."""
        customer_id = _own(self._ids.customers, said.customer_id, "customer")
        person = None if said.customer_name else customers.person(self._tx, customer_id)
        resource_id = None if said.resource_id is None else self._ids.resources[said.resource_id]
        resource_name = "" if resource_id is None else resources.name(self._tx, resource_id)
        return {
            "service_name": said.service_name or service.name,
            "customer_id": customer_id,
            "customer_name": said.customer_name if person is None else person.full_name,
            "resource_name": said.resource_name or resource_name,
        }

    def _facts(self, said: PulledBooking) -> dict[str, Any]:
        return {
            "price": said.price,
            "party_size": said.party_size,
            "notes": said.notes.strip(),
            "internal_notes": said.internal_notes.strip(),
            "source": self._tx.origin.channel,
            "metadata": msgspec.json.encode(said.metadata).decode(),
            "series_id": self._series_id(said.series_id),
            "previous_start_at": self._second(said, "previous_start_time"),
            "cancelled_at": self._instant(said.cancelled_at),
            "cancellation_reason": said.cancellation_reason.strip(),
            "cancelled_by": said.cancelled_by,
            "late_cancellation": int(said.late_cancellation),
        }

    def _instant(self, text: str | None) -> str | None:
        if text is None:
            return None
        moment = parse_time(text)
        seconds = moment.timestamp() if moment.tzinfo else local_second(moment, self._zone, "cancelled_at")
        return instant_text(seconds)

    def _series_id(self, there: int | None) -> int | None:
        """Its series here; the rule by which that was made is not told."""
        if there is None:
            return None
        if there not in self._series:
            self._series[there] = series.insert(self._tx, "")
        return self._series[there]


def _terms(columns: Mapping[str, Any], service: ServiceRow, before: BookingRow | None) -> dict[str, int]:
    """Buffers and capacity, which the source does not tell: those it has here, in another place what the service says."""
    if before is not None and all(getattr(before, name) == columns[name] for name in PLACE):
        kept = {"buffer_before": before.buffer_before, "buffer_after": before.buffer_after}
        return kept | {"capacity": max(before.capacity, columns["party_size"])}
    own = {"buffer_before": service.buffer_before, "buffer_after": service.buffer_after}
    return own | {"capacity": max(service.capacity, columns["party_size"])}


def _own(ids: Mapping[int, int], there: int, what: str) -> int:
    if there not in ids:
        raise Problem("validation_error", f"Its {what} {there} could not be taken over.")
    return ids[there]

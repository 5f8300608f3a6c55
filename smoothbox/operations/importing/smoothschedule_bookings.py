"""Bookings that were pulled from another box: of every state, past ones too, with the price and the names they had.

The rules of booking do not judge what was agreed elsewhere; but no two may have the same time of the same resource. First all
that changes gives its time up, then each takes its new one, so that two may change places.
"""

from collections.abc import Mapping
from typing import Any, Final

import msgspec
from msgspec import Struct

from smoothbox.clock import instant_text
from smoothbox.contract.pulled import Pulled
from smoothbox.errors import Problem
from smoothbox.operations import holds
from smoothbox.operations.importing.crowding import crowded
from smoothbox.operations.importing.ledger import Ledger
from smoothbox.operations.importing.smoothschedule_columns import PLACE, Ids, Scribe
from smoothbox.scheduling.lifecycle import BLOCKING
from smoothbox.store import allocations, bookings, imported
from smoothbox.store.allocations import Place
from smoothbox.store.bookings import BookingRow
from smoothbox.store.connection import Tx
from smoothbox.store.savepoint import savepoint

_KEPT: Final = frozenset({"source", "buffer_before", "buffer_after", "capacity", "search_key"})
"""What the source does not tell: a booking that is here already differs for none of it."""


class Wanted(Struct, frozen=True):
    """A booking as it is to be: its id there, what is here of it, and its columns."""

    id_there: int
    before: BookingRow | None
    columns: dict[str, Any]

    @property
    def is_new_or_changed(self) -> bool:
        """Whether there is something to be written."""
        before = self.before
        return before is None or any(value != getattr(before, name) for name, value in self._told().items())

    @property
    def blocks(self) -> bool:
        """Whether it takes time of its resources."""
        return self.columns["status"] in BLOCKING

    @property
    def stays(self) -> bool:
        """Whether it is here already, and keeps its place."""
        return self.before is not None and all(getattr(self.before, name) == self.columns[name] for name in PLACE)

    def place(self) -> Place | None:
        """What it occupies, or occupied; None for a request without a time."""
        return place_of(self.columns)

    def _told(self) -> dict[str, Any]:
        return {name: value for name, value in self.columns.items() if name not in _KEPT}


def write_bookings(tx: Tx, pulled: Pulled, ledger: Ledger, ids: Ids, *, must_restore: bool) -> None:
    """Write all of them, in the order in which they were made.

    Where one is refused that is here already, it takes its former place again if it `must_restore` that.
    Raises Problem 'conflict' where that is taken by now.
    """
    holds.expire(tx)
    wanted = _wanted(tx, pulled, ledger, ids)
    tight = crowded([(each.id_there, place) for each in wanted if each.blocks and (place := each.place())])
    changed = []
    for each in wanted:
        if each.is_new_or_changed:
            changed.append(each)
            _give_up(tx, each)
        else:
            ledger.note("booking", "unchanged")
    for each in changed:
        _write(tx, each, ledger, is_tight=each.id_there in tight, must_restore=must_restore)


def place_of(columns: Mapping[str, Any]) -> Place | None:
    """The place that the columns of a booking tell of."""
    occupied = msgspec.json.decode(columns["resource_ids"], type=tuple[int, ...])
    if not occupied:
        return None
    start, end = columns["start_at"], columns["end_at"]
    before, after = columns["buffer_before"] * 60, columns["buffer_after"] * 60
    return Place(columns["service_id"], occupied, start, end, start - before, end + after, columns["capacity"])


def _wanted(tx: Tx, pulled: Pulled, ledger: Ledger, ids: Ids) -> list[Wanted]:
    known, scribe, found = imported.ids(tx, "booking", pulled.name), Scribe(tx, pulled.name, ids), []
    rows = {id_there: bookings.get(tx, id_here) for id_there, id_here in known.items()}
    scribe.learn_series((each.body.series_id, rows.get(each.id)) for each in pulled.bookings)
    for each in pulled.bookings:
        before = rows.get(each.id)
        try:
            found.append(Wanted(each.id, before, scribe.columns(each, before)))
        except Problem as problem:
            ledger.refuse("booking", each.id, problem)
    return found


def _give_up(tx: Tx, wanted: Wanted) -> None:
    if wanted.before is not None:
        allocations.give_up(tx, wanted.before.id)


def _write(tx: Tx, wanted: Wanted, ledger: Ledger, *, is_tight: bool, must_restore: bool) -> None:
    columns = wanted.columns | ({"buffer_before": 0, "buffer_after": 0} if is_tight and not wanted.stays else {})
    try:
        with savepoint(tx):
            _occupy(tx, _put(tx, wanted.before, columns), place_of(columns))
    except Problem as problem:
        if must_restore and wanted.before is not None:
            _restore(tx, wanted)
        ledger.refuse("booking", wanted.id_there, _in_words(problem, columns))
    else:
        ledger.note("booking", "created" if wanted.before is None else "updated")


def _put(tx: Tx, before: BookingRow | None, columns: dict[str, Any]) -> BookingRow:
    if before is None:
        return bookings.insert(tx, columns)
    return bookings.update(tx, before.id, {name: value for name, value in columns.items() if name != "source"})


def _occupy(tx: Tx, row: BookingRow, place: Place | None) -> None:
    if place is not None:
        allocations.note_for_booking(tx, row.id, place, row.party_size)
        if row.status in BLOCKING:
            allocations.retake(tx, row.id)


def _restore(tx: Tx, wanted: Wanted) -> None:
    row = wanted.before
    assert row is not None  # noqa: S101 -- as the caller asked
    try:
        _occupy(tx, row, place_of({name: getattr(row, name) for name in BookingRow.__struct_fields__}))
    except Problem:
        message = f"Booking {row.id} was moved at the source and collides here, and its former time is taken too."
        raise Problem("conflict", f"{message} Cancel it here, or what is in its way, and import again.") from None


def _in_words(problem: Problem, columns: Mapping[str, Any]) -> Problem:
    if problem.code != "slot_unavailable":
        return problem
    start = instant_text(columns["start_at"])[:16]
    return Problem(problem.code, f"{columns['resource_name']} has another booking or a hold at its time, {start}Z.")

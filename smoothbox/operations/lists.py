"""Pages of any list: what waits for the business's zone is resolved here, then the store reads."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Raw

from smoothbox.clock import instant_text
from smoothbox.contract.listing import Condition, ListQuery, LocalMoment, Page, Value
from smoothbox.operations.contact import phone_key
from smoothbox.operations.times import local_second
from smoothbox.scheduling.hours import days_window
from smoothbox.store import listing
from smoothbox.store.connection import Row, Tx
from smoothbox.store.pictures import Pictures

_encode = msgspec.json.Encoder().encode


def page(tx: Tx, source: listing.Source, query: ListQuery, zone: ZoneInfo, render: Callable[[Row], object]) -> Page:
    """One page of a list, each row rendered.

    Raises Problem 'nonexistent_local_time' or 'ambiguous_local_time' for a naive time on a DST night.
    """
    found = listing.page(tx, source, resolved(query, zone))
    return Page(found.count, [render(row) for row in found.rows], found.next, found.previous)


def pictured(tx: Tx, source: listing.Source, query: ListQuery, zone: ZoneInfo, render: Callable[[Row], object]) -> Page:
    """As `page`, for rows that many lists show: each is rendered and encoded once for as long as nobody commits."""
    found = listing.page(tx, replace(source, select=(source.columns["id"],)), resolved(query, zone))

    def draw(ids: Sequence[int]) -> Mapping[int, bytes]:
        return {row[0]: _encode(render(row[1:])) for row in listing.rows(tx, source, ids)}

    known = Pictures() if tx.pictures is None else tx.pictures
    pictures = known.of(source.table, [id_ for (id_,) in found.rows], draw)
    return Page(found.count, list(map(Raw, pictures)), found.next, found.previous)


def resolved(query: ListQuery, zone: ZoneInfo) -> ListQuery:
    """The query with local dates, naive times and phone numbers turned into what the store compares."""
    if not query.conditions:
        return query
    conditions = tuple(Condition(each.filter, each.operator, _resolved(each, zone)) for each in query.conditions)
    return ListQuery(conditions, query.ordering, query.page_size, query.position)


def _resolved(condition: Condition, zone: ZoneInfo) -> Value:
    value = condition.value
    if condition.filter.kind == "phone":
        return phone_key(str(value), zone)
    if not isinstance(value, LocalMoment):
        return value
    if isinstance(value.wall, datetime):
        return _local_time(condition, value.wall, zone)
    return _edge_of_day(condition, value.wall, zone)


def _local_time(condition: Condition, wall: datetime, zone: ZoneInfo) -> Value:
    second = local_second(wall.replace(microsecond=0), zone, condition.parameter)
    if condition.filter.kind == "start_time":
        return second + (wall.microsecond > 0)
    return instant_text(second + wall.microsecond / 1e6)


def _edge_of_day(condition: Condition, day: date, zone: ZoneInfo) -> int:
    window = days_window(day, day, zone)
    return window.start if condition.filter.kind == "first_date" else window.end

"""The console's first page: today, and what needs somebody to look at it."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, Final, NamedTuple
from urllib.parse import urlencode

from smoothbox.clock import instant_text
from smoothbox.contract.bookings import LIST, Booking
from smoothbox.operations import bookings, deliveries
from smoothbox.operations.times import business_zone, today, wall_text
from smoothbox.parsing.lists import parse_list
from smoothbox.store.connection import Tx
from smoothbox.web.console.desk import ConsolePage
from smoothbox.web.console.lists import all_services, results
from smoothbox.web.wording import monday_of

_DAY: Final = 86_400
_MOST: Final = 200


class Anteroom(ConsolePage):
    """The console without a mode: on to the live one."""

    async def see(self) -> None:
        """Send the browser on."""
        self.redirect("/console/live/", status=302)


class Week(NamedTuple):
    """How many bookings start this week."""

    booked: int
    cancelled: int
    missed: int


class Home(ConsolePage):
    """Today."""

    section = "home"

    async def see(self) -> None:
        """Show it."""
        self.show("console/home.html", **await self.read(_state))


def _state(tx: Tx) -> Mapping[str, Any]:
    now, moment = today(tx), wall_text(int(tx.now), business_zone(tx))
    visits = [each for each in _of(tx, start_date=now, end_date=now) if each.status != "CANCELLED"]
    coming = [each for each in visits if each.start_time is not None and each.start_time > moment]
    return {
        "now": now,
        "moment": moment,
        "visits": visits,
        "next": coming[0] if coming else None,
        "waiting": _waiting(tx, now),
        "failed": deliveries.failed_since(tx, instant_text(tx.now - _DAY)),
        "week": _week(tx, monday_of(now)),
        "is_new": not all_services(tx),
    }


def _waiting(tx: Tx, now: date) -> list[Booking]:
    """Requests without a time, and what somebody has to confirm."""
    by_hand = {each.id for each in all_services(tx) if each.requires_confirmation}
    unconfirmed = _of(tx, status="SCHEDULED", start_date=now) if by_hand else []
    return [*_of(tx, status="PENDING"), *(each for each in unconfirmed if each.service_id in by_hand)]


def _week(tx: Tx, first: date) -> Week:
    days = {"start_date": first, "end_date": first + timedelta(days=6)}
    cancelled, missed = _count(tx, status="CANCELLED", **days), _count(tx, status="NO_SHOW", **days)
    return Week(_count(tx, **days) - cancelled, cancelled, missed)


def _of(tx: Tx, **filters: Any) -> list[Booking]:
    query = parse_list(LIST, urlencode({**filters, "page_size": _MOST}))
    return results(bookings.list_page(tx, query), Booking)


def _count(tx: Tx, **filters: Any) -> int:
    return bookings.list_page(tx, parse_list(LIST, urlencode({**filters, "page_size": 1}))).count

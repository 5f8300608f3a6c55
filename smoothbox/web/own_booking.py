"""`/b/<signed>/`: a customer's own booking, by the link that came with it. A GET changes nothing."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any, Final, TypeVar, TypeVarTuple

from smoothbox.contract.bookings import Booking
from smoothbox.errors import Problem, invalid
from smoothbox.operations import availability, booking_links, business, tenants
from smoothbox.operations.availability import Question
from smoothbox.operations.booking_links import Link
from smoothbox.store.connection import Origin, Tx
from smoothbox.web.asked import first_day
from smoothbox.web.page import Page

T = TypeVar("T")
Args = TypeVarTuple("Args")

_DAYS: Final = 14
_LONGEST_REASON: Final = 500


class LinkPage(Page):
    """A page behind a customer's link. Raises Problem 'not_found' for what the box never signed, 'link_expired'."""

    link: Link
    signed: str

    async def read(self, verb: Callable[[Tx, *Args], T], *args: *Args) -> T:
        """Run a verb that only reads on the file that the link names."""
        tenant = await self.means.registry.read(tenants.behind_folder, self.link.folder)
        async with self.means.files.use(tenant, self.link.mode) as file:
            return await file.read(verb, *args)

    async def commit(self, verb: Callable[[Tx, *Args], T], *args: *Args) -> T:
        """Run a verb on it, and wait until its commit has reached the disk."""
        tenant = await self.means.registry.read(tenants.behind_folder, self.link.folder)
        async with self.means.files.use(tenant, self.link.mode) as file:
            return await file.write(verb, *args, origin=Origin(self.link.mode, self.request.id, None, "customer"))

    def open(self, signed: str) -> None:
        """Read the link."""
        self.signed = signed
        self.link = booking_links.opened(self.means.keyring, signed, self.means.clock.now())

    def get_template_namespace(self) -> dict[str, Any]:
        """What these pages may name besides."""
        known = super().get_template_namespace()
        return known | {"mode": self.link.mode, "here": f"/b/{self.signed}/"} if hasattr(self, "link") else known


class OwnBooking(LinkPage):
    """The booking, and what can be done with it."""

    async def see(self, signed: str) -> None:
        """Show it."""
        self.open(signed)
        booking, own = await self.read(_booking_and_business, self.link)
        self.show("own_booking.html", booking=booking, own=own, problem=None, reason="")


class OwnTimes(LinkPage):
    """The times to which the booking can be moved."""

    async def see(self, signed: str) -> None:
        """Show two weeks of them."""
        self.open(signed)
        await self._show_times(None)

    async def act(self, signed: str) -> None:
        """Move the booking; it has another link from now on."""
        self.open(signed)
        try:
            moved = await self.commit(booking_links.reschedule, self.link, self._wanted())
        except Problem as problem:
            await self._show_times(problem)
            return
        new = booking_links.link_to(self.means.keyring, self.link.folder, self.link.mode, moved)
        self.redirect(f"/b/{new}/?moved=1", status=303)

    def _wanted(self) -> str:
        wanted = self.get_body_argument("start_time", "")
        if not wanted:
            raise invalid("start_time", "Choose one of the times.")
        return wanted

    async def _show_times(self, problem: Problem | None) -> None:
        booking, own = await self.read(_booking_and_business, self.link)
        first = await self.read(first_day, self.get_query_argument("from", ""))
        free = await self.read(_free_times, self.link, booking, first)
        self.show(
            "own_times.html",
            200 if problem is None else self.status_of(problem),
            booking=booking,
            own=own,
            free=free,
            problem=problem,
            earlier=first - timedelta(days=_DAYS),
            later=first + timedelta(days=_DAYS),
        )


class OwnCancellation(LinkPage):
    """The end of the booking."""

    async def act(self, signed: str) -> None:
        """Cancel it; the link ends with that."""
        self.open(signed)
        reason = self.get_body_argument("reason", "")[:_LONGEST_REASON]
        try:
            cancelled = await self.commit(booking_links.cancel, self.link, reason)
        except Problem as problem:
            booking, own = await self.read(_booking_and_business, self.link)
            self.show("own_booking.html", self.status_of(problem), booking=booking, own=own, problem=problem, reason=reason)
            return
        self.show("own_cancelled.html", booking=cancelled)


def _booking_and_business(tx: Tx, link: Link) -> tuple[Booking, Any]:
    return booking_links.show(tx, link), business.facts(tx)


def _free_times(tx: Tx, link: Link, booking: Booking, first: date) -> Any:
    last = first + timedelta(days=_DAYS - 1)
    return availability.free_times(tx, Question(booking.service_id, first, last, without_booking=link.booking_id))

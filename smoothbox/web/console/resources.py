"""Staff and rooms: the list, and one with its hours, exceptions and time off."""

from collections.abc import Callable
from typing import Any, Final

import msgspec

from smoothbox.contract.resources import Resource, ResourceChange, ResourceInFull
from smoothbox.errors import Problem
from smoothbox.operations import resources
from smoothbox.parsing.shapes import shaped
from smoothbox.store.connection import Tx
from smoothbox.web.console import hours_fields
from smoothbox.web.console.desk import ConsolePage, Deed
from smoothbox.web.console.lists import all_resources, all_services

KINDS: Final = (("STAFF", "Staff"), ("ROOM", "Rooms"), ("EQUIPMENT", "Equipment"))


class ResourcePage(ConsolePage):
    """A page about staff and rooms."""

    section = "resources"


class ResourceList(ResourcePage):
    """All of them, by what they are."""

    async def see(self) -> None:
        """Show them."""
        names, found = {each.id: each.name for each in await self.read(all_services)}, await self.read(all_resources)
        offered = {each.id: [names.get(number, "?") for number in _offered(each)] for each in found}
        self.show("console/resources.html", resources=found, kinds=KINDS, offered=offered)


class OneResource(ResourcePage):
    """One of them."""

    async def see(self, resource_id: int) -> None:
        """Show it."""
        resource = await self.read(resources.find_in_full, resource_id)
        offered = _offered(resource)
        self.show(
            "console/resource.html",
            resource=resource,
            kinds=dict(KINDS),
            week=hours_fields.typed_week(bytes(resource.working_hours)),
            typed_day=hours_fields.typed_day,
            services=[each for each in await self.read(all_services) if each.id in offered],
        )


class ResourceRemoval(Deed, ResourcePage):
    """Gone."""

    async def do(self, resource_id: int) -> str:
        """Remove it; one that was ever booked stays, and is switched off."""
        before, is_there = await self.commit(_removed, resource_id)
        if is_there:
            return f"{before.name} is needed by bookings or services: it stays in the records, and cannot be booked any more."
        return f"{before.name} is removed."

    def back(self, *_ids: Any) -> str:
        """The list."""
        return "resources/"


class DatesDeed(Deed, ResourcePage):
    """A change of the dates of one resource: what is there now, with one more or one less."""

    async def altered(self, resource_id: int, field: str, alter: Callable[[list[Any]], list[Any]]) -> None:
        """Change the list in one transaction. Raises Problem as `resources.change` does."""

        def act(tx: Tx) -> None:
            now = resources.find_in_full(tx, resource_id)
            items = alter(msgspec.to_builtins(getattr(now, field)))
            resources.change(tx, resource_id, shaped({field: items}, ResourceChange))

        await self.commit(act)

    def back(self, resource_id: int) -> str:
        """The resource."""
        return f"resources/{resource_id}/"

    def word(self, name: str) -> str:
        """What was typed into a field."""
        return self.get_body_argument(name, "")


class ExceptionAdding(DatesDeed):
    """Other hours on one date."""

    async def do(self, resource_id: int) -> str:
        """Add it, in the place of one that is there for that date."""
        day, text = self.word("date"), self.word("hours")
        try:
            intervals = hours_fields.day_of(text)
        except ValueError as error:
            raise Problem("validation_error", str(error)) from None
        await self.altered(
            resource_id, "exceptions", lambda known: [*_without(known, day), {"date": day, "intervals": intervals}]
        )
        return f"On {day} the hours are {text or 'closed'}."


class ExceptionRemoval(DatesDeed):
    """The usual hours again."""

    async def do(self, resource_id: int) -> str:
        """Take it away."""
        day = self.word("date")
        await self.altered(resource_id, "exceptions", lambda known: _without(known, day))
        return f"On {day} the hours are as in every week."


class AbsenceAdding(DatesDeed):
    """Time off."""

    async def do(self, resource_id: int) -> str:
        """Add it."""
        absence = {"start_time": self.word("start_time"), "end_time": self.word("end_time"), "reason": self.word("reason")}
        await self.altered(resource_id, "time_off", lambda known: [*known, absence])
        return "The time off is noted. Bookings within it stay: look at the calendar."


class AbsenceRemoval(DatesDeed):
    """Back again."""

    async def do(self, resource_id: int) -> str:
        """Take it away."""
        span = self.word("start_time"), self.word("end_time")
        await self.altered(
            resource_id, "time_off", lambda known: [each for each in known if (each["start_time"], each["end_time"]) != span]
        )
        return "The time off is taken back."


def _offered(resource: Resource) -> list[int]:
    return msgspec.json.decode(resource.service_ids, type=list[int])


def _without(exceptions: list[Any], day: str) -> list[Any]:
    return [each for each in exceptions if each["date"] != day]


def _removed(tx: Tx, resource_id: int) -> tuple[ResourceInFull, bool]:
    """The resource as it was, and whether it is still there."""
    before = resources.find_in_full(tx, resource_id)
    resources.remove(tx, resource_id)
    try:
        resources.find(tx, resource_id)
    except Problem:
        return before, False
    return before, True

"""Single days of one resource: other hours than the week's, and time off."""

from collections.abc import Callable
from typing import Any, Final

import msgspec

from smoothbox.contract.resources import ResourceChange
from smoothbox.errors import invalid
from smoothbox.operations import resources
from smoothbox.parsing.shapes import shaped
from smoothbox.store.connection import Tx
from smoothbox.web.console import hours_fields
from smoothbox.web.console.desk import Deed
from smoothbox.web.console.edits import EditPage, Frame, Groups, dated
from smoothbox.web.console.resources import ResourcePage
from smoothbox.web.forms import Field

_OTHER: Final = (
    Field("date", "On", "date", required=True),
    Field("hours", "Hours", help="Such as 09:00-12:00, 13:00-17:00; empty where it is closed."),
)
_OFF: Final = (
    Field("start_time", "From", "moment", "By the clocks of the business.", required=True),
    Field("end_time", "Until", "moment", required=True),
    Field("reason", "Why"),
)


class DatesPage(ResourcePage):
    """A page that changes the dates of one resource: what is there now, with one more or one less."""

    async def altered(self, resource_id: int, field: str, alter: Callable[[list[Any]], list[Any]]) -> None:
        """Change the list in one transaction. Raises Problem as `resources.change` does."""

        def act(tx: Tx) -> None:
            now = resources.find_in_full(tx, resource_id)
            items = alter(msgspec.to_builtins(getattr(now, field)))
            resources.change(tx, resource_id, shaped({field: items}, ResourceChange))

        with dated():
            await self.commit(act)

    def back(self, resource_id: int) -> str:
        """The resource."""
        return f"resources/{resource_id}/"


class ExceptionAdding(EditPage, DatesPage):
    """Other hours on one date, in the place of those that are there for it."""

    async def groups(self, *_ids: Any) -> Groups:
        """Which day, and when."""
        return (("", _OTHER),)

    async def frame(self, resource_id: int) -> Frame:
        """The words around it."""
        name = (await self.read(resources.find, resource_id)).name
        return Frame(f"Other hours of {name}", "Set these hours", self.back(resource_id))

    async def save(self, document: dict[str, Any], resource_id: int) -> str:
        """Set them."""
        try:
            own = {"date": document["date"], "intervals": hours_fields.day_of(document["hours"])}
        except ValueError as error:
            raise invalid("hours", str(error)) from None
        await self.altered(resource_id, "exceptions", lambda known: [*_without(known, own["date"]), own])
        self.say(f"On {own['date']} the hours are {document['hours'] or 'closed'}.")
        return self.back(resource_id)


class ExceptionRemoval(DatesPage, Deed):
    """The usual hours again."""

    async def do(self, resource_id: int) -> str:
        """Take it away."""
        day = self.get_body_argument("date", "")
        await self.altered(resource_id, "exceptions", lambda known: _without(known, day))
        return f"On {day} the hours are as in every week."


class AbsenceAdding(EditPage, DatesPage):
    """Time off."""

    async def groups(self, *_ids: Any) -> Groups:
        """From when to when, and why."""
        return (("", _OFF),)

    async def frame(self, resource_id: int) -> Frame:
        """The words around it."""
        name = (await self.read(resources.find, resource_id)).name
        return Frame(f"Time off of {name}", "Note the time off", self.back(resource_id))

    async def save(self, document: dict[str, Any], resource_id: int) -> str:
        """Note it."""
        await self.altered(resource_id, "time_off", lambda known: [*known, document])
        self.say("The time off is noted. Bookings within it stay: look at the calendar.")
        return self.back(resource_id)


class AbsenceRemoval(DatesPage, Deed):
    """Back again."""

    async def do(self, resource_id: int) -> str:
        """Take it away."""
        span = self.get_body_argument("start_time", ""), self.get_body_argument("end_time", "")
        await self.altered(
            resource_id, "time_off", lambda known: [each for each in known if (each["start_time"], each["end_time"]) != span]
        )
        return "The time off is taken back."


def _without(exceptions: list[Any], day: str) -> list[Any]:
    return [each for each in exceptions if each["date"] != day]

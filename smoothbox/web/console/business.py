"""The business itself: who it is, when it is open, and by what rules it books."""

from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec

from smoothbox.contract.business import BusinessChange
from smoothbox.errors import Problem
from smoothbox.operations import business
from smoothbox.operations.tenants import take_name
from smoothbox.parsing.shapes import shaped
from smoothbox.store.connection import Tx
from smoothbox.web.console import hours_fields
from smoothbox.web.console.desk import ConsolePage, Deed
from smoothbox.web.console.edits import EditPage, Frame, Groups, dated, renamed
from smoothbox.web.console.unchanged import unchanged
from smoothbox.web.forms import Field

_WHO: Final = (
    Field("name", "Name", required=True),
    Field("description", "Description", "textarea"),
    Field("phone", "Phone", "tel"),
    Field("email", "E-mail", "email"),
    Field("website", "Website", "url"),
    Field("address", "Address"),
    Field("logo_url", "Address of the logo", "url"),
    Field("timezone", "Time zone", help="Such as Europe/Paris. No booking moves with it.", required=True),
    Field(
        "currency",
        "Currency",
        help="Three letters, such as USD. Amounts stay as they are, and are not converted.",
        required=True,
    ),
)
_RULES: Final = (
    Field("slot_interval", "Starts every so many minutes", "integer"),
    Field("min_notice", "Minutes of notice", "integer", "Nobody books closer to the start than this."),
    Field("max_advance_days", "Days ahead", "integer", "Nobody books further ahead than this."),
    Field("cancellation_window_hours", "A cancellation is late within so many hours of the start", "integer"),
    Field("late_cancellation_allowed", "Late cancellations are possible", "switch"),
    Field(
        "late_cancellation_fee_percent",
        "Fee for a late one, in percent of the price",
        "integer",
        "Told to programs; the box takes no money.",
    ),
)
_CLOSURE: Final = (Field("date", "On", "date", required=True), Field("name", "Why", required=True))
_WEEK: Final = frozenset(each.name for each in hours_fields.FIELDS)


class BusinessPage(ConsolePage):
    """A page about the business."""

    section = "business"

    def change(self, change: BusinessChange) -> Callable[[Tx], None]:
        """The verb that changes it."""
        slug, mode = self.person.tenant.slug, self.mode

        def act(tx: Tx) -> None:
            business.change(tx, change, slug, mode, ())

        return act


class BusinessSettings(EditPage, BusinessPage):
    """All that can be said of it; its closures stand below."""

    template = "console/business.html"

    async def groups(self) -> Groups:
        """Who, when, and how."""
        return (("", _WHO), ("Opening hours", hours_fields.FIELDS), ("Rules", _RULES))

    async def frame(self) -> Frame:
        """The words around it."""
        return Frame("Business", "Save", "", (await self.read(business.facts)).version)

    async def around(self) -> Mapping[str, Any]:
        """Its closures besides."""
        return {**await super().around(), "closures": (await self.read(business.facts)).closures}

    async def present(self) -> Mapping[str, Any]:
        """What is there."""
        facts = await self.read(business.facts)
        shown = {each.name: getattr(facts, each.name) for each in (*_WHO, *_RULES)}
        return shown | dict(hours_fields.typed_week(bytes(facts.business_hours)))

    async def save(self, document: dict[str, Any]) -> str:
        """Change it; the registry takes over the live name."""
        plain = {name: value for name, value in document.items() if name not in _WEEK}
        try:
            change = shaped(plain | {"business_hours": hours_fields.week(document)}, BusinessChange)
            await self.commit(unchanged(lambda tx, _: business.facts(tx), 0, self.version, self.change(change)))
        except Problem as problem:
            raise renamed(problem, hours_fields.beside) from None
        if self.mode == "live":
            await self.means.registry.write(take_name, self.person.tenant.id, plain["name"].strip())
        self.say("The business is changed.")
        return "business/"


class ClosurePage(BusinessPage):
    """A page that changes the days on which it is closed: those that are there now, with one more or one less."""

    async def altered(self, alter: Callable[[list[Any]], list[Any]]) -> None:
        """Change the list in one transaction. Raises Problem as `business.change` does."""
        change = self.change

        def act(tx: Tx) -> None:
            known = msgspec.to_builtins(business.facts(tx).closures)
            change(shaped({"closures": alter(known)}, BusinessChange))(tx)

        with dated():
            await self.commit(act)


class ClosureAdding(EditPage, ClosurePage):
    """Closed on one date, in the place of a closure that is there for it."""

    async def groups(self) -> Groups:
        """Which day, and why."""
        return (("", _CLOSURE),)

    async def frame(self) -> Frame:
        """The words around it."""
        return Frame("Close on a day", "Close that day", "business/")

    async def save(self, document: dict[str, Any]) -> str:
        """Close it."""
        day = document["date"]
        await self.altered(lambda known: [*(each for each in known if each["date"] != day), document])
        self.say(f"Closed on {day}. Bookings on that day stay: look at the calendar.")
        return "business/"


class ClosureRemoval(Deed, ClosurePage):
    """Open again."""

    async def do(self) -> str:
        """Take it away."""
        day = self.get_body_argument("date", "")
        await self.altered(lambda known: [each for each in known if each["date"] != day])
        return f"Open on {day} as in every week."

    def back(self) -> str:
        """The business."""
        return "business/"

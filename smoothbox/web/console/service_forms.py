"""A service, added or changed."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from smoothbox.contract.services import NewService, ServiceChange
from smoothbox.errors import Problem
from smoothbox.operations import services
from smoothbox.parsing.shapes import shaped
from smoothbox.web.console.edits import EditPage, Frame, Groups, renamed
from smoothbox.web.console.lists import all_resources
from smoothbox.web.console.services import ServicePage
from smoothbox.web.console.unchanged import unchanged
from smoothbox.web.forms import Choice, Field, money

_WHAT: Final = (
    Field("name", "Name", required=True),
    Field("description", "Description", "textarea"),
    Field("category", "Category"),
    Field("duration", "Minutes", "integer", required=True),
    Field("price", "Price", "money", "Such as 25.00; leave it empty where it varies.", may_be_none=True),
    Field("variable_pricing", "The price varies", "switch"),
    Field("deposit_amount", "Deposit", "money"),
)
_WHEN: Final = (
    Field("buffer_before", "Minutes kept free before", "integer"),
    Field("buffer_after", "Minutes kept free after", "integer"),
    Field("slot_interval", "Starts every so many minutes", "integer", "Empty: as the business has it.", may_be_none=True),
    Field("min_notice", "Minutes of notice", "integer", "Empty: as the business has it.", may_be_none=True),
    Field("max_advance_days", "Days ahead", "integer", "Empty: as the business has it.", may_be_none=True),
    Field("capacity", "People at the same time", "integer", "More than one makes it a class, which several can join."),
    Field("requires_confirmation", "We confirm each booking by hand", "switch"),
    Field("requires_manual_scheduling", "We schedule it by hand: customers ask, and we give them a time", "switch"),
)
_LIST: Final = (
    Field("display_order", "Place in lists", "integer", "Small numbers first."),
    Field("is_active", "It can be booked", "switch"),
)
_USUAL: Final = {
    "is_active": True,
    "capacity": 1,
    "deposit_amount": "0.00",
    "buffer_before": 0,
    "buffer_after": 0,
    "display_order": 0,
}
_GROUP: Final = re.compile(r"resource_groups\[(\d+)\]")


class ServiceForm(EditPage, ServicePage):
    """The fields of a service; who does it stands in as many groups as it takes, and one more."""

    async def groups(self, *ids: Any) -> Groups:
        """What it is, when, and who does it."""
        people = [(str(each.id), each.name) for each in await self.read(all_resources)]
        count = len(await self._groups_of(*ids)) + 1
        who = [_group(number, people) for number in range(max(count, 2))]
        return (("", _WHAT), ("When", _WHEN), ("Who does it", who), ("In lists", _LIST))

    async def present(self, *ids: Any) -> Mapping[str, Any]:
        """What is there; of a new one what is usual."""
        if not ids:
            return _USUAL
        (service_id,) = ids
        service, inherited = await self.read(services.find, service_id), await self.read(services.inherited, service_id)
        shown = {each.name: getattr(service, each.name) for each in (*_WHAT, *_WHEN, *_LIST)}
        shown |= {"price": money(service.price), "deposit_amount": money(service.deposit_amount)} | dict.fromkeys(inherited)
        groups = await self._groups_of(*ids)
        return shown | {f"group{number}": list(map(str, group)) for number, group in enumerate(groups)}

    def document(self, document: Mapping[str, Any]) -> dict[str, Any]:
        """What the API would be sent."""
        plain = {name: value for name, value in document.items() if not name.startswith("group")}
        chosen = [document[name] for name in sorted(document, key=_number) if name.startswith("group") and document[name]]
        if plain["variable_pricing"]:
            plain["price"] = None
        return plain | {"resource_groups": [[int(each) for each in group if each.isdecimal()] for group in chosen]}

    async def _groups_of(self, *ids: Any) -> Sequence[Sequence[int]]:
        if not ids:
            return ()
        (service_id,) = ids
        service = await self.read(services.find, service_id)
        return msgspec.json.decode(service.resource_groups, type=list[list[int]])


class ServiceCreation(ServiceForm):
    """A new one."""

    async def frame(self) -> Frame:
        """The words around it."""
        return Frame("New service", "Add the service", "services/")

    async def save(self, document: dict[str, Any]) -> str:
        """Add it."""
        try:
            service = await self.commit(services.create, shaped(self.document(document), NewService))
        except Problem as problem:
            raise renamed(problem, _beside) from None
        self.say(f"{service.name} is added.")
        return "services/"


class ServiceEdit(ServiceForm):
    """One that is there."""

    async def frame(self, service_id: int) -> Frame:
        """The words around it."""
        service = await self.read(services.find, service_id)
        return Frame(service.name, "Save", "services/", service.version)

    async def save(self, document: dict[str, Any], service_id: int) -> str:
        """Change it."""
        try:
            change = shaped(self.document(document), ServiceChange)
            act = unchanged(services.find, service_id, self.version, services.change, service_id, change)
            service = await self.commit(act)
        except Problem as problem:
            raise renamed(problem, _beside) from None
        self.say(f"{service.name} is changed. Bookings that are made already stay as they were agreed to.")
        return "services/"


def _group(number: int, people: Sequence[Choice]) -> Field:
    label = "Any one of these" if number == 0 else "and one of these"
    return Field(f"group{number}", label, "choices", choices=people)


def _number(name: str) -> int:
    return int(name.removeprefix("group")) if name.startswith("group") else -1


def _beside(name: str) -> str:
    """The group that a refusal belongs to."""
    place = _GROUP.match(name)
    if place is not None:
        return f"group{place[1]}"
    return "group0" if name in {"resource_groups", "resource_ids"} else name

"""Staff and rooms: the list, and one with its hours, exceptions and time off."""

from typing import Any, Final

import msgspec

from smoothbox.contract.resources import Resource, ResourceInFull
from smoothbox.errors import Problem
from smoothbox.operations import resources
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


def _offered(resource: Resource) -> list[int]:
    return msgspec.json.decode(resource.service_ids, type=list[int])


def _removed(tx: Tx, resource_id: int) -> tuple[ResourceInFull, bool]:
    """The resource as it was, and whether it is still there."""
    before = resources.find_in_full(tx, resource_id)
    resources.remove(tx, resource_id)
    try:
        resources.find(tx, resource_id)
    except Problem:
        return before, False
    return before, True

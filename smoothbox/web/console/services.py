"""Services: the list, and what can be done with one."""

from collections.abc import Mapping
from typing import Any

import msgspec

from smoothbox.contract.services import Service
from smoothbox.errors import Problem
from smoothbox.operations import services
from smoothbox.store.connection import Tx
from smoothbox.web.console.desk import ConsolePage, Deed
from smoothbox.web.console.lists import all_resources, all_services


class ServicePage(ConsolePage):
    """A page about services."""

    section = "services"


class ServiceList(ServicePage):
    """All of them, in their order."""

    async def see(self) -> None:
        """Show them."""
        people = {each.id: each.name for each in await self.read(all_resources)}
        services = await self.read(all_services)
        who = {each.id: _words(each, people) for each in services}
        self.show("console/services.html", services=services, who=who)


class ServiceRemoval(Deed, ServicePage):
    """Taken off the list."""

    async def do(self, service_id: int) -> str:
        """Remove it; one that was ever booked stays, and is switched off."""
        before, is_there = await self.commit(_removed, service_id)
        if is_there:
            return f"{before.name} was booked before: it stays in the records, and cannot be booked any more."
        return f"{before.name} is removed."

    def back(self, *_ids: Any) -> str:
        """The list."""
        return "services/"


def _words(service: Service, people: Mapping[int, str]) -> str:
    """Who does a service: Ann or Bob; and Blue Room."""
    groups = msgspec.json.decode(service.resource_groups, type=list[list[int]])
    return "; and ".join(" or ".join(people.get(each, "?") for each in group) for group in groups) or "nobody"


def _removed(tx: Tx, service_id: int) -> tuple[Service, bool]:
    """The service as it was, and whether it is still there."""
    before = services.find(tx, service_id)
    services.remove(tx, service_id)
    try:
        services.find(tx, service_id)
    except Problem:
        return before, False
    return before, True

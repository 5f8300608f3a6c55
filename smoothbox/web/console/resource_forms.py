"""Somebody of the staff, a room or a piece of equipment, added or changed."""

from collections.abc import Mapping
from typing import Any, Final

from smoothbox.contract.resources import NewResource, ResourceChange
from smoothbox.errors import Problem
from smoothbox.operations import resources
from smoothbox.parsing.shapes import shaped
from smoothbox.web.console import hours_fields
from smoothbox.web.console.edits import EditPage, Frame, Groups, renamed
from smoothbox.web.console.resources import ResourcePage
from smoothbox.web.console.unchanged import unchanged
from smoothbox.web.forms import Field

_KINDS: Final = (("STAFF", "Staff"), ("ROOM", "Room"), ("EQUIPMENT", "Equipment"))
_WHO: Final = (
    Field("name", "Name", required=True),
    Field("type", "What it is", "choice", choices=_KINDS),
    Field("description", "Description", "textarea"),
    Field("timezone", "Time zone", help="Such as Europe/Paris. Empty: that of the business.", may_be_none=True),
)
_HOURS: Final = (Field("uses_business_hours", "Open when the business is", "switch", "Then the lines below do not count."),)
_LIST: Final = (
    Field("display_order", "Place in lists", "integer", "Small numbers first."),
    Field("is_active", "Can be booked", "switch"),
)
_WEEK: Final = frozenset(each.name for each in hours_fields.FIELDS)


class ResourceForm(EditPage, ResourcePage):
    """The fields of a resource."""

    async def groups(self, *_ids: Any) -> Groups:
        """Who it is, and when."""
        return (("", _WHO), ("Hours", (*_HOURS, *hours_fields.FIELDS)), ("In lists", _LIST))

    def document(self, document: Mapping[str, Any]) -> dict[str, Any]:
        """What the API would be sent. Raises Problem 'validation_error' for hours that make no sense."""
        plain = {name: value for name, value in document.items() if name not in _WEEK}
        if plain.pop("uses_business_hours"):
            return plain | {"uses_business_hours": True}
        return plain | {"working_hours": hours_fields.week(document)}


class ResourceCreation(ResourceForm):
    """A new one."""

    async def frame(self) -> Frame:
        """The words around it."""
        return Frame("New staff or room", "Add it", "resources/")

    async def present(self) -> Mapping[str, Any]:
        """What is usual."""
        return {"is_active": True, "uses_business_hours": True, "display_order": 0}

    async def save(self, document: dict[str, Any]) -> str:
        """Add it."""
        try:
            resource = await self.commit(resources.create, shaped(self.document(document), NewResource))
        except Problem as problem:
            raise renamed(problem, hours_fields.beside) from None
        self.say(f"{resource.name} is added. Say which services it offers: in each service, under who does it.")
        return f"resources/{resource.id}/"


class ResourceEdit(ResourceForm):
    """One that is there."""

    async def frame(self, resource_id: int) -> Frame:
        """The words around it."""
        resource = await self.read(resources.find, resource_id)
        return Frame(f"Change {resource.name}", "Save", f"resources/{resource_id}/", resource.version)

    async def present(self, resource_id: int) -> Mapping[str, Any]:
        """What is there; the business's zone is shown as none of its own."""
        resource = await self.read(resources.find, resource_id)
        shown = {each.name: getattr(resource, each.name) for each in (*_WHO, *_HOURS, *_LIST)}
        zone = await self.read(resources.own_zone, resource_id)
        return shown | {"timezone": zone} | dict(hours_fields.typed_week(bytes(resource.working_hours)))

    async def save(self, document: dict[str, Any], resource_id: int) -> str:
        """Change it."""
        try:
            change = shaped(self.document(document), ResourceChange)
            act = unchanged(resources.find, resource_id, self.version, resources.change, resource_id, change)
            resource = await self.commit(act)
        except Problem as problem:
            raise renamed(problem, hours_fields.beside) from None
        self.say(f"{resource.name} is changed.")
        return f"resources/{resource_id}/"

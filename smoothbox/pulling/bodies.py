"""What another box shows of its things, as the bodies that would make the same things here.

Fields that this box does not know are left out, and so are those without a value: another program's answers may differ.
"""

from collections.abc import Mapping
from typing import Any, Final, TypeVar

from msgspec import Struct

from smoothbox.contract.business import BusinessChange
from smoothbox.contract.customers import NewCustomer
from smoothbox.contract.pulled import PulledBooking, Refused, Sourced, Thing
from smoothbox.contract.resources import NewResource
from smoothbox.contract.services import NewService
from smoothbox.errors import Problem
from smoothbox.operations.importing.ledger import reason_of
from smoothbox.parsing.shapes import shaped

S = TypeVar("S", bound=Struct)
Shown = Mapping[str, Any]

_INHERITED: Final = ("slot_interval", "min_notice", "max_advance_days")


def business_body(shown: Shown) -> BusinessChange:
    """All that a business says of itself. Raises Problem 'validation_error'."""
    return _body(shown, BusinessChange)


def service_body(shown: Shown, own: Shown) -> NewService:
    """A service; what is the same as the business's `own` is left to the business here too. Raises as above."""
    known = {name: value for name, value in shown.items() if name not in _INHERITED or value != own.get(name)}
    if known.get("variable_pricing"):
        known["price"] = None
    groups = known.pop("resource_groups", None)
    if groups:
        known["resource_groups"] = groups
        known.pop("resource_ids", None)
    return _body(known, NewService)


def resource_body(shown: Shown, own: Shown) -> NewResource:
    """A resource; a zone or hours that are the business's `own` stay so. Raises as above."""
    known = dict(shown)
    if known.get("timezone") == own.get("timezone"):
        known["timezone"] = None
    if known.get("uses_business_hours", not known.get("working_hours")):
        known.pop("working_hours", None)
        known["uses_business_hours"] = True
    else:
        known.pop("uses_business_hours", None)
        known.setdefault("working_hours", [])
    return _body(known, NewResource)


def customer_body(shown: Shown) -> NewCustomer:
    """A customer, whose own external id goes into the metadata: its place is taken by the id at the source. Raises as above."""
    known = dict(shown)
    if not known.get("first_name") and not known.get("last_name"):
        known["first_name"] = known.get("name")
    return _body(_renamed(known), NewCustomer)


def booking_body(shown: Shown) -> PulledBooking:
    """A booking, as `customer_body` does it. Raises as above."""
    return _body(_renamed(shown), PulledBooking)


def sourced(what: Thing, id_: int, shape: Any, *shown: Shown) -> Sourced[Any] | Refused:
    """The body that `shape` makes of what is shown, or why there is none."""
    try:
        return Sourced(id_, shape(*shown))
    except Problem as problem:
        if problem.code != "validation_error":
            raise
        return Refused(what, id_, reason_of(problem))


def _body(shown: Shown, shape: type[S]) -> S:
    return shaped({name: shown[name] for name in shape.__struct_fields__ if shown.get(name) is not None}, shape)


def _renamed(shown: Shown) -> dict[str, Any]:
    known = dict(shown)
    own_id = known.pop("external_id", None)
    if own_id:
        known["metadata"] = {**(known.get("metadata") or {}), "external_id": own_id}
    return known

"""What a body makes of a service: the one shape in which services are written, and the rules that it has to keep."""

from collections.abc import Hashable, Iterable, Mapping
from itertools import chain
from typing import Any, Final

from msgspec import structs

from smoothbox.contract.services import NewService, ServiceChange
from smoothbox.operations.columns import columns, given
from smoothbox.operations.refusals import Refusals
from smoothbox.scheduling.assignment import one_of_each
from smoothbox.store import resource_entries
from smoothbox.store.connection import Tx
from smoothbox.store.services import ServiceColumns, ServiceEntry

_MOST_UNKNOWN: Final = 20  # that are named
TOO_FEW: Final = "a booking takes a different resource for each group, and here are too few; add others or leave a group out"


def new_entry(tx: Tx, new: NewService) -> ServiceEntry:
    """The service that a body describes. Raises Problem 'validation_error'."""
    fields = given(new)
    _check(tx, fields, fields)
    return ServiceEntry(ServiceColumns(**columns(fields, ServiceColumns)), _groups(fields) or ())


def changed_entry(tx: Tx, before: ServiceEntry, change: ServiceChange) -> ServiceEntry:
    """The service with some fields changed. Raises Problem 'validation_error'."""
    fields = given(change)
    after = structs.asdict(before.columns) | columns(fields, ServiceColumns)
    if after["variable_pricing"] and "price" not in fields:
        after["price"] = None
    _check(tx, fields, after)
    groups = _groups(fields)
    return ServiceEntry(ServiceColumns(**after), before.groups if groups is None else groups)


def lacks_price(price: int | None, *, variable_pricing: bool) -> bool:
    """The rule for bodies and files alike: there is a price unless it varies."""
    return price is None and not variable_pricing


def too_few(groups: Iterable[Iterable[Hashable]]) -> bool:
    """Likewise: each group of a service has to be able to get a resource of its own, or nobody could ever book it."""
    numbers: dict[Hashable, int] = {}
    return one_of_each([[numbers.setdefault(each, len(numbers)) for each in group] for group in groups]) is None


def in_order(groups: Iterable[Iterable[int]]) -> tuple[tuple[int, ...], ...]:
    """Groups as they are stored: each member once, by id."""
    return tuple(tuple(sorted(set(group))) for group in groups)


def _groups(fields: Mapping[str, Any]) -> tuple[tuple[int, ...], ...] | None:
    """The groups that a body names, in either way; None where it names none."""
    if "resource_ids" in fields:
        return in_order([fields["resource_ids"]] if fields["resource_ids"] else [])
    return in_order(fields["resource_groups"]) if "resource_groups" in fields else None


def _check(tx: Tx, fields: Mapping[str, Any], after: Mapping[str, Any]) -> None:
    """All that is wrong with the fields of a body, and with the service as it would be after it."""
    refusals = Refusals()
    if lacks_price(after["price"], variable_pricing=bool(after["variable_pricing"])):
        refusals.note("price", "Give whole cents, or variable_pricing.")
    if after["variable_pricing"] and after["price"] is not None:
        refusals.note("price", "A price that varies is not given; leave it out.")
    if "resource_ids" in fields and "resource_groups" in fields:
        refusals.note("resource_groups", "Give either resource_ids or resource_groups, not both.")
    for field, ids in (("resource_ids", fields.get("resource_ids", ())), ("resource_groups", _members(fields))):
        for unknown in resource_entries.unknown(tx, ids)[:_MOST_UNKNOWN]:
            refusals.note(field, f"There is no resource {unknown}.")
    if too_few(fields.get("resource_groups", ())):
        refusals.note("resource_groups", f"{TOO_FEW.capitalize()}.")
    refusals.raise_if_any()


def _members(fields: Mapping[str, Any]) -> tuple[int, ...]:
    return tuple(chain.from_iterable(fields.get("resource_groups", ())))

"""Rows of customers: each one adds a customer, or changes the one whom it means.

Whom a row means: the customer with its external id, else with its e-mail address, else with its phone number and name.
Only cells that are filled in change somebody; and only one row of a file says what a customer is.
"""

from collections.abc import Mapping
from typing import Any, Final
from zoneinfo import ZoneInfo

from msgspec import Struct, structs

from smoothbox.contract.customers import NewCustomer
from smoothbox.errors import Problem, invalid
from smoothbox.operations.contact import email_key
from smoothbox.operations.customers import columns_of
from smoothbox.operations.importing import cells
from smoothbox.operations.importing.reading import Document, Shape
from smoothbox.operations.importing.report import Outcome
from smoothbox.operations.importing.table import Row
from smoothbox.store import customers, transfers
from smoothbox.store.connection import Tx
from smoothbox.store.customers import Person

PROFILE: Final = ("first_name", "last_name", "email", "phone")
"""What the keys are made of by which customers are compared."""

_PLAIN: Final = ("external_id", *PROFILE, "address", "notes")
_OTHERS: Final = frozenset(NewCustomer.__struct_fields__) - {*PROFILE}


class Profile(Struct, frozen=True):
    """A customer as a row tells of one: the names of the fields that it fills in, and all columns of a new one."""

    given: tuple[str, ...]
    columns: Mapping[str, Any]


def profile(row: Row, shape: Shape, zone: ZoneInfo) -> Profile:
    """What a row says of a customer. Raises Problem 'validation_error'."""
    document = Document(row.cells)
    for name in _PLAIN:
        document.take(name)
    document.take("status", str.upper)
    document.take("tags", cells.tags)
    document.take("metadata", cells.facts)
    if "name" in row.cells and not {"first_name", "last_name"} & row.cells.keys():
        document.fields["first_name"], document.fields["last_name"] = cells.whole_name(row.cells["name"])
    given = [name for name, value in document.fields.items() if value]
    return Profile(tuple(given), columns_of(structs.asdict(document.shaped(shape, NewCustomer)), zone))


class Customers:
    """Takes rows in, one after the other, within one transaction."""

    customers_added = 0  # that is told of bookings: those of rows of their own count as added

    def __init__(self, tx: Tx, zone: ZoneInfo) -> None:
        self._tx = tx
        self._zone = zone
        self._said: dict[int, int] = {}

    def take(self, row: int, said: Profile) -> Outcome:
        """Add the customer of a row, or change the one whom it means.

        Raises Problem 'validation_error' or 'duplicate_customer'.
        """
        known = self._meant(said)
        if known is None:
            refuse_unreachable(said.columns)
            self._said[customers.insert(self._tx, said.columns)] = row
            return "added"
        columns = self._changed(known, said)
        if not columns:
            self._said.setdefault(known.id, row)
            return "unchanged"
        if known.id in self._said:
            message = f"Row {self._said[known.id]} is the same customer and says something else; leave one of them out."
            raise Problem("duplicate_customer", None, {_by(known, said): [message]})
        self._refuse_twin(known, columns)
        customers.update(self._tx, known.id, columns)
        self._said[known.id] = row
        return "updated"

    def _meant(self, said: Profile) -> Person | None:
        columns = said.columns
        if known := certain(self._tx, columns):
            return known
        if columns["external_id"] is not None or columns["email_key"]:
            return None
        return alike(self._tx, columns)

    def _changed(self, known: Person, said: Profile) -> dict[str, Any]:
        """The columns that the row changes, with the keys that go with them."""
        row = customers.get(self._tx, known.id)
        assert row is not None  # noqa: S101 -- it was found just now
        changed = {name: said.columns[name] for name in said.given if said.columns[name] != getattr(row, name)}
        if "external_id" in changed and row.external_id is not None:
            message = f"Customer {row.id} has this e-mail address and the external id '{row.external_id}'; correct one of them."
            raise Problem("duplicate_customer", None, {"external_id": [message]})
        if changed.keys() & set(PROFILE):
            return self._keyed({name: changed.get(name, getattr(row, name)) for name in PROFILE}, said) | changed
        return changed

    def _keyed(self, whole: Mapping[str, Any], said: Profile) -> dict[str, Any]:
        """A profile with its keys: those of the row where that tells all of it, for they take long to make."""
        if all(said.columns[name] == value for name, value in whole.items()):
            return {name: value for name, value in said.columns.items() if name not in _OTHERS}
        return columns_of(whole, self._zone)

    def _refuse_twin(self, known: Person, columns: Mapping[str, Any]) -> None:
        twin = customers.person_by_email(self._tx, columns.get("email_key", ""))
        if twin is not None and twin.id != known.id:
            message = f"Customer {twin.id} has this e-mail address, and the row means customer {known.id}."
            raise Problem("duplicate_customer", None, {"email": [message]})


def refuse_unreachable(columns: Mapping[str, Any]) -> None:
    """Raises Problem 'validation_error' for somebody new without e-mail address and phone number."""
    if not columns["email"] and not columns["phone"]:
        raise invalid("email", "An e-mail address or a phone number is required, for this customer is not known yet.")


def certain(tx: Tx, columns: Mapping[str, Any]) -> Person | None:
    """The customer with this external id, else with this e-mail address."""
    external_id = columns["external_id"]
    if external_id is not None and (known := transfers.person_by_external_id(tx, external_id)):
        return known
    return customers.person_by_email(tx, columns["email_key"])


def alike(tx: Tx, columns: Mapping[str, Any]) -> Person | None:
    """The customer with this phone number and this name."""
    if not columns["phone_key"]:
        return None
    name = (columns["first_name"].casefold(), columns["last_name"].casefold())
    people = transfers.people_by_phone(tx, columns["phone_key"])
    return next((each for each in people if (each.first_name.casefold(), each.last_name.casefold()) == name), None)


def _by(known: Person, said: Profile) -> str:
    """By what the row means the customer."""
    if said.columns["email_key"] and email_key(known.email) == said.columns["email_key"]:
        return "email"
    return "external_id" if said.columns["external_id"] is not None else "phone"

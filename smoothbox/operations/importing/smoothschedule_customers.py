"""Customers that were pulled from another box.

One who is known by the id there is changed as it changed there; one who is here already by e-mail, or by phone and name, is the
same person. What the source leaves empty stays as it is here.
"""

from collections.abc import Mapping
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from msgspec import structs

from smoothbox.contract.customers import NewCustomer
from smoothbox.contract.pulled import Pulled, Sourced
from smoothbox.errors import Problem
from smoothbox.operations.customers import columns_of
from smoothbox.operations.importing.customers import PROFILE, alike
from smoothbox.operations.importing.ledger import Ledger, Outcome
from smoothbox.operations.times import business_zone
from smoothbox.store import customers, imported
from smoothbox.store.connection import Tx


def write_customers(tx: Tx, pulled: Pulled, ledger: Ledger) -> Mapping[int, int]:
    """Write all of them; the ids here by those at the source."""
    writer = _Writer(tx, pulled.name, business_zone(tx))
    for each in pulled.customers:
        ledger.attempt("customer", each.id, partial(writer.write, each))
    return writer.ids


class _Writer:
    """`ids` has all who came from this source, earlier ones too; nobody here stands for two without being told so by e-mail."""

    def __init__(self, tx: Tx, name: str, zone: ZoneInfo) -> None:
        self._tx = tx
        self._name = name
        self._zone = zone
        self.ids = dict(imported.ids(tx, "customer", name))
        self._taken = set(self.ids.values())

    def write(self, sourced: Sourced[NewCustomer]) -> Outcome:
        """Add or change one. Raises Problem 'validation_error' or 'duplicate_customer'."""
        body = structs.replace(sourced.body, external_id=imported.name(self._name, sourced.id))
        columns = columns_of(structs.asdict(body), self._zone)
        own_id = self.ids.get(sourced.id)
        if own_id is not None:
            return self._change(own_id, body)
        found = customers.person_by_email(self._tx, columns["email_key"]) or self._alike(columns)
        if found is None:
            self._claim(sourced.id, customers.insert(self._tx, columns))
            return "created"
        is_second = found.id in self._taken
        self._claim(sourced.id, found.id)
        return "unchanged" if is_second else self._change(found.id, body)

    def _alike(self, columns: Mapping[str, Any]) -> customers.Person | None:
        found = None if columns["email_key"] else alike(self._tx, columns)
        return None if found is None or found.id in self._taken else found

    def _claim(self, id_there: int, id_here: int) -> None:
        self.ids[id_there] = id_here
        self._taken.add(id_here)

    def _change(self, own_id: int, body: NewCustomer) -> Outcome:
        row = customers.get(self._tx, own_id)
        assert row is not None  # noqa: S101 -- it was found just now, and nobody removes customers
        given = {name: value for name, value in structs.asdict(body).items() if value}
        if row.external_id is not None:
            del given["external_id"]  # by which somebody else may know them
        columns = columns_of({name: getattr(row, name) for name in PROFILE} | given, self._zone)
        twin = customers.person_by_email(self._tx, columns["email_key"])
        if twin is not None and twin.id != own_id:
            raise Problem("duplicate_customer", f"Customer {twin.id} here has this e-mail address, and is somebody else.")
        if all(columns[name] == getattr(row, name) for name in given):
            return "unchanged"
        customers.update(self._tx, own_id, columns)
        return "updated"

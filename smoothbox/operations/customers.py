"""Customers: found, added and changed; a person is one customer, told by e-mail or phone."""

from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from msgspec import UNSET, Raw, structs

from smoothbox.contract.customers import Customer, CustomerChange, NewCustomer
from smoothbox.contract.listing import ListQuery, Page
from smoothbox.errors import Problem, invalid
from smoothbox.operations.contact import checked_email, email_key, phone_key
from smoothbox.operations.events import tell
from smoothbox.operations.lists import pictured
from smoothbox.operations.times import business_zone, wall_text
from smoothbox.store import customers
from smoothbox.store.connection import Tx
from smoothbox.store.customers import CustomerRow, Person


def find(tx: Tx, customer_id: int) -> Customer:
    """One customer. Raises Problem 'not_found'."""
    return wire(_row(tx, customer_id), business_zone(tx))


def list_page(tx: Tx, query: ListQuery) -> Page:
    """One page of customers."""
    zone = business_zone(tx)
    return pictured(tx, customers.SOURCE, query, zone, lambda row: wire(CustomerRow(*row), zone))


def create(tx: Tx, new: NewCustomer) -> Customer:
    """Add a customer. Raises Problem 'validation_error', or 'duplicate_customer' with the existing id."""
    return add(tx, new, business_zone(tx))


def change(tx: Tx, customer_id: int, change: CustomerChange) -> Customer:
    """Change some fields. Raises Problem 'not_found', 'validation_error' or 'duplicate_customer'."""
    row, zone = _row(tx, customer_id), business_zone(tx)
    given = {name: value for name, value in structs.asdict(change).items() if value is not UNSET}
    kept = {name: getattr(row, name) for name in ("first_name", "last_name", "email", "phone")}
    columns = _reachable({**kept, **given}, zone)
    _refuse_twin(tx, columns["email_key"], customer_id)
    if all(columns[name] == getattr(row, name) for name in given):
        return wire(row, zone)
    customers.update(tx, customer_id, columns)
    shown = find(tx, customer_id)
    tell(tx, "customer.updated", shown, wire(row, zone))
    return shown


def matching_or_new(tx: Tx, new: NewCustomer, zone: ZoneInfo) -> Person:
    """The customer that an inline one means: the same e-mail, else the same phone, else a new customer."""
    return (
        customers.person_by_email(tx, email_key(checked_email(new.email.strip())))
        or customers.person_by_phone(tx, phone_key(new.phone.strip(), zone))
        or named_in_body(tx, add(tx, new, zone).id)
    )


def named_in_body(tx: Tx, customer_id: int) -> Person:
    """The customer that a body names by id. Raises Problem 'validation_error' when there is none."""
    person = customers.person(tx, customer_id)
    if person is None:
        raise invalid("customer_id", f"There is no customer {customer_id}.")
    return person


def add(tx: Tx, new: NewCustomer, zone: ZoneInfo) -> Customer:
    """Insert a customer. Raises as `create`."""
    columns = _reachable(structs.asdict(new), zone)
    _refuse_twin(tx, columns["email_key"], 0)
    shown = wire(_row(tx, customers.insert(tx, columns)), zone)
    tell(tx, "customer.created", shown)
    return shown


def rekey(tx: Tx, zone: ZoneInfo) -> None:
    """Read every phone number anew, as one of another zone's country; for those who look at a customer nothing changes."""
    found = ((person.id, _keys(structs.asdict(person), zone)) for person in customers.with_phone(tx))
    customers.set_phone_keys(tx, [(keys["phone_key"], keys["search_key"], id_) for id_, keys in found])


def wire(row: CustomerRow, zone: ZoneInfo) -> Customer:
    """A customer as the API shows it."""
    return Customer(
        row.id,
        row.version,
        row.first_name,
        row.last_name,
        row.full_name,
        row.email,
        row.phone,
        row.notes,
        Raw(row.tags),
        row.status,
        row.external_id,
        row.address,
        row.booking_count,
        row.total_spend,
        None if row.last_visit_at is None else wall_text(row.last_visit_at, zone),
        Raw(row.metadata),
        row.created_at,
        row.updated_at,
    )


def _row(tx: Tx, customer_id: int) -> CustomerRow:
    row = customers.get(tx, customer_id)
    if row is None:
        raise Problem("not_found", f"There is no customer {customer_id}.")
    return row


def columns_of(fields: Mapping[str, Any], zone: ZoneInfo) -> dict[str, Any]:
    """Fields as columns, with the keys that they are compared by. Raises Problem 'validation_error'."""
    columns = {name: value.strip() if isinstance(value, str) else value for name, value in fields.items()}
    columns["email"] = checked_email(columns["email"])
    if columns["phone"] and not any(map(str.isdigit, columns["phone"])):
        raise invalid("phone", "A phone number has digits.")
    for name in ("tags", "metadata"):
        if name in columns:
            columns[name] = msgspec.json.encode(columns[name]).decode()
    return columns | _keys(columns, zone)


def _reachable(fields: Mapping[str, Any], zone: ZoneInfo) -> dict[str, Any]:
    """Fields of a body as columns; nobody is added or left without a way to reach them."""
    if not fields["email"].strip() and not fields["phone"].strip():
        message = "An e-mail address or a phone number is required."
        raise Problem("validation_error", None, {"email": [message], "phone": [message]})
    return columns_of(fields, zone)


def _keys(columns: Mapping[str, Any], zone: ZoneInfo) -> dict[str, str]:
    first, last, email, phone = (columns[name] for name in ("first_name", "last_name", "email", "phone"))
    key = phone_key(phone, zone)
    return {
        "first_name_key": first.casefold(),
        "last_name_key": last.casefold(),
        "email_key": email_key(email),
        "phone_key": key,
        "search_key": f"{first} {last}\n{last} {first}\n{email}\n{phone}\n{key}".casefold(),
    }


def _refuse_twin(tx: Tx, key: str, own_id: int) -> None:
    twin = customers.person_by_email(tx, key)
    if twin is not None and twin.id != own_id:
        message = "Another customer has this e-mail address."
        raise Problem("duplicate_customer", None, {"existing_id": twin.id, "email": [message]})

"""The business of a data file: opened, shown and changed."""

import re
from collections.abc import Mapping
from typing import Any, Final

from msgspec import Raw, structs

from smoothbox.contract.business import Business, BusinessChange, BusinessFacts, Closure
from smoothbox.errors import invalid
from smoothbox.operations import customers, origins
from smoothbox.operations.columns import columns, given
from smoothbox.operations.contact import checked_email, country_of
from smoothbox.operations.events import tell
from smoothbox.operations.hours import check_week, stored_week
from smoothbox.operations.refusals import Refusals
from smoothbox.operations.times import zone_named
from smoothbox.store import business
from smoothbox.store.business import BusinessColumns, BusinessEntry
from smoothbox.store.connection import Tx

_CURRENCY: Final = re.compile(r"[A-Z]{3}")
_NAME_LIMIT: Final = 200


def check_books(name: str, timezone: str, currency: str) -> None:
    """Refuse what no business can be opened with. Raises Problem 'validation_error'."""
    if not 0 < len(name.strip()) <= len(name) <= _NAME_LIMIT:
        raise invalid("name", f"A name has 1 to {_NAME_LIMIT} characters.")
    zone_named(timezone)
    if not _CURRENCY.fullmatch(currency):
        raise invalid("currency", f"'{currency}' is not a currency; use its three capital letters, such as USD.")


def open_books(tx: Tx, name: str, timezone: str, currency: str) -> None:
    """Give a new data file its business, closed on every day until a catalogue says when it is open.

    Doing it again changes only these three. Raises Problem as `check_books` does.
    """
    check_books(name, timezone, currency)
    business.insert(tx, name, timezone, currency)


def describe(tx: Tx, slug: str, mode: str, scopes: tuple[str, ...]) -> Business:
    """The business as a token with these scopes sees it."""
    return Business(**structs.asdict(facts(tx)), subdomain=slug, environment=mode, scopes=scopes)


def facts(tx: Tx) -> BusinessFacts:
    """The business as events tell of it."""
    own = business.get(tx)
    return BusinessFacts(
        version=own.version,
        name=own.name,
        description=own.description,
        timezone=own.timezone,
        currency=own.currency,
        phone=own.phone,
        email=own.email,
        website=own.website,
        address=own.address,
        logo_url=own.logo_url,
        business_hours=Raw(own.hours),
        closures=[Closure(each.date, each.name) for each in business.closures(tx)],
        cancellation_window_hours=own.cancellation_window_hours,
        late_cancellation_fee_percent=own.late_cancellation_fee_percent,
        late_cancellation_allowed=bool(own.late_cancellation_allowed),
        slot_interval=own.slot_interval,
        min_notice=own.min_notice,
        max_advance_days=own.max_advance_days,
    )


def change(tx: Tx, change: BusinessChange, slug: str, mode: str, scopes: tuple[str, ...]) -> Business:
    """Change some fields; what `describe` then shows. Raises Problem 'validation_error'."""
    edit(tx, changed_entry(business.entry(tx), change))
    return describe(tx, slug, mode, scopes)


def edit(tx: Tx, entry: BusinessEntry) -> None:
    """Write the business anew, which also touches what shows it; where it is the same already nothing is touched."""
    before, shown = business.entry(tx), facts(tx)
    if before != entry:
        business.update(tx, entry)
        business.touch_heirs(tx, before.columns, entry.columns)
        tell(tx, "business.updated", facts(tx), shown)
    if country_of(before.columns.timezone) != country_of(entry.columns.timezone):
        customers.rekey(tx, zone_named(entry.columns.timezone))


def changed_entry(before: BusinessEntry, change: BusinessChange) -> BusinessEntry:
    """The business with some fields changed. Raises Problem 'validation_error'."""
    fields = given(change)
    _check(fields)
    found = columns(fields, BusinessColumns)
    if "email" in fields:
        found["email"] = checked_email(found["email"])
    if "business_hours" in fields:
        found["hours"] = stored_week(fields["business_hours"])
    closures = before.closures
    if "closures" in fields:
        closures = origins.sent((business.Closure(each.date, each.name.strip()) for each in fields["closures"]), closures)
    return BusinessEntry(structs.replace(before.columns, **found), closures)


def _check(fields: Mapping[str, Any]) -> None:
    refusals = Refusals()
    check_week(fields.get("business_hours", ()), "business_hours", refusals)
    refusals.note_twins("closures", "date", [each.date for each in fields.get("closures", ())])
    refusals.raise_if_any()

"""The business of a data file."""

import re
from typing import Final

from msgspec import Raw

from smoothbox.contract.business import Business, Closure
from smoothbox.errors import invalid
from smoothbox.operations.times import zone_named
from smoothbox.store import business, catalogue
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
    catalogue.insert_business(tx, name, timezone, currency)


def describe(tx: Tx, slug: str, mode: str, scopes: tuple[str, ...]) -> Business:
    """The business as a token with these scopes sees it."""
    own = business.get(tx)
    return Business(
        name=own.name,
        subdomain=slug,
        description=own.description,
        timezone=own.timezone,
        currency=own.currency,
        phone=own.phone,
        email=own.email,
        website=own.website,
        address=own.address,
        logo_url=own.logo_url,
        business_hours=Raw(own.hours),
        closures=[Closure(date, name) for date, name in business.closures(tx)],
        cancellation_window_hours=own.cancellation_window_hours,
        late_cancellation_fee_percent=own.late_cancellation_fee_percent,
        slot_interval=own.slot_interval,
        min_notice=own.min_notice,
        max_advance_days=own.max_advance_days,
        environment=mode,
        scopes=scopes,
    )

"""The one row of the business, and its closures."""

from msgspec import Struct

from smoothbox.store.connection import Row, Tx


class BusinessRow(Struct, frozen=True, gc=False):
    """As stored; `hours` is JSON, spans are minutes unless named otherwise."""

    name: str
    description: str
    timezone: str
    currency: str
    phone: str
    email: str
    website: str
    address: str
    logo_url: str
    hours: str
    slot_interval: int
    min_notice: int
    max_advance_days: int
    cancellation_window_hours: int
    late_cancellation_fee_percent: int


_SELECT = f"SELECT {', '.join(BusinessRow.__struct_fields__)} FROM business"


def get(tx: Tx) -> BusinessRow:
    """The business of this file."""
    return tx.remembered("business", lambda: BusinessRow(*tx.all(_SELECT)[0]))


def timezone(tx: Tx) -> str:
    """The name of its zone."""
    name: str = tx.value("SELECT timezone FROM business")
    return name


def closures(tx: Tx) -> list[Row]:
    """Every closure as (date, name), by date."""
    return tx.all("SELECT date, name FROM closure ORDER BY date")


def closed_dates(tx: Tx, first: str, last: str) -> list[str]:
    """The dates of closures between two dates, both included."""
    return [row[0] for row in tx.all("SELECT date FROM closure WHERE date BETWEEN ? AND ?", first, last)]

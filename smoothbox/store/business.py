"""The one row of the business, and its closures."""

from typing import Final, NamedTuple

from msgspec import Struct, structs

from smoothbox.store import versioned
from smoothbox.store.connection import Tx


class BusinessColumns(Struct, frozen=True, gc=False):
    """What a writer decides: `hours` is JSON, spans are minutes unless named otherwise, booleans 0 or 1."""

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
    late_cancellation_allowed: int


class BusinessRow(BusinessColumns, frozen=True, gc=False):
    """As stored."""

    version: int


class Closure(NamedTuple):
    """A local day on which the business is closed; whether the catalogue file says so, else it came by the API."""

    date: str
    name: str
    from_file: int = 0


class BusinessEntry(Struct, frozen=True):
    """The business as it is written, with its closures by date."""

    columns: BusinessColumns
    closures: tuple[Closure, ...]


# What others show of the business, and which of them do.
_SHOWN: Final = {
    "service": {
        "currency": "TRUE",
        "slot_interval": "slot_interval IS NULL",
        "min_notice": "min_notice IS NULL",
        "max_advance_days": "max_advance_days IS NULL",
    },
    "resource": {"timezone": "timezone IS NULL", "hours": "uses_business_hours = 1"},
}
_SELECT: Final = f"SELECT {', '.join(BusinessRow.__struct_fields__)} FROM business"


def get(tx: Tx) -> BusinessRow:
    """The business of this file."""
    return tx.remembered("business", lambda: BusinessRow(*tx.all(_SELECT)[0]))


def entry(tx: Tx) -> BusinessEntry:
    """The business as a writer sees it."""
    row = structs.asdict(get(tx))
    del row["version"]
    return BusinessEntry(BusinessColumns(**row), tuple(closures(tx)))


def timezone(tx: Tx) -> str:
    """The name of its zone."""
    name: str = tx.value("SELECT timezone FROM business")
    return name


def closures(tx: Tx) -> list[Closure]:
    """Every closure, by date."""
    return [Closure(*row) for row in tx.all("SELECT date, name, from_file FROM closure ORDER BY date")]


def closed_dates(tx: Tx, first: str, last: str) -> list[str]:
    """The dates of closures between two dates, both included."""
    return [row[0] for row in tx.all("SELECT date FROM closure WHERE date BETWEEN ? AND ?", first, last)]


def insert(tx: Tx, name: str, timezone: str, currency: str) -> None:
    """Give a file its one business; over one that is there already, only these three change."""
    tx.forget()
    tx.run(
        "INSERT INTO business (id, name, timezone, currency, created_at, updated_at) VALUES (1, ?, ?, ?, ?, ?)"
        " ON CONFLICT (id) DO UPDATE SET name = excluded.name, timezone = excluded.timezone, currency = excluded.currency",
        *(name, timezone, currency, tx.stamp, tx.stamp),
    )


def update(tx: Tx, new: BusinessEntry) -> None:
    """Make this what the file has; its version grows by one."""
    tx.forget()
    versioned.update(tx, "business", 1, structs.asdict(new.columns))
    tx.run("DELETE FROM closure")
    tx.many("INSERT INTO closure (date, name, from_file) VALUES (?, ?, ?)", new.closures)


def touch_heirs(tx: Tx, before: BusinessColumns, after: BusinessColumns) -> None:
    """The versions of the services and resources that show another business now grow by one."""
    tx.forget()
    for table, shown in _SHOWN.items():
        heirs = [which for field, which in shown.items() if getattr(before, field) != getattr(after, field)]
        if heirs:
            rows = tx.all(f"SELECT id FROM {table} WHERE {' OR '.join(heirs)}")
            versioned.touch(tx, table, [row[0] for row in rows])

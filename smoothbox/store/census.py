"""How much a data file holds."""

from collections.abc import Mapping
from typing import Final

from smoothbox.store.connection import Tx

_COUNTS: Final[Mapping[str, str]] = {
    "services": "SELECT count(*) FROM service WHERE is_active = 1",
    "resources": "SELECT count(*) FROM resource WHERE is_active = 1",
    "customers": "SELECT count(*) FROM customer",
    "bookings": "SELECT count(*) FROM booking",
}


def counts(tx: Tx) -> dict[str, int]:
    """What there is of each thing; of services and resources the active ones."""
    return {name: tx.value(sql) for name, sql in _COUNTS.items()}

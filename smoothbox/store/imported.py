"""What was imported before, by the name that it was given then: '<name of the source>:<id there>'."""

from collections.abc import Mapping
from typing import Final, Literal

from smoothbox.store.connection import Tx

_NAMES: Final = {
    "resource": "catalogue_key",
    "service": "catalogue_key",
    "customer": "external_id",
    "booking": "external_id",
}


def name(source: str, id_there: int) -> str:
    """The name of something that came from this source."""
    return f"{source}:{id_there}"


def ids(tx: Tx, what: Literal["resource", "service", "customer", "booking"], source: str) -> Mapping[int, int]:
    """The ids here of all that came from a source, by its ids. Where two here say the same, the first is meant."""
    column, prefix = _NAMES[what], f"{source}:"
    rows = tx.all(
        f"SELECT {column}, id FROM {what} WHERE {column} >= ? AND {column} < ? ORDER BY id DESC", prefix, f"{source};"
    )  # the semicolon comes next after the colon
    found = ((text.removeprefix(prefix), id_) for text, id_ in rows)
    return {int(there): id_ for there, id_ in found if there.isascii() and there.isdigit()}

"""Things as a text in pieces: a JSON array with one object a line, or a table that spreadsheets and imports read."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import msgspec

from smoothbox.operations.exporting.contents import Item
from smoothbox.operations.importing.cells import guarded

_encode = msgspec.json.Encoder().encode
MARK: Final = b"\xef\xbb\xbf"
"""At the begin of a file tells a spreadsheet that it is UTF-8."""


def json_text(items: Iterable[Item]) -> Iterator[bytes]:
    """The objects as the API shows them."""
    before = b"[\n"
    for item in items:
        yield before + _encode(item.shown)
        before = b",\n"
    yield b"[]\n" if before == b"[\n" else b"\n]\n"


def csv_text(columns: Sequence[str], items: Iterable[Item]) -> Iterator[bytes]:
    """RFC 4180. No cell is taken for a formula: what begins like one has an apostrophe before it, which an import takes off."""
    yield csv_line(columns)
    for item in items:
        yield csv_line(item.cells)


def csv_line(cells: Iterable[str], delimiter: str = ",") -> bytes:
    """One row of such a table."""
    written = io.StringIO(newline="")
    csv.writer(written, delimiter=delimiter).writerow(map(guarded, cells))
    return written.getvalue().encode()

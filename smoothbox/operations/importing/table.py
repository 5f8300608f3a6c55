"""A file of comma-separated values to rows of text: decoded, taken apart, its columns recognised; or refused by its row.

Rows count as in a spreadsheet: the header is row 1, and an empty row counts as well.
"""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from msgspec import Struct

from smoothbox.errors import Problem
from smoothbox.operations.importing.cells import unguarded
from smoothbox.operations.importing.columns import Column
from smoothbox.operations.importing.headings import Heading, heading

ENCODINGS: Final = (
    *("utf-8", "utf-16", "cp1252", "iso-8859-1", "iso-8859-15", "cp1250", "cp1251", "cp1253", "cp1254", "cp437", "cp850"),
    *("mac-roman", "shift_jis", "gb18030", "euc-kr", "big5"),
)
DELIMITERS: Final[Mapping[str, str]] = {",": ",", ";": ";", "tab": "\t"}

LARGEST_FILE: Final = 64 * 1024 * 1024
MOST_ROWS: Final = 100_000
MOST_COLUMNS: Final = 200
LONGEST_LINE: Final = 1024 * 1024
LONGEST_CELL: Final = 100_000
_MARKS: Final[Mapping[bytes, str]] = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}


class Row(Struct, frozen=True, gc=False):
    """A row by its number: what is filled in of it, by the names of the columns, and its cells as they stand in the file."""

    number: int
    cells: dict[str, str]
    written: tuple[str, ...]
    """As many as a table may have."""
    width: int
    """How many there are."""


class Table(Struct, frozen=True):
    """A file that was read: what stands between its cells, which columns it has, and its rows."""

    path: Path
    delimiter: str
    heading: Heading
    rows: list[Row]


def read(path: Path, columns: Sequence[Column], delimiter: str | None = None, encoding: str | None = None) -> Table:
    """A file whose first row names its columns. A mark at its begin tells the encoding, else `encoding`, else it is UTF-8.

    Raises Problem: 'not_found', 'payload_too_large', or 'validation_error' naming the file and the row.
    """
    lines = _Lines(path, *_decodable(path, encoding))
    said = _said_delimiter(lines)
    first = next(lines, None)
    if first is None or not first.strip():
        raise _wrong(path, lines.said + 1, "the first row has to name the columns")
    between = delimiter or said or _sniffed(first)
    reader = csv.reader(_again(first, lines), delimiter=between, strict=True)
    records = _records(path, reader, lines.said)
    number, names = next(records)
    if len(names) > MOST_COLUMNS:
        raise _wrong(path, number, f"a table has at most {MOST_COLUMNS} columns, this one has {len(names)}")
    head = _heading(path, number, names, columns)
    return Table(path, between, head, list(_rows(path, records, head, columns)))


def _decodable(path: Path, encoding: str | None) -> tuple[bytes, str]:
    """What the file holds, and the encoding in which that is a text: decoded whole it may be four times as large."""
    data = _bytes(path)
    name = next((name for mark, name in _MARKS.items() if data.startswith(mark)), encoding or "utf-8")
    try:
        text = data.decode(name)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        hint = "save it as UTF-8, or say its encoding, such as --encoding cp1252 (what Excel writes on Windows)"
        said = f"the byte 0x{data[error.start]:02X} is not {name.removesuffix('-sig').upper()}; {hint}"
        raise _wrong(path, line, said, "line") from None
    if (place := text.find("\0")) >= 0:
        line = text.count("\n", 0, place) + 1
        raise _wrong(path, line, "there is a NUL character, which no text has; save it as 'CSV UTF-8'", "line")
    return data, name


def _bytes(path: Path) -> bytes:
    if not path.exists():
        raise Problem("not_found", f"There is no file {path}.")
    if not path.is_file():
        raise Problem("validation_error", f"{path} is not a file.")
    with path.open("rb") as file:
        data = file.read(LARGEST_FILE + 1)
    if len(data) > LARGEST_FILE:
        raise Problem("payload_too_large", f"{path} is larger than {LARGEST_FILE >> 20} MiB; split it.")
    return data


class _Lines(Iterator[str]):
    """The lines of a file, none of them longer than what can be worked with. `said` counts those that are no rows."""

    def __init__(self, path: Path, data: bytes, encoding: str) -> None:
        self._path = path
        self._lines = io.TextIOWrapper(io.BytesIO(data), encoding, newline="")
        self._count = 0
        self.said = 0

    def __next__(self) -> str:
        line = self._lines.readline(LONGEST_LINE + 1)
        self._count += 1
        if not line:
            raise StopIteration
        if len(line) > LONGEST_LINE:
            raise _wrong(self._path, self._count, "the line is longer than any table has; is it a CSV file?")
        return line

    def back(self) -> None:
        """Begin again."""
        self._lines.seek(0)
        self._count = 0


def _said_delimiter(lines: _Lines) -> str | None:
    """What a first line such as 'sep=;' says, which Excel reads and writes; any other line is left where it is."""
    line = next(lines, "").strip()
    if line[:4].casefold() == "sep=" and line[4:] in {",", ";", ""}:
        lines.said = 1
        return line[4:] or "\t"
    lines.back()
    return None


def _again(first: str, rest: Iterator[str]) -> Iterator[str]:
    yield first
    yield from rest


def _sniffed(header: str) -> str:
    """The delimiter that makes the most columns of the header; a comma where none does."""
    widths = {each: _width(header, each) for each in DELIMITERS.values()}
    return max(widths, key=widths.__getitem__)


def _width(header: str, delimiter: str) -> int:
    try:
        return len(next(csv.reader([header], delimiter=delimiter)))
    except csv.Error:
        return 0


def _records(path: Path, reader: Iterator[list[str]], before: int) -> Iterator[tuple[int, list[str]]]:
    number = before
    while True:
        number += 1
        try:
            yield number, next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise _wrong(path, number, f"the quotation marks are not right ({error})") from None


def _heading(path: Path, number: int, names: Sequence[str], columns: Sequence[Column]) -> Heading:
    try:
        return heading([name.strip() for name in names], columns)
    except Problem as problem:
        raise _wrong(path, number, problem.message) from None


def _rows(path: Path, records: Iterator[tuple[int, list[str]]], head: Heading, columns: Sequence[Column]) -> Iterator[Row]:
    count, joined = 0, {each.name: each.joined for each in columns}
    for number, record in records:
        if not any(map(str.strip, record)):
            continue
        count += 1
        if count > MOST_ROWS:
            raise _wrong(path, number, f"a file is imported in one piece, of at most {MOST_ROWS} rows; split it")
        if any(len(cell) > LONGEST_CELL for cell in record):
            raise _wrong(path, number, f"a cell has more than {LONGEST_CELL} characters; a quotation mark may be missing")
        yield Row(number, dict(_cells(record, head, joined)), tuple(record[:MOST_COLUMNS]), len(record))


def _cells(record: Sequence[str], head: Heading, joined: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for name, places in head.places.items():
        texts = [text for place in places if place < len(record) and (text := unguarded(record[place].strip()))]
        if texts:
            yield name, joined[name].join(texts) if joined[name] else texts[0]


def _wrong(path: Path, number: int, message: str, of: str = "row") -> Problem:
    return Problem("validation_error", f"{path}, {of} {number}: {message[:1].upper()}{message[1:]}.".replace("..", "."))

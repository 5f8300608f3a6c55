"""Tables of other programs, real files: however they are encoded and separated they are read, or refused by file and row."""

import time
from pathlib import Path

import pytest
from msgspec import structs

from smoothbox.errors import Problem
from smoothbox.operations.importing import table
from smoothbox.operations.importing.columns import BOOKINGS, CUSTOMERS, Column
from smoothbox.operations.importing.headings import folded, known_as
from smoothbox.operations.importing.table import Row, read

TEXT = "First Name,E-mail\nChloé,chloe@example.com\n"
CHLOE = [Row(2, {"first_name": "Chloé", "email": "chloe@example.com"}, ("Chloé", "chloe@example.com"), 2)]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "customers.csv"


def rows(path: Path, content: bytes | str, **how: str) -> list[Row]:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read(path, CUSTOMERS, **how).rows


def refusal(path: Path, content: bytes | str, **how: str) -> str:
    with pytest.raises(Problem) as caught:
        rows(path, content, **how)
    assert str(path) in caught.value.message
    return caught.value.message.removeprefix(f"{path}, ")


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", pytest.param("utf-16-be", id="utf-16 the other way round")]
)
def test_unicode_is_read_with_its_mark_or_without(path: Path, encoding: str) -> None:
    mark = b"\xfe\xff" if encoding == "utf-16-be" else b""
    assert rows(path, mark + TEXT.encode(encoding)) == CHLOE


def test_another_encoding_is_refused_with_its_row_and_read_when_it_is_said(path: Path) -> None:
    content = TEXT.encode("cp1252")
    assert refusal(path, content).startswith(
        "line 2: The byte 0xE9 is not UTF-8; save it as UTF-8, or say its encoding, such as --encoding cp1252"
    )
    assert rows(path, content, encoding="cp1252") == CHLOE


def test_a_mark_tells_more_than_what_was_said(path: Path) -> None:
    assert rows(path, TEXT.encode("utf-8-sig"), encoding="cp1252") == CHLOE


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_what_stands_between_cells_is_found_out(path: Path, delimiter: str, end: str) -> None:
    assert rows(path, TEXT.replace(",", delimiter).replace("\n", end)) == CHLOE


def test_what_stands_between_cells_can_be_said(path: Path) -> None:
    assert rows(path, 'E-mail;"a,b,c,d"\nchloe@example.com;x\n', delimiter=";")[0].cells == {"email": "chloe@example.com"}


def test_the_first_line_of_excel_says_it_and_is_a_row_of_the_sheet(path: Path) -> None:
    assert rows(path, "sep=;\nFirst Name;E-mail\nChloé;chloe@example.com\n") == [structs.replace(CHLOE[0], number=3)]


def test_rows_count_as_in_a_spreadsheet_also_empty_ones_and_cells_of_many_lines(path: Path) -> None:
    found = rows(path, 'Email,Notes\na@example.com,"one\ntwo"\n\n,\nb@example.com,three\n')
    assert [(each.number, each.cells.get("notes")) for each in found] == [(2, "one\ntwo"), (5, "three")]


def test_of_columns_that_mean_the_same_the_first_that_is_filled_in_counts_and_notes_are_put_together(path: Path) -> None:
    found = rows(path, "Telephone,Mobile,Notes,Comments,Tags,Groups\n1,2,x,y,a,b\n1,,,y,,b\n")
    assert [each.cells for each in found] == [
        {"phone": "2", "notes": "x\ny", "tags": "a,b"},
        {"phone": "1", "notes": "y", "tags": "b"},
    ]


def test_columns_without_a_meaning_are_told(path: Path) -> None:
    path.write_text("Email,Loyalty points,\na@example.com,3,\n", "utf-8")
    assert read(path, CUSTOMERS).heading.ignored == ("Loyalty points",)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "row 1: The first row has to name the columns."),
        ("\n\nEmail\n", "row 1: The first row has to name the columns."),
        ("Email,E-Mail,email\n", "row 1: The columns 1 and 3 are both called 'email'."),
        ("Email\nx\n\0\n", "line 3: There is a NUL"),
        ("Email\n".encode("utf-16-le"), "line 1: There is a NUL"),
        (b"\xff\xfe\x00\xd8" + "E".encode("utf-16-le"), "line 1: The byte 0x00 is not UTF-16"),
        ('Email\n"a"b\n', "row 2: The quotation marks are not right"),
        ('Email\na\n"b\nc\n', "row 3: The quotation marks are not right"),
        ("Email" + "," * 200 + "\n", "row 1: A table has at most 200 columns"),
        ("Email\n" + "x" * 100_001 + "\n", "row 2: A cell has more than 100000 characters"),
        ('Email\n"' + "x\n" * 100_001 + '"\n', "row 2: "),
    ],
)
def test_what_is_no_table_is_refused_with_its_row(path: Path, content: bytes | str, said: str) -> None:
    assert refusal(path, content).startswith(said)


def test_a_file_that_is_missing_or_none_is_named(tmp_path: Path) -> None:
    for place, code in (
        (tmp_path / "none.csv", "not_found"),
        (tmp_path, "validation_error"),
        (Path("/dev/zero"), "validation_error"),
    ):
        with pytest.raises(Problem) as caught:
            read(place, CUSTOMERS)
        assert (caught.value.code, str(place) in caught.value.message) == (code, True)


def test_a_file_that_is_too_large_or_too_long_is_refused(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table, "MOST_ROWS", 2)
    assert len(rows(path, "Email\na\n\nb\n")) == 2
    assert refusal(path, "Email\na\n\nb\nc\n").startswith(
        "row 5: A file is imported in one piece, of at most 2 rows; split it."
    )
    monkeypatch.setattr(table, "LARGEST_FILE", 10)
    assert "is larger than" in refusal(path, "Email\na@example.com\n")


HOSTILE = {
    "cells": "Email\n" + "," * 1_100_000,
    "columns": "," * 60_000_000,
    "quotation marks": '"' * 20_000_000,
    "an open quotation": 'Email\n"' + "x\n" * 5_000_000,
    "rows": "Email\n" + "x\n" * 5_000_000,
}


@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE)
def test_nothing_hostile_takes_long(path: Path, content: str) -> None:
    begun = time.monotonic()
    refusal(path, content)
    assert time.monotonic() - begun < 20


@pytest.mark.parametrize("columns", [CUSTOMERS, BOOKINGS], ids=["customers", "bookings"])
def test_no_two_columns_are_known_by_the_same_name(columns: tuple[Column, ...]) -> None:
    names = [{folded(name) for name in (each.name, *each.aliases)} for each in columns]
    assert sum(map(len, names)) == len(set().union(*names)) == len(known_as(columns))
    assert sum(map(len, names)) == sum(1 + len(each.aliases) for each in columns)

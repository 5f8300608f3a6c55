"""`import customers` and `import bookings`: files as other programs write them, on a real command line."""

import csv
import os
import sqlite3
import stat
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Ended, Smoothbox
from tests.cli.process import run_on_terminal

ENGLISH = ("First Name", "Last Name", "E-mail Address", "Mobile Phone", "Notes")
GERMAN = ("Vorname", "Nachname", "E-Mail-Adresse", "Handy", "Bemerkungen")
CHLOE = ("Chloé", "Müller", "chloe@example.com", "+1 212 555 0101", 'tea, "black"; no sugar')
VISITS = ("Booking ID", "Datum", "Uhrzeit", "Leistung", "Mitarbeiter", "Kunde", "E-Mail-Adresse", "Preis")


@pytest.fixture
def acme(smoothbox: Smoothbox, catalogue: Path) -> Smoothbox:
    """Beside a tenant with a haircut, done by Ann."""
    smoothbox.done("tenant", "apply", "acme", str(catalogue))
    return smoothbox


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "table.csv"


def written(path: Path, *rows: tuple[str, ...], delimiter: str = ",", encoding: str = "utf-8") -> str:
    with path.open("w", newline="", encoding=encoding) as file:
        csv.writer(file, delimiter=delimiter).writerows(rows)
    return str(path)


def visit(number: int, clock: str, date: str = "2027-05-04", email: str = "ava@example.com") -> tuple[str, ...]:
    """A row under VISITS."""
    return (f"b{number}", date, clock, "haircut", "ANN", "Ava Martinez", email, "25,00 €")


def customers(smoothbox: Smoothbox, *words: str) -> Ended:
    return smoothbox("--json", "import", "customers", "acme", "--live", *words)


def bookings(smoothbox: Smoothbox, *words: str) -> Ended:
    return smoothbox("--json", "import", "bookings", "acme", "--live", *words)


def held(smoothbox: Smoothbox, what: str) -> list[Any]:
    """All there is of a kind."""
    found: list[Any] = smoothbox.done("export", what, "acme", "--live", "--format", "json").answer
    return found


@pytest.mark.parametrize("names", [ENGLISH, GERMAN], ids=["English", "German"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_customers_come_in_under_the_names_that_other_programs_use(
    acme: Smoothbox, path: Path, names: tuple[str, ...], delimiter: str, encoding: str
) -> None:
    ended = customers(acme, written(path, names, CHLOE, delimiter=delimiter, encoding=encoding))
    assert (ended.status, ended.answer["added"], ended.answer["is_written"]) == (0, 1, True)
    (found,) = held(acme, "customers")
    assert tuple(found[name] for name in ("first_name", "last_name", "email", "phone", "notes")) == CHLOE


@pytest.mark.parametrize("encoding", ["cp1252", "cp850", "mac-roman"])
def test_another_encoding_is_refused_with_line_and_byte_and_taken_once_it_is_said(
    acme: Smoothbox, path: Path, encoding: str
) -> None:
    file = written(path, ENGLISH, ("Ava", "", "ava@example.com", "", ""), CHLOE, encoding=encoding)
    ended = customers(acme, file)
    assert ended.status == 2
    assert f"{path}, line 3: The byte 0x{'é'.encode(encoding)[0]:02X} is not UTF-8" in ended.complaint["message"]
    assert held(acme, "customers") == []
    assert customers(acme, file, "--encoding", encoding).answer["added"] == 2
    assert held(acme, "customers")[1]["name"] == "Chloé Müller"


def test_bookings_come_in_with_their_customers_and_once(acme: Smoothbox, path: Path) -> None:
    file = written(path, VISITS, visit(1, "9:30", "04.05.2027"), visit(2, "10:00 AM"), delimiter=";")
    assert bookings(acme, file).answer["customers_added"] == 1
    assert [(each["external_id"], each["start_time"], each["price"]) for each in held(acme, "bookings")] == [
        ("b1", "2027-05-04T09:30:00-04:00", 2500),
        ("b2", "2027-05-04T10:00:00-04:00", 2500),
    ]
    again = bookings(acme, file).answer
    assert (again["added"], again["unchanged"], len(held(acme, "bookings"))) == (0, 2, 2)


def test_what_cannot_be_is_told_with_its_row_and_nothing_is_written(acme: Smoothbox, path: Path) -> None:
    rows = (
        visit(1, "09:30"),
        visit(2, "02:30", "2027-03-14"),
        visit(3, "01:30", "2027-11-07"),
        visit(4, "09:45"),
        visit(5, "soon"),
        (*visit(6, "12:00"), "one cell too many"),
    )
    ended = bookings(acme, written(path, VISITS, *rows))
    assert ended.status == 2
    assert [(each["row"], each["column"], each["error"]) for each in ended.answer["refused"]] == [
        (3, "Uhrzeit", "nonexistent_local_time"),
        (4, "Uhrzeit", "ambiguous_local_time"),
        (5, "Uhrzeit", "slot_unavailable"),
        (6, "Uhrzeit", "validation_error"),
        (7, "", "validation_error"),
    ]
    assert not ended.answer["is_written"]
    assert (held(acme, "bookings"), held(acme, "customers")) == ([], [])
    people = acme("import", "bookings", "acme", "--live", str(path))
    assert "row 3, Uhrzeit: " in people.err
    assert "--skip-refused" in people.err


def test_the_refused_rows_go_into_a_file_where_they_are_put_right(acme: Smoothbox, path: Path, tmp_path: Path) -> None:
    left = tmp_path / "left.csv"
    rows = (visit(1, "09:30"), visit(2, "09:45", email="=ben@example.com"), (*visit(3, "09:45"), "wide"))
    ended = bookings(acme, written(path, VISITS, *rows, delimiter=";"), "--skip-refused", "--refused", str(left))
    assert (ended.status, ended.answer["added"], ended.answer["refused_rows"]) == (0, 1, 2)
    assert stat.S_IMODE(left.stat().st_mode) == 0o600
    names, second, third = csv.reader(left.read_text("utf-8-sig").splitlines(), delimiter=";")
    assert names == ["Refused row", "Refused because", *VISITS]
    assert second[0] == "3"
    assert second[2:] == [*rows[1][:6], "'=ben@example.com", rows[1][7]]
    assert (third[0], third[-1]) == ("4", "wide")
    assert "The row has 9 cells and the header 8" in third[1]
    corrected = tmp_path / "corrected.csv"
    text = left.read_text("utf-8-sig").replace("09:45", "11:00", 1).replace("09:45", "12:00").replace(";wide", "")
    corrected.write_text(text.replace("'=ben", "ben"), "utf-8")
    assert bookings(acme, str(corrected)).answer["added"] == 2


def test_a_file_for_the_refused_rows_is_none_that_is_there_and_none_of_the_box(acme: Smoothbox, path: Path) -> None:
    file = written(path, VISITS, visit(1, "09:30"))
    assert bookings(acme, file, "--refused", file).status == 5
    assert bookings(acme, file, "--refused", str(acme.data_dir / "left.csv")).status == 6
    assert held(acme, "bookings") == []


def test_no_file_is_made_for_refused_rows_where_there_are_none(acme: Smoothbox, path: Path, tmp_path: Path) -> None:
    file = written(path, VISITS, visit(1, "09:30"))
    assert bookings(acme, file, "--refused", str(tmp_path / "left.csv")).answer["added"] == 1
    assert not (tmp_path / "left.csv").exists()


@pytest.mark.parametrize("skipping", [(), ("--skip-refused",)])
def test_a_dry_run_says_what_would_be_and_commits_nothing(acme: Smoothbox, path: Path, skipping: tuple[str, ...]) -> None:
    watching = sqlite3.connect(acme.data_dir / "tenants" / "acme" / "live.db")
    before = watching.execute("PRAGMA data_version").fetchone()
    file = written(path, VISITS, visit(1, "09:30"), visit(2, "09:45"))
    ended = bookings(acme, file, "--dry-run", *skipping)
    assert ended.status == (0 if skipping else 2)
    assert (ended.answer["added"], ended.answer["refused_rows"], ended.answer["is_written"]) == (1, 1, False)
    assert watching.execute("PRAGMA data_version").fetchone() == before
    assert watching.execute("SELECT count(*) FROM booking").fetchone() == (0,)
    bookings(acme, file, "--skip-refused")
    assert watching.execute("PRAGMA data_version").fetchone() != before
    watching.close()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("Email\na@example.com\n", "row 1: There is no column 'service'"),
        ("Sevice,Start,Email\nHaircut,2027-05-04T09:00,a@example.com\n", "is 'Sevice' it?"),
        ('Service,Start,Email\nHaircut,"2027-05-04T09:00,a@example.com\n', "row 2: The quotation marks are not right"),
        ("", "row 1: The first row has to name the columns"),
        ("Service,Start,Email\n\0\n", "line 2: There is a NUL"),
        ("Service,Start,Service\n", "both called 'Service'"),
    ],
)
def test_what_is_no_table_of_bookings_is_refused_with_its_place(acme: Smoothbox, path: Path, content: str, said: str) -> None:
    path.write_text(content, "utf-8")
    ended = bookings(acme, str(path))
    assert ended.status == 2
    assert said in ended.complaint["message"]


def test_a_file_that_is_missing_or_far_too_large_is_refused_before_it_is_read(acme: Smoothbox, path: Path) -> None:
    assert customers(acme, str(path)).status == 4
    path.touch()
    os.truncate(path, 10 << 30)
    ended = customers(acme, str(path))
    assert ended.status == 2
    assert "64 MiB" in ended.complaint["message"]


def test_the_sandbox_has_its_own(acme: Smoothbox, path: Path) -> None:
    file = written(path, ENGLISH, CHLOE)
    assert acme("import", "customers", "acme", file).status == 2
    assert acme.json("import", "customers", "acme", "--test", file)["added"] == 1
    assert held(acme, "customers") == []


@pytest.mark.parametrize("what", ["customers", "bookings"])
def test_the_columns_that_are_known_are_listed(acme: Smoothbox, what: str) -> None:
    listed = acme.json("import", what, "--columns")
    assert listed[0]["name"] == "external_id"
    assert all(each["help"] for each in listed)
    assert "Vorname" in acme.done("import", what, "--columns").out


def test_people_read_a_sentence_and_see_how_far_it_is(acme: Smoothbox, path: Path) -> None:
    file = written(path, (*ENGLISH, "Loyalty"), (*CHLOE, "7"))
    words = ("--data-dir", str(acme.data_dir), "import", "customers", "acme", "--live", file)
    status, shown = run_on_terminal("", *words)
    assert status == 0
    assert "Writing  [" in shown
    assert "1 rows: 1 added, 0 updated, 0 unchanged, 0 refused." in shown
    assert "Ignored columns: Loyalty. See --columns." in shown

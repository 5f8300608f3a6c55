"""`export`: what a tenant has, whole, in three formats, and what goes in again elsewhere."""

import csv
import io
import json
import stat
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest
from icalendar import Calendar

from tests.cli.conftest import CATALOGUE, Smoothbox
from tests.cli.process import CHECKOUT, PROGRAM

CUSTOMERS = """\
external_id,first_name,last_name,email,phone,notes,tags,status,metadata
c1,Ava,Müller,ava@example.com,+1 212 555 0101,"tea,
""black\"\"",vip,ACTIVE,"{""shoe"": 38}"
,=cmd(),Lee,,+1 212 555 0102,@x,"a, b",BLOCKED,
"""
BOOKINGS = """\
external_id,status,service,resource,start_time,price,customer_email,customer_phone,customer_name,notes
b1,CONFIRMED,Haircut,Ann,2027-05-04T09:30,25.00,ava@example.com,,,tea
b2,CANCELLED,Haircut,Ann,2027-05-04T09:30,25.00,ava@example.com,,,
b3,NO_SHOW,Haircut,Ann,2026-11-01T01:30:00-05:00,19.90,,+1 212 555 0102,=cmd() Lee,-late
b4,SCHEDULED,Haircut,Ann,2027-05-05T00:00,25.00,ava@example.com,,,
b5,PENDING,Haircut,,,,ava@example.com,,,in May?
"""


@pytest.fixture
def acme(smoothbox: Smoothbox, catalogue: Path, tmp_path: Path) -> Smoothbox:
    """Beside a tenant with two customers and five bookings."""
    smoothbox.done("tenant", "apply", "acme", str(catalogue))
    for what, content in (("customers", CUSTOMERS), ("bookings", BOOKINGS)):
        path = tmp_path / f"their_{what}.csv"
        path.write_text(content, "utf-8")
        smoothbox.done("import", what, "acme", "--live", str(path))
    return smoothbox


def table(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_customers_and_bookings_are_tables(acme: Smoothbox) -> None:
    people = table(acme.done("export", "customers", "acme", "--live").out)
    assert [(each["first_name"], each["phone"], each["tags"]) for each in people] == [
        ("Ava", "+1 212 555 0101", "vip"),
        ("'=cmd()", "+1 212 555 0102", "a, b"),
    ]
    assert people[0]["notes"] == 'tea,\n"black"'
    visits = table(acme.done("export", "bookings", "acme", "--live").out)
    assert [(each["external_id"], each["status"], each["start_time"], each["price"]) for each in visits] == [
        ("b1", "CONFIRMED", "2027-05-04T09:30:00-04:00", "25.00"),
        ("b2", "CANCELLED", "2027-05-04T09:30:00-04:00", "25.00"),
        ("b3", "NO_SHOW", "2026-11-01T01:30:00-05:00", "19.90"),
        ("b4", "SCHEDULED", "2027-05-05T00:00:00-04:00", "25.00"),
        ("b5", "PENDING", "", "25.00"),
    ]
    assert visits[2]["notes"] == "'-late"


@pytest.mark.parametrize("what", ["customers", "bookings", "services", "resources"])
def test_json_has_all_of_it_one_object_a_line(acme: Smoothbox, what: str) -> None:
    text = acme.done("export", what, "acme", "--live", "--format", "json").out
    assert len(json.loads(text)) == len(table(acme.done("export", what, "acme", "--live").out)) == len(text.splitlines()) - 2


def test_the_sandbox_has_its_own(acme: Smoothbox) -> None:
    assert acme.done("export", "bookings", "acme", "--test", "--format", "json").out == "[]\n"
    assert acme("export", "bookings", "acme").status == 2


def test_a_calendar_is_one_that_other_programs_read(acme: Smoothbox) -> None:
    text = acme.done("export", "bookings", "acme", "--live", "--format", "ics").out
    found = Calendar.from_ical(text)
    assert str(found["X-WR-CALNAME"]) == "Acme Barbers"
    events = {str(each["UID"])[:9]: each for each in found.walk("VEVENT")}
    assert list(events) == [f"booking-{number}" for number in (1, 2, 3, 4)]  # a request has no time
    assert events["booking-3"]["DTSTART"].dt == datetime(2026, 11, 1, 6, 30, tzinfo=UTC)
    assert (events["booking-1"]["STATUS"], events["booking-2"]["STATUS"]) == ("CONFIRMED", "CANCELLED")
    assert not found.errors
    assert not any(each.errors for each in events.values())


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (("--start-date", "2027-05-04"), "b1 b2 b4"),
        (("--end-date", "2027-05-04"), "b1 b2 b3"),
        (("--start-date", "2027-05-04", "--end-date", "2027-05-04"), "b1 b2"),
        (("--start-date", "2026-11-01", "--end-date", "2026-11-01"), "b3"),
        (("--start-date", "2030-01-01"), ""),
    ],
)
@pytest.mark.parametrize("form", ["csv", "json"])
def test_dates_are_those_of_the_business(acme: Smoothbox, words: tuple[str, ...], found: str, form: str) -> None:
    text = acme.done("export", "bookings", "acme", "--live", "--format", form, *words).out
    rows = table(text) if form == "csv" else json.loads(text)
    assert [each["external_id"] for each in rows] == found.split()


@pytest.mark.parametrize(
    "words",
    [
        ("bookings", "--start-date", "2027-05-04", "--end-date", "2027-05-03"),
        ("bookings", "--start-date", "4.5.2027"),
        ("customers", "--format", "ics"),
        ("customers", "--start-date", "2027-05-04"),
        ("bookings", "--format", "xml"),
        ("secrets",),
    ],
)
def test_what_makes_no_sense_is_refused(acme: Smoothbox, words: tuple[str, ...]) -> None:
    what, *rest = words
    ended = acme("export", what, "acme", "--live", *rest)
    assert (ended.status, ended.out) == (2, "")


def test_a_file_is_whole_for_its_owner_and_never_put_over_another(acme: Smoothbox, tmp_path: Path) -> None:
    path = tmp_path / "bookings.csv"
    words = ("export", "bookings", "acme", "--live", "--output", str(path))
    said = acme.json(*words)
    assert said == {"path": str(path), "bytes": path.stat().st_size}
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.read_bytes() == b"\xef\xbb\xbf" + acme.done(*words[:4]).out.replace("\n", "\r\n").encode()
    before = path.read_bytes()
    refused = acme(*words, "--start-date", "2030-01-01")
    assert refused.status == 5
    assert "--force" in refused.err
    assert path.read_bytes() == before
    acme.done(*words, "--start-date", "2030-01-01", "--force")
    assert len(path.read_text("utf-8-sig").splitlines()) == 1
    assert sorted(each.name for each in tmp_path.iterdir() if "unfinished" in each.name) == []


@pytest.mark.parametrize("name", ["box.db", "tenants/acme/live.db", "new.csv"])
def test_nothing_is_written_into_the_data_folder(acme: Smoothbox, name: str) -> None:
    ended = acme("export", "bookings", "acme", "--live", "--force", "--output", str(acme.data_dir / name))
    assert ended.status == 6
    assert acme.json("tenant", "show", "acme")["live"]["bookings"] == 5


def test_a_folder_that_is_not_there_is_said(acme: Smoothbox, tmp_path: Path) -> None:
    ended = acme("export", "bookings", "acme", "--live", "--output", str(tmp_path / "none" / "x.csv"))
    assert ended.status == 1
    assert "No such file or directory" in ended.err


def test_what_goes_out_goes_in_elsewhere_and_out_again_as_it_was(acme: Smoothbox, catalogue: Path, tmp_path: Path) -> None:
    catalogue.write_text(CATALOGUE.replace("Acme", "Rival"), "utf-8")
    acme.done("tenant", "apply", "rival", str(catalogue))
    for what in ("customers", "bookings"):
        path = tmp_path / f"{what}.csv"
        acme.done("export", what, "acme", "--live", "--output", str(path))
        acme.done("import", what, "rival", "--live", str(path))
        assert acme.done("export", what, "rival", "--live").out == acme.done("export", what, "acme", "--live").out
        assert (
            acme.json("import", what, "acme", "--live", str(path))["unchanged"]
            == acme.json("import", what, "rival", "--live", str(path))["unchanged"]
        )


def test_a_reader_who_has_seen_enough_is_no_failure(acme: Smoothbox) -> None:
    words = [*PROGRAM, "--data-dir", str(acme.data_dir), "export", "bookings", "acme", "--live", "--format", "json"]
    with subprocess.Popen(words, cwd=CHECKOUT, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(timeout=60) == 0

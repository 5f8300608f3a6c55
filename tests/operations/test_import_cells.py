"""Cells as people and programs write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smoothbox.operations.importing import cells
from smoothbox.scheduling.lifecycle import STATUSES


@pytest.mark.parametrize(
    ("text", "day", "read"),
    [
        ("2027-05-04T09:30:00+02:00", "", "2027-05-04T09:30:00+02:00"),
        ("2027-05-04T07:30:00.000Z", "", "2027-05-04T07:30:00Z"),
        ("2027-05-04 07:30 UTC", "", "2027-05-04T07:30:00Z"),
        ("2027-05-04 9:30", "", "2027-05-04T09:30:00"),
        ("2027-05-04 09:30:15 +0530", "", "2027-05-04T09:30:15+05:30"),
        ("2027/5/4 12:05 am", "", "2027-05-04T00:05:00"),
        ("2027-05-04, 12:05 PM", "", "2027-05-04T12:05:00"),
        ("4.5.2027 09:30", "", "2027-05-04T09:30:00"),
        ("May 4, 2027 9:30\u202fAM", "", "2027-05-04T09:30:00"),
        ("May 4 2027 at 9 pm", "", "2027-05-04T21:00:00"),
        ("9:30 p.m.", "2027-05-04", "2027-05-04T21:30:00"),
        ("21:30", "04.05.2027", "2027-05-04T21:30:00"),
        ("09:30:00", "2027-05-04", "2027-05-04T09:30:00"),
    ],
)
def test_a_time_is_read_as_it_is_written(text: str, day: str, read: str) -> None:
    assert cells.moment(text, day, None) == read


def test_a_date_with_slashes_is_read_in_the_order_that_is_said() -> None:
    assert cells.moment("3/4/2027 9:30 AM", "", "mdy") == "2027-03-04T09:30:00"
    assert cells.moment("3/4/2027 9:30 AM", "", "dmy") == "2027-04-03T09:30:00"
    with pytest.raises(ValueError, match="say --dates mdy or --dates dmy"):
        cells.moment("3/4/2027 9:30 AM", "", None)


@pytest.mark.parametrize(
    "text",
    ["", "tomorrow", "2027-05-04", "9:30", "13:30 pm 2027-05-04", "2027-05-04 13 pm", "2027-05-04 9", "9 9 9", "1" * 500],
)
def test_what_is_no_time_is_refused_with_what_is_right(text: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        cells.moment(text, "", None)


@given(st.text(max_size=200), st.text(max_size=50))
def test_no_text_makes_a_reader_fail_in_another_way(text: str, day: str) -> None:
    readers = (cells.minutes, cells.cents, cells.status, cells.tags, cells.facts, cells.whole_number)
    for read in (*readers, lambda each: cells.moment(each, day, "mdy")):
        try:
            read(text)
        except ValueError as error:
            assert str(error)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("45", 45),
        ("45.0", 45),
        ("45 min", 45),
        ("45 Minuten", 45),
        ("0:45", 45),
        ("01:30:00", 90),
        ("1h", 60),
        ("1 hr 15 min", 75),
        ("1.5 hours", 90),
        ("1,25 Std.", 75),
    ],
)
def test_a_span_of_time_is_minutes(text: str, count: int) -> None:
    assert cells.minutes(text) == count


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("25", 2500),
        ("25.00", 2500),
        ("$1,234.50", 123450),
        ("1.234,5 €", 123450),
        ("CHF 1'234.50", 123450),
        ("25,-", 2500),
        ("0", 0),
    ],
)
def test_an_amount_is_read_in_every_country(text: str, count: int) -> None:
    assert cells.cents(text) == count


@pytest.mark.parametrize("text", ["1,234", "1.234", "free", "-5.00", "1.2.3", ""])
def test_an_amount_that_may_mean_two_things_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"write it as 1234\.00"):
        cells.cents(text)


def test_each_status_is_known_by_its_own_name_and_by_others() -> None:
    for status in STATUSES:
        assert cells.status(status) == cells.status(status.lower().replace("_", "-")) == status
    assert [cells.status(text) for text in ("No Show", "Canceled", "Checked-Out", "Bestätigt")] == [
        *("NO_SHOW", "CANCELLED", "COMPLETED", "CONFIRMED")
    ]


@pytest.mark.parametrize(
    ("text", "names"), [("Ava Martinez", ("Ava", "Martinez")), ("Martinez, Ava", ("Ava", "Martinez")), ("Cher", ("Cher", ""))]
)
def test_a_whole_name_is_two(text: str, names: tuple[str, str]) -> None:
    assert cells.whole_name(text) == names


@given(st.text(alphabet="=+-@'\t\r1 (a", max_size=8))
def test_a_guarded_text_is_no_formula_and_comes_back_as_it_was(text: str) -> None:
    guarded = cells.guarded(text)
    assert cells.unguarded(guarded) == text
    assert guarded[:1] not in {"=", "@", "\t", "\r"}
    assert guarded[:1] not in {"+", "-"} or not any(map(str.isalpha, guarded))


def test_a_phone_number_is_no_formula() -> None:
    assert cells.guarded("+1 (212) 555-0101") == "+1 (212) 555-0101"
    assert cells.guarded("+1+cmd|' /C calc'!A0") == "'+1+cmd|' /C calc'!A0"

"""Reading a catalogue file: every mistake is named with its line, its key and what would be right."""

from pathlib import Path

import pytest

from smoothbox.contract.catalogue import Catalogue
from smoothbox.errors import Problem
from smoothbox.located_toml import load_toml
from smoothbox.operations.catalogue_file import parse

CHECKOUT = Path(__file__).parents[2]

TEXT = """\
[business]
name = "Acme"
timezone = "America/New_York"
currency = "USD"
[business.hours]
monday = ["09:00-12:00"]
[[closure]]
date = "2027-12-25"
name = "Christmas"
[[resource]]
key = "ann"
name = "Ann"
type = "STAFF"
[[resource.exception]]
date = "2027-02-13"
hours = ["10:00-11:00"]
[[resource.time_off]]
start = "2027-01-11T00:00"
end = "2027-01-16T00:00"
[[service]]
key = "cut"
name = "Haircut"
duration = 30
price = 2500
resources = ["ann"]
"""


def read(text: str, folder: Path) -> Catalogue:
    path = folder / "file.toml"
    path.write_text(text, "utf-8")
    return parse(*load_toml(path), path)


def mistakes(text: str, folder: Path) -> dict[str, list[str]]:
    with pytest.raises(Problem) as caught:
        read(text, folder)
    assert caught.value.code == "validation_error"
    said = [f"{folder / 'file.toml'}, {place}: {each}" for place, all_ in caught.value.details.items() for each in all_]
    assert caught.value.message == "\n".join(said)
    return dict(caught.value.details)


@pytest.mark.parametrize(
    ("old", "new", "place", "message"),
    [
        (
            "[business.hours]",
            "slot_intervl = 5\n[business.hours]",
            "line 5: business.slot_intervl",
            "did you mean 'slot_interval'?",
        ),
        ('name = "Acme"\n', "", "line 1: business.name", "is missing"),
        ('"Acme"', '" "', "line 2: business.name", '" " does not fit; it takes a text of 1 to 200 characters'),
        ("America/New_York", "localtime", "line 3: business.timezone", "there is no time zone 'localtime'"),
        ("America/New_York", "America/NewYork", "line 3: business.timezone", "there is no time zone 'America/NewYork'"),
        ('"America/New_York"', "5", "line 3: business.timezone", "5 does not fit; it takes a time zone such as"),
        ('"USD"', '"USD"\nemail = "nope"', "line 5: business.email", "An email address must have an @-sign."),
        (
            '"USD"',
            '"USD"\nlate_cancellation_allowed = 1',
            "line 5: business.late_cancellation_allowed",
            "it takes true or false",
        ),
        ("USD", "usd", "line 4: business.currency", '"usd" does not fit; it takes three capital letters such as "USD"'),
        ("monday", "monnday", "line 6: business.hours.monnday", "there is no such key; did you mean 'monday'?"),
        ("09:00-12:00", "9-12", "line 6: business.hours.monday", '["9-12"] does not fit; it takes spans such as "09:00-12:00"'),
        ("09:00-12:00", "24:00-12:00", "line 6: business.hours.monday", '["24:00-12:00"] does not fit'),
        ("09:00-12:00", "", "line 6: business.hours.monday", '[""] does not fit'),
        ('["09:00-12:00"]', '"09:00-12:00"', "line 6: business.hours.monday", '"09:00-12:00" does not fit'),
        (
            '"09:00-12:00"',
            '"11:00-13:00", "09:00-12:00"',
            "line 6: business.hours.monday",
            "09:00-12:00 and 11:00-13:00 overlap",
        ),
        (
            'monday = ["09:00-12:00"]',
            'sunday = ["22:00-02:00"]\nmonday = ["09:00-12:00", "01:00-05:00"]',
            "line 7: business.hours.monday",
            "22:00-02:00 of Sunday and 01:00-05:00 of Monday overlap",
        ),
        ("[[closure]]", "[closure]", "line 7: closure", "write it as a table in double brackets: [[closure]]"),
        ("2027-12-25", "2027-02-30", "line 8: closure.date", '"2027-02-30" does not fit; it takes a date such as "2027-12-25"'),
        ("STAFF", "STAF", "line 13: resource.type", '"STAF" does not fit; it takes "STAFF", "ROOM" or "EQUIPMENT"'),
        (
            "2027-01-11T00:00",
            "2027-01-11",
            "line 18: resource.time_off.start",
            '"2027-01-11" does not fit; it takes a local time',
        ),
        ('"2027-01-11T00:00"', "2027-01-11T00:00:00Z", "line 18: resource.time_off.start", "it takes a local time such as"),
        ("2027-01-16T", "2027-01-11T", "line 19: resource.time_off.end", "it must lie after the start, 2027-01-11T00:00"),
        ('key = "cut"', 'key = "a cut"', "line 21: service.key", '"a cut" does not fit; it takes a key of'),
        (
            "duration = 30",
            "duration = 0",
            "line 23: service.duration",
            "0 does not fit; it takes whole minutes from 1 to 10080",
        ),
        ("duration = 30", "duration = 30.0", "line 23: service.duration", "30.0 does not fit; it takes whole minutes"),
        ("duration = 30\n", "", "line 20: service.duration", "is missing"),
        ("price = 2500", "price = -1", "line 24: service.price", "-1 does not fit; it takes whole cents from 0 to 1000000000"),
        ("price = 2500\n", "", "line 20: service.price", "is missing; give whole cents, or say variable_pricing = true"),
        ('["ann"]', '["anne"]', "line 25: service.resources", "there is no resource with the key 'anne'; did you mean 'ann'?"),
        (
            'resources = ["ann"]',
            'needs = [["ann"], []]',
            "line 25: service.needs",
            'it takes up to 8 groups of 1 to 200 keys such as [["ann", "bob"], ["room"]]',
        ),
        (
            'resources = ["ann"]',
            f"needs = {[['ann']] * 9}",
            "line 25: service.needs",
            "it takes up to 8 groups of 1 to 200 keys",
        ),
        ('["ann"]', f"{[f'r{number}' for number in range(201)]}", "line 25: service.resources", "it takes up to 200 keys"),
        (
            'resources = ["ann"]',
            'needs = [["ann"], ["anne"]]',
            "line 25: service.needs",
            "there is no resource with the key 'anne'; did you mean 'ann'?",
        ),
        (
            "price = 2500",
            "price = 2500\ncapacity = 1001",
            "line 25: service.capacity",
            "1001 does not fit; it takes a whole number from 1 to 1000",
        ),
        (
            'resources = ["ann"]',
            'needs = [["ann"], ["ann", "ann"]]',
            "line 25: service.needs",
            "a booking takes a different resource for each group, and here are too few; add others or leave a group out",
        ),
        ('resources = ["ann"]', 'needs = [["bob"]]', "line 25: service.needs", "there is no resource with the key 'bob'"),
        (
            'resources = ["ann"]',
            'needs = [["ann"]]\nresources = ["ann"]',
            "line 25: service.needs",
            "give either resources or needs, not both",
        ),
    ],
)
def test_a_mistake_is_named_with_its_line_its_key_and_what_would_be_right(
    tmp_path: Path, old: str, new: str, place: str, message: str
) -> None:
    assert old in TEXT
    found = mistakes(TEXT.replace(old, new, 1), tmp_path)
    assert list(found) == [place]
    assert message in found[place][0]


@pytest.mark.parametrize(
    ("more", "place"),
    [
        ('[[service]]\nkey = "cut"\nname = "X"\nduration = 5\nprice = 1\n', "line 27: service.key"),
        ('[[resource]]\nkey = "ann"\nname = "X"\ntype = "ROOM"\n', "line 27: resource.key"),
        ('[[closure]]\ndate = 2027-12-25\nname = "X"\n', "line 27: closure.date"),
    ],
)
def test_a_name_that_stands_there_twice_is_a_mistake(tmp_path: Path, more: str, place: str) -> None:
    assert list(mistakes(TEXT + more, tmp_path)) == [place]


def test_an_exception_date_that_stands_there_twice_is_a_mistake(tmp_path: Path) -> None:
    twice = TEXT.replace(
        "[[resource.time_off]]", '[[resource.exception]]\ndate = "2027-02-13"\nhours = []\n[[resource.time_off]]'
    )
    assert mistakes(twice, tmp_path) == {"line 18: resource.exception.date": ["'2027-02-13' is there twice"]}


def test_all_mistakes_are_named_at_once_by_line(tmp_path: Path) -> None:
    text = TEXT.replace("USD", "usd").replace("STAFF", "X").replace("duration", "durration")
    assert list(mistakes(text, tmp_path)) == [
        "line 4: business.currency",
        "line 13: resource.type",
        "line 20: service.duration",
        "line 23: service.durration",
    ]


def test_an_empty_file_lacks_a_business(tmp_path: Path) -> None:
    assert mistakes("", tmp_path) == {"line 1: business": ["is missing"]}


def test_a_value_that_should_be_a_table_says_so(tmp_path: Path) -> None:
    assert mistakes('business = "Acme"\n', tmp_path) == {"line 1: business": ["write it as a table: [business]"]}


@pytest.mark.parametrize("spans", ['"22:00-02:00"', '"09:00-09:00"', '"00:00-24:00"', '"09:00-12:00", "12:00-13:00"', ""])
def test_hours_may_touch_run_past_midnight_or_fill_the_day(tmp_path: Path, spans: str) -> None:
    assert read(TEXT.replace('"09:00-12:00"', spans), tmp_path).business.hours.tuesday == ()


def test_of_many_overlaps_some_are_named(tmp_path: Path) -> None:
    text = TEXT.replace('["09:00-12:00"]', f"{['09:00-12:00'] * 100}")
    assert len(mistakes(text, tmp_path)["line 6: business.hours.monday"]) == 20


def test_one_group_of_needs_is_the_same_as_resources(tmp_path: Path) -> None:
    either, other = read(TEXT, tmp_path), read(TEXT.replace('resources = ["ann"]', 'needs = [["ann"]]'), tmp_path)
    assert either.service[0].groups == other.service[0].groups == (("ann",),)


def test_a_service_may_need_several_resources_and_take_several_people(tmp_path: Path) -> None:
    more = '[[resource]]\nkey = "room"\nname = "Room"\ntype = "ROOM"\n'
    text = TEXT.replace('resources = ["ann"]', 'capacity = 1000\nneeds = [["room"], ["ann", "room"]]') + more
    (service,) = read(text, tmp_path).service
    assert (service.capacity, service.groups) == (1000, (("room",), ("ann", "room")))


def test_dates_may_be_toml_s_own(tmp_path: Path) -> None:
    assert read(TEXT.replace('"2027-12-25"', "2027-12-25"), tmp_path) == read(TEXT, tmp_path)


def test_the_demo_catalogue_has_no_mistake() -> None:
    path = CHECKOUT / "config" / "demo.toml"
    demo = parse(*load_toml(path), path)
    assert len(demo.service) == 10
    assert any(entry.capacity > 1 for entry in demo.service)
    assert any(len(entry.groups) > 1 for entry in demo.service)
    assert {entry.type for entry in demo.resource} == {"STAFF", "ROOM"}
    assert demo.closure
    assert any(entry.time_off for entry in demo.resource)


@pytest.mark.parametrize(
    ("start", "end"),
    [("2027-03-14T02:30", "2027-03-14T03:30"), ("2027-11-07T01:30", "2027-11-07T01:30")],
)
def test_time_off_that_a_dst_night_leaves_without_a_second_is_a_mistake(tmp_path: Path, start: str, end: str) -> None:
    text = TEXT.replace("2027-01-11T00:00", start).replace("2027-01-16T00:00", end)
    assert list(mistakes(text, tmp_path)) == ["line 19: resource.time_off.end"]


def test_time_off_lies_in_years_that_can_be_reckoned_with(tmp_path: Path) -> None:
    assert list(mistakes(TEXT.replace("2027-01-11", "0001-01-01"), tmp_path)) == ["line 18: resource.time_off.start"]

"""Applying a catalogue to a data file: what it writes, what it leaves, and what it changes the second time."""

from pathlib import Path
from typing import Any

import pytest

from smoothbox.clock import instant_text
from smoothbox.contract.catalogue import Catalogue
from smoothbox.located_toml import load_toml
from smoothbox.operations import catalogue
from smoothbox.operations.catalogue_file import parse
from smoothbox.store.connection import Tx
from smoothbox.store.direct import Direct
from tests.box import StillClock

TEXT = """
[business]
name = "Acme Barbers"
timezone = "America/New_York"
currency = "USD"
cancellation_window_hours = 24
[business.hours]
friday = ["13:00-17:00", "22:00-02:00"]
monday = ["09:00-24:00"]
sunday = []
[[closure]]
date = "2027-12-25"
name = "Christmas"
[[closure]]
date = 2027-01-01
name = "New Year"
[[resource]]
key = "ann"
name = "Änn"
type = "STAFF"
[resource.hours]
tuesday = ["09:00-17:00"]
[[resource.exception]]
date = "2027-02-13"
hours = []
[[resource.exception]]
date = "2027-02-12"
hours = ["10:00-11:00"]
[[resource.time_off]]
start = "2027-01-11T00:00"
end = "2027-01-16T00:00"
reason = "Holiday"
[[resource]]
key = "bob"
name = "Bob"
type = "STAFF"
timezone = "Europe/Paris"
[[service]]
key = "cut"
name = "Haircut"
duration = 30
price = 2500
buffer_after = 5
needs = [["bob", "ann", "bob"]]
[[service]]
key = "advice"
name = "Advice"
duration = 15
price = 100
variable_pricing = true
resources = ["bob"]
"""
ADVICE = '[[service]]\nkey = "advice"'


def read(text: str, folder: Path) -> Catalogue:
    path = folder / "catalogue.toml"
    path.write_text(text, "utf-8")
    return parse(*load_toml(path), path)


def rows(file: Direct, sql: str) -> list[tuple[Any, ...]]:
    def query(tx: Tx) -> list[tuple[Any, ...]]:
        return tx.all(sql)

    return file.read(query)


def everything(file: Direct) -> list[list[tuple[Any, ...]]]:
    tables = ("business", "closure", "resource", "hours_exception", "time_off", "service", "service_resource")
    return [rows(file, f"SELECT * FROM {table} ORDER BY 1, 2") for table in tables]


def stamps(file: Direct) -> dict[str, tuple[int, str]]:
    """Version and last change of everything, by its key; '' is the business."""
    sql = "SELECT '', version, updated_at FROM business"
    for table in ("resource", "service"):
        sql += f" UNION ALL SELECT catalogue_key, version, updated_at FROM {table}"
    return {key: (version, updated_at) for key, version, updated_at in rows(file, sql)}


def actions(changes: list[catalogue.Change]) -> list[tuple[str, str, str]]:
    return [(each.action, each.what, each.key) for each in changes]


@pytest.fixture
def applied(file: Direct, tmp_path: Path, clock: StillClock) -> Direct:
    """A file with the catalogue, an hour later."""
    file.write(catalogue.apply, read(TEXT, tmp_path))
    clock.advance(3600)
    return file


def test_the_business_and_its_closures_are_written(applied: Direct) -> None:
    assert rows(applied, "SELECT name, timezone, currency, cancellation_window_hours, slot_interval FROM business") == [
        ("Acme Barbers", "America/New_York", "USD", 24, 30)
    ]
    assert rows(applied, "SELECT date, name FROM closure ORDER BY date") == [
        ("2027-01-01", "New Year"),
        ("2027-12-25", "Christmas"),
    ]


def test_hours_are_stored_in_their_wire_form_sorted_by_weekday(applied: Direct) -> None:
    monday = '{"day_of_week":0,"intervals":[{"start":"09:00","end":"24:00"}]}'
    friday = '{"day_of_week":4,"intervals":[{"start":"13:00","end":"17:00"},{"start":"22:00","end":"02:00"}]}'
    assert rows(applied, "SELECT hours FROM business") == [(f"[{monday},{friday}]",)]


def test_a_resource_has_its_own_hours_or_the_business_s(applied: Direct) -> None:
    assert rows(applied, "SELECT catalogue_key, name_key, timezone, uses_business_hours, hours, is_active FROM resource") == [
        ("ann", "änn", None, 0, '[{"day_of_week":1,"intervals":[{"start":"09:00","end":"17:00"}]}]', 1),
        ("bob", "bob", "Europe/Paris", 1, "[]", 1),
    ]


def test_exceptions_are_stored_by_date(applied: Direct) -> None:
    assert rows(applied, "SELECT date, intervals FROM hours_exception ORDER BY date") == [
        ("2027-02-12", '[{"start":"10:00","end":"11:00"}]'),
        ("2027-02-13", "[]"),
    ]


@pytest.mark.parametrize(
    ("zone", "wall", "instant"),
    [
        ("", "2027-01-11T00:00", "2027-01-11T05:00"),
        ('timezone = "Europe/Paris"', "2027-01-11T00:00", "2027-01-10T23:00"),
        ("", "2027-03-14T02:30", "2027-03-14T07:30"),  # skipped: the offset before the gap
        ("", "2027-11-07T01:30", "2027-11-07T05:30"),  # shown twice: the first time
    ],
)
def test_time_off_is_by_the_wall_clock_of_the_resource(
    file: Direct, tmp_path: Path, zone: str, wall: str, instant: str
) -> None:
    text = TEXT.replace('type = "STAFF"', f'type = "STAFF"\n{zone}', 1).replace("2027-01-11T00:00", wall)
    file.write(catalogue.apply, read(text.replace("2027-01-16T00:00", "2027-12-16T00:00"), tmp_path))
    ((start, reason),) = rows(file, "SELECT start_at, reason FROM time_off")
    assert instant_text(start) == f"{instant}:00.000000Z"
    assert reason == "Holiday"


def test_a_service_is_offered_by_any_of_its_resources(applied: Direct) -> None:
    sql = "SELECT service.catalogue_key, resource.catalogue_key FROM service_resource JOIN service ON service.id = service_id"
    assert rows(applied, f"{sql} JOIN resource ON resource.id = resource_id ORDER BY 1, 2") == [
        ("advice", "bob"),
        ("cut", "ann"),
        ("cut", "bob"),
    ]


def test_a_variable_price_is_no_price(applied: Direct) -> None:
    assert rows(applied, "SELECT catalogue_key, price, variable_pricing FROM service ORDER BY id") == [
        ("cut", 2500, 0),
        ("advice", None, 1),
    ]


def test_what_the_service_leaves_open_stays_open(applied: Direct) -> None:
    assert rows(applied, "SELECT slot_interval, min_notice, max_advance_days FROM service WHERE catalogue_key = 'cut'") == [
        (None, None, None)
    ]


def test_the_first_time_everything_is_new(file: Direct, tmp_path: Path) -> None:
    wanted = read(TEXT, tmp_path)
    first = file.write(catalogue.apply, wanted)
    assert actions(first) == [
        ("updated", "business", ""),
        ("created", "resource", "ann"),
        ("created", "resource", "bob"),
        ("created", "service", "cut"),
        ("created", "service", "advice"),
    ]
    assert first[0].fields == ("name", "hours", "cancellation_window_hours", "closures")
    assert rows(file, "SELECT version FROM service") == [(1,), (1,)]
    assert rows(file, "SELECT catalogue_key, version FROM resource") == [("ann", 2), ("bob", 3)]  # grown by their services


def test_the_second_time_nothing_changes(applied: Direct, tmp_path: Path) -> None:
    before = everything(applied)
    assert applied.write(catalogue.apply, read(TEXT, tmp_path)) == []
    assert everything(applied) == before


def test_a_preview_says_what_would_change_and_writes_nothing(file: Direct, tmp_path: Path) -> None:
    wanted = read(TEXT, tmp_path)
    before = everything(file)
    foreseen = file.read(catalogue.preview, wanted)
    assert everything(file) == before
    assert file.write(catalogue.apply, wanted) == foreseen


@pytest.mark.parametrize(
    ("old", "new", "change", "fields"),
    [
        ("price = 2500", "price = 2600", ("updated", "service", "cut"), ("price",)),
        ('"Haircut"', '"Hair Cut"', ("updated", "service", "cut"), ("name",)),
        ('resources = ["bob"]', 'resources = ["ann"]', ("updated", "service", "advice"), ("resources",)),
        ('"Holiday"', '"Away"', ("updated", "resource", "ann"), ("time_off",)),
        ('needs = [["bob", "ann", "bob"]]', 'needs = [["bob", "ann"], ["bob"]]', ("updated", "service", "cut"), ("resources",)),
        ("price = 2500", "price = 2500\ncapacity = 1000", ("updated", "service", "cut"), ("capacity",)),
        ('"USD"', '"USD"\nlate_cancellation_allowed = false', ("updated", "business", ""), ("late_cancellation_allowed",)),
        ("10:00-11:00", "10:00-12:00", ("updated", "resource", "ann"), ("exceptions",)),
        ('"Christmas"', '"Xmas"', ("updated", "business", ""), ("closures",)),
        ('timezone = "Europe/Paris"', 'timezone = "Europe/Rome"', ("updated", "resource", "bob"), ("timezone",)),
    ],
)
def test_only_what_differs_is_changed_and_stamped(
    applied: Direct,
    tmp_path: Path,
    clock: StillClock,
    old: str,
    new: str,
    change: tuple[str, str, str],
    fields: tuple[str, ...],
) -> None:
    before = stamps(applied)
    (changed,) = applied.write(catalogue.apply, read(TEXT.replace(old, new), tmp_path))
    assert actions([changed]) == [change]
    assert changed.fields == fields
    touched = {changed.key, *(("ann", "bob") if new == 'resources = ["ann"]' else ())}  # who list what they do
    now = instant_text(clock.now())
    assert stamps(applied) == before | {key: (before[key][0] + 1, now) for key in touched}
    assert rows(applied, f"SELECT 1 FROM {changed.what} WHERE created_at = '{instant_text(clock.now())}'") == []


def test_what_is_no_longer_named_is_deactivated_and_keeps_its_row(applied: Direct, tmp_path: Path) -> None:
    ids = rows(applied, "SELECT id, catalogue_key FROM service ORDER BY id")
    fewer = TEXT.partition(ADVICE)[0]
    assert actions(applied.write(catalogue.apply, read(fewer, tmp_path))) == [("deactivated", "service", "advice")]
    assert rows(applied, "SELECT is_active FROM service ORDER BY id") == [(1,), (0,)]
    assert rows(applied, "SELECT id, catalogue_key FROM service ORDER BY id") == ids
    assert applied.write(catalogue.apply, read(fewer, tmp_path)) == []


def test_what_is_named_again_is_reactivated_under_its_old_id(applied: Direct, tmp_path: Path) -> None:
    kept = "SELECT id, catalogue_key, name, price, resource_ids, resource_groups, is_active, created_at FROM service"
    before = rows(applied, kept)
    applied.write(catalogue.apply, read(TEXT.partition(ADVICE)[0], tmp_path))
    again = applied.write(catalogue.apply, read(TEXT, tmp_path))
    assert actions(again) == [("reactivated", "service", "advice")]
    assert rows(applied, kept) == before


def test_a_closure_that_is_no_longer_named_is_open_again(applied: Direct, tmp_path: Path) -> None:
    fewer = TEXT.replace('[[closure]]\ndate = "2027-12-25"\nname = "Christmas"\n', "")
    assert [each.fields for each in applied.write(catalogue.apply, read(fewer, tmp_path))] == [("closures",)]
    assert rows(applied, "SELECT date FROM closure") == [("2027-01-01",)]


def test_what_was_made_elsewhere_is_left_alone(applied: Direct, tmp_path: Path) -> None:
    def add(tx: Tx) -> None:
        tx.run(
            "INSERT INTO resource (name, name_key, type, uses_business_hours, hours, created_at, updated_at)"
            " VALUES ('Eve', 'eve', 'STAFF', 1, '[]', '', '')"
        )

    applied.write(add)
    assert applied.write(catalogue.apply, read(TEXT, tmp_path)) == []
    assert rows(applied, "SELECT is_active FROM resource WHERE name = 'Eve'") == [(1,)]


def test_a_business_without_a_catalogue_is_closed(file: Direct) -> None:
    assert rows(file, "SELECT hours FROM business") == [("[]",)]


def test_a_service_takes_one_resource_of_each_of_its_groups_in_their_order(file: Direct, tmp_path: Path) -> None:
    grouped = TEXT.replace('needs = [["bob", "ann", "bob"]]', 'needs = [["bob"], ["bob", "ann"]]')
    file.write(catalogue.apply, read(grouped, tmp_path))
    assert rows(file, "SELECT resource_groups, resource_ids FROM service") == [("[[2],[1,2]]", "[1,2]"), ("[[2]]", "[2]")]
    assert rows(file, "SELECT service_ids FROM resource") == [("[1]",), ("[1,2]",)]
    assert file.write(catalogue.apply, read(grouped, tmp_path)) == []

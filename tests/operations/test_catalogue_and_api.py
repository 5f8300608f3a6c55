"""What a catalogue file and the API each say of the same business, and who has the last word on what."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from smoothbox.contract.business import BusinessChange
from smoothbox.contract.resources import NewResource, ResourceChange
from smoothbox.contract.services import NewService, ServiceChange
from smoothbox.errors import Problem
from smoothbox.operations import business, catalogue, resources, services
from smoothbox.store import resource_entries
from smoothbox.store import resources as resource_rows
from smoothbox.store.connection import Tx
from smoothbox.store.direct import Direct
from tests.box import StillClock

from .test_catalogue import TEXT, actions, everything, read, rows

ANN, BOB = 1, 2
CUT, ADVICE = 1, 2
TWO_GROUPS = TEXT.replace('needs = [["bob", "ann", "bob"]]', 'needs = [["ann"], ["bob"]]')
MOVED = "2027-02-20"


@pytest.fixture
def applied(file: Direct, tmp_path: Path, clock: StillClock) -> Direct:
    """A file with the catalogue, an hour later."""
    file.write(catalogue.apply, read(TEXT, tmp_path))
    clock.advance(3600)
    return file


def change_business(file: Direct, **fields: Any) -> None:
    file.write(business.change, msgspec.convert(fields, BusinessChange), "acme", "live", ())


def change_ann(file: Direct, **fields: Any) -> None:
    file.write(resources.change, ANN, msgspec.convert(fields, ResourceChange))


def day(date: str, *spans: tuple[str, str]) -> dict[str, Any]:
    return {"date": date, "intervals": [{"start": start, "end": end} for start, end in spans]}


def marks(file: Direct, table: str, column: str) -> list[tuple[Any, ...]]:
    return rows(file, f"SELECT {column}, from_file FROM {table} ORDER BY 1")


HOLIDAY = {"start_time": "2027-01-11T00:00", "end_time": "2027-01-16T00:00", "reason": "Holiday"}
SICK = {"start_time": "2027-03-01T00:00", "end_time": "2027-03-02T00:00", "reason": "Sick"}


def test_a_list_that_is_sent_back_longer_leaves_the_file_its_own_rows(applied: Direct) -> None:
    kept = [day("2027-02-12", ("10:00", "11:00")), day("2027-02-13")]
    change_ann(applied, exceptions=[day(MOVED), *kept], time_off=[SICK, HOLIDAY])
    assert marks(applied, "hours_exception", "date") == [("2027-02-12", 1), ("2027-02-13", 1), (MOVED, 0)]
    assert marks(applied, "time_off", "reason") == [("Holiday", 1), ("Sick", 0)]
    christmas = {"date": "2027-12-25", "name": "Christmas"}
    change_business(applied, closures=[christmas, {"date": "2027-07-04", "name": "Independence Day"}])
    assert marks(applied, "closure", "date") == [("2027-07-04", 0), ("2027-12-25", 1)]


def test_what_came_by_the_api_survives_the_file(applied: Direct, tmp_path: Path) -> None:
    change_ann(
        applied, exceptions=[day("2027-02-12", ("10:00", "11:00")), day("2027-02-13"), day(MOVED)], time_off=[HOLIDAY, SICK]
    )
    change_business(applied, closures=[{"date": "2027-07-04", "name": "Independence Day"}])
    assert [each.fields for each in applied.write(catalogue.apply, read(TEXT, tmp_path))] == [("closures",)]
    assert marks(applied, "hours_exception", "date")[-1] == (MOVED, 0)
    assert marks(applied, "time_off", "reason") == [("Holiday", 1), ("Sick", 0)]
    assert marks(applied, "closure", "date") == [("2027-01-01", 1), ("2027-07-04", 0), ("2027-12-25", 1)]


def test_what_the_file_stops_naming_goes_and_what_the_api_added_stays(applied: Direct, tmp_path: Path) -> None:
    change_business(applied, closures=[{"date": "2027-12-25", "name": "Christmas"}, {"date": "2027-07-04", "name": "Fourth"}])
    fewer = TEXT.replace('[[closure]]\ndate = "2027-12-25"\nname = "Christmas"\n', "")
    applied.write(catalogue.apply, read(fewer, tmp_path))
    assert marks(applied, "closure", "name") == [("Fourth", 0), ("New Year", 1)]


def test_on_a_date_that_both_name_the_file_has_the_last_word(applied: Direct, tmp_path: Path) -> None:
    change_ann(applied, exceptions=[day("2027-02-12", ("14:00", "15:00"))], time_off=[HOLIDAY])
    change_business(applied, closures=[{"date": "2027-12-25", "name": "Xmas"}])
    assert marks(applied, "hours_exception", "intervals") == [('[{"start":"14:00","end":"15:00"}]', 0)]
    applied.write(catalogue.apply, read(TEXT, tmp_path))
    assert marks(applied, "hours_exception", "date") == [("2027-02-12", 1), ("2027-02-13", 1)]
    assert rows(applied, "SELECT intervals FROM hours_exception WHERE date = '2027-02-12'") == [
        ('[{"start":"10:00","end":"11:00"}]',)
    ]
    assert marks(applied, "closure", "name") == [("Christmas", 1), ("New Year", 1)]


def test_an_absence_that_both_name_is_there_once(file: Direct, tmp_path: Path) -> None:
    file.write(catalogue.apply, read(TEXT.replace('reason = "Holiday"', 'reason = "Away"'), tmp_path))
    change_ann(file, time_off=[HOLIDAY, HOLIDAY])
    assert marks(file, "time_off", "reason") == [("Holiday", 0)]
    file.write(catalogue.apply, read(TEXT, tmp_path))
    assert marks(file, "time_off", "reason") == [("Holiday", 1)]


@pytest.mark.parametrize("text", [TEXT, TWO_GROUPS])
def test_the_file_applied_a_second_time_changes_nothing_whatever_the_api_did(
    file: Direct, tmp_path: Path, clock: StillClock, text: str
) -> None:
    wanted = read(text, tmp_path)
    file.write(catalogue.apply, wanted)
    eve = file.write(resources.create, NewResource("Eve", "STAFF")).id
    file.write(services.change, CUT, ServiceChange(price=1, metadata={"k": "v"}, resource_groups=((ANN, eve), (BOB,))))
    file.write(services.create, NewService("Own", 30, price=1, resource_ids=(ANN,)))
    change_ann(file, name="Anna", exceptions=[day(MOVED)], time_off=[SICK], working_hours=[], is_active=False)
    change_business(file, name="Other", closures=[], late_cancellation_allowed=False)
    assert file.write(catalogue.apply, wanted)
    before = everything(file)
    clock.advance(60)
    assert file.write(catalogue.apply, wanted) == []
    assert everything(file) == before
    assert rows(file, "SELECT name, price, metadata FROM service ORDER BY id") == [
        ("Haircut", 2500, '{"k":"v"}'),
        ("Advice", None, "{}"),
        ("Own", 1, "{}"),
    ]


def test_a_service_that_the_file_no_longer_names_keeps_resources_that_have_no_key(applied: Direct, tmp_path: Path) -> None:
    eve = applied.write(resources.create, NewResource("Eve", "STAFF")).id
    applied.write(services.change, ADVICE, ServiceChange(resource_ids=(BOB, eve)))
    fewer = read(TEXT.partition('[[service]]\nkey = "advice"')[0], tmp_path)
    assert actions(applied.write(catalogue.apply, fewer)) == [("deactivated", "service", "advice")]
    assert rows(applied, f"SELECT resource_groups, is_active FROM service WHERE id = {ADVICE}") == [(f"[[{BOB},{eve}]]", 0)]


def test_what_was_removed_by_the_api_is_made_again_by_the_file(applied: Direct, tmp_path: Path) -> None:
    applied.write(services.remove, CUT)
    applied.write(resources.remove, ANN)
    again = applied.write(catalogue.apply, read(TEXT, tmp_path))
    assert actions(again) == [("created", "resource", "ann"), ("created", "service", "cut")]
    assert applied.write(catalogue.apply, read(TEXT, tmp_path)) == []


def test_removing_a_resource_keeps_both_sides_of_its_groups_right(file: Direct, tmp_path: Path) -> None:
    file.write(catalogue.apply, read(TEXT.replace('[["bob", "ann", "bob"]]', '[["ann", "bob"], ["bob"]]'), tmp_path))
    file.write(resources.remove, ANN)
    assert rows(file, "SELECT resource_groups, resource_ids FROM service") == [("[[2],[2]]", "[2]"), ("[[2]]", "[2]")]
    file.write(services.remove, CUT)
    assert rows(file, "SELECT service_ids FROM resource") == [("[2]",)]
    assert rows(file, "SELECT * FROM service_resource") == [(ADVICE, 0, BOB)]
    for table in ("hours_exception", "time_off"):
        assert rows(file, f"SELECT 1 FROM {table}") == []


def test_a_service_never_forgets_that_it_takes_a_second_resource(file: Direct, tmp_path: Path) -> None:
    """Without its only room a class must become impossible, not take place without a room."""
    file.write(catalogue.apply, read(TWO_GROUPS, tmp_path))
    file.write(resources.remove, ANN)
    assert rows(file, "SELECT is_active FROM resource WHERE id = 1") == [(0,)]
    assert rows(file, "SELECT resource_groups FROM service WHERE id = 1") == [("[[1],[2]]",)]
    file.write(services.remove, CUT)
    file.write(resources.remove, ANN)
    assert rows(file, "SELECT id FROM resource") == [(BOB,)]


def test_a_change_of_the_zone_moves_no_time_off(applied: Direct) -> None:
    before = rows(applied, "SELECT start_at, end_at FROM time_off")
    change_business(applied, timezone="Asia/Tokyo")
    assert rows(applied, "SELECT start_at, end_at FROM time_off") == before


def test_the_verbs_of_one_transaction_see_what_the_ones_before_them_wrote(applied: Direct) -> None:
    def rename(tx: Tx) -> list[str]:
        seen = [services.find(tx, CUT).name]
        services.change(tx, CUT, ServiceChange(name="Trim"))
        seen.append(services.find(tx, CUT).name)
        business.change(tx, BusinessChange(currency="EUR"), "acme", "live", ())
        return [*seen, services.find(tx, CUT).currency]

    assert applied.write(rename) == ["Haircut", "Trim", "EUR"]


def test_a_verb_that_fails_leaves_all_as_it_was(applied: Direct) -> None:
    before = everything(applied)
    with pytest.raises(Problem):
        applied.write(services.change, CUT, ServiceChange(name="Trim", resource_ids=(ANN, 99)))
    assert everything(applied) == before


def test_many_resources_in_many_groups_are_written_in_no_time(applied: Direct) -> None:
    def fill(tx: Tx) -> None:
        for number in range(198):
            resources.add(tx, resource_entries.entry(tx, _row(tx)), f"r{number}")

    applied.write(fill)
    everyone = tuple(range(1, 201))
    applied.write(services.change, CUT, ServiceChange(resource_groups=(everyone,) * 8))
    assert rows(applied, "SELECT count(*) FROM service_resource WHERE service_id = 1") == [(1600,)]
    applied.write(services.change, CUT, ServiceChange(name="Same groups"))


def _row(tx: Tx) -> resource_rows.ResourceRow:
    row = resource_rows.get(tx, BOB)
    assert row is not None
    return row

"""resources/: POST, PATCH and DELETE."""

from typing import Any

import pytest

from smoothbox.clock import instant_text
from tests.box import Client, RunningBox, StillClock

from .acme import ADVICE, ANN, BOB, CUT, ROOM, WEDDING, assert_refused, book

pytestmark = pytest.mark.gen_test

THURSDAY = "2027-01-07"
MORNING = [{"start": "09:00", "end": "10:00"}]
THURSDAYS = [{"day_of_week": 3, "intervals": MORNING}]


async def add(api: Client, **fields: Any) -> dict[str, Any]:
    answer = await api.post("resources/", {"name": "Cleo", "type": "STAFF", **fields})
    assert answer.status == 201, answer
    added: dict[str, Any] = answer.body
    return added


async def offer(api: Client, *resource_ids: int) -> int:
    """A new service of an hour that any of these does; its id."""
    body = {"name": "Massage", "duration": 60, "price": 1, "resource_ids": resource_ids}
    service_id: int = (await api.post("services/", body)).body["id"]
    return service_id


async def starts(api: Client, service_id: int, date: str = THURSDAY) -> list[str]:
    days = (await api.get("availability/", service_id=service_id, date=date)).body["days"]
    return [slot["start_time"][11:16] for slot in days[0]["slots"]]


async def test_a_resource_is_added_with_the_hours_of_the_business(api: Client) -> None:
    answer = await api.post("resources/", {"name": "Cleo", "type": "STAFF"})
    assert answer.status == 201
    assert answer.headers["Location"] == "/tenant-api/v1/resources/4/"
    assert len(answer.body.pop("working_hours")) == 5
    assert answer.body == {
        "id": 4,
        "version": 1,
        "name": "Cleo",
        "type": "STAFF",
        "description": "",
        "timezone": "America/New_York",
        "service_ids": [],
        "uses_business_hours": True,
        "exceptions": [],
        "time_off": [],
        "display_order": 0,
        "is_active": True,
        "created_at": "2027-01-04T12:00:00.000000Z",
        "updated_at": "2027-01-04T12:00:00.000000Z",
    }
    shown = (await api.get("resources/4/")).body
    assert len(shown.pop("working_hours")) == 5
    assert shown == answer.body


async def test_every_field_can_be_said_at_once_and_changed_at_once(api: Client) -> None:
    said = {
        "name": "Zoë",
        "type": "EQUIPMENT",
        "description": "Blue",
        "timezone": "Europe/Paris",
        "working_hours": [
            {"day_of_week": 0, "intervals": [{"start": "09:00", "end": "12:00"}, {"start": "22:00", "end": "02:00"}]},
            {"day_of_week": 6, "intervals": [{"start": "00:00", "end": "24:00"}]},
        ],
        "uses_business_hours": False,
        "exceptions": [{"date": "2027-02-12", "intervals": MORNING}, {"date": "2027-02-13", "intervals": []}],
        "time_off": [
            {"start_time": "2027-03-01T09:00:00-05:00", "end_time": "2027-03-02T09:00:00-05:00", "reason": "Fair"},
            {"start_time": "2027-07-01T00:00:00-04:00", "end_time": "2027-07-08T00:00:00-04:00", "reason": ""},
        ],
        "display_order": 7,
        "is_active": False,
    }
    added = await add(api, **said)
    assert {**added, **said} == added
    before = (await api.get(f"resources/{ANN}/")).body
    changed = await api.patch(f"resources/{ANN}/", said)
    assert changed.status == 200
    assert changed.body == before | said | {"version": before["version"] + 1}
    assert (await api.get(f"resources/{ANN}/")).body == changed.body


async def test_a_new_resource_works_at_once_by_its_own_hours(api: Client) -> None:
    cleo = (await add(api, working_hours=THURSDAYS))["id"]
    service = await offer(api, cleo)
    assert await starts(api, service) == ["09:00"]
    await api.patch(f"resources/{cleo}/", {"uses_business_hours": True})
    assert len(await starts(api, service)) > 1
    await api.patch(f"resources/{cleo}/", {"timezone": "America/Chicago", "working_hours": THURSDAYS})
    assert await starts(api, service) == ["10:00"]
    await api.patch(f"resources/{cleo}/", {"timezone": None})
    assert await starts(api, service) == ["09:00"]


async def test_hours_of_its_own_are_sorted_and_closed_days_left_out(api: Client) -> None:
    week = [
        {"day_of_week": 4, "intervals": [{"start": "13:00", "end": "17:00"}, {"start": "09:00", "end": "12:00"}]},
        {"day_of_week": 2, "intervals": []},
        {"day_of_week": 0, "intervals": MORNING},
    ]
    added = await add(api, working_hours=week)
    assert added["uses_business_hours"] is False
    assert added["working_hours"] == [
        {"day_of_week": 0, "intervals": MORNING},
        {"day_of_week": 4, "intervals": [{"start": "09:00", "end": "12:00"}, {"start": "13:00", "end": "17:00"}]},
    ]
    again = await api.patch(f"resources/{added['id']}/", {"working_hours": week})
    assert again.body == added


async def test_whether_hours_are_its_own_or_the_business_s_is_said_without_contradiction(api: Client) -> None:
    both = {"working_hours": [], "uses_business_hours": True}
    for answer in (
        await api.post("resources/", {"name": "x", "type": "ROOM", **both}),
        await api.patch(f"resources/{ANN}/", both),
    ):
        assert_refused(answer, 400, "validation_error", "uses_business_hours")
    never_open = await add(api, working_hours=[], uses_business_hours=False)
    assert (never_open["working_hours"], never_open["uses_business_hours"]) == ([], False)
    back = await api.patch(f"resources/{never_open['id']}/", {"uses_business_hours": True})
    assert back.body["working_hours"] == (await api.get("business/")).body["business_hours"]


async def test_hours_of_its_own_come_with_the_hours(api: Client) -> None:
    said = {"uses_business_hours": False}
    for answer in (
        await api.post("resources/", {"name": "x", "type": "ROOM", **said}),
        await api.patch(f"resources/{ANN}/", said),
    ):
        assert_refused(answer, 400, "validation_error", "working_hours")
        assert answer.body["details"]["working_hours"][0].startswith("Send the hours as well")
    own = await add(api, working_hours=THURSDAYS)
    assert (await api.patch(f"resources/{own['id']}/", said)).body == own


async def test_an_exception_replaces_the_hours_of_its_date(api: Client) -> None:
    service = await offer(api, ROOM)
    assert len(await starts(api, service)) > 1
    await api.patch(f"resources/{ROOM}/", {"exceptions": [{"date": THURSDAY, "intervals": MORNING}]})
    assert await starts(api, service) == ["09:00"]
    await api.patch(f"resources/{ROOM}/", {"exceptions": [{"date": THURSDAY, "intervals": []}]})
    assert await starts(api, service) == []
    await api.patch(f"resources/{ROOM}/", {"exceptions": []})
    assert len(await starts(api, service)) > 1


async def test_time_off_takes_its_times_away_and_gives_them_back(api: Client) -> None:
    service = await offer(api, ROOM)
    before = await starts(api, service)
    away = {"start_time": f"{THURSDAY}T09:00", "end_time": f"{THURSDAY}T16:00", "reason": "Paint"}
    answer = await api.patch(f"resources/{ROOM}/", {"time_off": [away]})
    assert answer.body["time_off"] == [
        {"start_time": f"{THURSDAY}T09:00:00-05:00", "end_time": f"{THURSDAY}T16:00:00-05:00", "reason": "Paint"}
    ]
    assert await starts(api, service) == ["16:00"]
    await api.patch(f"resources/{ROOM}/", {"time_off": []})
    assert await starts(api, service) == before


async def test_naive_times_are_the_business_s_and_not_the_resource_s(api: Client) -> None:
    away = {"start_time": "2027-07-01T09:00", "end_time": "2027-07-01T16:00:00Z"}
    added = await add(api, timezone="Asia/Tokyo", time_off=[away])
    assert [added["time_off"][0][name] for name in ("start_time", "end_time")] == [
        "2027-07-01T09:00:00-04:00",
        "2027-07-01T12:00:00-04:00",
    ]


async def test_a_change_of_the_business_s_zone_moves_no_time_off(api: Client) -> None:
    await api.patch(f"resources/{ANN}/", {"time_off": [{"start_time": "2027-07-01T09:00", "end_time": "2027-07-01T10:00"}]})
    await api.patch("business/", {"timezone": "Europe/Paris"})
    (away,) = (await api.get(f"resources/{ANN}/")).body["time_off"]
    assert away["start_time"] == "2027-07-01T15:00:00+02:00"


async def test_why_somebody_is_away_is_shown_only_to_those_who_may_change_it(box: RunningBox, api: Client) -> None:
    await api.patch(
        f"resources/{ANN}/",
        {"time_off": [{"start_time": "2027-07-01T00:00", "end_time": "2027-07-02T00:00", "reason": "Sick"}]},
    )
    reader, writer = box.client(scopes=("resources:read",)), box.client(scopes=("resources:read", "resources:write"))
    private = {"exceptions", "time_off"}
    shown, known = (await reader.get(f"resources/{ANN}/")).body, (await writer.get(f"resources/{ANN}/")).body
    assert not private & shown.keys()
    assert known["time_off"][0]["reason"] == "Sick"
    assert known == shown | {name: known[name] for name in private}
    for each in (reader, writer):
        assert all(not private & one.keys() for one in (await each.get("resources/")).body["results"])


async def test_a_change_touches_only_what_it_names(api: Client, clock: StillClock) -> None:
    before = (await api.get(f"resources/{BOB}/")).body
    assert [each["date"] for each in before["exceptions"]] == ["2027-01-05"]
    clock.advance(60)
    answer = await api.patch(f"resources/{BOB}/", {"name": "Robert"})
    assert answer.status == 200
    assert answer.body == before | {
        "name": "Robert",
        "version": before["version"] + 1,
        "updated_at": "2027-01-04T12:01:00.000000Z",
    }


async def test_a_change_that_changes_nothing_changes_nothing(api: Client, clock: StillClock) -> None:
    before = [(await api.get(f"resources/{each}/")).body for each in (ANN, BOB)]
    clock.advance(60)
    for each in before:
        own = {name: each[name] for name in ("name", "type", "exceptions", "time_off", "uses_business_hours", "display_order")}
        for same in ({}, own, {"name": f" {each['name']} "}, {"timezone": None}):
            assert (await api.patch(f"resources/{each['id']}/", same)).body == each, same


async def test_all_that_contradicts_itself_is_told_at_once(api: Client) -> None:
    late = {"start_time": "2027-01-02T00:00", "end_time": "2027-01-01T00:00"}
    gap = {"start_time": "2027-03-14T02:30", "end_time": "2027-03-15T00:00"}
    overlap = [{"start": "11:00", "end": "13:00"}, {"start": "09:00", "end": "12:00"}]
    body = {
        "working_hours": [
            {"day_of_week": 0, "intervals": MORNING},
            {"day_of_week": 0, "intervals": overlap},
        ],
        "exceptions": [{"date": "2027-01-01", "intervals": []}, {"date": "2027-01-01", "intervals": overlap}],
        "time_off": [late, gap],
    }
    before = (await api.get(f"resources/{ANN}/")).body
    answer = await api.patch(f"resources/{ANN}/", body)
    assert_refused(answer, 400, "validation_error")
    details = answer.body["details"]
    assert set(details) == {
        "working_hours[1].day_of_week",
        "working_hours[1].intervals",
        "exceptions[1].date",
        "exceptions[1].intervals",
        "time_off[0].end_time",
        "time_off[1].start_time",
    }
    for field in ("working_hours[1].intervals", "exceptions[1].intervals"):
        assert details[field] == ["09:00-12:00 and 11:00-13:00 overlap."]
    assert_refused(
        await api.patch(f"resources/{ANN}/", {"time_off": [gap]}), 400, "nonexistent_local_time", "time_off[0].start_time"
    )
    assert (await api.get(f"resources/{ANN}/")).body == before


async def test_of_thousands_of_overlaps_some_are_told(api: Client) -> None:
    intervals = [{"start": "09:00", "end": "12:00"}] * 5000
    body = {
        "working_hours": [{"day_of_week": 0, "intervals": intervals}],
        "exceptions": [{"date": f"2027-02-{day:02}", "intervals": intervals[:5]} for day in (*range(1, 29), *range(1, 29)) * 3],
    }
    answer = await api.patch(f"resources/{ANN}/", body)
    assert_refused(answer, 400, "validation_error")
    assert len(answer.body["details"]["working_hours[0].intervals"]) == 20
    assert len(answer.body["details"]) == 50


async def test_hours_past_midnight_end_before_those_of_the_next_day_begin(api: Client) -> None:
    night, early = {"start": "22:00", "end": "02:00"}, {"start": "01:00", "end": "05:00"}
    touching = {"start": "02:00", "end": "05:00"}
    week = [{"day_of_week": 0, "intervals": [MORNING[0], early]}, {"day_of_week": 6, "intervals": [night]}]
    answer = await api.patch(f"resources/{ANN}/", {"working_hours": week})
    assert_refused(answer, 400, "validation_error", "working_hours[0].intervals")
    assert answer.body["details"]["working_hours[0].intervals"] == ["22:00-02:00 of Sunday and 01:00-05:00 of Monday overlap."]
    week[0]["intervals"] = [touching]
    assert (await api.patch(f"resources/{ANN}/", {"working_hours": week})).status == 200
    assert_refused(
        await api.patch(
            "business/",
            {"business_hours": [{"day_of_week": 2, "intervals": [early]}, {"day_of_week": 1, "intervals": [night]}]},
        ),
        400,
        "validation_error",
        "business_hours[0].intervals",
    )


async def test_all_that_is_malformed_is_told_at_once_and_where(api: Client) -> None:
    body = {
        "type": "PERSON",
        "timezone": "Mars/Olympus",
        "working_hours": [{"day_of_week": 7, "intervals": [{"start": "9:00", "end": "24:01"}]}, {"intervals": []}, 5],
        "exceptions": [
            {"date": "2027-02-30", "intervals": []},
            {"date": "9999-12-31", "intervals": []},
            {"date": "2027-01-01"},
        ],
        "time_off": [{"start_time": "soon", "end_time": "2027-01-01T00:00:00.5Z", "why": 1}],
        "nope": 1,
    }
    answer = await api.post("resources/", body)
    assert_refused(
        answer,
        400,
        "validation_error",
        "name",
        "type",
        "timezone",
        "working_hours[0].day_of_week",
        "working_hours[0].intervals[0].start",
        "working_hours[0].intervals[0].end",
        "working_hours[1].day_of_week",
        "working_hours[2]",
        "exceptions[0].date",
        "exceptions[1].date",
        "exceptions[2].intervals",
        "time_off[0].start_time",
        "time_off[0].why",
        "nope",
    )
    assert all(text.endswith(".") for texts in answer.body["details"].values() for text in texts)


@pytest.mark.parametrize(
    ("name", "odd"),
    [
        ("working_hours", [{"day_of_week": 0, "intervals": []}] * 8),
        ("exceptions", [{"date": "2027-01-01", "intervals": []}] * 1001),
        ("time_off", [{"start_time": "2027-01-01T00:00", "end_time": "2027-01-02T00:00"}] * 1001),
        ("exceptions", None),
        ("time_off", {}),
        ("working_hours", "always"),
        ("exceptions", [5] * 1000),
        ("timezone", "x" * 65),
        ("timezone", "../etc/passwd"),
        ("working_hours", [{"day_of_week": 0, "intervals": [{"start": "09:00\n", "end": "10:00"}]}]),
    ],
)
async def test_a_list_out_of_its_bounds_is_refused_by_name(api: Client, name: str, odd: Any) -> None:
    answer = await api.patch(f"resources/{ANN}/", {name: odd})
    assert_refused(answer, 400, "validation_error")
    assert all(each.startswith(name) for each in answer.body["details"])
    assert len(answer.body["details"]) <= 50


async def test_a_thousand_dates_and_absences_are_taken(api: Client) -> None:
    days = [f"{year}-{month:02}-{day:02}" for year in range(2027, 2030) for month in range(1, 13) for day in range(1, 29)]
    body = {
        "exceptions": [{"date": day, "intervals": []} for day in days[:1000]],
        "time_off": [{"start_time": f"{day}T00:00Z", "end_time": f"{day}T01:00Z"} for day in days[:1000]],
    }
    answer = await api.patch(f"resources/{ROOM}/", body)
    assert answer.status == 200
    assert [len(answer.body[name]) for name in body] == [1000, 1000]


async def test_a_resource_that_is_switched_off_takes_no_bookings(api: Client) -> None:
    service = await offer(api, ROOM)
    assert (await api.patch(f"resources/{ROOM}/", {"is_active": False})).body["is_active"] is False
    body = (await api.get("availability/", service_id=service, date=THURSDAY)).body
    assert body["reason"] == "no_eligible_resource"
    await api.patch(f"resources/{ROOM}/", {"is_active": True})
    assert await starts(api, service)


async def test_a_resource_that_nobody_booked_is_removed_with_all_that_is_its_own(api: Client) -> None:
    await api.patch(f"resources/{ANN}/", {"exceptions": [{"date": THURSDAY, "intervals": []}]})
    assert (await api.delete(f"resources/{ANN}/")).status == 204
    assert_refused(await api.get(f"resources/{ANN}/"), 404, "not_found")
    assert_refused(await api.delete(f"resources/{ANN}/"), 404, "not_found")
    assert (await api.get(f"services/{CUT}/")).body["resource_groups"] == [[BOB]]
    assert (await api.get(f"services/{WEDDING}/")).body["resource_ids"] == [ROOM]


async def test_services_that_lose_a_resource_are_found_by_who_keeps_a_copy(api: Client, clock: StillClock) -> None:
    before = (await api.get(f"services/{CUT}/")).body
    clock.advance(60)
    assert (await api.delete(f"resources/{BOB}/")).status == 204
    changed = (await api.get("services/", updated_at__gte=instant_text(clock.now()), ordering="id")).body["results"]
    assert [each["id"] for each in changed] == [CUT, ADVICE]
    assert changed[0] == before | {
        "version": before["version"] + 1,
        "resource_ids": [ANN],
        "resource_groups": [[ANN]],
        "updated_at": "2027-01-04T12:01:00.000000Z",
    }


async def test_a_resource_that_was_booked_stays_and_is_deactivated(api: Client) -> None:
    made = await book(api, resource_id=ANN)
    await api.delete(f"bookings/{made['id']}/")
    before = (await api.get(f"resources/{ANN}/")).body
    for _ in range(2):
        assert (await api.delete(f"resources/{ANN}/")).status == 204
    body = (await api.get(f"resources/{ANN}/")).body
    assert (body["is_active"], body["version"]) == (False, before["version"] + 1)
    assert len(body["time_off"]) == 1
    assert (await api.patch(f"resources/{ANN}/", {"is_active": True})).body["is_active"] is True


async def test_a_resource_of_a_second_group_that_was_booked_stays_too(api: Client) -> None:
    body = {"name": "Class", "duration": 60, "price": 1, "resource_groups": [[ANN], [ROOM]]}
    service = (await api.post("services/", body)).body["id"]
    await book(api, service_id=service, start_time=f"{THURSDAY}T09:00")
    await api.delete(f"resources/{ROOM}/")
    assert (await api.get(f"resources/{ROOM}/")).body["is_active"] is False


async def test_the_only_room_of_a_class_is_deactivated_so_that_the_class_still_takes_one(api: Client) -> None:
    body = {"name": "Class", "duration": 60, "price": 1, "resource_groups": [[ANN], [ROOM]]}
    service = (await api.post("services/", body)).body["id"]
    assert (await api.delete(f"resources/{ROOM}/")).status == 204
    assert (await api.get(f"resources/{ROOM}/")).body["is_active"] is False
    assert (await api.get(f"services/{service}/")).body["resource_groups"] == [[ANN], [ROOM]]
    assert await starts(api, service) == []


async def test_a_resource_that_somebody_holds_is_removed_once_the_hold_is_over(api: Client, clock: StillClock) -> None:
    held = {"service_id": CUT, "start_time": f"{THURSDAY}T09:00", "resource_id": ANN, "ttl_seconds": 60}
    assert (await api.post("holds/", held)).status == 201
    assert (await api.delete(f"resources/{ANN}/")).status == 204
    assert (await api.get(f"resources/{ANN}/")).body["is_active"] is False
    clock.advance(61)
    assert (await api.delete(f"resources/{ANN}/")).status == 204
    assert_refused(await api.get(f"resources/{ANN}/"), 404, "not_found")


async def test_what_does_not_exist_is_neither_changed_nor_removed(api: Client) -> None:
    assert_refused(await api.patch("resources/99/", {"name": "x"}), 404, "not_found")
    assert_refused(await api.delete("resources/99/"), 404, "not_found")


async def test_a_change_may_name_the_version_that_it_is_meant_for(api: Client) -> None:
    tag = (await api.get(f"resources/{ANN}/")).headers["ETag"]
    path = f"resources/{ANN}/"
    first = await api.send("PATCH", path, {"name": "Anna"}, headers={"If-Match": tag})
    assert first.status == 200
    for method, body in (("PATCH", {"name": "Anne"}), ("DELETE", None)):
        assert_refused(await api.send(method, path, body, headers={"If-Match": tag}), 412, "precondition_failed")
    assert (await api.send("DELETE", path, headers={"If-Match": first.headers["ETag"]})).status == 204

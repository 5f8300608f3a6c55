"""services/: POST, PATCH and DELETE."""

from typing import Any

import pytest

from smoothbox.clock import instant_text
from tests.box import CATALOGUE, Answer, Client, RunningBox, StillClock

from .acme import ADVICE, ANN, BOB, COLOUR, CUT, ROOM, WEDDING, assert_refused, book

pytestmark = pytest.mark.gen_test

TUESDAY = "2027-01-05"
THURSDAY = "2027-01-07"
MINIMAL = {"name": "Massage", "duration": 60, "price": 7000, "resource_ids": [ROOM]}


async def add(api: Client, **fields: Any) -> dict[str, Any]:
    answer = await api.post("services/", MINIMAL | fields)
    assert answer.status == 201, answer
    added: dict[str, Any] = answer.body
    return added


async def free(api: Client, service_id: int, date: str = THURSDAY) -> Answer:
    return await api.get("availability/", service_id=service_id, date=date)


async def starts(api: Client, service_id: int, date: str = THURSDAY) -> list[str]:
    return [slot["start_time"][11:16] for slot in (await free(api, service_id, date)).body["days"][0]["slots"]]


async def test_a_service_is_added_with_everything_it_leaves_open(api: Client) -> None:
    answer = await api.post("services/", MINIMAL)
    assert answer.status == 201
    assert answer.headers["Location"] == "/tenant-api/v1/services/5/"
    assert answer.body == {
        "id": 5,
        "version": 1,
        **MINIMAL,
        "description": "",
        "category": "",
        "currency": "USD",
        "variable_pricing": False,
        "deposit_amount": 0,
        "buffer_before": 0,
        "buffer_after": 0,
        "slot_interval": 30,
        "min_notice": 0,
        "max_advance_days": 365,
        "capacity": 1,
        "requires_manual_scheduling": False,
        "requires_confirmation": False,
        "resource_groups": [[ROOM]],
        "display_order": 0,
        "is_active": True,
        "metadata": {},
        "created_at": "2027-01-04T12:00:00.000000Z",
        "updated_at": "2027-01-04T12:00:00.000000Z",
    }
    assert (await api.get("services/5/")).body == answer.body
    assert (await api.get(f"resources/{ROOM}/")).body["service_ids"] == [4, 5]


async def test_every_field_can_be_said_at_once_and_changed_at_once(api: Client) -> None:
    said = {
        "name": "Class",
        "description": "For all",
        "category": "Sport",
        "duration": 45,
        "price": 1500,
        "variable_pricing": False,
        "deposit_amount": 500,
        "buffer_before": 5,
        "buffer_after": 10,
        "slot_interval": 15,
        "min_notice": 60,
        "max_advance_days": 30,
        "capacity": 12,
        "requires_manual_scheduling": False,
        "requires_confirmation": True,
        "resource_groups": [[ANN, BOB], [ROOM]],
        "display_order": -3,
        "is_active": False,
        "metadata": {"room": "blue", "n": 1},
    }
    added = (await api.post("services/", said)).body
    assert {**added, **said} == added
    assert added["resource_ids"] == [ANN, BOB, ROOM]
    changed = await api.patch(f"services/{CUT}/", said)
    assert changed.status == 200
    assert {**changed.body, **said, "id": CUT, "version": 2} == changed.body


async def test_a_new_service_can_be_booked_at_once(api: Client) -> None:
    assert_refused(await free(api, 5), 404, "not_found")
    added = await add(api)
    assert (await starts(api, added["id"]))[:3] == ["09:00", "09:30", "10:00"]
    made = await book(api, service_id=added["id"], start_time=f"{THURSDAY}T09:00:00-05:00")
    assert (made["service_name"], made["price"], made["resource_id"]) == ("Massage", 7000, ROOM)


async def test_a_service_takes_one_of_each_of_its_groups(api: Client) -> None:
    body = {name: value for name, value in MINIMAL.items() if name != "resource_ids"}
    added = (await api.post("services/", body | {"resource_groups": [[ROOM, ROOM], [BOB, ANN]]})).body
    assert (added["resource_groups"], added["resource_ids"]) == ([[ROOM], [ANN, BOB]], [ANN, BOB, ROOM])
    made = await book(api, service_id=added["id"], start_time=f"{THURSDAY}T09:00:00-05:00")
    assert made["resource_ids"][0] == ROOM
    assert len(made["resource_ids"]) == 2
    assert "09:00" not in await starts(api, added["id"])


async def test_a_service_with_seats_is_booked_until_they_are_taken(api: Client) -> None:
    added = await add(api, capacity=2)
    for _ in range(2):
        await book(api, service_id=added["id"], start_time=f"{THURSDAY}T09:00:00-05:00")
    assert (await starts(api, added["id"]))[:1] == ["10:00"]


async def test_a_change_touches_only_what_it_names(api: Client, clock: StillClock) -> None:
    before = (await api.get(f"services/{CUT}/")).body
    clock.advance(60)
    answer = await api.patch(f"services/{CUT}/", {"price": 2600})
    assert answer.status == 200
    assert answer.body == before | {"price": 2600, "version": 2, "updated_at": "2027-01-04T12:01:00.000000Z"}
    assert (await api.get(f"services/{CUT}/")).body == answer.body


async def test_a_change_that_changes_nothing_changes_nothing(api: Client, clock: StillClock) -> None:
    before = (await api.get(f"services/{CUT}/")).body
    clock.advance(60)
    for same in (
        {},
        {"name": " Haircut "},
        {"resource_ids": [BOB, ANN, BOB]},
        {"resource_groups": [[ANN, BOB]]},
        {"metadata": {}},
    ):
        assert (await api.patch(f"services/{CUT}/", same)).body == before, same
    assert (await api.get(f"services/{CUT}/")).body == before


async def test_a_change_reaches_the_next_booking_and_none_before(api: Client) -> None:
    made = await book(api)
    await api.patch(f"services/{CUT}/", {"price": 9900, "duration": 60, "name": "Long cut"})
    assert (await api.get(f"bookings/{made['id']}/")).body == made
    later = await book(api, start_time=f"{THURSDAY}T09:00:00-05:00")
    assert (later["price"], later["duration"], later["service_name"]) == (9900, 60, "Long cut")


async def test_what_is_null_is_the_business_s(api: Client) -> None:
    await api.patch("business/", {"min_notice": 45, "slot_interval": 20, "max_advance_days": 5})
    own = {"min_notice": 120, "max_advance_days": 10, "slot_interval": 20}
    assert own.items() <= (await api.get(f"services/{ADVICE}/")).body.items()
    answer = await api.patch(f"services/{ADVICE}/", dict.fromkeys(own))
    assert answer.body.items() >= {"min_notice": 45, "max_advance_days": 5, "slot_interval": 20}.items()


async def test_a_price_is_there_or_it_varies(api: Client) -> None:
    for body in (
        {"price": None},
        {"variable_pricing": True, "price": 100},
    ):
        assert_refused(await api.post("services/", MINIMAL | body), 400, "validation_error", "price")
    assert_refused(await api.post("services/", {"name": "x", "duration": 5}), 400, "validation_error", "price")
    assert_refused(await api.patch(f"services/{CUT}/", {"price": None}), 400, "validation_error", "price")
    assert_refused(await api.patch(f"services/{ADVICE}/", {"variable_pricing": False}), 400, "validation_error", "price")
    assert_refused(await api.patch(f"services/{ADVICE}/", {"price": 5}), 400, "validation_error", "price")
    varies = await api.patch(f"services/{CUT}/", {"variable_pricing": True})
    assert (varies.status, varies.body["price"]) == (200, None)
    fixed = await api.patch(f"services/{CUT}/", {"variable_pricing": False, "price": 0})
    assert (fixed.status, fixed.body["price"], fixed.body["variable_pricing"]) == (200, 0, False)


async def test_resources_that_do_not_exist_are_told_under_the_field_that_names_them(api: Client) -> None:
    answer = await api.post("services/", MINIMAL | {"resource_ids": [99, ANN, 98], "price": None})
    assert_refused(answer, 400, "validation_error", "resource_ids", "price")
    assert answer.body["details"]["resource_ids"] == ["There is no resource 98.", "There is no resource 99."]
    answer = await api.patch(f"services/{CUT}/", {"resource_groups": [[ANN], [2**53]]})
    assert_refused(answer, 400, "validation_error", "resource_groups")
    both = await api.patch(f"services/{CUT}/", {"resource_groups": [[ANN]], "resource_ids": [ANN]})
    assert_refused(both, 400, "validation_error", "resource_groups")
    assert (await api.get(f"services/{CUT}/")).body["version"] == 1


@pytest.mark.parametrize("groups", [[[ANN], [ANN]], [[ANN, BOB], [ROOM], [BOB, ANN], [ANN, BOB]]])
async def test_groups_that_could_never_each_have_a_resource_of_their_own_are_refused(
    api: Client, groups: list[list[int]]
) -> None:
    body = {"name": "x", "duration": 5, "price": 5, "resource_groups": groups}
    for answer in (await api.post("services/", body), await api.patch(f"services/{CUT}/", {"resource_groups": groups})):
        assert_refused(answer, 400, "validation_error", "resource_groups")
        assert answer.body["details"]["resource_groups"] == [
            "A booking takes a different resource for each group, and here are too few; add others or leave a group out."
        ]
    assert (await api.get(f"services/{CUT}/")).body["version"] == 1


async def test_a_service_that_lost_a_resource_is_still_changed_otherwise(api: Client) -> None:
    await api.patch(f"services/{CUT}/", {"resource_groups": [[ANN, BOB], [ROOM, BOB], [ANN, ROOM]]})
    assert (await api.delete(f"resources/{ANN}/")).status == 204
    assert (await api.get(f"services/{CUT}/")).body["resource_groups"] == [[BOB], [BOB, ROOM], [ROOM]]
    assert (await api.patch(f"services/{CUT}/", {"price": 5})).status == 200


async def test_resources_whose_services_change_are_found_by_who_keeps_a_copy(api: Client, clock: StillClock) -> None:
    async def news() -> list[int]:
        """Which resources changed in this very second, now over."""
        since = instant_text(clock.now())
        found = (await api.get("resources/", updated_at__gte=since, ordering="id")).body["results"]
        clock.advance(60)
        return [each["id"] for each in found]

    clock.advance(60)
    added = await add(api, resource_ids=[ANN, ROOM])
    assert await news() == [ANN, ROOM]
    await api.patch(f"services/{added['id']}/", {"resource_ids": [ANN, BOB]})
    assert await news() == [BOB, ROOM]
    await api.patch(f"services/{added['id']}/", {"resource_groups": [[BOB], [ANN, BOB]]})
    assert await news() == []
    await api.patch(f"services/{added['id']}/", {"price": 1})
    assert await news() == []
    await api.delete(f"services/{added['id']}/")
    assert await news() == [ANN, BOB]


async def test_a_resource_whose_services_change_has_another_version(api: Client) -> None:
    before = (await api.get(f"resources/{ROOM}/")).body
    await add(api, resource_ids=[ROOM])
    after = (await api.get(f"resources/{ROOM}/")).body
    assert (after["version"], after["service_ids"]) == (before["version"] + 1, [WEDDING, 5])


@pytest.mark.parametrize(
    ("name", "odd"),
    [
        *(("name", odd) for odd in ("", " ", "x" * 201, None, 5)),
        *(("duration", odd) for odd in (0, -5, 10081, 30.5, "30", None, True)),
        *(("price", odd) for odd in (-1, 10**9 + 1, 1.5, "5")),
        *(("buffer_before", odd) for odd in (-1, 1441, None)),
        *(("slot_interval", odd) for odd in (0, 1441)),
        *(("min_notice", odd) for odd in (-1, 525601)),
        *(("max_advance_days", odd) for odd in (-1, 3651)),
        *(("capacity", odd) for odd in (0, 1001, None)),
        *(("resource_ids", odd) for odd in (5, [0], ["1"], [None], [1] * 201, {"1": 2}, None)),
        *(("resource_groups", odd) for odd in ([1], [[]], [[1]] * 9, [[1] * 201], [[1], None], None)),
        *(("display_order", odd) for odd in (10**6 + 1, 0.5)),
        *(("metadata", odd) for odd in ({"a": []}, [], None)),
        *((name, odd) for name in ("variable_pricing", "is_active", "requires_confirmation") for odd in (1, "true", None)),
    ],
)
async def test_a_field_out_of_its_bounds_is_refused_by_name(api: Client, name: str, odd: Any) -> None:
    body: dict[str, Any] = {"name": "x", "duration": 5, "price": 5, name: odd}
    for answer in (await api.post("services/", body), await api.patch(f"services/{CUT}/", {name: odd})):
        assert_refused(answer, 400, "validation_error")
        assert all(each.startswith(name) for each in answer.body["details"]), answer.body


async def test_all_problems_of_a_service_are_told_at_once(api: Client) -> None:
    answer = await api.post("services/", {"duration": 0, "capacity": 5000, "nope": 1, "resource_ids": ["x"]})
    assert_refused(answer, 400, "validation_error", "name", "duration", "capacity", "nope", "resource_ids[0]")


async def test_a_service_that_is_switched_off_says_so_and_can_be_switched_on_again(api: Client) -> None:
    assert await starts(api, CUT)
    off = await api.patch(f"services/{CUT}/", {"is_active": False})
    assert (off.status, off.body["is_active"]) == (200, False)
    body = (await free(api, CUT)).body
    assert (body["reason"], body["days"][0]["slots"]) == ("inactive", [])
    await api.patch(f"services/{CUT}/", {"is_active": True})
    assert await starts(api, CUT)


async def test_a_service_that_nobody_booked_is_removed(api: Client) -> None:
    assert (await api.delete(f"services/{COLOUR}/")).status == 204
    assert_refused(await api.get(f"services/{COLOUR}/"), 404, "not_found")
    assert_refused(await api.delete(f"services/{COLOUR}/"), 404, "not_found")
    assert COLOUR not in (await api.get(f"resources/{ANN}/")).body["service_ids"]
    assert (await api.get("services/")).body["count"] == 3


async def test_a_service_that_was_booked_stays_and_is_deactivated(api: Client) -> None:
    made = await book(api)
    await api.delete(f"bookings/{made['id']}/")
    for _ in range(2):
        assert (await api.delete(f"services/{CUT}/")).status == 204
    body = (await api.get(f"services/{CUT}/")).body
    assert (body["is_active"], body["version"]) == (False, 2)
    assert (await api.get(f"bookings/{made['id']}/")).body["service_id"] == CUT
    assert (await api.patch(f"services/{CUT}/", {"is_active": True})).body["is_active"] is True


async def test_a_service_that_somebody_holds_is_deactivated_and_removed_once_the_hold_is_over(
    api: Client, clock: StillClock
) -> None:
    held = {"service_id": CUT, "start_time": f"{THURSDAY}T09:00:00-05:00", "ttl_seconds": 60}
    assert (await api.post("holds/", held)).status == 201
    assert (await api.delete(f"services/{CUT}/")).status == 204
    assert (await api.get(f"services/{CUT}/")).body["is_active"] is False
    clock.advance(61)
    assert (await api.delete(f"services/{CUT}/")).status == 204
    assert_refused(await api.get(f"services/{CUT}/"), 404, "not_found")


async def test_what_does_not_exist_is_neither_changed_nor_removed(api: Client) -> None:
    assert_refused(await api.patch("services/99/", {"price": 1}), 404, "not_found")
    assert_refused(await api.delete("services/99/"), 404, "not_found")


async def test_a_change_may_name_the_version_that_it_is_meant_for(api: Client) -> None:
    tag = (await api.get(f"services/{CUT}/")).headers["ETag"]
    first = await api.send("PATCH", f"services/{CUT}/", {"price": 1}, headers={"If-Match": tag})
    assert first.status == 200
    for method, body in (("PATCH", {"price": 2}), ("DELETE", None)):
        stale = await api.send(method, f"services/{CUT}/", body, headers={"If-Match": tag})
        assert_refused(stale, 412, "precondition_failed")
    assert (await api.send("DELETE", f"services/{CUT}/", headers={"If-Match": first.headers["ETag"]})).status == 204


async def test_a_service_made_by_the_api_survives_the_catalogue_file(box: RunningBox, api: Client) -> None:
    added = await add(api)
    box.apply("acme", CATALOGUE)
    assert (await api.get(f"services/{added['id']}/")).body == added

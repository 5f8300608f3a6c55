"""Requests without a time, for services that the business schedules by hand: PENDING until they are given one."""

from typing import Any

import pytest

from tests.box import Client, RunningBox

from .acme import ANN, BOB, CUT, JANE, ROOM, WEDDING, assert_refused, book, on

pytestmark = pytest.mark.gen_test

THURSDAY = on("07", "09:00")


async def ask(api: Client, **fields: Any) -> dict[str, Any]:
    """A request that is noted."""
    answer = await api.post("bookings/", {"service_id": WEDDING, "customer": JANE, **fields})
    assert answer.status == 201, answer
    made: dict[str, Any] = answer.body
    return made


async def test_a_request_has_no_time_and_occupies_nothing(api: Client) -> None:
    made = await ask(api, notes="In May, please.")
    assert made["status"] == "PENDING"
    assert (made["start_time"], made["end_time"]) == (None, None)
    assert (made["resource_id"], made["resource_ids"]) == (None, [])
    assert (made["price"], made["duration"]) == (50000, 240)
    assert (await api.get(f"bookings/{made['id']}/")).body == made


async def test_given_a_time_it_is_scheduled(api: Client) -> None:
    made = await ask(api)
    answer = await api.patch(f"bookings/{made['id']}/", {"start_time": THURSDAY})
    assert answer.status == 200
    assert answer.body["status"] == "SCHEDULED"
    assert (answer.body["start_time"], answer.body["end_time"]) == (THURSDAY, on("07", "13:00"))
    assert (answer.body["resource_ids"], answer.body["previous_start_time"]) == ([ANN], None)
    assert_refused(
        await api.post("bookings/", {"service_id": CUT, "start_time": THURSDAY, "resource_id": ANN, "customer": JANE}),
        409,
        "slot_unavailable",
    )


async def test_a_time_and_a_confirmation_go_together(api: Client) -> None:
    made = await ask(api)
    answer = await api.patch(f"bookings/{made['id']}/", {"start_time": THURSDAY, "status": "CONFIRMED"})
    assert (answer.status, answer.body["status"], answer.body["version"]) == (200, "CONFIRMED", 2)


async def test_the_resource_that_it_wishes_for_takes_it_when_it_is_free(api: Client) -> None:
    made = await ask(api, resource_id=ROOM)
    assert (made["resource_id"], made["resource_name"], made["resource_ids"]) == (ROOM, "Blue Room", [])
    assert (await api.patch(f"bookings/{made['id']}/", {"start_time": THURSDAY})).body["resource_ids"] == [ROOM]
    other = await ask(api, resource_id=ROOM)
    assert (await api.patch(f"bookings/{other['id']}/", {"start_time": THURSDAY})).body["resource_ids"] == [ANN]
    answer = await api.post("bookings/", {"service_id": WEDDING, "customer": JANE, "resource_id": BOB})
    assert_refused(answer, 400, "resource_not_eligible", "resource_id")


async def test_its_time_is_judged_by_the_rules_of_every_booking(api: Client) -> None:
    made = await ask(api)
    for time, code in ((on("07", "15:00"), "outside_availability"), (on("07", "09:10"), "not_on_slot_grid")):
        assert_refused(await api.patch(f"bookings/{made['id']}/", {"start_time": time}), 400, code, "start_time")
    assert (await api.get(f"bookings/{made['id']}/")).body == made


async def test_it_moves_on_only_by_a_time_or_by_being_cancelled(api: Client) -> None:
    made = await ask(api)
    address = f"bookings/{made['id']}/"
    for status in ("SCHEDULED", "CONFIRMED", "COMPLETED", "NO_SHOW"):
        assert_refused(await api.patch(address, {"status": status}), 409, "invalid_status_transition")
    assert_refused(await api.patch(address, {"resource_id": ROOM}), 400, "validation_error", "start_time")
    answer = await api.post(f"{address}cancel/", {"reason": "eloped"})
    assert (answer.body["status"], answer.body["late_cancellation"]) == ("CANCELLED", False)
    assert_refused(await api.patch(address, {"start_time": THURSDAY}), 409, "invalid_status_transition")


async def test_a_time_is_refused_where_it_is_given_by_hand_and_required_where_it_is_not(api: Client) -> None:
    answer = await api.post("bookings/", {"service_id": WEDDING, "start_time": THURSDAY, "customer": JANE})
    assert_refused(answer, 400, "validation_error", "start_time")
    assert "leave start_time out" in answer.body["details"]["start_time"][0]
    assert_refused(await api.post("bookings/", {"service_id": CUT, "customer": JANE}), 400, "validation_error", "start_time")


async def test_lists_show_requests_after_every_time_and_no_range_of_time_has_them(api: Client) -> None:
    asked, made = await ask(api), await book(api)
    listed = await api.get("bookings/", ordering="start_time")
    assert [row["id"] for row in listed.body["results"]] == [made["id"], asked["id"]]
    first = await api.get("bookings/", ordering="start_time", page_size=1)
    second = await api.get(first.body["next"])
    assert [row["id"] for row in second.body["results"]] == [asked["id"]]
    assert (await api.get(second.body["previous"])).body["results"][0]["id"] == made["id"]
    for query in ({"start_date": "2027-01-01"}, {"start_datetime": "2027-01-01T00:00Z"}, {"end_date": "2999-12-31"}):
        assert [row["id"] for row in (await api.get("bookings/", **query)).body["results"]] == [made["id"]]
    assert (await api.get("bookings/", status="PENDING")).body["count"] == 1


async def test_availability_of_such_a_service_says_why_it_is_empty(box: RunningBox, api: Client) -> None:
    answer = await api.get("availability/", service_id=WEDDING, date="2027-01-07")
    assert (answer.body["reason"], answer.body["next_available"]) == ("manual_scheduling", None)


async def test_where_a_request_fits_can_be_asked(api: Client) -> None:
    made = await ask(api)
    answer = await api.get("availability/", service_id=WEDDING, date="2027-01-07", exclude_booking_id=made["id"])
    times = [slot["start_time"] for slot in answer.body["days"][0]["slots"]]
    assert (times[0], times[-1]) == (THURSDAY, on("07", "13:00"))
    await book(api, start_time=THURSDAY, resource_id=ANN)
    answer = await api.patch(f"bookings/{made['id']}/", {"start_time": THURSDAY, "resource_id": ANN})
    assert answer.body["details"]["next_available"][0] == on("07", "09:30")

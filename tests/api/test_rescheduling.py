"""PATCH of a booking's time or resource: judged as a new booking is, itself excluded."""

import pytest

from tests.box import CATALOGUE, Client, RunningBox, StillClock

from .acme import ADVICE, ANN, BOB, COLOUR, CUT, ELEVEN, ROOM, TEN, as_listed, assert_refused, book, on, wish

pytestmark = pytest.mark.gen_test


async def test_it_keeps_its_id_and_remembers_where_it_was(api: Client, clock: StillClock) -> None:
    made = await book(api)
    clock.advance(60)
    answer = await api.patch(f"bookings/{made['id']}/", {"start_time": "2027-01-05T16:00Z"})
    changed = {
        "start_time": ELEVEN,
        "end_time": on("05", "11:30"),
        "previous_start_time": TEN,
        "version": 2,
        "updated_at": "2027-01-04T12:01:00.000000Z",
    }
    assert answer.status == 200
    assert as_listed(answer.body) == as_listed(made) | changed
    assert (await api.get(f"bookings/{made['id']}/")).body == answer.body


async def test_its_old_time_is_free_and_its_new_one_taken(api: Client) -> None:
    made = await book(api, resource_id=ANN)
    await api.patch(f"bookings/{made['id']}/", {"start_time": ELEVEN})
    assert_refused(await api.post("bookings/", wish(start_time=ELEVEN, resource_id=ANN)), 409, "slot_unavailable")
    await book(api, resource_id=ANN)


async def test_it_may_overlap_with_where_it_was(api: Client) -> None:
    made = await book(api, service_id=COLOUR)
    answer = await api.patch(f"bookings/{made['id']}/", {"start_time": on("05", "10:30")})
    assert answer.status == 200, answer
    answer = await api.patch(f"bookings/{made['id']}/", {"start_time": on("05", "09:30")})
    assert answer.status == 200, answer


async def test_it_keeps_its_resource_while_that_is_free_and_else_changes_it(api: Client) -> None:
    made = await book(api, resource_id=BOB)
    assert (await api.patch(f"bookings/{made['id']}/", {"start_time": on("05", "10:30")})).body["resource_id"] == BOB
    moved = (await api.patch(f"bookings/{made['id']}/", {"start_time": ELEVEN})).body
    assert (moved["resource_id"], moved["resource_ids"], moved["resource_name"]) == (ANN, [ANN], "Ann")


async def test_it_changes_its_resource_alone(api: Client) -> None:
    made = await book(api)
    moved = (await api.patch(f"bookings/{made['id']}/", {"resource_id": BOB})).body
    assert as_listed(moved) == as_listed(made) | {
        "resource_id": BOB,
        "resource_ids": [BOB],
        "resource_name": "Bob",
        "version": 2,
    }
    assert (await api.get("bookings/", search="bob")).body["count"] == 1
    assert (await book(api))["resource_id"] == ANN


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"start_time": on("05", "12:00")}, 400, "outside_availability"),
        ({"start_time": on("05", "10:10")}, 400, "not_on_slot_grid"),
        ({"start_time": on("04", "06:00")}, 400, "in_past"),
        ({"start_time": on("04", "08:00")}, 400, "too_soon"),
        ({"start_time": on("20", "10:00")}, 400, "too_far_ahead"),
        ({"start_time": "2027-03-14T02:30"}, 400, "nonexistent_local_time"),
        ({"start_time": "2027-11-07T01:30"}, 400, "ambiguous_local_time"),
        ({"resource_id": ROOM}, 400, "resource_not_eligible"),
        ({"start_time": on("07", "10:00")}, 409, "slot_unavailable"),
        ({"start_time": "soon"}, 400, "validation_error"),
    ],
)
async def test_every_rule_of_a_new_booking_holds(api: Client, change: dict[str, object], status: int, code: str) -> None:
    made = await book(api, service_id=ADVICE)
    await book(api, service_id=ADVICE, start_time=on("07", "10:00"))
    assert_refused(await api.patch(f"bookings/{made['id']}/", change), status, code)
    assert (await api.get(f"bookings/{made['id']}/")).body == made


async def test_a_refused_move_keeps_the_old_time_taken(api: Client) -> None:
    made = await book(api, resource_id=ANN)
    await book(api, resource_id=ANN, start_time=ELEVEN)
    answer = await api.patch(f"bookings/{made['id']}/", {"start_time": ELEVEN, "resource_id": ANN})
    assert_refused(answer, 409, "slot_unavailable")
    assert answer.body["details"]["next_available"] == [on("05", "11:30"), on("05", "13:00"), on("05", "13:30")]
    assert_refused(await api.post("bookings/", wish(resource_id=ANN)), 409, "slot_unavailable")


@pytest.mark.parametrize("end", ["CANCELLED", "COMPLETED", "NO_SHOW"])
async def test_a_booking_that_is_over_cannot_be_moved(api: Client, end: str) -> None:
    made = await book(api)
    await api.patch(f"bookings/{made['id']}/", {"status": end})
    for change in ({"start_time": ELEVEN}, {"resource_id": BOB}):
        answer = await api.patch(f"bookings/{made['id']}/", change)
        assert_refused(answer, 409, "invalid_status_transition", "status", "allowed")


async def test_a_confirmed_booking_stays_confirmed_when_it_is_moved(api: Client) -> None:
    made = await book(api)
    await api.patch(f"bookings/{made['id']}/", {"status": "CONFIRMED"})
    assert (await api.patch(f"bookings/{made['id']}/", {"start_time": ELEVEN})).body["status"] == "CONFIRMED"


async def test_a_time_and_a_status_can_change_together(api: Client) -> None:
    made = await book(api)
    moved = (await api.patch(f"bookings/{made['id']}/", {"start_time": ELEVEN, "status": "CONFIRMED"})).body
    assert (moved["start_time"], moved["status"], moved["version"]) == (ELEVEN, "CONFIRMED", 2)


async def test_its_length_price_and_buffers_stay_as_they_were_agreed(box: RunningBox, api: Client) -> None:
    made = await book(api, service_id=COLOUR)
    longer = CATALOGUE.replace("duration = 60", "duration = 120").replace("price = 8000", "price = 1")
    box.apply("acme", longer.replace("buffer_after = 30", "buffer_after = 60"))
    moved = (await api.patch(f"bookings/{made['id']}/", {"start_time": on("05", "13:00")})).body
    assert (moved["end_time"], moved["duration"], moved["price"]) == (on("05", "14:00"), 60, 8000)
    assert_refused(await api.post("bookings/", wish(start_time=on("05", "14:00"), resource_id=ANN)), 409, "slot_unavailable")
    await book(api, start_time=on("05", "14:30"), resource_id=ANN)


async def test_an_upcoming_late_cancellation_is_judged_by_the_new_time(api: Client) -> None:
    made = await book(api, start_time=on("04", "16:00"))
    await api.patch(f"bookings/{made['id']}/", {"start_time": on("07", "16:00")})
    assert (await api.post(f"bookings/{made['id']}/cancel/")).body["late_cancellation"] is False


@pytest.mark.parametrize("status", ["CANCELLED", "COMPLETED", "NO_SHOW"])
async def test_it_is_not_moved_and_ended_in_one_breath(api: Client, status: str) -> None:
    made = await book(api)
    answer = await api.patch(f"bookings/{made['id']}/", {"start_time": ELEVEN, "status": status})
    assert_refused(answer, 400, "validation_error")
    assert "status" in answer.body["details"]
    assert (await api.get(f"bookings/{made['id']}/")).body == made


async def test_the_list_for_a_reschedule_goes_by_the_terms_of_the_booking(api: Client) -> None:
    made = await book(api, service_id=COLOUR)  # an hour, and half an hour after it
    await api.patch(f"services/{COLOUR}/", {"duration": 30, "buffer_after": 0, "is_active": False})
    await book(api, start_time=on("05", "14:00"), resource_id=ANN)
    query = {"service_id": COLOUR, "date": "2027-01-05", "exclude_booking_id": made["id"]}
    answer = await api.get("availability/", **query)
    listed = {slot["start_time"][11:16]: slot["end_time"][11:16] for slot in answer.body["days"][0]["slots"]}
    assert (answer.body["duration"], listed["10:00"]) == (60, "11:00")
    for time in ("09:00", "11:30", "13:00", "13:30", "14:30", "16:00"):
        moved = await api.patch(f"bookings/{made['id']}/", {"start_time": on("05", time)})
        assert (moved.status == 200) is (time in listed), time


async def test_the_list_for_a_reschedule_needs_a_booking_of_that_service_and_the_right_to_read_it(
    box: RunningBox, api: Client
) -> None:
    made = await book(api)
    query = {"service_id": CUT, "date": "2027-01-05", "exclude_booking_id": made["id"]}
    assert (await api.get("availability/", **query)).status == 200
    for wrong in ({"service_id": COLOUR}, {"exclude_booking_id": 99}):
        answer = await api.get("availability/", **{**query, **wrong})
        assert_refused(answer, 400, "invalid_parameter", "exclude_booking_id")
    blind = box.client(scopes=("availability:read",))
    assert_refused(await blind.get("availability/", **query), 403, "insufficient_scope")

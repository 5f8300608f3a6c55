"""Sessions: several parties at the same time of the same service, up to its capacity (P11)."""

from typing import Any

import pytest

from tests.box import Client, RunningBox

from .acme import ANN, CUT, assert_refused, book, on, wish
from .studio import CY, STUDIO, YOGA, furnish

pytestmark = pytest.mark.gen_test

TEN, HALF_PAST, ELEVEN = (on("05", time) for time in ("10:00", "10:30", "11:00"))


@pytest.fixture
def api(box: RunningBox) -> Client:
    return furnish(box)


async def join(api: Client, number: int = 1, **fields: Any) -> dict[str, Any]:
    """A place in the class for one person more."""
    who = {"first_name": f"Guest {number}", "email": f"guest{number}@example.com"}
    return await book(api, **{"service_id": YOGA, "start_time": TEN, "customer": who, **fields})


async def slots(api: Client, **query: Any) -> dict[str, dict[str, Any]]:
    """The free times of the class on Tuesday, by their start."""
    answer = await api.get("availability/", service_id=YOGA, date="2027-01-05", **query)
    assert answer.status == 200, answer
    return {slot["start_time"]: slot for slot in answer.body["days"][0]["slots"]}


async def test_a_session_fills_up_to_the_capacity_and_then_refuses(api: Client) -> None:
    for number in range(5):
        assert (await join(api, number, resource_id=ANN))["resource_id"] == ANN
    answer = await api.post("bookings/", wish(service_id=YOGA, start_time=TEN, resource_id=ANN))
    assert_refused(answer, 409, "slot_unavailable", "conflict", "remaining", "next_available")
    assert answer.body["details"]["conflict"] == "capacity"
    assert answer.body["details"]["remaining"] == 0


async def test_a_party_takes_as_many_seats_as_it_has_people(api: Client) -> None:
    await join(api, party_size=3, resource_id=ANN)
    answer = await api.post("bookings/", wish(service_id=YOGA, start_time=TEN, resource_id=ANN, party_size=3))
    assert_refused(answer, 409, "slot_unavailable")
    assert answer.body["details"]["conflict"] == "capacity"
    assert answer.body["details"]["remaining"] == 2
    assert (await join(api, 2, party_size=2, resource_id=ANN))["party_size"] == 2


async def test_a_party_larger_than_the_class_is_told_what_it_takes(api: Client) -> None:
    answer = await api.post("bookings/", wish(service_id=YOGA, start_time=TEN, party_size=6))
    assert_refused(answer, 400, "validation_error", "party_size")
    assert "at most 5" in answer.body["details"]["party_size"][0]
    answer = await api.get("availability/", service_id=YOGA, date="2027-01-05", party_size=6)
    assert_refused(answer, 400, "invalid_parameter", "party_size")


async def test_the_list_tells_the_seats_that_are_left(api: Client) -> None:
    assert (await slots(api, resource_id=ANN))[TEN]["remaining"] == 5
    await join(api, party_size=3, resource_id=ANN)
    assert (await slots(api, resource_id=ANN))[TEN] == {
        "start_time": TEN,
        "end_time": ELEVEN,
        "resource_ids": [ANN],
        "remaining": 2,
    }
    assert (await slots(api))[TEN]["remaining"] == 2 + 5  # Cy could open a second session
    assert TEN not in await slots(api, resource_id=ANN, party_size=3)
    assert (await slots(api, party_size=3))[TEN]["resource_ids"] == [CY]


async def test_a_session_blocks_other_starts_and_other_services(api: Client) -> None:
    await join(api, resource_id=ANN)
    assert_refused(
        await api.post("bookings/", wish(service_id=YOGA, start_time=HALF_PAST, resource_id=ANN)), 409, "slot_unavailable"
    )
    answer = await api.post("bookings/", wish(service_id=CUT, start_time=HALF_PAST, resource_id=ANN))
    assert answer.body["details"]["conflict"] == "booking"
    free = await slots(api, resource_id=ANN)
    assert [start[11:16] for start in free] == ["10:00", "13:00", "13:30", "14:00", "14:30", "15:00", "15:30", "16:00"]


async def test_a_session_that_has_begun_to_fill_comes_before_an_empty_one(api: Client) -> None:
    first = await join(api, resource_id=CY)
    assert [(await join(api, number))["resource_id"] for number in range(2, 6)] == [first["resource_id"]] * 4
    assert (await join(api, 6))["resource_id"] == ANN


async def test_a_cancelled_seat_is_free_again(api: Client) -> None:
    made = [await join(api, number, resource_id=ANN) for number in range(5)]
    await api.delete(f"bookings/{made[2]['id']}/")
    assert (await slots(api, resource_id=ANN))[TEN]["remaining"] == 1
    await join(api, 7, resource_id=ANN)


async def test_the_last_to_leave_closes_the_session(api: Client) -> None:
    made = await join(api, resource_id=ANN)
    await api.delete(f"bookings/{made['id']}/")
    await book(api, service_id=CUT, start_time=HALF_PAST, resource_id=ANN)


async def test_a_session_runs_as_it_was_opened(box: RunningBox, api: Client) -> None:
    await join(api, resource_id=ANN)
    longer = STUDIO.replace('name = "Yoga"\nduration = 60', 'name = "Yoga"\nduration = 90').replace(
        "capacity = 5", "capacity = 3"
    )
    box.apply("acme", longer)
    free = await slots(api, resource_id=ANN)
    assert (free[TEN]["end_time"], free[TEN]["remaining"]) == (ELEVEN, 4)
    joined = await join(api, 2, resource_id=ANN)
    assert (joined["end_time"], joined["duration"]) == (ELEVEN, 60)
    assert (await join(api, 3, start_time=on("05", "13:00"), resource_id=ANN))["duration"] == 90


async def test_one_moves_from_session_to_session_and_keeps_the_seats_right(api: Client) -> None:
    first, second = await join(api, 1, resource_id=ANN), await join(api, 2, resource_id=ANN)
    moved = await api.patch(f"bookings/{first['id']}/", {"start_time": on("05", "14:00")})
    assert (moved.status, moved.body["resource_id"]) == (200, ANN)
    free = await slots(api, resource_id=ANN)
    assert (free[TEN]["remaining"], free[on("05", "14:00")]["remaining"]) == (4, 4)
    back = await api.patch(f"bookings/{second['id']}/", {"start_time": on("05", "14:00")})
    assert back.status == 200
    assert (await slots(api, resource_id=ANN))[on("05", "14:00")]["remaining"] == 3


async def test_a_reschedule_keeps_its_resource_though_another_has_a_session_open(api: Client) -> None:
    made = await join(api, 1, resource_id=CY)
    await join(api, 2, start_time=on("05", "14:00"), resource_id=ANN)
    moved = await api.patch(f"bookings/{made['id']}/", {"start_time": on("05", "14:00")})
    assert (moved.status, moved.body["resource_id"]) == (200, CY)


async def test_time_off_closes_a_session_to_those_who_come_later(box: RunningBox, api: Client) -> None:
    await join(api, resource_id=ANN)
    away = '[[resource.time_off]]\nstart = "2027-01-12T00:00"'
    box.apply(
        "acme", STUDIO.replace(away, '[[resource.time_off]]\nstart = "2027-01-05T08:00"\nend = "2027-01-05T11:00"\n' + away)
    )
    answer = await api.post("bookings/", wish(service_id=YOGA, start_time=TEN, resource_id=ANN))
    assert_refused(answer, 409, "slot_unavailable")
    assert answer.body["details"]["conflict"] == "time_off"

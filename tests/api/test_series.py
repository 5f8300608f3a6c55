"""Recurring bookings: all of them or none, by the wall clock, cancelled one by one or from one on."""

from typing import Any

import pytest

from tests.box import CATALOGUE, Answer, Client, RunningBox, StillClock

from .acme import ANN, BOB, CUT, WEDDING, as_listed, assert_refused, book, on, wish

pytestmark = pytest.mark.gen_test

WEEKLY = "FREQ=WEEKLY;COUNT=4"


async def recur(api: Client, rule: str = WEEKLY, **fields: Any) -> Answer:
    return await api.post("bookings/", wish(recurrence=rule, **fields))


async def series(api: Client, rule: str = WEEKLY, **fields: Any) -> dict[str, Any]:
    """A series that is made."""
    answer = await recur(api, rule, **fields)
    assert answer.status == 201, answer
    made: dict[str, Any] = answer.body
    return made


def starts(made: dict[str, Any]) -> list[str]:
    return [each["start_time"] for each in made["results"]]


async def test_a_series_is_made_at_once_and_can_be_listed(api: Client) -> None:
    answer = await recur(api, start_time=on("07", "10:00"))
    assert answer.status == 201
    assert (answer.body["series_id"], answer.body["count"]) == (1, 4)
    assert starts(answer.body) == [on("07", "10:00"), on("14", "10:00"), on("21", "10:00"), on("28", "10:00")]
    assert {each["series_id"] for each in answer.body["results"]} == {1}
    listed = await api.get(answer.headers["Location"])
    assert listed.body["results"] == [as_listed(each) for each in answer.body["results"]]
    alone = await book(api)
    assert alone["series_id"] is None


async def test_the_wall_clock_counts_across_a_change_of_the_clocks(api: Client) -> None:
    made = await series(api, "FREQ=WEEKLY;COUNT=11", start_time=on("07", "10:00"))
    assert starts(made)[-1] == "2027-03-18T10:00:00-04:00"


async def test_days_of_the_week_and_an_end(api: Client) -> None:
    made = await series(api, "FREQ=WEEKLY;BYDAY=TU,TH;UNTIL=20270121", start_time=on("14", "10:00"))
    assert [start[8:10] for start in starts(made)] == ["14", "19", "21"]


async def test_all_keep_to_the_one_who_has_the_first_while_possible(api: Client) -> None:
    await book(api, start_time=on("14", "10:00"), resource_id=ANN)
    await book(api, start_time=on("14", "14:00"), resource_id=ANN)
    made = await series(api, start_time=on("07", "10:00"), resource_id=None)
    first = made["results"][0]["resource_id"]
    assert [each["resource_id"] for each in made["results"]].count(first) >= 3


async def test_one_conflict_refuses_all_and_names_every_one(api: Client) -> None:
    for day in ("14", "28"):
        await book(api, start_time=on(day, "10:00"), resource_id=ANN)
    answer = await recur(api, start_time=on("07", "10:00"), resource_id=ANN)
    assert_refused(answer, 409, "slot_unavailable", "conflict", "conflicts", "remaining", "next_available")
    assert answer.body["details"]["conflicts"] == [
        {"start_time": on("14", "10:00"), "reason": "booking"},
        {"start_time": on("28", "10:00"), "reason": "booking"},
    ]
    assert (await api.get("bookings/")).body["count"] == 2
    assert (await series(api, start_time=on("07", "11:00")))["series_id"] == 1


async def test_a_rule_that_some_break_is_named_with_all_of_their_starts(api: Client) -> None:
    answer = await recur(api, "FREQ=WEEKLY;COUNT=52;INTERVAL=2")  # beyond the year that can be booked ahead
    assert_refused(answer, 400, "too_far_ahead", "start_time", "conflicts")
    assert len(answer.body["details"]["conflicts"]) > 20
    assert_refused(await recur(api, "FREQ=DAILY;COUNT=3"), 400, "outside_availability")  # the 6th is closed
    assert (await api.get("bookings/")).body["count"] == 0
    assert (await api.get("customers/")).body["count"] == 0


@pytest.mark.parametrize(
    "rule",
    [
        "nonsense",
        "FREQ=YEARLY;COUNT=2",
        "FREQ=WEEKLY",
        "FREQ=WEEKLY;COUNT=53",
        "FREQ=WEEKLY;COUNT=0",
        "FREQ=WEEKLY;COUNT=2;UNTIL=20270201",
        "FREQ=WEEKLY;COUNT=2;BYHOUR=3",
        "FREQ=WEEKLY;COUNT=2;COUNT=3",
        "FREQ=WEEKLY;COUNT=2;BYDAY=XX",
        "FREQ=WEEKLY;COUNT=2;BYDAY=MO",  # the start is a Tuesday
        "FREQ=DAILY;UNTIL=20290101",
        "FREQ=WEEKLY;UNTIL=20260101",
        "FREQ=WEEKLY;UNTIL=99999999",
        "FREQ=MONTHLY;COUNT=2;BYDAY=9TU",
        "",
    ],
)
async def test_a_rule_that_is_none_is_told_so(api: Client, rule: str) -> None:
    answer = await recur(api, rule)
    assert_refused(answer, 400, "validation_error", "recurrence")


async def test_what_does_not_recur(api: Client) -> None:
    assert_refused(await recur(api, hold_id=1), 400, "validation_error", "hold_id")
    assert_refused(await recur(api, service_id=WEDDING), 400, "validation_error", "recurrence")
    body = {name: value for name, value in wish(recurrence=WEEKLY).items() if name != "start_time"}
    assert_refused(await api.post("bookings/", body), 400, "validation_error", "start_time")


async def test_one_of_a_series_is_cancelled_alone(api: Client) -> None:
    made = await series(api, start_time=on("07", "10:00"))
    await api.post(f"bookings/{made['results'][1]['id']}/cancel/", {"reason": "ill"})
    assert (await api.get("bookings/", series_id=1, status="CANCELLED")).body["count"] == 1


async def test_those_that_follow_are_cancelled_with_it(api: Client) -> None:
    made = await series(api, start_time=on("07", "10:00"))
    ids = [each["id"] for each in made["results"]]
    await api.patch(f"bookings/{ids[3]}/", {"status": "COMPLETED"})
    answer = await api.post(f"bookings/{ids[1]}/cancel/", {"reason": "moved away", "following": True})
    assert (answer.status, answer.body["id"], answer.body["status"]) == (200, ids[1], "CANCELLED")
    states = [(await api.get(f"bookings/{each}/")).body for each in ids]
    assert [each["status"] for each in states] == ["SCHEDULED", "CANCELLED", "CANCELLED", "COMPLETED"]
    assert states[2]["cancellation_reason"] == "moved away"
    again = await api.post(f"bookings/{ids[1]}/cancel/", {"following": True})
    assert again.body == answer.body


async def test_what_belongs_to_no_series_has_nothing_that_follows(api: Client) -> None:
    made = await book(api)
    answer = await api.post(f"bookings/{made['id']}/cancel/", {"following": True})
    assert_refused(answer, 400, "validation_error", "following")
    assert (await api.get(f"bookings/{made['id']}/")).body == made


async def test_a_series_can_begin_in_the_second_of_two_equal_hours(box: RunningBox, clock: StillClock) -> None:
    box.apply(
        "acme",
        CATALOGUE.replace("[[closure]]", 'sunday = ["00:00-06:00"]\nmonday = ["00:00-06:00"]\n[[closure]]', 1).replace(
            'monday = ["09:00-12:00", "13:00-17:00"]\n', "", 1
        ),
    )
    api = box.client()
    second = "2027-11-07T01:30:00-05:00"
    made = await series(api, "FREQ=DAILY;COUNT=2", service_id=CUT, start_time=second, resource_id=BOB)
    assert starts(made) == [second, "2027-11-08T01:30:00-05:00"]


async def test_a_late_one_among_those_that_follow_is_named(box: RunningBox, clock: StillClock) -> None:
    box.apply("acme", CATALOGUE.replace("window_hours = 24", "window_hours = 24\nlate_cancellation_allowed = false"))
    api = box.client()
    ids = [each["id"] for each in (await series(api, start_time=on("07", "10:00")))["results"]]
    await api.delete(f"bookings/{ids[0]}/")
    clock.advance(9 * 86400 + 4 * 3600)  # Wednesday the 13th, eleven in the morning
    answer = await api.post(f"bookings/{ids[0]}/cancel/", {"following": True})
    assert_refused(answer, 409, "cancellation_window_passed", "booking_id", "cancellable_until")
    assert answer.body["details"]["booking_id"] == ids[1]
    assert f"Booking {ids[1]}" in answer.body["message"]
    clock.advance(86400)  # the second has begun; it is left to whoever knows what became of it
    assert (await api.post(f"bookings/{ids[0]}/cancel/", {"following": True})).status == 200
    states = [(await api.get(f"bookings/{each}/")).body["status"] for each in ids]
    assert states == ["CANCELLED", "SCHEDULED", "CANCELLED", "CANCELLED"]

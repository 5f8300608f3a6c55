"""When a booking may be: every rule of time with its own code, and what stands in the way of a time that is taken."""

import json

import pytest

from tests.box import CATALOGUE, Client, RunningBox, StillClock

from .acme import ADVICE, ANN, BOB, COLOUR, CUT, ELEVEN, JANE, TEN, assert_refused, book, on, wish

pytestmark = pytest.mark.gen_test

HOUR = 3600


@pytest.mark.parametrize(
    ("why", "fields"),
    [
        ("before opening", {"start_time": on("05", "08:30")}),
        ("at closing", {"start_time": on("05", "17:00")}),
        ("in the lunch break", {"start_time": on("05", "12:00")}),
        ("on a Sunday", {"start_time": on("10", "10:00")}),
        ("on a closure", {"start_time": on("06", "10:00")}),
        ("beyond closing", {"start_time": on("05", "11:30"), "service_id": COLOUR}),
        ("in an exception of Bob's", {"start_time": ELEVEN, "resource_id": BOB}),
        ("at three past midnight on Saturday", {"start_time": on("09", "02:00")}),
    ],
)
async def test_outside_availability(api: Client, why: str, fields: dict[str, object]) -> None:
    assert_refused(await api.post("bookings/", wish(**fields)), 400, "outside_availability", "start_time")


async def test_opening_and_the_last_slot_before_closing_are_inside(api: Client) -> None:
    for time in (on("05", "09:00"), on("05", "11:30"), on("05", "16:30"), on("09", "01:30")):
        assert (await book(api, start_time=time, resource_id=ANN))["start_time"] == time


@pytest.mark.parametrize("time", ["2027-01-05T10:10:00-05:00", "2027-01-05T10:00:01-05:00", "2027-01-05T13:15"])
async def test_not_on_slot_grid(api: Client, time: str) -> None:
    assert_refused(await api.post("bookings/", wish(start_time=time)), 400, "not_on_slot_grid", "start_time")


async def test_in_past(api: Client, clock: StillClock) -> None:
    clock.advance(3 * HOUR + 0.5)  # half a second past ten
    assert_refused(await api.post("bookings/", wish(start_time=on("04", "10:00"))), 400, "in_past", "start_time")
    assert_refused(await api.post("bookings/", wish(start_time="1999-01-04T10:00")), 400, "in_past", "start_time")


async def test_a_time_may_begin_this_very_second(api: Client, clock: StillClock) -> None:
    clock.advance(3 * HOUR)
    await book(api, start_time=on("04", "10:00"))


async def test_too_soon(api: Client, clock: StillClock) -> None:
    nine = {"start_time": on("04", "09:00"), "service_id": ADVICE}
    clock.at += 1
    answer = await api.post("bookings/", wish(**nine))
    assert_refused(answer, 400, "too_soon", "start_time")
    assert answer.body["details"]["start_time"] == ["Book at least 120 minutes ahead."]
    clock.at -= 1
    await book(api, **nine)


async def test_too_far_ahead(api: Client) -> None:
    await book(api, service_id=ADVICE, start_time=on("14", "16:30"))  # the last of ten days, to its end
    answer = await api.post("bookings/", wish(service_id=ADVICE, start_time=on("15", "22:00")))
    assert_refused(answer, 400, "too_far_ahead", "start_time")
    answer = await api.post("bookings/", wish(start_time="2999-12-31T10:00"))
    assert_refused(answer, 400, "too_far_ahead", "start_time")


async def test_a_local_time_that_the_clocks_skip(api: Client) -> None:
    answer = await api.post("bookings/", wish(start_time="2027-03-14T02:30"))
    assert_refused(answer, 400, "nonexistent_local_time", "start_time")


async def test_a_local_time_that_the_clocks_show_twice(api: Client) -> None:
    answer = await api.post("bookings/", wish(start_time="2027-11-07T01:30"))
    assert_refused(answer, 400, "ambiguous_local_time", "start_time")
    (message,) = answer.body["details"]["start_time"]
    assert "2027-11-07T01:30:00-04:00 or 2027-11-07T01:30:00-05:00" in message


async def test_a_taken_time_says_so_and_when_it_is_free_next(api: Client) -> None:
    await book(api, service_id=COLOUR)
    answer = await api.post("bookings/", wish(service_id=COLOUR, customer={"phone": "212 555 0100"}))
    assert_refused(answer, 409, "slot_unavailable", "conflict", "remaining", "next_available")
    # Eleven and half past eleven would run into the buffer, or into the lunch break.
    free = [on("05", "13:00"), on("05", "13:30"), on("05", "14:00")]
    assert answer.body["details"] == {"conflict": "booking", "remaining": 0, "next_available": free}


async def test_a_taken_time_tells_nothing_about_who_took_it(api: Client) -> None:
    made = await book(api, resource_id=ANN, notes="secret", customer={**JANE, "phone": "212 555 0100"})
    answer = await api.post("bookings/", wish(resource_id=ANN, customer={"email": "spy@example.com"}))
    text = json.dumps(answer.body)
    for private in ("Jane", "Doe", "example.com", "555", "secret", made["end_time"]):
        assert private not in text.replace(on("05", "10:30"), "", 1), private


async def test_every_time_that_is_offered_instead_can_be_booked(api: Client) -> None:
    await book(api, service_id=COLOUR)
    refused = await api.post("bookings/", wish(service_id=COLOUR))
    for time in refused.body["details"]["next_available"]:
        made = await book(api, service_id=COLOUR, start_time=time)
        await api.delete(f"bookings/{made['id']}/")


async def test_an_absence_is_told_apart_from_a_booking(api: Client) -> None:
    answer = await api.post("bookings/", wish(start_time=on("12", "10:00"), resource_id=ANN))
    assert_refused(answer, 409, "slot_unavailable")
    assert answer.body["details"]["conflict"] == "time_off"
    assert answer.body["details"]["next_available"] == [on("13", "09:00"), on("13", "09:30"), on("13", "10:00")]
    assert (await book(api, start_time=on("12", "10:00")))["resource_id"] == BOB


async def test_of_several_refusals_the_most_hopeful_is_told(api: Client) -> None:
    await book(api, start_time=ELEVEN)  # Ann's; Bob is not there at eleven
    answer = await api.post("bookings/", wish(start_time=ELEVEN))
    assert_refused(answer, 409, "slot_unavailable")


async def test_a_service_that_nobody_offers_any_more(box: RunningBox, api: Client) -> None:
    box.apply("acme", CATALOGUE.replace('resources = ["ann", "bob"]', "resources = []"))
    assert_refused(await api.post("bookings/", wish()), 400, "resource_not_eligible", "resource_id")


async def test_buffers_lie_between_bookings(box: RunningBox, api: Client) -> None:
    box.apply("acme", CATALOGUE.replace('key = "cut"', 'key = "cut"\nbuffer_before = 30'))
    await book(api, service_id=COLOUR, start_time=on("05", "13:00"))  # blocks until 14:30
    for time in (on("05", "14:00"), on("05", "14:30")):
        assert_refused(await api.post("bookings/", wish(start_time=time, resource_id=ANN)), 409, "slot_unavailable")
    await book(api, start_time=on("05", "15:00"), resource_id=ANN)
    await book(api, start_time=on("05", "09:00"), resource_id=ANN)  # a buffer may lie before opening
    await book(api, start_time=on("05", "11:30"), resource_id=ANN)


async def test_a_booking_across_a_night_of_changing_clocks_has_its_real_length(box: RunningBox, api: Client) -> None:
    box.apply("acme", CATALOGUE.replace("[[closure]]", 'sunday = ["00:00-06:00"]\n[[closure]]', 1))
    made = await book(api, service_id=COLOUR, start_time="2027-03-14T01:30:00-05:00")
    assert (made["start_time"], made["end_time"]) == ("2027-03-14T01:30:00-05:00", "2027-03-14T03:30:00-04:00")


async def test_availability_and_booking_agree(api: Client) -> None:
    await book(api, service_id=COLOUR)
    day = (await api.get("availability/", service_id=CUT, date="2027-01-05")).body["days"][0]
    offered = {slot["start_time"]: slot["resource_ids"] for slot in day["slots"]}
    for minutes in range(8 * 60, 18 * 60, 30):
        time = on("05", f"{minutes // 60:02}:{minutes % 60:02}")
        answer = await api.post("bookings/", wish(start_time=time))
        assert (answer.status == 201) == (time in offered), time
        if answer.status == 201:
            assert answer.body["resource_id"] == offered[time][0]


async def test_ten_is_taken_only_where_it_was_booked(box: RunningBox, api: Client) -> None:
    await book(api)
    for other in (box.client("rival"), box.client("acme", "test")):
        assert (await book(other, start_time=TEN))["resource_id"] == ANN

"""Holds: a place that is kept for a while, for whoever made the hold, and for nobody longer than its time."""

from typing import Any

import pytest

from tests.box import Client, RunningBox, StillClock

from .acme import ANN, COLOUR, CUT, ELEVEN, TEN, WEDDING, assert_refused, book, hold, on, wish
from .studio import MASSAGE, YOGA, furnish

pytestmark = pytest.mark.gen_test


async def starts(api: Client, **query: Any) -> list[str]:
    answer = await api.get("availability/", **{"service_id": CUT, "date": "2027-01-05", "resource_id": ANN, **query})
    assert answer.status == 200, answer
    return [slot["start_time"] for slot in answer.body["days"][0]["slots"]]


async def test_a_hold_says_what_it_keeps_and_how_long(api: Client) -> None:
    answer = await api.post("holds/", {"service_id": COLOUR, "start_time": TEN})
    assert answer.status == 201
    assert answer.headers["Location"] == "/tenant-api/v1/holds/1/"
    assert answer.body == {
        "id": 1,
        "service_id": COLOUR,
        "resource_id": ANN,
        "resource_ids": [ANN],
        "start_time": TEN,
        "end_time": ELEVEN,
        "timezone": "America/New_York",
        "price": 8000,
        "party_size": 1,
        "expires_at": "2027-01-04T12:05:00.000000Z",
        "created_at": "2027-01-04T12:00:00.000000Z",
    }


async def test_a_hold_keeps_others_out_and_says_so(box: RunningBox, api: Client) -> None:
    await hold(api)
    other = box.client()
    for each in (api, other):
        answer = await each.post("bookings/", wish(resource_id=ANN))
        assert_refused(answer, 409, "slot_unavailable", "conflict", "remaining", "next_available")
        assert answer.body["details"]["conflict"] == "hold"
        assert TEN not in await starts(each)
    assert_refused(
        await other.post("holds/", {"service_id": CUT, "start_time": TEN, "resource_id": ANN}), 409, "slot_unavailable"
    )


async def test_its_own_place_is_free_to_its_holder_only(box: RunningBox, api: Client) -> None:
    kept = await hold(api)
    assert TEN in await starts(api, hold_id=kept["id"])
    other = box.client()
    query = {"service_id": CUT, "date": "2027-01-05", "hold_id": kept["id"]}
    assert_refused(await other.get("availability/", **query), 400, "invalid_parameter", "hold_id")
    assert_refused(await api.get("availability/", **{**query, "hold_id": 99}), 400, "invalid_parameter", "hold_id")


async def test_a_booking_takes_over_what_its_hold_keeps(api: Client) -> None:
    kept = await hold(api)
    made = await book(api, hold_id=kept["id"])
    assert (made["start_time"], made["resource_id"], made["status"]) == (TEN, ANN, "SCHEDULED")
    assert_refused(await api.delete(f"holds/{kept['id']}/"), 404, "not_found")
    assert_refused(await api.post("bookings/", wish(hold_id=kept["id"])), 400, "validation_error", "hold_id")
    assert_refused(await api.post("bookings/", wish(resource_id=ANN)), 409, "slot_unavailable")


async def test_the_time_may_be_left_to_the_hold(api: Client) -> None:
    kept = await hold(api)
    body = {"service_id": CUT, "hold_id": kept["id"], "customer": {"first_name": "Jo", "phone": "1"}}
    answer = await api.post("bookings/", body)
    assert (answer.status, answer.body["start_time"]) == (201, TEN)


async def test_a_hold_is_given_up_for_another_service(api: Client) -> None:
    kept = await hold(api)
    made = await book(api, hold_id=kept["id"], service_id=COLOUR)
    assert (made["service_id"], made["start_time"], made["resource_id"]) == (COLOUR, TEN, ANN)


async def test_a_hold_is_given_up_for_another_place_that_its_holder_books(api: Client) -> None:
    kept = await hold(api, service_id=COLOUR)  # ten to half past eleven, with its buffer
    listed = await starts(api, service_id=COLOUR, hold_id=kept["id"])
    assert on("05", "10:30") in listed
    made = await book(api, service_id=COLOUR, hold_id=kept["id"], start_time=on("05", "10:30"))
    assert made["start_time"] == on("05", "10:30")
    assert_refused(await api.get(f"holds/{kept['id']}/"), 404, "not_found")


async def test_a_hold_is_kept_when_the_other_place_cannot_be_had(api: Client) -> None:
    kept = await hold(api)
    await book(api, start_time=ELEVEN, resource_id=ANN)
    for fields in ({"start_time": ELEVEN, "resource_id": ANN}, {"party_size": 2}, {"resource_id": 99}):
        assert (await api.post("bookings/", wish(hold_id=kept["id"], **fields))).status in {400, 409}
    assert (await api.get(f"holds/{kept['id']}/")).body == kept
    assert (await book(api, hold_id=kept["id"], resource_id=ANN))["start_time"] == TEN


async def test_a_hold_can_be_read_and_given_back_only_as_it_was_seen(box: RunningBox, api: Client) -> None:
    kept = await hold(api)
    answer = await api.get(f"holds/{kept['id']}/")
    assert (answer.status, answer.body) == (200, kept)
    stale = await api.send("DELETE", f"holds/{kept['id']}/", headers={"If-Match": '"other"'})
    assert_refused(stale, 412, "precondition_failed")
    assert_refused(await box.client().get(f"holds/{kept['id']}/"), 404, "not_found")
    assert (await api.send("DELETE", f"holds/{kept['id']}/", headers={"If-Match": answer.headers["ETag"]})).status == 204


async def test_the_price_is_that_of_the_moment_the_hold_was_made(api: Client) -> None:
    kept = await hold(api)
    await api.patch(f"services/{CUT}/", {"price": 9999, "is_active": False})
    assert (await book(api, hold_id=kept["id"]))["price"] == kept["price"] == 2500


async def test_another_token_can_neither_use_nor_end_a_hold(box: RunningBox, api: Client) -> None:
    kept = await hold(api)
    other = box.client()
    assert_refused(await other.post("bookings/", wish(hold_id=kept["id"])), 400, "validation_error", "hold_id")
    assert_refused(await other.delete(f"holds/{kept['id']}/"), 404, "not_found")
    await book(api, hold_id=kept["id"])


async def test_a_hold_given_back_is_free_at_once(api: Client) -> None:
    kept = await hold(api)
    assert (await api.delete(f"holds/{kept['id']}/")).status == 204
    assert TEN in await starts(api)
    await book(api, resource_id=ANN)


async def test_a_hold_ends_to_the_second(api: Client, clock: StillClock) -> None:
    kept = await hold(api, ttl_seconds=60)
    clock.advance(59)
    assert TEN not in await starts(api)
    assert_refused(await api.post("bookings/", wish(resource_id=ANN)), 409, "slot_unavailable")
    clock.advance(1)
    assert TEN in await starts(api)
    assert_refused(await api.post("bookings/", wish(hold_id=kept["id"])), 400, "validation_error", "hold_id")
    await book(api, resource_id=ANN)


async def test_whoever_needs_the_place_of_an_expired_hold_gets_it(api: Client, clock: StillClock) -> None:
    await hold(api)
    made = await book(api, start_time=ELEVEN, resource_id=ANN)
    clock.advance(300)
    assert (await api.patch(f"bookings/{made['id']}/", {"start_time": TEN})).status == 200
    clock.advance(1)
    await hold(api, start_time=ELEVEN)
    clock.advance(300)
    await hold(api, start_time=ELEVEN)


async def test_a_no_show_comes_back_when_only_an_expired_hold_has_its_place(api: Client, clock: StillClock) -> None:
    made = await book(api, resource_id=ANN)
    await api.patch(f"bookings/{made['id']}/", {"status": "NO_SHOW"})
    await hold(api)
    answer = await api.patch(f"bookings/{made['id']}/", {"status": "CONFIRMED"})
    assert_refused(answer, 409, "slot_unavailable")
    assert answer.body["details"]["conflict"] == "hold"
    clock.advance(300)
    assert (await api.patch(f"bookings/{made['id']}/", {"status": "CONFIRMED"})).status == 200


async def test_a_hold_is_judged_as_a_booking_is(api: Client) -> None:
    for fields, code in (
        ({"start_time": on("05", "10:10")}, "not_on_slot_grid"),
        ({"start_time": on("05", "08:00")}, "outside_availability"),
        ({"start_time": on("03", "10:00")}, "in_past"),
        ({"resource_id": 99}, "resource_not_eligible"),
        ({"service_id": 99}, "validation_error"),
        ({"service_id": WEDDING}, "validation_error"),
        ({"party_size": 2}, "validation_error"),
        ({"ttl_seconds": 1801}, "validation_error"),
        ({"ttl_seconds": 0}, "validation_error"),
        ({"customer_id": 1}, "validation_error"),
    ):
        answer = await api.post("holds/", {"service_id": CUT, "start_time": TEN, **fields})
        assert_refused(answer, 400, code)


async def test_a_hold_takes_seats_of_a_session(box: RunningBox) -> None:
    api = furnish(box)
    kept = await hold(api, service_id=YOGA, party_size=3)
    answer = await api.post("bookings/", wish(service_id=YOGA, resource_id=ANN, party_size=3))
    assert (answer.body["details"]["conflict"], answer.body["details"]["remaining"]) == ("capacity", 2)
    await book(api, service_id=YOGA, resource_id=ANN, party_size=2)
    made = await book(api, service_id=YOGA, hold_id=kept["id"], party_size=1)  # two of the three stayed at home
    assert made["party_size"] == 1
    await book(api, service_id=YOGA, resource_id=ANN, party_size=2)


async def test_a_hold_keeps_all_the_resources_of_its_service(box: RunningBox) -> None:
    api = furnish(box)
    kept = await hold(api, service_id=MASSAGE)
    assert len(kept["resource_ids"]) == 2
    assert_refused(await api.post("bookings/", wish(service_id=MASSAGE)), 409, "slot_unavailable")
    assert (await book(api, service_id=MASSAGE, hold_id=kept["id"]))["resource_ids"] == kept["resource_ids"]


async def test_what_was_agreed_when_the_hold_was_made_holds(box: RunningBox, api: Client, clock: StillClock) -> None:
    kept = await hold(api, start_time=on("04", "09:00"), ttl_seconds=1800)
    clock.advance(1700)
    made = await book(api, start_time=on("04", "09:00"), hold_id=kept["id"])
    assert made["end_time"] == on("04", "09:30")

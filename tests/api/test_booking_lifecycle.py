"""PATCH and DELETE of a booking, and its cancellation: what may become of it."""

from itertools import product

import pytest

from smoothbox.scheduling.lifecycle import STATUSES
from smoothbox.store.folder import open_tenant
from tests.box import CATALOGUE, Client, RunningBox, StillClock

from .acme import ANN, ELEVEN, ROOM, TEN, as_listed, assert_refused, book, on, wish

pytestmark = pytest.mark.gen_test

LEGAL = {
    ("SCHEDULED", "CONFIRMED"),
    ("SCHEDULED", "COMPLETED"),
    ("SCHEDULED", "NO_SHOW"),
    ("SCHEDULED", "CANCELLED"),
    ("CONFIRMED", "COMPLETED"),
    ("CONFIRMED", "NO_SHOW"),
    ("CONFIRMED", "CANCELLED"),
    ("PENDING", "CANCELLED"),
    ("NO_SHOW", "CONFIRMED"),
}


def put_into(box: RunningBox, booking: dict[str, object], status: str) -> None:
    """Bring a booking into a status behind the API's back, its time taken or given back as it should be."""
    active = int(status in {"SCHEDULED", "CONFIRMED"})
    with open_tenant(box.folder, "acme", "live", box.clock) as file:
        file.write(lambda tx: tx.run("UPDATE allocation SET active = ? WHERE booking_id = ?", active, booking["id"]))
        file.write(lambda tx: tx.run("UPDATE booking SET status = ? WHERE id = ?", status, booking["id"]))


@pytest.mark.parametrize("now", STATUSES)
async def test_every_move_of_status_is_made_or_refused_as_the_table_says(box: RunningBox, api: Client, now: str) -> None:
    made = await book(api)
    address = f"bookings/{made['id']}/"
    for then in (status for status in STATUSES if status not in {now, "PENDING"}):
        put_into(box, made, now)
        before = (await api.get(address)).body
        answer = await api.patch(address, {"status": then})
        if (now, then) in LEGAL:
            assert (answer.status, answer.body["status"]) == (200, then)
            assert answer.body["version"] == before["version"] + 1
        else:
            assert_refused(answer, 409, "invalid_status_transition", "status", "allowed")
            assert answer.body["details"]["allowed"] == sorted(to for of, to in LEGAL if of == now)
            assert (await api.get(address)).body == before


async def test_nothing_becomes_pending_again(api: Client) -> None:
    made = await book(api)
    assert_refused(await api.patch(f"bookings/{made['id']}/", {"status": "PENDING"}), 400, "validation_error", "status")


@pytest.mark.parametrize(("now", "way"), list(product(STATUSES, ("DELETE", "POST"))))
async def test_a_booking_is_cancelled_wherever_the_table_allows_it(box: RunningBox, api: Client, now: str, way: str) -> None:
    made = await book(api)
    put_into(box, made, now)
    address = f"bookings/{made['id']}/"
    answer = await api.delete(address) if way == "DELETE" else await api.post(f"{address}cancel/", {"reason": "ill"})
    if now == "CANCELLED" or (now, "CANCELLED") in LEGAL:
        assert answer.status == (204 if way == "DELETE" else 200)
        assert (await api.get(address)).body["status"] == "CANCELLED"
    else:
        assert_refused(answer, 409, "invalid_status_transition", "status", "allowed")
        assert (await api.get(address)).body["status"] == now


async def test_a_cancellation_says_when_why_and_by_whom(api: Client, clock: StillClock) -> None:
    made = await book(api)
    clock.advance(60)
    answer = await api.post(f"bookings/{made['id']}/cancel/", {"reason": " ill "})
    changed = {
        "status": "CANCELLED",
        "version": 2,
        "cancelled_at": "2027-01-04T12:01:00.000000Z",
        "cancellation_reason": "ill",
        "cancelled_by": "api",
        "updated_at": "2027-01-04T12:01:00.000000Z",
    }
    assert as_listed(answer.body) == as_listed(made) | changed


async def test_cancelling_twice_changes_nothing_more(api: Client, clock: StillClock) -> None:
    made = await book(api)
    address = f"bookings/{made['id']}/"
    first = await api.post(f"{address}cancel/", {"reason": "ill"})
    clock.advance(60)
    second = await api.post(f"{address}cancel/", {"reason": "other"})
    assert (second.status, second.body) == (200, first.body)
    assert (await api.delete(address)).status == 204
    assert (await api.patch(address, {"status": "CANCELLED"})).body == first.body


async def test_a_cancellation_needs_no_body(api: Client) -> None:
    made = await book(api)
    assert (await api.post(f"bookings/{made['id']}/cancel/")).body["cancellation_reason"] == ""


async def test_a_cancellation_inside_the_window_is_late(api: Client) -> None:
    # The window is 24 hours, and it is seven in the morning.
    for time, late in ((on("04", "16:30"), True), (on("05", "09:00"), False)):
        made = await book(api, start_time=time)
        assert (await api.post(f"bookings/{made['id']}/cancel/")).body["late_cancellation"] is late


async def test_the_window_ends_to_the_second(api: Client, clock: StillClock) -> None:
    for seconds, late in ((2 * 3600, False), (2 * 3600 + 1, True)):
        made = await book(api, start_time=on("05", "09:00"))
        clock.at += seconds
        assert (await api.post(f"bookings/{made['id']}/cancel/")).body["late_cancellation"] is late
        clock.at -= seconds


@pytest.mark.parametrize("end", ["CANCELLED", "NO_SHOW", "COMPLETED"])
async def test_a_freed_slot_can_be_booked_again(api: Client, end: str) -> None:
    made = await book(api, resource_id=ANN)
    assert_refused(await api.post("bookings/", wish(resource_id=ANN)), 409, "slot_unavailable")
    await api.patch(f"bookings/{made['id']}/", {"status": end})
    await book(api, resource_id=ANN)


async def test_a_no_show_that_came_after_all_is_confirmed_if_the_slot_is_still_free(api: Client) -> None:
    made = await book(api, resource_id=ANN)
    address = f"bookings/{made['id']}/"
    await api.patch(address, {"status": "NO_SHOW"})
    assert (await api.patch(address, {"status": "CONFIRMED"})).status == 200
    assert_refused(await api.post("bookings/", wish(resource_id=ANN)), 409, "slot_unavailable")


async def test_a_no_show_is_not_confirmed_when_the_slot_has_been_taken(api: Client) -> None:
    made = await book(api, resource_id=ANN)
    address = f"bookings/{made['id']}/"
    before = (await api.patch(address, {"status": "NO_SHOW"})).body
    await book(api, resource_id=ANN)
    answer = await api.patch(address, {"status": "CONFIRMED"})
    assert_refused(answer, 409, "slot_unavailable", "conflict", "remaining", "next_available")
    assert answer.body["details"]["conflict"] == "booking"
    assert len(answer.body["details"]["next_available"]) == 3
    assert (await api.get(address)).body == before


async def test_notes_are_edited_and_stripped_as_when_booking(api: Client) -> None:
    made = await book(api, notes="n")
    change = {"notes": " new ", "internal_notes": " in ", "external_id": "x", "metadata": {"a": 1}}
    answer = await api.patch(f"bookings/{made['id']}/", change)
    assert answer.body == made | change | {"notes": "new", "internal_notes": "in", "version": 2}
    answer = await api.patch(f"bookings/{made['id']}/", {"external_id": None})
    assert (answer.body["external_id"], answer.body["version"]) == (None, 3)


async def test_a_change_that_changes_nothing_keeps_the_version(api: Client, clock: StillClock) -> None:
    made = await book(api, notes="n", metadata={"a": 1})
    clock.advance(60)
    same = {"start_time": TEN, "resource_id": ANN, "status": "SCHEDULED", "notes": " n ", "metadata": {"a": 1}}
    for change in ({}, same, {"start_time": "2027-01-05T15:00Z"}):
        answer = await api.patch(f"bookings/{made['id']}/", change)
        assert (answer.status, answer.body) == (200, made), change


async def test_a_finished_booking_can_still_be_annotated(api: Client) -> None:
    made = await book(api)
    await api.patch(f"bookings/{made['id']}/", {"status": "COMPLETED"})
    assert (await api.patch(f"bookings/{made['id']}/", {"notes": "good"})).body["notes"] == "good"


async def test_all_of_a_change_happens_or_nothing(api: Client) -> None:
    made = await book(api)
    for change in ({"start_time": on("05", "12:00")}, {"resource_id": ROOM}):
        answer = await api.patch(f"bookings/{made['id']}/", {"notes": "x", "status": "CONFIRMED", **change})
        assert answer.status == 400
    assert (await api.get(f"bookings/{made['id']}/")).body == made


async def test_a_moved_booking_that_is_cancelled_at_once_blocks_nothing(api: Client) -> None:
    made = await book(api)
    await api.patch(f"bookings/{made['id']}/", {"start_time": ELEVEN, "status": "CANCELLED"})
    await book(api, start_time=ELEVEN, resource_id=ANN)


async def test_there_is_no_booking_of_an_unknown_id(api: Client) -> None:
    answers = [
        await api.get("bookings/99/"),
        await api.patch("bookings/99/", {}),
        await api.delete("bookings/99/"),
        await api.post("bookings/99/cancel/", {}),
    ]
    for answer in answers:
        assert_refused(answer, 404, "not_found")
        assert answer.body["message"] == "There is no booking 99."


async def test_a_business_may_refuse_late_cancellations(box: RunningBox) -> None:
    box.apply(
        "acme",
        CATALOGUE.replace(
            "cancellation_window_hours = 24", "cancellation_window_hours = 24\nlate_cancellation_allowed = false"
        ),
    )
    api = box.client()
    late, early = await book(api, start_time=on("04", "16:30")), await book(api, start_time=on("05", "09:00"))
    address = f"bookings/{late['id']}/"
    for answer in (
        await api.delete(address),
        await api.post(f"{address}cancel/"),
        await api.patch(address, {"status": "CANCELLED"}),
    ):
        assert_refused(answer, 409, "cancellation_window_passed", "booking_id", "cancellable_until")
        assert answer.body["details"]["cancellable_until"] == on("03", "16:30")
    assert (await api.get(address)).body == late
    assert (await api.delete(f"bookings/{early['id']}/")).status == 204

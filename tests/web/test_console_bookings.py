"""Bookings in the console: found, made, moved on, moved in time, noted, cancelled; by the rules that the API goes by."""

import asyncio
from typing import Any

import pytest

from tests.api.acme import ADVICE, ANN, BOB, CUT, ELEVEN, TEN, WEDDING, add_customer, book, on
from tests.box import Client, RunningBox, StillClock
from tests.web.visitor import Seen, Visitor

pytestmark = pytest.mark.gen_test
HERE = "/console/live/bookings/"
NEW = f"{HERE}new/"


async def one(api: Client, number: int = 1) -> dict[str, Any]:
    found: dict[str, Any] = (await api.get(f"bookings/{number}/")).body
    return found


async def test_the_list_begins_today_and_is_filtered(api: Client, owner: Visitor, clock: StillClock) -> None:
    await book(api, start_time=TEN)
    await book(api, start_time=on("14", "10:00"), customer={"first_name": "Eve", "email": "eve@example.com"})
    assert "2 bookings" in (await owner.see(HERE)).text
    clock.advance(3 * 86_400)
    assert "Jane" not in (await owner.see(HERE)).text
    assert "Jane" in (await owner.see(f"{HERE}?start_date=&status=")).text
    assert "Eve" in (await owner.see(f"{HERE}?search=eve")).text
    assert "No booking is like that" in (await owner.see(f"{HERE}?status=CANCELLED")).text


async def test_a_filter_that_makes_no_sense_is_refused_with_words(owner: Visitor) -> None:
    page = await owner.see(f"{HERE}?status=GONE")
    assert page.status == 400


async def test_one_shows_all_that_the_business_needs(api: Client, owner: Visitor) -> None:
    made = await book(api, notes="Left door", internal_notes="tips", external_id="shop-1")
    page = await owner.see(f"{HERE}1/")
    for words in ("Haircut", "Tue 5 Jan 2027, 10:00–10:30", "Ann", "Jane Doe", "jane@example.com", "25.00 USD"):
        assert words in page.text
    for words in ("Left door", "tips", "shop-1", "by a program", made["manage_url"]):
        assert words in page.text


@pytest.mark.parametrize(
    ("label", "status"), [("Confirm", "CONFIRMED"), ("Completed", "COMPLETED"), ("Did not come", "NO_SHOW")]
)
async def test_it_is_moved_on_by_a_button(api: Client, owner: Visitor, label: str, status: str) -> None:
    await book(api)
    page = await owner.see(f"{HERE}1/")
    form = next(each for each in page.forms if each.values.get("status") == [status])
    await owner.ask("POST", form.action, form.values)
    assert (await one(api))["status"] == status


async def test_a_button_that_is_out_of_date_does_nothing_and_says_so(api: Client, owner: Visitor) -> None:
    await book(api)
    page = await owner.see(f"{HERE}1/")
    form = next(each for each in page.forms if each.values.get("status") == ["COMPLETED"])
    await api.patch("bookings/1/", {"notes": "Meanwhile"})
    await owner.ask("POST", form.action, form.values)
    assert (await one(api))["status"] == "SCHEDULED"
    assert "has changed since you opened it" in (await owner.see(f"{HERE}1/")).text


@pytest.mark.parametrize("status", ["", "CANCELLED", "PENDING", "GONE"])
async def test_a_move_that_there_is_not_is_refused(api: Client, owner: Visitor, status: str) -> None:
    await book(api)
    page = await owner.see(f"{HERE}1/")
    form = next(each for each in page.forms if "status" in each.values)
    await owner.ask("POST", form.action, {**form.values, "status": [status]})
    assert (await one(api))["status"] == "SCHEDULED"


async def test_it_is_moved_to_a_free_time(api: Client, owner: Visitor) -> None:
    await book(api)
    page = await owner.see(f"{HERE}1/times/?from=2027-01-05")
    moved = await owner.send(page, start_time=ELEVEN)
    assert moved.url.endswith("/bookings/1/")
    assert "Before that Tue 5 Jan 2027, 10:00" in moved.text
    assert (await one(api))["start_time"] == ELEVEN


async def test_or_to_somebody_else(api: Client, owner: Visitor) -> None:
    await book(api, resource_id=ANN)
    page = await owner.see(f"{HERE}1/times/?from=2027-01-05&resource_id={BOB}")
    await owner.send(page, start_time=TEN)
    assert (await one(api))["resource_id"] == BOB


async def test_a_time_that_is_gone_is_refused_and_the_page_shows_what_is_left(api: Client, owner: Visitor) -> None:
    await book(api)
    page = await owner.see(f"{HERE}1/times/?from=2027-01-05")
    await book(api, start_time=ELEVEN, resource_id=ANN)
    refused = await owner.send(page, start_time=ELEVEN)
    assert (refused.status, "The time is taken." in refused.text) == (409, True)
    assert f'value="{ELEVEN}"' not in refused.html


async def test_a_request_is_given_its_time(api: Client, owner: Visitor) -> None:
    await book(api, service_id=WEDDING, start_time=None)
    assert "Give it a time" in (await owner.see(f"{HERE}1/")).text
    page = await owner.see(f"{HERE}1/times/?from=2027-01-07")
    await owner.send(page, start_time=on("07", "10:00"))
    assert (await one(api))["status"] == "SCHEDULED"


async def test_notes_are_written_down(api: Client, owner: Visitor) -> None:
    await book(api, notes="Left <door>", external_id="shop-1")
    page = await owner.see(f"{HERE}1/notes/")
    assert page.form("notes/").values["notes"] == ["Left <door>"]
    await owner.send(page, notes="Right\r\ndoor", internal_notes="", external_id="")
    changed = await one(api)
    assert (changed["notes"], changed["external_id"]) == ("Right\ndoor", None)


async def test_what_somebody_else_wrote_meanwhile_is_not_overwritten(api: Client, owner: Visitor) -> None:
    await book(api)
    page = await owner.see(f"{HERE}1/notes/")
    await api.patch("bookings/1/", {"notes": "Theirs"})
    refused = await owner.send(page, notes="Mine")
    assert refused.status == 412
    assert "Mine" in refused.html
    assert (await one(api))["notes"] == "Theirs"


async def test_it_is_cancelled_with_a_reason_by_the_business(api: Client, owner: Visitor) -> None:
    await book(api)
    page = await owner.send(await owner.see(f"{HERE}1/cancel/"), reason="Ill")
    assert "is cancelled" in page.text
    booking = await one(api)
    assert (booking["status"], booking["cancellation_reason"], booking["cancelled_by"]) == ("CANCELLED", "Ill", "console")
    assert "by the business" in page.text


async def test_of_a_series_the_rest_is_cancelled_if_asked_for(api: Client, owner: Visitor) -> None:
    await book(api, recurrence="FREQ=WEEKLY;COUNT=3")
    page = await owner.see(f"{HERE}2/cancel/")
    await owner.send(page, following="on")
    assert [(await one(api, number))["status"] for number in (1, 2, 3)] == ["SCHEDULED", "CANCELLED", "CANCELLED"]


async def test_one_is_booked_by_hand_for_somebody_new(api: Client, owner: Visitor) -> None:
    page = await owner.see(f"{NEW}?service_id={CUT}&from=2027-01-05")
    made = await owner.send(page, start_time=TEN, first_name="Eve", email="eve@example.com", notes="Short")
    assert "Eve is booked" in made.text
    booking = await one(api)
    assert (booking["start_time"], booking["source"], booking["notes"]) == (TEN, "console", "Short")


async def test_a_double_click_books_once(api: Client, owner: Visitor) -> None:
    page = await owner.see(f"{NEW}?service_id={CUT}&from=2027-01-05")
    typed = {"start_time": TEN, "first_name": "Eve", "email": "eve@example.com"}
    first, second = await asyncio.gather(owner.send(page, **typed), owner.send(page, **typed))
    assert sorted((first.status, second.status)) == [200, 409]
    assert (await api.get("bookings/")).body["count"] == 1  # and not with Ann and Bob each


async def test_or_for_one_who_is_known(api: Client, owner: Visitor) -> None:
    known = await add_customer(api, first_name="Eve", email="eve@example.com")
    page = await owner.see(f"{NEW}?service_id={CUT}&from=2027-01-05&customer=eve")
    assert f'value="{known["id"]}"' in page.html
    await owner.send(page, start_time=TEN, customer_id=str(known["id"]))
    assert (await one(api))["customer_id"] == known["id"]


async def test_a_series_is_booked_or_refused_as_a_whole(api: Client, owner: Visitor) -> None:
    page = await owner.see(f"{NEW}?service_id={CUT}&from=2027-01-05")
    typed = {"start_time": TEN, "first_name": "Eve", "email": "eve@example.com", "repeat": "FREQ=WEEKLY"}
    refused = await owner.send(page, **typed, count="")
    assert "Say how many in all." in refused.text
    await owner.send(refused, **typed, count="3")
    assert (await api.get("bookings/")).body["count"] == 3


async def test_a_request_is_noted_for_what_is_scheduled_by_hand(api: Client, owner: Visitor) -> None:
    page = await owner.see(f"{NEW}?service_id={WEDDING}")
    assert "scheduled by hand" in page.text
    await owner.send(page, first_name="Eve", email="eve@example.com")
    assert (await one(api))["status"] == "PENDING"


async def test_what_is_wrong_stands_beside_its_field_and_what_was_typed_stays(api: Client, owner: Visitor) -> None:
    page = await owner.see(f"{NEW}?service_id={CUT}&from=2027-01-05")
    refused = await owner.send(page, start_time=TEN, first_name="Eve <b>", email="nonsense", notes="Short")
    assert refused.status == 400
    form = refused.form("from=2027-01-05")
    assert form.values["email"] == ["nonsense"]
    assert form.values["first_name"] == ["Eve <b>"]
    assert form.values["start_time"] == [TEN]
    assert refused.html.index('name="email"') < refused.html.index("field-email-wrong", refused.html.index('name="email"'))
    assert (await api.get("bookings/")).body["count"] == 0


async def test_a_slot_that_was_taken_meanwhile_is_refused_with_the_next_ones(api: Client, owner: Visitor) -> None:
    page = await owner.see(f"{NEW}?service_id={ADVICE}&from=2027-01-05")
    await book(api, service_id=ADVICE, start_time=TEN)
    refused = await owner.send(page, start_time=TEN, first_name="Eve", email="eve@example.com")
    assert refused.status == 409
    assert "Next free: Tue 5 Jan 2027, 10:30" in refused.text


@pytest.mark.parametrize(
    "query", ["", "?service_id=999", "?service_id=x", "?service_id=1&from=never", "?service_id=1&party_size=9"]
)
async def test_odd_questions_are_answered_with_words(owner: Visitor, query: str) -> None:
    assert (await owner.see(f"{NEW}{query}")).status in {200, 400}


async def test_nothing_of_another_business_or_mode_is_here(box: RunningBox, owner: Visitor) -> None:
    await book(box.client("rival"))
    await book(box.client(mode="test"))
    for path in ("1/", "1/times/", "1/cancel/", "1/notes/"):
        assert (await owner.see(HERE + path)).status == 404


async def test_each_form_needs_its_token(api: Client, owner: Visitor) -> None:
    await book(api)
    for path in ("1/status/", "1/times/", "1/cancel/", "1/notes/", "new/?service_id=1"):
        answer: Seen = await owner.ask("POST", HERE + path, {"version": "1", "status": "CONFIRMED", "start_time": ELEVEN})
        assert answer.status == 403
    assert (await one(api))["version"] == 1

"""A customer's own page: seen without a trace, moved, cancelled; and what becomes of an old link."""

import asyncio
from typing import Any

import pytest

from smoothbox.operations import tenants
from smoothbox.store.folder import open_box
from tests.api.acme import ELEVEN, TEN, WEDDING, book, on
from tests.box import Client, RunningBox, StillClock
from tests.web.visitor import Visitor

pytestmark = pytest.mark.gen_test


def path(booking: dict[str, Any]) -> str:
    return "/b/" + booking["manage_url"].partition("/b/")[2]


async def test_the_customer_sees_what_was_agreed_to(api: Client, stranger: Visitor) -> None:
    page = await stranger.see(path(await book(api)))
    assert page.status == 200
    for words in ("Haircut", "Tue 5 Jan 2027, 10:00–10:30", "Ann", "Jane Doe", "25.00 USD", "Acme Barbers"):
        assert words in page.text


async def test_looking_changes_nothing(api: Client, stranger: Visitor) -> None:
    made = await book(api)
    before = (await api.get("bookings/1/")).body
    for address in (path(made), f"{path(made)}times/", f"{path(made)}times/?from=2027-01-12"):
        for method in ("GET", "HEAD"):
            assert (await stranger.ask(method, address)).status == 200
    assert (await stranger.ask("GET", f"{path(made)}cancel/")).status == 405
    assert (await api.get("bookings/1/")).body == before


async def test_internal_notes_and_other_customers_are_nobodys_business(api: Client, stranger: Visitor) -> None:
    made = await book(api, internal_notes="difficult", notes="<script>alert(1)</script>")
    await book(api, start_time=on("05", "10:30"), customer={"first_name": "Eve", "email": "eve@example.com"})
    for address in (path(made), f"{path(made)}times/"):
        page = await stranger.see(address)
        assert "difficult" not in page.html
        assert "Eve" not in page.html
        assert "<script>alert" not in page.html


async def test_a_hostile_name_is_text(api: Client, stranger: Visitor) -> None:
    hostile = {"first_name": '"><script>alert(1)</script>', "email": "x@example.com"}
    page = await stranger.see(path(await book(api, customer=hostile)))
    assert "<script>alert" not in page.html
    assert '"><script>alert(1)</script>' in page.text


async def test_it_is_moved_to_a_free_time_and_has_a_new_address(api: Client, stranger: Visitor) -> None:
    made = await book(api)
    times = await stranger.see(f"{path(made)}times/")
    assert f'value="{on("05", "10:30")}"' in times.html
    page = await stranger.send(times, start_time=ELEVEN)
    assert "10:00" not in page.text
    assert "Tue 5 Jan 2027, 11:00" in page.text
    assert (await api.get("bookings/1/")).body["start_time"] == ELEVEN
    assert path(made) not in page.url
    assert (await stranger.see(path(made))).status == 410


async def test_a_time_that_was_taken_meanwhile_is_refused_with_those_that_are_free(api: Client, stranger: Visitor) -> None:
    made = await book(api)
    times = await stranger.see(f"{path(made)}times/")
    await book(api, start_time=ELEVEN)
    page = await stranger.send(times, start_time=ELEVEN)
    assert (page.status, "The time is taken." in page.text) == (409, True)
    assert f'value="{on("05", "11:30")}"' in page.html
    assert (await api.get("bookings/1/")).body["start_time"] == TEN


@pytest.mark.parametrize("wanted", [None, "", "nonsense", "2027-01-05T03:00", "2020-01-05T10:00", "\x00", "9" * 500])
async def test_no_time_or_an_odd_one_is_refused_and_said(api: Client, stranger: Visitor, wanted: str | None) -> None:
    made = await book(api)
    page = await stranger.send(await stranger.see(f"{path(made)}times/"), start_time=wanted)
    assert page.status == 400
    assert (await api.get("bookings/1/")).body["start_time"] == TEN


async def test_it_is_cancelled_with_a_reason_and_the_link_ends(api: Client, stranger: Visitor) -> None:
    made = await book(api)
    page = await stranger.send(await stranger.see(path(made)), "cancel/", reason="Ill")
    assert "Your booking is cancelled" in page.text
    booking = (await api.get("bookings/1/")).body
    assert (booking["status"], booking["cancellation_reason"], booking["cancelled_by"]) == ("CANCELLED", "Ill", "customer")
    again = await stranger.see(path(made))
    assert again.status == 410
    assert "ask the business" in again.text


async def test_two_clicks_at_once_do_one_thing(api: Client, stranger: Visitor) -> None:
    made = await book(api)
    page, times = await stranger.see(path(made)), await stranger.see(f"{path(made)}times/")
    await asyncio.gather(stranger.send(page, "cancel/"), stranger.send(times, start_time=ELEVEN))
    booking = (await api.get("bookings/1/")).body
    assert (booking["status"], booking["start_time"]) in {("CANCELLED", TEN), ("SCHEDULED", ELEVEN)}
    assert booking["version"] == 2


async def test_a_late_cancellation_that_is_forbidden_is_said_and_the_reason_kept(
    api: Client, stranger: Visitor, clock: StillClock
) -> None:
    await api.patch("business/", {"late_cancellation_allowed": False})
    made = await book(api)
    clock.advance(6 * 3600)
    page = await stranger.send(await stranger.see(path(made)), "cancel/", reason="Overslept")
    assert page.status == 409
    assert "could be cancelled until" in page.text
    assert page.form("cancel/").values["reason"] == ["Overslept"]


async def test_a_request_without_a_time_can_be_cancelled_but_not_moved(api: Client, stranger: Visitor) -> None:
    made = await book(api, service_id=WEDDING, start_time=None)
    page = await stranger.see(path(made))
    assert "no time yet" in page.text
    assert "another time" not in page.text
    assert "cancelled" in (await stranger.send(page, "cancel/")).text


async def test_a_forged_link_is_nothing_and_a_disabled_business_shows_nothing(
    box: RunningBox, api: Client, stranger: Visitor
) -> None:
    made = await book(api)
    html = {"Accept": "text/html"}
    for odd in ("/b/x/", "/b/a.b.c/", path(made)[:-5] + "AAAA/", path(made).replace("/b/", "/b/x")):
        assert (await stranger.ask("GET", odd, None, **html)).status == 404
    with open_box(box.folder, box.clock) as registry:
        registry.write(tenants.set_status, "acme", "DISABLED")
    assert (await stranger.see(path(made))).status == 403


async def test_the_form_needs_its_token(api: Client, stranger: Visitor) -> None:
    made = await book(api)
    assert (await stranger.ask("POST", f"{path(made)}cancel/", {"reason": "x"})).status == 403
    assert (await api.get("bookings/1/")).body["status"] == "SCHEDULED"


async def test_days_beyond_the_calendar_are_refused(api: Client, stranger: Visitor) -> None:
    made = await book(api)
    for first, status in (("2027-02-30", 400), ("9999-12-31", 400), ("x", 400), ("1999-01-01", 200), ("2037-01-01", 200)):
        assert (await stranger.see(f"{path(made)}times/?from={first}")).status == status, first


async def test_the_sandbox_says_so(box: RunningBox, stranger: Visitor) -> None:
    made = await book(box.client(mode="test"))
    assert "Sandbox" in (await stranger.see(path(made))).text

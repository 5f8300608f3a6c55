"""The calendar's pages: days, weeks, and whatever somebody writes into their address."""

import pytest

from smoothbox.operations import days
from smoothbox.web.console import calendar
from tests.api.acme import ANN, BOB, ELEVEN, TEN, book, on
from tests.box import Client, RunningBox
from tests.web.visitor import Visitor

pytestmark = pytest.mark.gen_test
HERE = "/console/live/calendar/"


async def test_a_day_shows_who_is_booked_with_whom(api: Client, owner: Visitor) -> None:
    await book(api, resource_id=ANN)
    await book(api, resource_id=BOB, customer={"first_name": "Eve", "email": "eve@example.com"})
    page = await owner.see(f"{HERE}?date=2027-01-05")
    assert "Tue 5 Jan 2027" in page.text
    assert page.html.index('aria-label="Ann"') < page.html.index("Jane Doe") < page.html.index('aria-label="Bob"')
    assert page.html.index('aria-label="Bob"') < page.html.index("Eve")
    assert "/console/live/bookings/1/" in page.links


async def test_without_a_date_it_is_today(owner: Visitor) -> None:
    assert "Mon 4 Jan 2027" in (await owner.see(HERE)).text


async def test_a_week_begins_on_monday_and_links_its_days(api: Client, owner: Visitor) -> None:
    await book(api)
    page = await owner.see(f"{HERE}?view=week&date=2027-01-07")
    assert "Week from Mon 4 Jan 2027" in page.text
    assert "10:00–10:30 Haircut Jane Doe" in page.text
    assert "?view=day&date=2027-01-05" in page.links


async def test_the_agenda_is_a_table(api: Client, owner: Visitor) -> None:
    await book(api)
    page = await owner.see(f"{HERE}?view=agenda&date=2027-01-05")
    assert "10:00–10:30 Haircut Jane Doe Ann Scheduled" in page.text


async def test_a_busy_week_before_hides_nothing_of_the_day(
    api: Client, owner: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(days, "MOST", 2)
    for start in (on("04", "09:00"), on("04", "10:00"), on("04", "11:00"), TEN):
        await book(api, start_time=start, resource_id=ANN)
    page = await owner.see(f"{HERE}?date=2027-01-05")
    assert "Jane" in page.text
    assert "There are more bookings" not in page.text
    assert "There are more bookings" in (await owner.see(f"{HERE}?date=2027-01-04")).text


async def test_one_who_stays_past_midnight_is_on_both_days(api: Client, owner: Visitor) -> None:
    await book(api, start_time=on("08", "23:30"), service_id=2, resource_id=ANN)
    for day in ("2027-01-08", "2027-01-09"):
        assert "Jane" in (await owner.see(f"{HERE}?date={day}")).text


async def test_cancelled_ones_are_left_out_and_those_who_did_not_come_are_marked(api: Client, owner: Visitor) -> None:
    await book(api, start_time=TEN)
    await book(api, start_time=ELEVEN, customer={"first_name": "Eve", "email": "eve@example.com"})
    await api.delete("bookings/1/")
    await api.patch("bookings/2/", {"status": "NO_SHOW"})
    page = await owner.see(f"{HERE}?date=2027-01-05")
    assert "Jane" not in page.text
    assert "Eve (did not come)" in page.text


async def test_one_of_them_can_be_looked_at_alone(api: Client, owner: Visitor) -> None:
    await book(api, resource_id=ANN)
    page = await owner.see(f"{HERE}?date=2027-01-05&resource_id={BOB}")
    assert 'aria-label="Ann"' not in page.html
    assert "Jane" not in page.text


async def test_of_very_many_the_first_are_shown(owner: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calendar, "_MOST_COLUMNS", 2)
    page = await owner.see(f"{HERE}?date=2027-01-05")
    assert "1 more are not shown" in page.text
    assert page.html.count('class="column"') == 2


async def test_who_is_away_and_when_it_is_closed_can_be_seen(owner: Visitor) -> None:
    assert 'class="away' in (await owner.see(f"{HERE}?date=2027-01-12")).html
    closed = await owner.see(f"{HERE}?date=2027-01-06")
    assert "Closed" in closed.text


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("date=yesterday", 400),
        ("date=2027-02-30", 400),
        ("date=1900-01-01", 200),
        ("date=2999-12-31", 200),
        ("view=year", 200),
        ("view=week&date=1901-01-01", 200),
        ("resource_id=nobody", 400),
        ("resource_id=999", 200),
        ("date=2027-03-14", 200),
        ("date=2027-11-07", 200),
    ],
)
async def test_whatever_the_address_says_is_answered(owner: Visitor, query: str, status: int) -> None:
    assert (await owner.see(f"{HERE}?{query}")).status == status


async def test_a_hostile_name_is_text(api: Client, owner: Visitor) -> None:
    await book(api, customer={"first_name": "<script>alert(1)</script>", "email": "x@example.com"})
    for view in ("day", "week", "agenda"):
        page = await owner.see(f"{HERE}?view={view}&date=2027-01-05")
        assert "<script>alert" not in page.html
        assert "<script>alert(1)</script>" in page.text


async def test_another_business_and_the_sandbox_have_their_own(box: RunningBox, owner: Visitor) -> None:
    await book(box.client("rival"))
    await book(box.client(mode="test"), start_time=on("05", "10:30"))
    assert "Jane" not in (await owner.see(f"{HERE}?date=2027-01-05")).text
    assert "Jane" in (await owner.see("/console/test/calendar/?date=2027-01-05")).text


async def test_nobody_sees_it_without_logging_in(stranger: Visitor) -> None:
    assert "/console/login/" in (await stranger.see(HERE)).url

"""Calendar feeds as programs fetch them."""

import asyncio

import pytest
from icalendar import Calendar

from smoothbox.keyring_file import load_keyring
from smoothbox.operations import feeds, tenants
from smoothbox.store.folder import open_box, open_tenant
from tests.api.acme import ANN, BOB, ELEVEN, TEN, book, on
from tests.box import Client, RunningBox
from tests.web.visitor import Seen, Visitor

pytestmark = pytest.mark.gen_test


def address(box: RunningBox, resource: int | None = None, slug: str = "acme", mode: str = "live") -> str:
    keyring = load_keyring(box.folder.keyring)
    with open_tenant(box.folder, slug, mode, box.clock) as file:  # type: ignore[arg-type]
        found = {each.resource_id: each.signed for each in file.read(feeds.addresses, keyring, slug, mode)}  # type: ignore[arg-type]
    return f"/ical/{found[resource]}/calendar.ics"


def summaries(seen: Seen) -> list[str]:
    return [str(each["SUMMARY"]) for each in Calendar.from_ical(seen.html).walk("VEVENT")]


async def test_a_program_subscribes_and_sees_what_changes(box: RunningBox, api: Client, stranger: Visitor) -> None:
    feed = address(box)
    for number, start in enumerate((TEN, on("05", "10:30"), ELEVEN)):  # also once it is kept
        assert summaries(await stranger.see(feed)) == ["Haircut – Jane Doe"] * number
        await book(api, start_time=start)
    await api.delete("bookings/1/")
    assert "STATUS:CANCELLED" in (await stranger.see(feed)).html


async def test_it_is_a_calendar_to_every_program(box: RunningBox, stranger: Visitor) -> None:
    seen = await stranger.see(address(box))
    assert seen.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert "calendar.ics" in seen.headers["Content-Disposition"]
    for line in ("METHOD:PUBLISH", "X-WR-CALNAME:Acme Barbers", "REFRESH-INTERVAL;VALUE=DURATION:PT15M"):
        assert line in seen.html
    head = await stranger.ask("HEAD", address(box))
    assert (head.status, head.html) == (200, "")


async def test_who_has_it_already_is_told_so(box: RunningBox, api: Client, stranger: Visitor) -> None:
    feed = address(box)
    tag = {"If-None-Match": (await stranger.see(feed)).headers["Etag"]}
    assert (await stranger.ask("GET", feed, None, **tag)).status == 304
    await book(api)
    assert (await stranger.ask("GET", feed, None, **tag)).status == 200


async def test_each_resource_has_its_own(box: RunningBox, api: Client, stranger: Visitor) -> None:
    await book(api, resource_id=ANN)
    assert len(summaries(await stranger.see(address(box, ANN)))) == 1
    assert summaries(await stranger.see(address(box, BOB))) == []


async def test_businesses_and_modes_are_apart(box: RunningBox, api: Client, stranger: Visitor) -> None:
    await book(api)
    assert summaries(await stranger.see(address(box, None, "acme", "test"))) == []
    assert summaries(await stranger.see(address(box, None, "rival"))) == []
    assert "(sandbox)" in (await stranger.see(address(box, None, "acme", "test"))).html


async def test_an_old_link_is_gone_and_a_forged_one_nothing(box: RunningBox, stranger: Visitor) -> None:
    feed = address(box)
    await stranger.see(feed)
    with open_tenant(box.folder, "acme", "live", box.clock) as file:
        file.write(feeds.new_links)
    assert (await stranger.see(feed)).status == 410
    assert (await stranger.see(address(box))).status == 200
    assert (await stranger.see("/ical/a.b.c/calendar.ics")).status == 404


async def test_a_disabled_business_shows_no_calendar(box: RunningBox, stranger: Visitor) -> None:
    feed = address(box)
    with open_box(box.folder, box.clock) as registry:
        registry.write(tenants.set_status, "acme", "DISABLED")
    assert (await stranger.see(feed)).status == 403


async def test_many_programs_at_once_get_the_same(box: RunningBox, api: Client) -> None:
    await book(api)
    feed = address(box)
    seen = await asyncio.gather(*[Visitor(box.url).see(feed) for _ in range(10)])
    assert len({each.html for each in seen}) == 1

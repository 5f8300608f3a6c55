"""The console's first page: what today brings, and what waits."""

import pytest

from tests.api.acme import WEDDING, book, on
from tests.box import Client, RunningBox, StillClock
from tests.web.visitor import Visitor

pytestmark = pytest.mark.gen_test
HERE = "/console/live/"


async def test_todays_bookings_stand_in_order_and_the_next_is_marked(api: Client, owner: Visitor, clock: StillClock) -> None:
    await book(api, start_time=on("05", "11:00"), customer={"first_name": "Late", "email": "late@example.com"})
    await book(api, start_time=on("05", "09:00"), customer={"first_name": "Early", "email": "early@example.com"})
    assert "0 bookings today" in (await owner.see(HERE)).text
    clock.advance(27 * 3600)  # ten o'clock on the fifth
    page = await owner.see(HERE)
    assert "2 bookings today" in page.text
    assert page.text.index("Early") < page.text.index("Late")
    assert page.html.count('class="next"') == 1


async def test_what_waits_for_the_business_is_told(api: Client, owner: Visitor) -> None:
    await api.patch("services/1/", {"requires_confirmation": True})
    await book(api)
    await book(api, service_id=WEDDING, start_time=None, customer={"first_name": "Eve", "email": "eve@example.com"})
    page = await owner.see(HERE)
    assert "to be confirmed" in page.text
    assert "to be given a time" in page.text
    await api.patch("bookings/1/", {"status": "CONFIRMED"})
    assert "to be confirmed" not in (await owner.see(HERE)).text


async def test_the_week_is_counted(api: Client, owner: Visitor) -> None:
    for start in ("05", "07"):
        await book(api, start_time=on(start, "10:00"))
    await api.delete("bookings/1/")
    assert "Booked 1 Cancelled 1 Did not come 0" in (await owner.see(HERE)).text


async def test_a_business_that_has_nothing_yet_is_shown_the_first_steps(box: RunningBox) -> None:
    box.add_tenant("fresh")
    visitor = await Visitor(box.url).log_in(box, "fresh")
    page = await visitor.see(HERE)
    for path in ("business/", "resources/new/", "services/new/", "settings/api/tokens/new/", "bookings/new/"):
        assert f"/console/live/{path}" in page.links


async def test_the_console_without_a_mode_leads_to_the_live_one(owner: Visitor) -> None:
    assert (await owner.see("/console/")).url.endswith("/console/live/")


async def test_there_is_a_way_to_the_other_mode_on_every_page_and_a_banner(owner: Visitor) -> None:
    live, test = await owner.see(HERE), await owner.see("/console/test/calendar/")
    assert "/console/test/" in live.links
    assert "What you do here is real" in live.text
    assert "/console/live/calendar/" in test.links
    assert "Nothing here is real" in test.text

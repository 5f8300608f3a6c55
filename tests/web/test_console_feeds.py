"""Settings → API → Calendar links: addresses that work, and that end when new ones are made."""

import re

import pytest

from tests.api.acme import ANN, ROOM, book
from tests.box import Client, RunningBox
from tests.web.visitor import Seen, Visitor

pytestmark = pytest.mark.gen_test

FEEDS = "/console/live/settings/api/feeds/"


def links_on(page: Seen) -> list[str]:
    """The paths of the feeds that a page shows, in order; each address is of this very box."""
    found = re.findall(r"<code>(http://[^<]+/ical/[^<]+/calendar\.ics)</code>", page.html)
    base = page.url.partition("/console/")[0]
    assert all(each.startswith(f"{base}/ical/") for each in found)
    return [each.removeprefix(base) for each in found]


async def test_there_is_a_link_for_the_business_and_for_each_resource(api: Client, owner: Visitor, stranger: Visitor) -> None:
    await book(api, resource_id=ANN)
    page = await owner.see(FEEDS)
    for name in ("Acme Barbers", "Ann", "Bob", "Blue Room"):
        assert f'data-copy="the link for {name}"' in page.html
    business, ann, _, room = links_on(page)
    for link, count in ((business, 1), (ann, 1), (room, 0)):
        calendar = await stranger.see(link)
        assert calendar.status == 200
        assert calendar.html.count("BEGIN:VEVENT") == count


async def test_new_links_end_the_old_ones_after_a_question(owner: Visitor, stranger: Visitor) -> None:
    old = links_on(await owner.see(FEEDS))
    question = await owner.see(f"{FEEDS}renew/")
    assert links_on(await owner.see(FEEDS)) == old
    page = await owner.send(question, "renew/")
    assert "The old links have ended." in page.text
    new = links_on(page)
    assert not set(old) & set(new)
    assert [(await stranger.see(each)).status for each in old] == [410] * len(old)
    assert [(await stranger.see(each)).status for each in new] == [200] * len(new)


async def test_each_mode_and_business_has_links_of_its_own(box: RunningBox, owner: Visitor, stranger: Visitor) -> None:
    rival = await Visitor(box.url).log_in(box, "rival")
    live, test, theirs = [
        links_on(await visitor.see(f"/console/{mode}/settings/api/feeds/"))
        for visitor, mode in ((owner, "live"), (owner, "test"), (rival, "live"))
    ]
    assert not set(live) & set(test) | set(live) & set(theirs)
    await owner.send(await owner.see(f"{FEEDS}renew/"), "renew/")
    for each in (*test, *theirs):
        assert (await stranger.see(each)).status == 200


async def test_a_hostile_name_is_text_and_what_is_inactive_has_no_link(box: RunningBox, owner: Visitor) -> None:
    api = box.client("acme", "live")
    await api.patch(f"resources/{ANN}/", {"name": '"><script>alert(1)</script>'})
    await api.patch(f"resources/{ROOM}/", {"is_active": False})
    page = await owner.see(FEEDS)
    assert "<script>alert" not in page.html
    assert '"><script>alert(1)</script>' in page.text
    assert "Blue Room" not in page.text
    assert len(links_on(page)) == 3

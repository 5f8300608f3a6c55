"""Settings → API → Sandbox: what it holds, and how it begins anew under the running box."""

import asyncio
import re

import pytest

from smoothbox.operations import sandbox
from tests.api.acme import CUT, book, subscribe
from tests.box import Client, RunningBox
from tests.web.visitor import Visitor

pytestmark = pytest.mark.gen_test


@pytest.mark.parametrize("mode", ["live", "test"])
async def test_it_says_what_both_files_hold_and_what_a_reset_does(
    box: RunningBox, api: Client, owner: Visitor, mode: str
) -> None:
    await book(api)
    page = await owner.see(f"/console/{mode}/settings/api/sandbox/")
    for words in ("Services 4 4", "Resources 3 3", "Customers 1 0", "Bookings 1 0", "Comes from live", "Goes", "Stays"):
        assert words in page.text


@pytest.mark.parametrize("mode", ["live", "test"])
async def test_a_reset_asks_first_and_takes_effect_at_once(box: RunningBox, api: Client, owner: Visitor, mode: str) -> None:
    test = box.client("acme", "test")
    await subscribe(test)
    for each in (api, test, box.client("rival", "test")):
        await book(each)
    question = await owner.see(f"/console/{mode}/settings/api/sandbox/reset/")
    assert (await test.get("bookings/")).body["count"] == 1
    page = await owner.send(question, "reset/")
    assert page.url.endswith(f"/console/{mode}/settings/api/sandbox/")
    assert "The sandbox holds the catalogue of live, and nothing else." in page.text
    assert "Bookings 1 0" in page.text
    assert (await test.get("bookings/")).body["count"] == 0
    assert (await test.get("webhooks/")).body["count"] == 1
    for each in (api, box.client("rival", "test")):
        assert (await each.get("bookings/")).body["count"] == 1
    await book(test, service_id=CUT)


async def test_the_box_goes_on_answering_during_a_reset(
    box: RunningBox, api: Client, owner: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    question = await owner.see("/console/test/settings/api/sandbox/reset/")
    whole, loop, begun, go_on = sandbox.reset, asyncio.get_running_loop(), asyncio.Event(), asyncio.Event()

    def slow(*arguments: object) -> None:
        loop.call_soon_threadsafe(begun.set)
        asyncio.run_coroutine_threadsafe(go_on.wait(), loop).result(20)
        whole(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(sandbox, "reset", slow)
    resetting = asyncio.ensure_future(owner.send(question, "reset/"))
    await asyncio.wait_for(begun.wait(), 10)
    assert (await api.get("business/")).status == 200
    assert not resetting.done()
    go_on.set()
    assert "nothing else" in (await resetting).text


async def test_a_stranger_resets_nothing(box: RunningBox, stranger: Visitor) -> None:
    test = box.client("acme", "test")
    await book(test)
    xsrf = (await stranger.see("/console/login/")).form("login/").values["_xsrf"]
    answer = await stranger.ask("POST", "/console/test/settings/api/sandbox/reset/", {"_xsrf": xsrf})
    assert (answer.status, "/console/login/" in answer.headers["Location"]) == (303, True)
    assert (await test.get("bookings/")).body["count"] == 1


async def test_a_form_without_its_token_resets_nothing(box: RunningBox, owner: Visitor) -> None:
    test = box.client("acme", "test")
    await book(test)
    page = await owner.see("/console/test/settings/api/sandbox/reset/")
    assert not re.search(r'<form[^>]+method="get"', page.html)
    assert (await owner.ask("POST", "/console/test/settings/api/sandbox/reset/", {})).status == 403
    assert (await test.get("bookings/")).body["count"] == 1

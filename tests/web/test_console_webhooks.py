"""Settings → API → Webhooks and Events: set up, tested, and looked after when deliveries fail, with a real receiver."""

import asyncio
import re
from dataclasses import replace
from html import unescape
from typing import Any

import pytest

from smoothbox.contract.events import SENTENCES, SUBSCRIBABLE
from smoothbox.settings import Settings, Webhooks
from tests.api.acme import NOBODY, book, ping, subscribe
from tests.api.test_deliveries import verified
from tests.box import Client, RunningBox, StillClock
from tests.conftest import ROOMY
from tests.web.visitor import Seen, Visitor
from tests.webhooks.receivers import OK, listening, reply, scripted

pytestmark = pytest.mark.gen_test

LIVE = "/console/live/settings/api/"
HOOKS = f"{LIVE}webhooks/"
SECRET = re.compile(r"whsec_[0-9A-Za-z+/=]{44}")


@pytest.fixture
def settings() -> Settings:
    """No jitter, and a receiver has little time."""
    return replace(ROOMY, webhooks=Webhooks(allow_cidrs=("127.0.0.0/8",), jitter=0.0, connect_timeout=0.5, timeout=0.5))


def secret_on(page: Seen) -> str:
    """The one secret that a page shows."""
    (secret,) = set(SECRET.findall(unescape(page.html)))
    return secret


async def made(visitor: Visitor, **values: Any) -> Seen:
    """A new webhook, by the form."""
    form = await visitor.see(f"{HOOKS}new/")
    return await visitor.send(form, "new/", **{"url": NOBODY, "kinds": ["*"], **values})


def beside(page: Seen, field: str) -> str:
    """What is said beside a field."""
    return unescape(page.html.partition(f'id="field-{field}-wrong"')[2].partition("</p>")[0])


async def test_every_event_is_offered_with_its_sentence(owner: Visitor) -> None:
    page = await owner.see(f"{HOOKS}new/")
    for name in SUBSCRIBABLE:
        assert f'value="{name}"' in page.html
    for sentence in SENTENCES.values():
        assert sentence in page.text


async def test_a_webhook_is_added_and_its_secret_seen_once(api: Client, box: RunningBox, owner: Visitor) -> None:
    form = await owner.see(f"{HOOKS}new/")
    values = {"url": NOBODY, "kinds": ["booking.*"], "events": ["customer.created"], "description": "the till"}
    page = await owner.send(form, "new/", **values, headers="X-One: 1\r\n\r\n X-Two : two: 2 \r\n", ed25519="on")
    secret = secret_on(page)
    found = (await api.get("webhooks/1/")).body
    assert found["url"] == NOBODY
    assert found["events"] == ["booking.*", "customer.created"]
    assert found["header_names"] == ["X-One", "X-Two"]
    assert found["public_key"] in unescape(page.html)
    assert "/help/api/webhooks/" in page.links
    for path in (HOOKS, f"{HOOKS}1/", f"{HOOKS}1/change/"):
        later = await owner.see(path)
        assert secret not in unescape(later.html)
        assert "the till" in later.html
    assert secret not in str(owner.cookies)
    box.app._front.access.flush()
    assert secret not in box.log.getvalue()
    again = await owner.send(form, "new/", **values)
    assert (again.status, "This form was sent before" in again.text) == (409, True)
    assert (await api.get("webhooks/")).body["count"] == 1


@pytest.mark.parametrize(
    ("values", "field", "sentence"),
    [
        ({"url": ""}, "url", "Fill this in."),
        ({"url": "ftp://example.com/"}, "url", "A URL begins with https:// or http://."),
        ({"url": "http://10.0.0.1/hook"}, "url", "internal address"),
        ({"url": "http://93.184.216.34/hook"}, "url", "begin the URL with https://"),
        ({"kinds": []}, "events", "Tick at least one"),
        ({"events": ["booking.maed"]}, "events", "There is no event"),
        ({"headers": "no header"}, "headers", "'no header' is no header"),
        ({"headers": "Host: example.com"}, "headers", "the box's own"),
        ({"headers": "A: 1\nA: 2"}, "headers", "is there twice"),
        ({"description": "x" * 501}, "description", "500"),
    ],
)
async def test_what_is_wrong_stands_beside_its_field_and_what_was_typed_stays(
    api: Client, owner: Visitor, values: dict[str, Any], field: str, sentence: str
) -> None:
    page = await made(owner, **{"headers": "X-Key: <b>", **values})
    assert page.status in {400, 422}
    assert sentence in beside(page, field)
    typed = page.form("new/").values
    assert typed["url"] == [values.get("url", NOBODY)]
    assert [text.strip() for text in typed["headers"]] == [values.get("headers", "X-Key: <b>")]
    assert (await api.get("webhooks/")).body["count"] == 0


async def test_one_too_many_is_refused_on_top(api: Client, owner: Visitor) -> None:
    for _ in range(20):
        await subscribe(api)
    page = await made(owner)
    assert (page.status, "at most 20 webhook endpoints" in page.text) == (409, True)


async def test_a_test_shows_the_answer_that_it_got(owner: Visitor) -> None:
    async with listening(scripted(reply(200, b"thanks, <script>alert(1)</script>"))) as receiver:
        secret = secret_on(await made(owner, url=receiver.url()))
        page = await owner.send(await owner.see(f"{HOOKS}1/"), "test/")
        assert page.url.endswith(f"{HOOKS}1/deliveries/1/")
        for words in ("A test was sent.", "succeeded", "200", "thanks, <script>alert(1)</script>", '"type": "webhook.ping"'):
            assert words in page.text
        assert "<script>alert" not in page.html
        assert verified(receiver.request, secret)["type"] == "webhook.ping"


async def test_a_test_reaches_a_webhook_that_is_switched_off(api: Client, owner: Visitor) -> None:
    async with listening(scripted(OK)) as receiver:
        await subscribe(api, receiver.url(), is_active=False)
        page = await owner.send(await owner.see(f"{HOOKS}1/"), "test/")
        assert "succeeded" in page.text


async def attempted(api: Client) -> None:
    """Wait until the first delivery was tried, and that is written down."""
    for _ in range(500):
        found = (await api.get("webhooks/1/deliveries/1/")).body
        if found["attempts"] and found["status"] != "sending":
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it was never tried")


async def test_a_failed_delivery_is_seen_and_sent_again(api: Client, owner: Visitor) -> None:
    async with listening(scripted(reply(500, b"out of order"), OK)) as receiver:
        await subscribe(api, receiver.url(), ("booking.created",))
        await book(api)
        await attempted(api)
        log = await owner.see(f"{HOOKS}1/deliveries/")
        (delivery,) = [link for link in log.links if re.search(r"/deliveries/\d+/$", link)]
        before = await owner.see(delivery)
        for words in ("booking.created", "pending", "500", "out of order", "Next attempt"):
            assert words in before.text
        after = await owner.send(before, "again/")
        for words in ("It was sent once more.", "succeeded", "sent again by hand", "out of order"):
            assert words in after.text
        assert [each.body for each in receiver.requests] == [receiver.requests[0].body] * 2
    assert [each["trigger"] for each in (await api.get("webhooks/1/deliveries/1/")).body["attempts"]] == ["auto", "manual"]


async def test_why_there_is_no_answer_is_said_in_words(api: Client, owner: Visitor) -> None:
    await subscribe(api)
    await ping(api)
    for path in ("", "deliveries/", "deliveries/1/"):
        assert "Nobody took the connection" in (await owner.see(f"{HOOKS}1/{path}")).text


async def test_what_is_disabled_cannot_be_sent_again_and_says_so(api: Client, owner: Visitor) -> None:
    await subscribe(api)
    await ping(api)
    page = await owner.see(f"{HOOKS}1/deliveries/1/")
    await api.patch("webhooks/1/", {"is_active": False})
    refused = await owner.send(page, "again/")
    assert "is disabled" in refused.text
    assert len((await api.get("webhooks/1/deliveries/1/")).body["attempts"]) == 1


async def test_the_log_is_filtered_and_paged(api: Client, owner: Visitor) -> None:
    async with listening(scripted(OK)) as receiver:
        await subscribe(api, receiver.url())
        for _ in range(3):
            await ping(api)
        await book(api)
    log = f"{HOOKS}1/deliveries/"
    everything = await owner.see(log)
    assert "5 deliveries" in everything.text  # three tests, a customer and a booking
    assert "3 deliveries" in (await owner.see(f"{log}?status=succeeded&type=webhook.ping")).text
    assert "There are none of these." in (await owner.see(f"{log}?status=failed&type=")).text
    first = await owner.see(f"{log}?page_size=2&type=&status=")
    (onwards,) = [link for link in first.links if "cursor=" in link]
    second = await owner.see(log + onwards)
    shown = [[link for link in page.links if re.search(r"/deliveries/\d+/$", link)] for page in (first, second)]
    assert [len(each) for each in shown] == [2, 2]
    assert not set(shown[0]) & set(shown[1])
    assert len([link for link in second.links if "cursor=" in link]) == 2


@pytest.mark.parametrize("query", ["status=lost", "type=booking.maed", "colour=red", "cursor=x", "page_size=0"])
async def test_an_odd_filter_is_refused_calmly(api: Client, owner: Visitor, query: str) -> None:
    await subscribe(api)
    for path in (f"{HOOKS}1/deliveries/", f"{LIVE}events/"):
        assert (await owner.see(f"{path}?{query}")).status == 400


async def test_how_an_endpoint_is_doing_is_said_in_words(
    box: RunningBox, api: Client, owner: Visitor, clock: StillClock
) -> None:
    await subscribe(api)
    assert "active" in (await owner.see(HOOKS)).text
    await ping(api)
    for path in (HOOKS, f"{HOOKS}1/"):
        assert "failing One attempt failed since Mon 4 Jan 2027, 07:00, and none succeeded." in (await owner.see(path)).text
    for _ in range(4):
        await ping(api)
    paused = (await owner.see(HOOKS)).text
    assert "paused The last 5 attempts failed; it is tried again from Mon 4 Jan 2027, 07:01 on." in paused
    clock.advance(61)
    assert "5 attempts failed since" in (await owner.see(HOOKS)).text


async def test_what_is_gone_is_disabled_with_its_reason_and_enabled_again(api: Client, owner: Visitor) -> None:
    async with listening(scripted(reply(410), OK)) as receiver:
        await subscribe(api, receiver.url())
        await ping(api)
        page = await owner.see(f"{HOOKS}1/")
        assert "disabled It answered 410 Gone" in page.text
        assert "disabled It answered 410 Gone" in (await owner.see(HOOKS)).text
        enabled = await owner.send(page, "enable/")
        assert "It is told of events again." in enabled.text
        assert (await api.get("webhooks/1/")).body["is_active"] is True
        await owner.send(enabled, "disable/")
        assert (await api.get("webhooks/1/")).body["is_active"] is False
        assert "Somebody switched it off." in (await owner.see(f"{HOOKS}1/")).text


async def test_a_webhook_is_changed_and_keeps_what_is_not_shown(api: Client, owner: Visitor) -> None:
    await made(owner, headers="X-Key: only-theirs", kinds=["hold.*"], description="old", ed25519="on")
    key = (await api.get("webhooks/1/")).body["public_key"]
    form = await owner.see(f"{HOOKS}1/change/")
    assert "only-theirs" not in form.html
    assert "X-Key" in form.text
    values = form.form("change/").values
    assert (values["url"], values["kinds"], values["description"]) == ([NOBODY], ["hold.*"], ["old"])
    page = await owner.send(form, "change/", description="new", events=["booking.created"])
    assert "The webhook is changed." in page.text
    found = (await api.get("webhooks/1/")).body
    assert (found["description"], found["events"]) == ("new", ["hold.*", "booking.created"])
    assert (found["header_names"], found["public_key"]) == (["X-Key"], key)


@pytest.mark.parametrize(
    ("values", "names"), [({"headers": "X-Other: 1"}, ["X-Other"]), ({"bare": "on"}, []), ({"headers": ""}, ["X-Key"])]
)
async def test_headers_are_replaced_taken_away_or_kept(
    api: Client, owner: Visitor, values: dict[str, str], names: list[str]
) -> None:
    await made(owner, headers="X-Key: abc")
    await owner.send(await owner.see(f"{HOOKS}1/change/"), "change/", **values)
    assert (await api.get("webhooks/1/")).body["header_names"] == names


async def test_a_change_of_address_is_judged_and_one_that_stays_is_not(api: Client, owner: Visitor) -> None:
    await made(owner)
    form = await owner.see(f"{HOOKS}1/change/")
    refused = await owner.send(form, "change/", url="http://10.0.0.1/", description="kept")
    assert "internal address" in beside(refused, "url")
    assert refused.form("change/").values["description"] == ["kept"]
    assert (await api.get("webhooks/1/")).body["url"] == NOBODY
    assert (await owner.send(form, "change/", description="other")).status == 200


async def test_a_rotated_secret_is_seen_once_and_signs_beside_the_old_one(owner: Visitor) -> None:
    async with listening(scripted(OK)) as receiver:
        old = secret_on(await made(owner, url=receiver.url()))
        form = await owner.see(f"{HOOKS}1/rotate/")
        new = secret_on(await owner.send(form, "rotate/", overlap="3600"))
        assert new != old
        await owner.send(await owner.see(f"{HOOKS}1/"), "test/")
        assert verified(receiver.request, old, new)
        again = await owner.send(form, "rotate/", overlap="0")
        assert again.status == 409
        newest = secret_on(await owner.send(again, "rotate/"))
        await owner.send(await owner.see(f"{HOOKS}1/"), "test/")
        last = receiver.requests[-1]
        assert verified(last, newest)
        with pytest.raises(AssertionError):
            verified(last, new)


async def test_what_failed_since_a_time_is_recovered(api: Client, owner: Visitor, clock: StillClock) -> None:
    await subscribe(api)
    await book(api)
    await api.patch("webhooks/1/", {"is_active": False})
    await api.patch("webhooks/1/", {"is_active": True})
    form = await owner.see(f"{HOOKS}1/recover/")
    assert form.form("recover/").values["since"] == ["2027-01-03T07:00"]  # a day ago, by the clocks of the business
    none = await owner.send(form, "recover/", since="2027-01-04T07:01")
    assert "Nothing has failed since then." in none.text
    both = await owner.send(form, "recover/", since="2027-01-04T07:00")
    assert "2 deliveries are sent again." in both.text
    for odd in ("", "soon", "2027-13-01T00:00", "2027-03-14T02:30"):
        page = await owner.send(form, "recover/", since=odd)
        assert page.status == 400
        assert beside(page, "since")
        assert page.form("recover/").values["since"] == [odd]


async def test_a_removal_asks_first(api: Client, owner: Visitor) -> None:
    await subscribe(api)
    question = await owner.see(f"{HOOKS}1/remove/")
    assert (await api.get("webhooks/1/")).status == 200
    page = await owner.send(question, "remove/")
    assert page.url.endswith(HOOKS)
    assert "The webhook is removed." in page.text
    assert (await api.get("webhooks/1/")).status == 404


async def test_buttons_do_nothing_when_they_are_only_looked_at(api: Client, owner: Visitor) -> None:
    await subscribe(api)
    await ping(api)
    for path in ("test/", "enable/", "disable/", "deliveries/1/again/"):
        assert (await owner.see(f"{HOOKS}1/{path}")).status == 405
    assert (await api.get("webhooks/1/deliveries/")).body["count"] == 1


@pytest.mark.parametrize(("slug", "mode"), [("rival", "live"), ("acme", "test")])
async def test_a_webhook_of_another_business_or_mode_is_missing(
    box: RunningBox, api: Client, owner: Visitor, slug: str, mode: Any
) -> None:
    other = box.client(slug, mode)
    for _ in range(2):
        await subscribe(other)
    await ping(other, 2)
    await subscribe(api)
    assert f"{HOOKS}2/" not in (await owner.see(HOOKS)).links
    xsrf = (await owner.see(f"{HOOKS}1/")).form("test/").values["_xsrf"]
    for path in ("", "change/", "rotate/", "recover/", "remove/", "deliveries/", "deliveries/1/"):
        assert (await owner.see(f"{HOOKS}2/{path}")).status == 404
    for path in ("change/", "rotate/", "recover/", "remove/", "test/", "deliveries/1/again/"):
        assert (await owner.ask("POST", f"{HOOKS}2/{path}", {"_xsrf": xsrf})).status == 404
    for path in ("enable/", "disable/"):  # buttons say it on the page that they lead to
        answer = await owner.ask("POST", f"{HOOKS}2/{path}", {"_xsrf": xsrf})
        assert (await owner.see(answer.headers["Location"])).status == 404
    assert (await other.get("webhooks/2/")).body["version"] == 1
    assert (await other.get("webhooks/2/deliveries/")).body["count"] == 1


async def test_a_delivery_of_another_webhook_is_missing(api: Client, owner: Visitor) -> None:
    for _ in range(2):
        await subscribe(api)
    await ping(api, 2)
    assert (await owner.see(f"{HOOKS}2/deliveries/1/")).status == 200
    assert (await owner.see(f"{HOOKS}1/deliveries/1/")).status == 404


async def test_hostile_texts_are_text(api: Client, owner: Visitor) -> None:
    hostile = "<script>alert(1)</script>"
    await subscribe(api, f"http://127.0.0.1:1025/{hostile}", description=f'"{hostile}')
    await ping(api)
    for path in ("", "1/", "1/change/", "1/remove/", "1/deliveries/", "1/deliveries/1/"):
        page = await owner.see(f"{HOOKS}{path}")
        assert page.status == 200
        assert "<script>alert" not in page.html


async def test_the_feed_is_seen_the_latest_first_and_one_event_as_it_is_delivered(api: Client, owner: Visitor) -> None:
    await book(api, notes="<script>alert(1)</script>")
    everything = (await api.get("events/")).body
    page = await owner.see(f"{LIVE}events/")
    assert f"{everything['count']} events" in page.text
    shown = [link for link in page.links if re.search(r"/events/\d+/$", link)]
    assert shown == [f"{LIVE}events/{each['sequence']}/" for each in reversed(everything["results"])]
    last = everything["results"][-1]
    one = await owner.see(shown[0])
    for words in (last["id"], last["request"]["id"], last["type"], SENTENCES[last["type"]]):
        assert words in one.text
    assert "<script>alert" not in one.html
    assert "1 event " in (await owner.see(f"{LIVE}events/?type=booking.created")).text
    assert "Nothing of this kind" in (await owner.see(f"{LIVE}events/?type=hold.expired")).text


async def test_the_feed_is_paged(api: Client, owner: Visitor) -> None:
    seen: list[str] = []
    onwards = "?page_size=3"
    while onwards:
        page = await owner.see(f"{LIVE}events/{onwards}")
        seen += [link for link in page.links if re.search(r"/events/\d+/$", link)]
        found = re.search(r'href="(\?[^"]+)" rel="next"', page.html)
        onwards = unescape(found[1]) if found else ""
    assert len(seen) == len(set(seen)) == (await api.get("events/")).body["count"] > 3


async def test_an_event_that_there_is_not_is_missing(owner: Visitor) -> None:
    for path in ("4711/", "999999999999999/"):
        assert (await owner.see(f"{LIVE}events/{path}")).status == 404


async def test_the_sandbox_has_a_feed_of_its_own(box: RunningBox, owner: Visitor) -> None:
    await book(box.client("acme", "test"), notes="only a test")
    number = (await box.client("acme", "test").get("events/", ordering="-sequence", page_size=1)).body["results"][0]["sequence"]
    assert "only a test" in (await owner.see(f"/console/test/settings/api/events/{number}/")).text
    assert "booking.created" not in re.sub(r"<option.*?</option>", "", (await owner.see(f"{LIVE}events/")).html)

"""Settings → API → Tokens: what is shown, what is made, and that a secret is seen once."""

import asyncio
import re

import pytest

from smoothbox.contract.scopes import NAMED_ONLY, ORDINARY
from smoothbox.operations import tokens
from smoothbox.operations.tokens import TokenRequest
from smoothbox.store.box import Token
from smoothbox.store.folder import open_box
from tests.box import Client, RunningBox, StillClock
from tests.web.visitor import Seen, Visitor

pytestmark = pytest.mark.gen_test

LIVE = "/console/live/settings/api/"
TOKENS = f"{LIVE}tokens/"
SECRET = re.compile(r"ss_(?:live|test)_[0-9A-Za-z]{38}")
SENT_BEFORE = "This form was sent before"


def add(box: RunningBox, slug: str = "acme", mode: str = "live", name: str = "crm") -> Token:
    with open_box(box.folder, box.clock) as registry:
        return registry.write(tokens.create, slug, TokenRequest(name, mode, ("business:read",))).token


def all_of(box: RunningBox, slug: str = "acme") -> list[Token]:
    with open_box(box.folder, box.clock) as registry:
        return registry.read(tokens.list_of, slug)


def secret_on(page: Seen) -> str:
    """The one secret that a page shows, alone and in a command."""
    (secret,) = set(SECRET.findall(page.html))
    return secret


async def made(visitor: Visitor, **values: object) -> Seen:
    """A new token, by the form."""
    form = await visitor.see(f"{TOKENS}new/")
    return await visitor.send(form, "new/", **{"name": "website", "scopes": ["business:read"], **values})


async def test_the_overview_says_where_the_api_is_and_what_the_modes_are(box: RunningBox, owner: Visitor) -> None:
    add(box)
    for mode, count in (("live", "1 active"), ("test", "No active")):
        page = await owner.see(f"/console/{mode}/settings/api/")
        assert page.status == 200
        for words in (f"{box.url}/tenant-api/v1/", "ss_live_", "ss_test_", count):
            assert words in page.text
        assert f"/console/{'test' if mode == 'live' else 'live'}/settings/api/" in page.links
        for link in ("tokens/", "webhooks/", "events/", "sandbox/", "people/"):
            assert f"/console/{mode}/settings/api/{link}" in page.links
        assert "/help/api/" in page.links


async def test_a_token_is_made_and_shown_with_a_command_that_works(box: RunningBox, owner: Visitor) -> None:
    page = await made(owner, scopes=["business:read", "bookings:read"])
    assert page.status == 200
    secret = secret_on(page)
    assert f'curl -H "Authorization: Bearer {secret}" {box.url}/tenant-api/v1/business/' in page.text
    answer = await Client(box.url, secret).get("business/")
    assert (answer.status, answer.body["environment"]) == (200, "live")
    assert sorted(answer.body["scopes"]) == ["bookings:read", "business:read"]


async def test_a_secret_is_seen_once_and_is_in_no_address_cookie_or_log(box: RunningBox, owner: Visitor) -> None:
    page = await made(owner)
    secret = secret_on(page)
    assert secret not in page.url
    assert page.headers["Cache-Control"] == "no-store"
    assert secret not in str(owner.cookies)
    (token,) = all_of(box)
    for path in (TOKENS, f"{TOKENS}{token.id}/", f"{TOKENS}new/", LIVE):
        later = await owner.see(path)
        assert not SECRET.search(later.html)
    assert f"…{secret[-4:]}" in (await owner.see(TOKENS)).text
    box.app._front.access.flush()
    assert secret not in box.log.getvalue()


async def test_a_form_that_is_sent_twice_makes_one_token(box: RunningBox, owner: Visitor) -> None:
    form = await owner.see(f"{TOKENS}new/")
    first = await owner.send(form, "new/", name="website", scopes=["business:read"])
    again = await owner.send(form, "new/", name="website", scopes=["business:read"])
    assert (first.status, again.status) == (200, 409)
    assert SENT_BEFORE in again.text
    assert not SECRET.search(again.html)
    assert again.form("new/").values["name"] == ["website"]
    assert len(all_of(box)) == 1
    assert (await owner.send(again, "new/")).status == 200  # who wants a second one says so
    assert len(all_of(box)) == 2


async def test_of_two_presses_at_once_one_counts(box: RunningBox, owner: Visitor) -> None:
    form = await owner.see(f"{TOKENS}new/")
    sent = [owner.send(form, "new/", name="website", scopes=["business:read"]) for _ in range(3)]
    assert sorted(page.status for page in await asyncio.gather(*sent)) == [200, 409, 409]
    assert len(all_of(box)) == 1


async def test_the_key_of_a_form_is_good_for_the_one_who_was_shown_it(box: RunningBox, owner: Visitor) -> None:
    other = await Visitor(box.url).log_in(box, "rival")
    key = (await other.see(f"{TOKENS}new/")).form("new/").values["form_key"][0]
    for wrong in (key, "", "x" * 5000, None):
        page = await made(owner, form_key=wrong)
        assert (page.status, SENT_BEFORE in page.text) == (409, True)
    assert all_of(box) == []


@pytest.mark.parametrize(("preset", "ticked"), [("", set()), ("ordinary", set(ORDINARY)), ("reading", None)])
async def test_a_preset_ticks_nothing_that_changes_what_is_for_sale(
    owner: Visitor, preset: str, ticked: set[str] | None
) -> None:
    page = await owner.see(f"{TOKENS}new/?preset={preset}")
    values = page.form("new/?preset=" + preset).values
    wanted = {scope for scope in ORDINARY if scope.endswith(":read")} if ticked is None else ticked
    assert set(values.get("scopes", [])) == wanted
    assert "selling" not in values
    for scope in (*ORDINARY, *NAMED_ONLY):
        assert f'value="{scope}"' in page.html


async def test_what_changes_what_is_for_sale_is_ticked_apart(box: RunningBox, owner: Visitor) -> None:
    await made(owner, scopes=[], selling=["services:write"])
    assert all_of(box)[0].scopes == ("services:write",)


@pytest.mark.parametrize(
    ("values", "field", "sentence"),
    [
        ({"name": " "}, "name", "Fill this in."),
        ({"name": "x" * 101}, "name", "A name has 1 to 100 characters."),
        ({"scopes": []}, "scopes", "Name at least one scope."),
        ({"scopes": ["bookings:raed"]}, "scopes", "Did you mean"),
        ({"hourly": "0"}, "hourly", "Send a number from 1"),
        ({"burst": "many"}, "burst", "Write a whole number."),
        ({"expires": "soon"}, "expires", "Choose one of these."),
        ({"expires": ""}, "expires", "Choose one of these."),
        ({"expires": "date"}, "until", "Choose a day."),
        ({"expires": "date", "until": "2027-01-03"}, "until", "That day is over already."),
        ({"expires": "date", "until": "2027-02-30"}, "until", "Choose a day."),
        ({"expires": "never", "until": "2027-02-03"}, "until", "or leave this empty"),
    ],
)
async def test_what_is_wrong_stands_beside_its_field_and_what_was_typed_stays(
    box: RunningBox, owner: Visitor, values: dict[str, object], field: str, sentence: str
) -> None:
    page = await made(owner, **{"name": "till <b>", "burst": "7", **values})
    assert page.status == 400
    wrong = page.html.partition(f'id="field-{field}-wrong"')[2].partition("</p>")[0]
    assert sentence in wrong
    typed = page.form("new/").values
    assert typed["name"] == [str(values.get("name", "till <b>")).strip()]
    assert typed["burst"] == [values.get("burst", "7")]
    assert all_of(box) == []


async def test_a_token_ends_when_it_was_said_to(box: RunningBox, owner: Visitor, clock: StillClock) -> None:
    for expires, until in (("never", ""), ("30", ""), ("365", ""), ("date", "2027-01-04")):
        await made(owner, expires=expires, until=until)
    ends = [each.expires_at for each in all_of(box)]
    midnight_in_new_york = "2027-01-05T05:00:00.000000Z"
    assert ends == [None, "2027-02-03T12:00:00.000000Z", "2028-01-04T12:00:00.000000Z", midnight_in_new_york]


async def test_a_token_has_limits_of_its_own_where_they_were_given(box: RunningBox, owner: Visitor) -> None:
    await made(owner, hourly="50", burst="5")
    (token,) = all_of(box)
    assert (token.hourly, token.burst) == (50, 5)
    assert "50 an hour, 5 a minute" in (await owner.see(f"{TOKENS}{token.id}/")).text


async def test_the_list_says_at_once_when_a_token_was_used(owner: Visitor, box: RunningBox, clock: StillClock) -> None:
    secret = secret_on(await made(owner))
    assert "never never" in (await owner.see(TOKENS)).text  # neither used nor to expire
    clock.advance(3600)
    await Client(box.url, secret).get("business/")
    for path in (TOKENS, f"{TOKENS}1/"):
        assert "Mon 4 Jan 2027, 08:00" in (await owner.see(path)).text


async def test_the_list_keeps_what_has_ended_apart(box: RunningBox, owner: Visitor, clock: StillClock) -> None:
    await made(owner, name="expiring", expires="30")
    await made(owner, name="lasting")
    gone = add(box, name="leaked")
    with open_box(box.folder, box.clock) as registry:
        registry.write(tokens.revoke, gone.id)
    clock.advance(31 * 86400)
    await owner.log_in(box)
    active, _, ended = (await owner.see(TOKENS)).text.partition(" Ended ")
    assert "lasting" in active
    for name, status in (("expiring", "expired"), ("leaked", "revoked")):
        assert name not in active
        assert name in ended
        assert status in ended


async def test_a_token_is_rotated_and_the_old_one_lasts_as_long_as_was_said(
    box: RunningBox, owner: Visitor, clock: StillClock
) -> None:
    old = secret_on(await made(owner))
    page = await owner.send(await owner.see(f"{TOKENS}1/rotate/"), "rotate/", overlap="3600")
    new = secret_on(page)
    assert new != old
    clock.advance(3599)
    assert [(await Client(box.url, each).get("business/")).status for each in (old, new)] == [200, 200]
    clock.advance(2)
    assert [(await Client(box.url, each).get("business/")).status for each in (old, new)] == [401, 200]


async def test_a_token_that_leaked_is_rotated_and_ends_now(box: RunningBox, owner: Visitor) -> None:
    old = secret_on(await made(owner))
    form = await owner.see(f"{TOKENS}1/rotate/")
    await owner.send(form, "rotate/", overlap="0")
    assert (await Client(box.url, old).get("business/")).status == 401
    again = await owner.send(form, "rotate/", overlap="0")
    assert (again.status, SENT_BEFORE in again.text) == (409, True)
    ended = await owner.send(again, "rotate/")
    assert "create a new one instead" in ended.text
    assert len(all_of(box)) == 2


async def test_an_overlap_is_one_of_those_that_are_offered(box: RunningBox, owner: Visitor) -> None:
    add(box)
    page = await owner.send(await owner.see(f"{TOKENS}1/rotate/"), "rotate/", overlap="999999999")
    assert (page.status, "Choose one of these." in page.text) == (400, True)
    assert len(all_of(box)) == 1


async def test_a_revocation_asks_first_and_counts_at_once(box: RunningBox, owner: Visitor) -> None:
    secret = secret_on(await made(owner))
    question = await owner.see(f"{TOKENS}1/revoke/")
    assert "Revoke the token" in question.text
    assert (await Client(box.url, secret).get("business/")).status == 200
    page = await owner.send(question, "revoke/")
    assert page.url.endswith(f"{TOKENS}1/")
    assert "is revoked." in page.text
    assert (await Client(box.url, secret).get("business/")).status == 401
    assert not [link for link in page.links if link.endswith(("rotate/", "revoke/"))]


@pytest.mark.parametrize(("slug", "mode"), [("rival", "live"), ("acme", "test")])
async def test_a_token_of_another_business_or_mode_is_missing(box: RunningBox, owner: Visitor, slug: str, mode: str) -> None:
    mine, foreign = add(box), add(box, slug, mode)
    assert f"{TOKENS}{foreign.id}/" not in (await owner.see(TOKENS)).links
    for number in (foreign.id, 4711):
        for path in ("", "rotate/", "revoke/"):
            page = await owner.see(f"{TOKENS}{number}/{path}")
            assert page.status == 404
            assert "crm" not in page.text
    for path in ("rotate/", "revoke/"):
        form = (await owner.see(f"{TOKENS}{mine.id}/{path}")).form(path)
        sent = await owner.ask("POST", f"{TOKENS}{foreign.id}/{path}", form.values)
        assert sent.status == 404
    assert [each.revoked_at for each in all_of(box, slug) if each.id == foreign.id] == [None]
    assert len(all_of(box, slug)) == (2 if slug == "acme" else 1)


async def test_a_hostile_name_is_text(box: RunningBox, owner: Visitor) -> None:
    add(box, name='"><script>alert(1)</script>')
    for path in ("", "1/", "1/rotate/", "1/revoke/"):
        page = await owner.see(f"{TOKENS}{path}")
        assert "<script>alert" not in page.html
        assert "<script>alert(1)</script>" in page.text


async def test_a_stranger_is_sent_to_the_door_and_makes_nothing(box: RunningBox, owner: Visitor, stranger: Visitor) -> None:
    token = add(box)
    for path in (
        "",
        "tokens/",
        "tokens/new/",
        f"tokens/{token.id}/",
        f"tokens/{token.id}/rotate/",
        "people/",
        "sandbox/",
        "events/",
    ):
        assert "/console/login/" in (await stranger.see(LIVE + path)).url
    door = await stranger.see("/console/login/")
    xsrf = door.form("login/").values["_xsrf"]
    answer = await stranger.ask("POST", f"{TOKENS}{token.id}/revoke/", {"_xsrf": xsrf})
    assert answer.status == 303
    assert all_of(box)[0].revoked_at is None

"""Client tokens: less than the token that made them, for a while, and no longer than that one lasts."""

import asyncio
from dataclasses import replace
from typing import Any

import jwt
import pytest

from smoothbox.contract.scopes import ORDINARY
from smoothbox.operations import tokens
from smoothbox.settings import Limits
from smoothbox.store.folder import open_box
from tests.api.acme import assert_refused, wish
from tests.box import Client, RunningBox, StillClock
from tests.conftest import ROOMY

pytestmark = pytest.mark.gen_test
SCOPES = ["availability:read", "services:read"]


async def made(api: Client, **fields: Any) -> Client:
    answer = await api.post("client-tokens/", {"scopes": SCOPES, **fields})
    assert answer.status == 201, answer
    return Client(api.url, answer.body["token"])


async def test_a_client_may_do_what_it_was_granted_and_nothing_else(api: Client) -> None:
    answer = await api.post("client-tokens/", {"scopes": SCOPES, "lifetime_seconds": 60})
    assert answer.status == 201
    assert answer.body["scopes"] == SCOPES
    assert answer.body["expires_at"] == "2027-01-04T12:01:00.000000Z"
    client = Client(api.url, answer.body["token"])
    assert (await client.get("services/")).status == 200
    assert_refused(await client.get("bookings/"), 403, "insufficient_scope")


async def test_it_is_a_signed_web_token_of_its_kind(api: Client) -> None:
    client = await made(api)
    header, claims = jwt.get_unverified_header(client.token), jwt.decode(client.token, options={"verify_signature": False})
    assert (header["alg"], header["typ"]) == ("EdDSA", "client-token+jwt")
    assert claims["aud"] == "client-token"
    assert claims["exp"] == 1_799_064_900
    assert (await made(api)).token != client.token


async def test_it_ends_at_its_second(api: Client, clock: StillClock) -> None:
    client = await made(api, lifetime_seconds=60)
    for seconds, status in ((59, 200), (1, 401)):
        clock.advance(seconds)
        assert (await client.get("services/")).status == status


@pytest.mark.parametrize("end", ["revoke", "expire"])
async def test_it_ends_with_the_token_that_made_it_at_once(box: RunningBox, clock: StillClock, end: str) -> None:
    client = await made(box.client(lifetime=100.0), lifetime_seconds=3600)
    assert (await client.get("services/")).status == 200
    if end == "expire":
        clock.advance(101)
    else:
        with open_box(box.folder, clock) as registry:
            registry.write(tokens.revoke, 1)
    assert_refused(await client.get("services/"), 401, "invalid_token")


async def test_a_disabled_business_refuses_its_clients(box: RunningBox, api: Client) -> None:
    client = await made(api)
    box.set_status("acme", "DISABLED")
    assert_refused(await client.get("services/"), 403, "tenant_disabled")


async def test_it_opens_the_file_of_its_maker_only(box: RunningBox) -> None:
    client = await made(box.client("rival", "test"), scopes=["business:read"])
    business = (await client.get("business/")).body
    assert (business["subdomain"], business["environment"]) == ("rival", "test")
    assert business["scopes"] == ["business:read"]


async def test_nobody_hands_on_more_than_they_have(box: RunningBox) -> None:
    reader = box.client(scopes=("services:read",))
    answer = await reader.post("client-tokens/", {"scopes": ["services:read", "bookings:write"]})
    assert_refused(answer, 403, "insufficient_scope")
    assert answer.body["details"] == {"required_scope": "bookings:write"}


async def test_a_client_token_makes_no_further_ones(api: Client) -> None:
    client = await made(api, scopes=list(ORDINARY))
    assert_refused(await client.post("client-tokens/", {"scopes": SCOPES}), 403, "forbidden")


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"scopes": []},
        {"scopes": ["nothing:read"]},
        {"scopes": SCOPES, "lifetime_seconds": 0},
        {"scopes": SCOPES, "lifetime_seconds": 3601},
        {"scopes": "services:read"},
        {"scopes": SCOPES, "more": 1},
    ],
)
async def test_odd_wishes_are_refused(api: Client, body: dict[str, Any]) -> None:
    assert_refused(await api.post("client-tokens/", body), 400, "validation_error")


async def test_what_the_box_did_not_sign_is_no_token_and_costs_no_look_at_a_file(box: RunningBox, api: Client) -> None:
    good = (await made(api)).token
    assert good is not None
    forged = jwt.encode({"aud": "client-token", "sub": "1", "scopes": SCOPES, "exp": 2e9}, "k" * 32, "HS256", {"kid": "x"})
    for text in (good[:-4] + "AAAA", good + "A", forged, "a.b.c", "..", "x" * 5000, good.replace(".", "-")):
        assert_refused(await Client(box.url, text).get("services/"), 401, "invalid_token")


async def test_a_customers_link_is_no_token(box: RunningBox, api: Client) -> None:
    link = (await api.post("bookings/", wish())).body["manage_url"]
    assert_refused(await Client(box.url, link.split("/")[-2]).get("services/"), 401, "invalid_token")


async def test_a_replay_makes_the_same_token_again(api: Client) -> None:
    api.headers["Idempotency-Key"] = "once"
    first, again = [await api.post("client-tokens/", {"scopes": SCOPES}) for _ in range(2)]
    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.body == first.body


async def test_it_books_like_any_other(api: Client) -> None:
    client = await made(api, scopes=["bookings:write"])
    assert (await client.post("bookings/", wish())).status == 201


class TestLimits:
    """A client has no bucket of its own."""

    @pytest.fixture
    def settings(self) -> Any:
        return replace(ROOMY, limits=Limits(hourly=10, burst=10))

    async def test_it_shares_the_limits_of_the_token_that_made_it(self, api: Client) -> None:
        client = await made(api)
        await asyncio.gather(*[client.get("services/") for _ in range(8)])
        answer = await api.get("services/")
        assert answer.headers["X-RateLimit-Remaining"] == "0"
        assert_refused(await client.get("services/"), 429, "rate_limited")

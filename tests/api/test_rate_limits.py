"""Two buckets for each token: the headers that tell of them, and what happens when one is empty."""

from dataclasses import replace

import pytest

from smoothbox.operations import tokens
from smoothbox.settings import Limits, Server, Settings
from smoothbox.store.folder import open_box
from tests.box import Answer, Client, RunningBox, StillClock

from .acme import assert_refused, wish
from .test_authentication import newest_id

pytestmark = pytest.mark.gen_test

NOON = 1799064000  # 2027-01-04T12:00:00Z
ROOMY_BURST = Limits(hourly=6, burst=100)
ROOMY_HOUR = Limits(hourly=1000, burst=4)


@pytest.fixture
def settings(request: pytest.FixtureRequest) -> Settings:
    """The limits that the help page promises, unless a test names its own."""
    return Settings(server=Server(port=0), limits=getattr(request, "param", Limits()))


def told(answer: Answer) -> tuple[int, int, int]:
    """Limit, remaining, and the seconds after noon at which the bucket is full."""
    names = ("X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset")
    limit, remaining, reset = (int(answer.headers[name]) for name in names)
    return limit, remaining, reset - NOON


async def test_every_authenticated_response_tells_what_remains(api: Client) -> None:
    answers = [
        await api.get("services/"),
        await api.post("bookings/", wish()),
        await api.post("bookings/", {}),
        await api.get("bookings/99/"),
        await api.get("bookings/", nope=1),
        await api.post("bookings/1/cancel/"),
        await api.delete("bookings/1/"),
        await api.send("HEAD", "business/"),
        await api.send("POST", "bookings/", raw=b"{"),
    ]
    assert [answer.status for answer in answers] == [200, 201, 400, 404, 400, 200, 204, 200, 400]
    assert [told(answer)[:2] for answer in answers] == [(1000, 999 - number) for number in range(len(answers))]


async def test_a_missing_scope_costs_a_request_too(box: RunningBox) -> None:
    answer = await box.client(scopes=("services:read",)).get("bookings/")
    assert answer.status == 403
    assert told(answer)[:2] == (1000, 999)


async def test_what_is_not_authenticated_tells_nothing_and_costs_nothing(api: Client) -> None:
    for answer in (
        await Client(api.url, None).get("services/"),
        await api.get("nowhere/"),
        await api.send("OPTIONS", "services/"),
        await api.post("availability/", {}),
    ):
        assert "X-RateLimit-Limit" not in answer.headers
    assert told(await api.get("services/"))[1] == 999


async def test_the_bucket_refills_by_and_by(api: Client, clock: StillClock) -> None:
    for _ in range(5):
        answer = await api.get("services/")
    assert told(answer) == (1000, 995, 18)  # 5 requests at 3.6 seconds each
    clock.advance(7.2)
    assert told(await api.get("services/")) == (1000, 996, 22)
    clock.advance(3600)
    assert told(await api.get("services/"))[1] == 999


async def test_the_minute_s_bucket_refuses_after_a_hundred(api: Client, clock: StillClock) -> None:
    for _ in range(100):
        assert (await api.get("business/")).status == 200
    answer = await api.get("business/")
    assert_refused(answer, 429, "rate_limited", "retry_after")
    assert told(answer) == (100, 0, 60)
    assert answer.headers["Retry-After"] == "1"
    assert answer.body["details"] == {"retry_after": 1}
    assert answer.headers["RateLimit"] == '"burst";r=0;t=60'
    clock.advance(1)
    answer = await api.get("business/")
    assert answer.status == 200
    assert told(answer)[:2] == (1000, 899)  # the refused one took nothing


@pytest.mark.parametrize("settings", [ROOMY_BURST], indirect=True)
async def test_the_hourly_bucket_refuses_and_says_when_to_come_back(api: Client, clock: StillClock) -> None:
    for _ in range(6):
        assert (await api.get("business/")).status == 200
    for _ in range(3):
        answer = await api.get("business/")
        assert_refused(answer, 429, "rate_limited")
        assert told(answer) == (6, 0, 3600)
        assert answer.headers["Retry-After"] == "600"
        assert answer.headers["RateLimit"] == '"hour";r=0;t=3600'
    clock.advance(599)
    assert (await api.get("business/")).headers["Retry-After"] == "1"
    clock.advance(1)
    assert (await api.get("business/")).status == 200


@pytest.mark.parametrize("settings", [ROOMY_HOUR], indirect=True)
async def test_a_refused_request_does_nothing(api: Client) -> None:
    for _ in range(4):
        await api.get("business/")
    assert (await api.post("customers/", {"phone": "1"})).status == 429
    assert (await api.post("bookings/", {})).status == 429


async def test_the_headers_of_the_ietf_draft_say_the_same(api: Client) -> None:
    answer = await api.get("business/")
    assert answer.headers["RateLimit-Policy"] == '"hour";q=1000;w=3600, "burst";q=100;w=60'
    assert answer.headers["RateLimit"] == '"hour";r=999;t=4'


@pytest.mark.parametrize("settings", [ROOMY_HOUR], indirect=True)
async def test_each_token_has_buckets_of_its_own(box: RunningBox, api: Client) -> None:
    for _ in range(5):
        await api.get("business/")
    assert (await api.get("business/")).status == 429
    for other in (box.client(), box.client("acme", "test"), box.client("rival")):
        assert told(await other.get("business/"))[:2] == (1000, 999)


@pytest.mark.parametrize("settings", [ROOMY_HOUR], indirect=True)
async def test_a_rotated_token_shares_the_bucket_of_its_successor(box: RunningBox, api: Client) -> None:
    for _ in range(3):
        await api.get("business/")
    with open_box(box.folder, box.clock) as registry:
        successor = replace(api, token=registry.write(tokens.rotate, newest_id(box), 3600).secret)
    assert told(await successor.get("business/"))[1] == 996
    assert [(await each.get("business/")).status for each in (api, successor)] == [429, 429]


async def test_a_token_may_have_limits_of_its_own(box: RunningBox) -> None:
    narrow, wide = box.client(hourly=2), box.client(hourly=5000, burst=2)
    assert [told(await narrow.get("business/"))[:2] for _ in range(2)] == [(2, 1), (2, 0)]
    assert (await narrow.get("business/")).status == 429
    answer = await wide.get("business/")
    assert told(answer)[:2] == (5000, 4999)
    assert answer.headers["RateLimit-Policy"] == '"hour";q=5000;w=3600, "burst";q=2;w=60'
    await wide.get("business/")
    assert told(await wide.get("business/"))[:2] == (2, 0)

"""Browsers on other sites may call the API with a token; nobody else notices."""

import pytest

from tests.box import Client

pytestmark = pytest.mark.gen_test
SITE = {"Origin": "https://shop.example"}


async def test_a_request_of_another_site_is_answered_for_it(api: Client) -> None:
    answer = await api.send("GET", "services/", headers=SITE)
    assert answer.status == 200
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in answer.headers
    for name in ("ETag", "Location", "Retry-After", "X-RateLimit-Remaining", "X-Request-Id", "Idempotent-Replayed"):
        assert name in answer.headers["Access-Control-Expose-Headers"]


async def test_so_is_a_refusal(api: Client) -> None:
    for client, path in ((api, "services/99/"), (api, "nowhere/"), (Client(api.url, None), "services/")):
        answer = await client.send("GET", path, headers=SITE)
        assert answer.status >= 400
        assert answer.headers["Access-Control-Allow-Origin"] == "*"


async def test_who_names_no_site_is_sent_none_of_it(api: Client) -> None:
    answer = await api.get("services/")
    assert not [name for name in answer.headers if name.startswith("Access-Control")]


async def test_a_browser_that_asks_first_hears_what_it_may_send(api: Client) -> None:
    asked = {**SITE, "Access-Control-Request-Method": "PATCH", "Access-Control-Request-Headers": "authorization,if-match"}
    answer = await Client(api.url, None).send("OPTIONS", "bookings/1/", headers=asked)
    assert answer.status == 204
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["Access-Control-Allow-Methods"] == "DELETE, GET, HEAD, OPTIONS, PATCH"
    for name in ("Authorization", "Content-Type", "Idempotency-Key", "If-Match", "If-None-Match"):
        assert name in answer.headers["Access-Control-Allow-Headers"]


async def test_pages_are_for_their_own_site_alone(api: Client) -> None:
    for path in ("/", "/console/login/", "/static/style.css"):
        answer = await api.send("GET", path, headers=SITE)
        assert "Access-Control-Allow-Origin" not in answer.headers

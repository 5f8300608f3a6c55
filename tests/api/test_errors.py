"""Every error has one shape: addresses, methods, headers that all responses carry, and what nobody foresaw."""

import logging
import re

import pytest

from smoothbox.api.messages import STATUS
from smoothbox.api.routes import ROUTES
from smoothbox.errors import SENTENCES
from tests.box import Client, RunningBox

from .acme import assert_refused, book, hold, on, ping, subscribe
from .wire import dial, exchange, head

pytestmark = pytest.mark.gen_test

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


def allow(pattern: str) -> str:
    methods = set(ROUTES[pattern]) | {"OPTIONS"}
    return ", ".join(sorted(methods | ({"HEAD"} if "GET" in methods else set())))


def test_every_code_has_a_status_and_a_sentence() -> None:
    assert set(STATUS) == set(SENTENCES)
    assert all(sentence.endswith((".", "…'.")) for sentence in SENTENCES.values())


async def test_an_unknown_path_is_not_found(api: Client) -> None:
    for path in (
        *(
            "/nowhere",
            "/tenant-api/",
            "/tenant-api/v1/",
            "/tenant-api/v2/services/",
            "/TENANT-API/v1/services/",
            "//tenant-api/v1/services/",
        ),
        *("nowhere/", "services//", "/tenant-api/v1//services/", "services/1/2/", "services/1/cancel/", "bookings/cancel/"),
        *(
            "services/../business/",
            "services/./",
            "services/%2e%2e/business/",
            "services%2F",
            "services/;x=1",
            "services/*/",
            "%00/",
        ),
    ):
        assert_refused(await exchange(api, head(api, "GET", path)), 404, "not_found")


async def test_a_path_without_its_last_slash_names_the_right_one_and_does_not_redirect(api: Client) -> None:
    for pattern in ROUTES:
        path = "/tenant-api/v1/" + pattern.replace("<id>", "1").removesuffix("/")
        for method in ("GET", "POST"):
            answer = await exchange(api, head(api, method, path + "?a=b"))
            assert_refused(answer, 404, "not_found")
            assert f"{path}/" in answer.body["message"]
            assert "Location" not in answer.headers


async def test_a_method_that_an_address_does_not_take_is_told_the_others(api: Client) -> None:
    for pattern in ROUTES:
        path = pattern.replace("<id>", "1")
        for method in {*METHODS, "TRACE", "BREW"} - set(allow(pattern).split(", ")):
            answer = await exchange(api, head(api, method, path), bodiless=method == "HEAD")
            assert (answer.status, answer.headers["Allow"]) == (405, allow(pattern)), (method, path)
            if method != "HEAD":
                assert_refused(answer, 405, "method_not_allowed", "allow")
                assert answer.body["details"]["allow"] == allow(pattern).split(", ")


async def test_a_method_is_written_in_capitals(api: Client) -> None:
    assert_refused(await exchange(api, head(api, "get", "services/")), 405, "method_not_allowed")


async def test_options_says_what_an_address_takes_and_needs_no_token(api: Client) -> None:
    for pattern in ROUTES:
        answer = await Client(api.url, None).send("OPTIONS", pattern.replace("<id>", "1"))
        assert (answer.status, answer.body, answer.headers["Allow"]) == (204, None, allow(pattern))
        assert "Content-Length" not in answer.headers
    assert_refused(await Client(api.url, None).send("OPTIONS", "nowhere/"), 404, "not_found")


async def test_head_answers_as_get_does_without_the_body(api: Client) -> None:
    await book(api)
    await hold(api, start_time=on("14", "10:00"))
    await subscribe(api, events=("hold.expired",))
    await ping(api)
    query = "?service_id=1&date=2027-01-05"
    for pattern in (pattern for pattern, methods in ROUTES.items() if "GET" in methods):
        path = pattern.replace("<id>", "1") + (query if pattern == "availability/" else "")
        got, headed = [await exchange(api, head(api, method, path), bodiless=method == "HEAD") for method in ("GET", "HEAD")]
        assert got.status == headed.status == 200
        kept = {name: value for name, value in got.headers.items() if name in {"Content-Length", "Content-Type", "ETag"}}
        assert kept.items() <= headed.headers.items()
    answer = await exchange(api, head(api, "HEAD", "bookings/99/"), bodiless=True)
    assert answer.status == 404


async def test_head_leaves_nothing_on_the_line_that_the_next_answer_would_be_mistaken_for(api: Client) -> None:
    line = await dial(api.url)
    await line.send(head(api, "HEAD", "services/"), head(api, "OPTIONS", "services/"), head(api, "GET", "services/2/"))
    answers = [await line.answer(bodiless=bodiless) for bodiless in (True, True, False)]
    assert [answer.status for answer in answers] == [200, 204, 200]
    assert answers[2].body["id"] == 2
    await line.close()


async def test_every_response_carries_the_common_headers_and_an_id_of_its_own(api: Client) -> None:
    answers = [
        await api.get("webhooks/event-types/"),
        await api.get("nowhere/"),
        await Client(api.url, None).get("business/"),
        await api.send("OPTIONS", "business/"),
        await api.send("POST", "bookings/", raw=b"{"),
        await api.send("POST", "bookings/", raw=b"x" * 300_000),
        await api.send("PUT", "bookings/"),
    ]
    for answer in answers:
        assert re.fullmatch(r"req_[0-9a-f]{20}", answer.headers["X-Request-Id"])
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Date"] == "Mon, 04 Jan 2027 12:00:00 GMT"
        assert answer.status == 204 or answer.headers["Content-Type"] == "application/json"
        assert not {"Server", "Set-Cookie", "Etag"} & {name.title() for name in answer.headers}
    assert len({answer.headers["X-Request-Id"] for answer in answers}) == len(answers)


async def test_what_nobody_foresaw_is_a_logged_500_that_gives_nothing_away(
    box: RunningBox, api: Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("the secret sauce")

    monkeypatch.setattr(box.app.files, "use", fail)
    answer = await api.get("services/")
    assert_refused(answer, 500, "internal_error")
    assert answer.body == {"error": "internal_error", "message": SENTENCES["internal_error"], "details": {}}
    (record,) = [each for each in caplog.records if each.levelno >= logging.WARNING]
    assert answer.headers["X-Request-Id"] in record.getMessage()
    assert "the secret sauce" in (record.exc_text or str(record.exc_info))
    assert api.token not in caplog.text
    assert answer.headers["X-RateLimit-Limit"]
    caplog.clear()
    monkeypatch.undo()
    assert (await api.get("services/")).status == 200

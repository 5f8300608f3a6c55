"""What holds for every page: its headers, what is said of wrong addresses, and what goes wrong."""

import asyncio
import json
import sqlite3
from contextlib import closing

import pytest

from smoothbox.operations import people
from tests.box import RunningBox
from tests.web.visitor import Visitor

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
HTML = {"Accept": "text/html"}


@pytest.mark.gen_test
async def test_a_page_says_what_a_browser_may_do_with_it(stranger: Visitor) -> None:
    for path in ("/", "/console/login/", "/nowhere/", "/static/style.css"):
        headers = (await stranger.ask("GET", path, None, **HTML)).headers
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
        assert "unsafe" not in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"
        assert headers["X-Request-Id"].startswith("req_")
        assert "Server" not in headers


@pytest.mark.gen_test
async def test_pages_are_not_kept_but_what_carries_its_hash_is(stranger: Visitor) -> None:
    page = await stranger.see("/")
    assert page.headers["Cache-Control"] == "no-store"
    address = page.html.partition('rel="stylesheet" href="')[2].partition('"')[0]
    assert "max-age" in (await stranger.see(address)).headers["Cache-Control"]
    assert (await stranger.see("/static/style.css")).headers["Cache-Control"] == "no-cache"


@pytest.mark.gen_test
async def test_a_wrong_address_is_a_page_for_people_and_the_one_error_shape_for_programs(stranger: Visitor) -> None:
    page = await stranger.ask("GET", "/nowhere/", None, **HTML)
    assert (page.status, "There is nothing here" in page.text) == (404, True)
    for method in ("GET", "POST", "DELETE"):
        answer = await stranger.ask(method, "/nowhere/", {} if method == "POST" else None)
        assert answer.status == 404
        assert json.loads(answer.html)["error"] == "not_found"


@pytest.mark.gen_test
async def test_an_address_without_its_last_slash_leads_there(stranger: Visitor) -> None:
    for path, place in (("/console", "/console/login/"), ("/help", "/help/api/"), ("/console/login?next=x", "/console/login/")):
        assert place in (await stranger.see(path)).url
    for path in ("//evil.example", "/nowhere", "/\\evil.example", "//evil.example/console"):
        assert (await stranger.ask("GET", stranger.url + path, None, **HTML)).status == 404


@pytest.mark.gen_test
async def test_below_the_api_nothing_is_a_page(stranger: Visitor) -> None:
    answer = await stranger.ask("GET", "/tenant-api/nowhere/", None, **HTML)
    assert json.loads(answer.html)["error"] == "not_found"


@pytest.mark.gen_test
async def test_no_file_is_served_but_the_static_ones(stranger: Visitor) -> None:
    for path in ("/static/../page.py", "/static/%2e%2e/page.py", "/static/..%2fpage.py", "/static//etc/passwd", "/static/"):
        assert (await stranger.ask("GET", path, None, **HTML)).status in {403, 404}


@pytest.mark.gen_test
async def test_head_is_get_without_its_body(stranger: Visitor) -> None:
    whole, head = await stranger.see("/"), await stranger.ask("HEAD", "/")
    assert (head.status, head.html) == (200, "")
    assert head.headers["Content-Length"] == str(len(whole.html.encode()))


@pytest.mark.gen_test
@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"GET / HTTP/1.0\r\n\r\n", 200),  # as load balancers ask
        (b"GET / HTTP/1.1\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: a b<>\r\n\r\n", 400),
        (b"GET /console/login/?next=%ff%fe HTTP/1.1\r\nHost: x\r\n\r\n", 400),
        (b"GET /caf\xe9/ HTTP/1.1\r\nHost: x\r\n\r\n", 404),
        (b"GET /console/live/ HTTP/1.1\r\nHost: x\r\nCookie: smoothbox_session=\xff; smoothbox_said=x; _xsrf=2|x\r\n\r\n", 303),
        (b"POST /console/logout/ HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nContent-Type: application/json\r\n\r\n{}", 403),
        (b"BREW / HTTP/1.1\r\nHost: x\r\n\r\n", 405),
    ],
)
async def test_odd_heads_are_answered_and_nothing_breaks(box: RunningBox, sent: bytes, status: int) -> None:
    reader, writer = await asyncio.open_connection(*box.url.removeprefix("http://").split(":"))
    writer.write(sent)
    line = await asyncio.wait_for(reader.readline(), 5)
    assert line.startswith(b"HTTP/1.1 %d " % status)
    writer.close()
    await writer.wait_closed()


@pytest.mark.gen_test
async def test_what_stands_in_the_place_of_something_signed_is_no_number(stranger: Visitor) -> None:
    for path, status in (
        ("/b/12345/", 404),
        ("/b/12345/times/", 404),
        ("/ical/7/calendar.ics", 404),
        ("/console/login/1/", 410),
    ):
        assert (await stranger.see(path)).status == status


@pytest.mark.gen_test
async def test_while_the_registry_cannot_be_read_pages_say_so(box: RunningBox, owner: Visitor) -> None:
    with closing(sqlite3.connect(box.folder.box, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        page = await owner.see("/console/live/")
    assert page.status == 503
    assert "try again" in page.text
    assert (await owner.see("/console/live/")).status == 200


@pytest.mark.gen_test
async def test_a_method_that_a_page_does_not_know_is_refused(stranger: Visitor) -> None:
    page = await stranger.see("/console/login/")
    for method in ("PUT", "DELETE", "PATCH"):
        assert (await stranger.ask(method, "/", page.form("login/").values, **FORM)).status == 405
    assert (await stranger.ask("POST", "/", page.form("login/").values)).status == 405


@pytest.mark.gen_test
async def test_odd_bodies_are_refused_and_nothing_breaks(stranger: Visitor) -> None:
    page = await stranger.see("/console/login/")
    token = page.form("login/").values["_xsrf"][0]
    for name in ("a\x00b", "\ud800".encode("utf-8", "surrogatepass"), "é" * 5000, "<script>alert(1)</script>"):
        answer = await stranger.ask("POST", "/console/login/", {"_xsrf": token, "name": name, "password": "x"})
        assert answer.status == 400
        assert "<script>alert" not in answer.html
    answer = await stranger.ask("POST", "/console/login/", {"_xsrf": token, "name": "x" * 300_000})
    assert answer.status == 413


@pytest.mark.gen_test
async def test_what_goes_wrong_is_logged_without_the_address_and_said_with_a_request_id(
    box: RunningBox, stranger: Visitor, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("it broke")

    monkeypatch.setattr(people, "behind_link", broken)
    page = await stranger.ask("GET", "/console/login/secret-in-the-address/", None, **HTML)
    assert page.status == 500
    assert page.headers["X-Request-Id"] in page.text
    assert page.headers["X-Request-Id"] in caplog.text
    assert "secret-in-the-address" not in caplog.text
    caplog.clear()


@pytest.mark.gen_test
async def test_each_visit_is_a_line_in_the_log_without_what_was_signed(box: RunningBox, stranger: Visitor) -> None:
    await stranger.see("/console/login/some-secret/")
    box.app._front.access.flush()
    line = box.log.getvalue().splitlines()[-1]
    assert "GET /console/login/<signed>/ 410" in line
    assert "some-secret" not in box.log.getvalue()

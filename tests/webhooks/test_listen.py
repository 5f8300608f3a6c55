"""`smoothbox webhook listen`: a real server sends, a real listener receives."""

import json
import re
import signal
import time
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from socket import create_connection, create_server
from typing import Any

import pytest
from standardwebhooks import Webhook

from smoothbox.operations.webhook_secrets import new_key_pair, new_secret
from smoothbox.webhooks.signing import signature_header
from tests.cli.process import serving
from tests.process.server import Server, call, make_box, smoothbox, until
from tests.webhooks.listener import Listener, Target, receiving

pytestmark = pytest.mark.timeout(90)

SHAPE = ["received_at", "verified", "reason", "id", "type", "sequence", "body", "forwarded_status"]
SECRET = "whsec_" + b64encode(bytes(range(32))).decode()
CATALOGUE = """
[business]
name = "Acme"
timezone = "UTC"
currency = "USD"
[business.hours]
{days}
[[resource]]
key = "ann"
name = "Ann"
type = "STAFF"
[[service]]
key = "cut"
name = "Haircut"
duration = 30
price = 2500
resources = ["ann"]
""".format(
    days="\n".join(
        f'{day} = ["00:00-24:00"]' for day in ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
    )
)


@dataclass(frozen=True)
class Served:
    """A box that is being served, and that may deliver to this machine."""

    data: Path
    url: str
    token: str

    def call(self, method: str, path: str, body: Any = None) -> Any:
        status, answer = call(self.url, self.token, method, path, body)
        assert status < 300, answer
        return answer

    def book(self, day: int) -> Any:
        start = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0) + timedelta(days=day)
        customer = {"first_name": "Ava", "email": "ava@example.com"}
        return self.call("POST", "bookings/", {"service_id": 1, "start_time": start.isoformat(), "customer": customer})

    def webhooks(self) -> Any:
        return self.call("GET", "webhooks/")["results"]

    def ping(self) -> None:
        (webhook,) = self.webhooks()
        self.call("POST", f"webhooks/{webhook['id']}/ping/")


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    data = tmp_path_factory.mktemp("served") / "data"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SMOOTHBOX_WEBHOOKS_ALLOW_CIDRS", "127.0.0.1/32")
        token = make_box(data, CATALOGUE)
        with Server(data) as server:
            yield Served(data, server.url, token)


def signed(body: bytes, secret: str = SECRET, event: str = "evt_1", key: bytes | None = None) -> dict[str, str]:
    now = int(time.time())
    return {
        "Content-Type": "application/json",
        "webhook-id": event,
        "webhook-timestamp": str(now),
        "webhook-signature": signature_header(event, now, body, [secret], key),
    }


def test_a_booking_by_the_api_is_seen_verified(served: Served) -> None:
    with Listener(served.data, "acme", "--live") as listener:
        (webhook,) = served.webhooks()
        assert (webhook["url"], webhook["events"]) == (listener.url, ["*"])
        assert webhook["description"] == "smoothbox webhook listen"
        booking = served.book(1)
        seen = listener.next("booking.created")
    assert list(seen) == SHAPE
    assert (seen["verified"], seen["reason"], seen["forwarded_status"]) == (True, None, None)
    assert seen["body"]["data"]["object"]["id"] == booking["id"]
    (event,) = served.call("GET", f"events/?type=booking.created&after_sequence={seen['sequence'] - 1}")["results"]
    assert seen["body"] == event
    assert (seen["id"], seen["type"], seen["sequence"]) == (event["id"], event["type"], event["sequence"])


def test_people_see_one_line_of_what_they_asked_for(served: Served) -> None:
    with Listener(served.data, "acme", "--live", "--events", "webhook.ping,booking.created", before=()) as listener:
        booking = served.book(2)
        line = listener.line()
        served.call("POST", f"bookings/{booking['id']}/cancel/")
        (webhook,) = served.webhooks()
        smoothbox(served.data, "webhook", "test", "acme", str(webhook["id"]), "--live")
        assert re.fullmatch(r"\d\d:\d\d:\d\dZ  webhook\.ping         evt_[0-9a-f]{24}  #\d+  verified", listener.line())
        _, _, said = listener.ended(signal.SIGTERM)
    assert re.fullmatch(r"\d\d:\d\d:\d\dZ  booking\.created      evt_[0-9a-f]{24}  #\d+  verified", line)
    assert f"Webhook {webhook['id']} of 'acme' (live) delivers webhook.ping, booking.created here until Ctrl-C." in said
    assert f"webhook test acme {webhook['id']} --live" in said


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_its_webhook_is_gone_when_it_ends(served: Served, number: signal.Signals) -> None:
    if signal.getsignal(number) is signal.SIG_IGN:
        pytest.skip("whoever runs the tests has this signal ignored, and all that they start ignore it too")
    with Listener(served.data, "acme", "--live") as listener:
        assert len(served.webhooks()) == 1
        assert listener.ended(number) == (0, "", "")
        assert served.webhooks() == []


def test_its_webhook_is_gone_when_nobody_reads_it_any_more(served: Served) -> None:
    with Listener(served.data, "acme", "--live") as listener:
        assert listener.process.stdout is not None
        listener.process.stdout.close()
        served.ping()
        status, _, said = listener.ended()
        assert (status, said) == (1, "")
        assert served.webhooks() == []


def test_that_somebody_else_removed_its_webhook_is_no_failure(served: Served) -> None:
    with Listener(served.data, "acme", "--live") as listener:
        (webhook,) = served.webhooks()
        served.call("DELETE", f"webhooks/{webhook['id']}/")
        assert listener.ended(signal.SIGTERM)[0] == 0


def test_what_is_passed_on_arrives_as_the_box_sent_it_and_its_answer_comes_back(served: Served) -> None:
    with (
        receiving(Target(418, b"I am a teapot.")) as target,
        Listener(served.data, "--secret", SECRET, "--forward-to", target.url) as listener,
    ):
        new = {"url": listener.url, "events": ["customer.created"], "secret": SECRET, "headers": {"X-Key": "hush"}}
        webhook = served.call("POST", "webhooks/", new)
        ping = served.call("POST", f"webhooks/{webhook['id']}/ping/")
        seen = listener.next("webhook.ping")
        assert (seen["verified"], seen["forwarded_status"]) == (True, 418)
        ((headers, body),) = target.requests
        Webhook(SECRET).verify(body, headers)
        assert json.loads(body) == ping["event"]
        assert headers["content-type"] == "application/json"
        assert headers["webhook-id"] == ping["event_id"]
        assert "x-key" not in headers
        where = f"webhooks/{webhook['id']}/deliveries/{ping['id']}/"
        until(lambda: served.call("GET", where)["status"] == "failed")
        (attempt,) = served.call("GET", where)["attempts"]
        assert (attempt["status_code"], attempt["response_body"]) == (418, "I am a teapot.")
        served.call("DELETE", f"webhooks/{webhook['id']}/")


@pytest.mark.parametrize(("status", "body"), [(200, b"thanks"), (204, b""), (307, b"there"), (500, b"\x00\xff"), (799, b"?")])
def test_whatever_is_answered_comes_back_a_redirect_too(tmp_path: Path, status: int, body: bytes) -> None:
    with receiving(Target(status, body)) as target, Listener(tmp_path, "--forward-to", target.url) as listener:
        assert listener.asked(b"{}") == (status, body)
        assert listener.next()["forwarded_status"] == status
    assert len(target.requests) == 1


def test_where_nobody_answers_it_answers_502(tmp_path: Path) -> None:
    with receiving(Target()) as target:
        pass
    with Listener(tmp_path, "--forward-to", target.url, before=()) as listener:
        status, said = listener.asked(b"{}")
        assert status == 502
        assert b"nobody answered" in said
        assert listener.line().endswith("not verified: no secret given  forwarded: no answer")


def test_it_ends_at_once_while_it_waits_for_an_answer(tmp_path: Path) -> None:
    with create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        with Listener(tmp_path, "--forward-to", url) as listener, create_connection(("127.0.0.1", listener.port)) as sender:
            sender.sendall(b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\n{}")
            connection, _ = silent.accept()
            with connection:
                assert listener.ended(signal.SIGTERM) == (0, "", "")


def test_a_secret_or_a_public_key_verifies(tmp_path: Path) -> None:
    pair, other = new_key_pair(), new_secret()
    options = ("--secret", other, "--secret", SECRET, "--public-key", pair.public)
    with Listener(tmp_path, *options) as listener:
        for headers, verified in (
            (signed(b"{}"), True),
            (signed(b"{}", other), True),
            (signed(b"{}", new_secret()), False),
            (signed(b"{}", new_secret(), key=pair.private), True),
            ({}, False),
        ):
            assert listener.post(b"{}", headers) == 200
            assert listener.next()["verified"] is verified


def test_people_are_told_why_not_and_what_came_before(tmp_path: Path) -> None:
    body = b'{"type": "booking.created", "sequence": 7}'
    with Listener(tmp_path, "--secret", SECRET, before=()) as listener:
        listener.post(body, signed(body))
        assert listener.line()[9:] == "  booking.created      evt_1  #7  verified"
        listener.post(body, signed(body, new_secret()))
        assert listener.line()[9:] == (
            "  booking.created      evt_1  #7"
            "  NOT VERIFIED: no signature fits: it was signed with another secret, or changed on its way  (came 2 times)"
        )
        listener.post(b"hello")
        assert listener.line()[9:] == "  -                    -  -  NOT VERIFIED: the header webhook-id is missing"


@pytest.mark.parametrize(("before", "options"), [(("-v",), ()), ((), ("--bodies",))])
def test_bodies_are_shown_to_who_asks(tmp_path: Path, before: tuple[str, ...], options: tuple[str, ...]) -> None:
    with Listener(tmp_path, *options, before=before) as listener:
        listener.post('{"type":"x","data":{"name":"Chloé"}}'.encode())
        assert "not verified: no secret given" in listener.line()
        shown = [listener.line() for _ in range(6)]
    assert shown == ["    {", '      "type": "x",', '      "data": {', '        "name": "Chloé"', "      }", "    }"]


HOSTILE = '{"type":"\x7f\u202e\u009b2J\\u001b[2J","sequence":-1,"data":"\u2028\\n\U000e0001 \\u001b]0;x\\u0007"}'.encode()


@pytest.mark.parametrize("body", [HOSTILE, b"\x1b[2J\r\n\x00" + HOSTILE, b'{"type":"' + b"\x80\x9b" * 500], ids=range(3))
def test_nothing_of_a_hostile_body_reaches_the_terminal(tmp_path: Path, body: bytes) -> None:
    for before in ((), ("--json",)):
        with Listener(tmp_path, "--bodies", before=before) as listener:
            listener.post(body, {"webhook-id": "\x80\x9b2J" + "x" * 500})
            _, shown, _ = listener.ended(signal.SIGTERM)
        assert [character for character in shown if not character.isprintable()] == ["\n"] * shown.count("\n")
        assert before or max(map(len, shown.splitlines())) < 3500


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        (b"", ""),
        (b"plain", "plain"),
        (b'"\xff"', '"\ufffd"'),
        (b"[" * 10_000, "[" * 10_000),
        (b"[" * 5000 + b"]" * 5000, "[" * 5000 + "]" * 5000),
        (b"[NaN]", "[NaN]"),
        (HOSTILE, json.loads(HOSTILE)),
        (b'{"type": 5,\r\n "sequence": 1e400}', '{"type": 5,\r\n "sequence": 1e400}'),
        (b'{"type": [],\n "sequence": 99999999999999999999}', {"type": [], "sequence": 99999999999999999999}),
    ],
    ids=range(9),
)
def test_whatever_comes_is_one_line_of_json(anybody: Listener, body: bytes, shown: object) -> None:
    assert anybody.post(body) == 200
    seen = anybody.next()
    assert list(seen) == SHAPE
    assert seen["body"] == shown
    assert seen["sequence"] is None
    assert not seen["verified"]


def test_a_body_of_more_than_a_mebibyte_is_refused(tmp_path: Path) -> None:
    full = b" " * (1024 * 1024)
    with Listener(tmp_path, before=()) as listener:
        assert listener.post(full) == 200
        assert listener.post(full + b" ") == 413
        assert listener.post(iter([full, b" "])) == 413
        assert listener.post(full * 7) == 413
        with create_connection(("127.0.0.1", listener.port)) as endless:
            endless.sendall(b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 99999999999\r\n\r\n")
            with pytest.raises(ConnectionError):
                endless.sendall(full * 100)
        assert listener.post(b"{}") == 200
        _, shown, _ = listener.ended(signal.SIGTERM)
    assert len(shown.splitlines()) == 2


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "OPTIONS"])
def test_only_a_post_is_a_delivery(anybody: Listener, method: str) -> None:
    assert anybody.asked(b"{}", method=method) == (405, b"")


@pytest.fixture(scope="module")
def anybody(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Listener]:
    """One that takes what comes."""
    with Listener(tmp_path_factory.mktemp("anybody")) as listener:
        yield listener


def test_a_port_that_is_taken_is_a_conflict_and_leaves_nothing_behind(served: Served, anybody: Listener) -> None:
    with pytest.raises(AssertionError) as caught:
        Listener(served.data, "acme", "--live", "--port", str(anybody.port))
    _, (status, _, said) = caught.value.args[0]
    assert status == 5
    complaint = json.loads(said)
    assert complaint["error"] == "conflict"
    assert complaint["message"] == f"Cannot listen on 127.0.0.1:{anybody.port}: Address already in use."
    assert served.webhooks() == []


def test_it_listens_on_this_machine_only(anybody: Listener) -> None:
    with pytest.raises(ConnectionRefusedError):
        create_connection(("127.0.0.2", anybody.port), timeout=5)


def test_a_newcomer_s_demo_can_be_listened_to_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SMOOTHBOX_WEBHOOKS_ALLOW_CIDRS", raising=False)
    monkeypatch.setenv("SMOOTHBOX_LOG_LEVEL", "warning")
    data = tmp_path / "data"
    with serving("--data-dir", str(data), "demo", "--port", "0") as (process, _):
        assert process.stderr is not None
        said = [process.stderr.readline() for _ in range(3)]
        assert said[-1].endswith(f"--data-dir {data} webhook listen demo --test\n")
        with Listener(data, "demo", "--test") as listener:
            (webhook,) = json.loads(smoothbox(data, "--json", "webhook", "list", "demo", "--test").stdout)
            smoothbox(data, "webhook", "test", "demo", str(webhook["id"]), "--test")
            seen = listener.next("webhook.ping")
            assert seen["verified"]
            assert seen["body"]["livemode"] is False

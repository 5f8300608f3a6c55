"""What `smoothbox doctor` finds of webhooks: secrets that do not open, and deliveries that do not get away."""

import json
import os
from collections.abc import Iterator

import pytest

from smoothbox.store.folder import hold_lock
from tests.cli.conftest import Smoothbox
from tests.cli.doctor.planting import book, data_file, examined, follow, furnish, judged, mended, opened, plants, the_one
from tests.process.receiver import Receiver, receiving
from tests.process.server import Server, call, until

LONG_AGO = "2026-01-01T00:00:00.000000Z"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


@pytest.fixture
def hooked(smoothbox: Smoothbox, receiver: Receiver) -> Smoothbox:
    """A box with one webhook of acme, to a receiver that is there."""
    furnish(smoothbox)
    (smoothbox.data_dir / "smoothbox.toml").write_text(
        '[webhooks]\nallow_cidrs = ["127.0.0.0/8"]\nrequire_https = false\n[limits]\nburst = 1000\n', "utf-8"
    )
    smoothbox.done("webhook", "create", "acme", "--live", "--url", receiver.url, "--events", "*")
    return smoothbox


def queue(box: Smoothbox, *, forgotten: bool = True) -> None:
    """A delivery that has been due for long, of which the registry knows, or does not."""
    box.done("webhook", "test", "acme", "1", "--live")
    with opened(data_file(box)) as file:
        file.execute("UPDATE delivery SET created_at = ?, updated_at = ?", (LONG_AGO, LONG_AGO))
    if forgotten:
        with opened(box.data_dir / "box.db") as registry:
            registry.execute("UPDATE data_file SET due_at = NULL, attended = changes")


@plants("deliveries_forgotten")
def test_deliveries_that_no_server_would_look_at_get_away_again(hooked: Smoothbox, receiver: Receiver) -> None:
    queue(hooked)
    with Server(hooked.data_dir):
        found = the_one(hooked, "deliveries_forgotten")
        assert (found["where"], receiver.came) == (str(data_file(hooked)), [])
        fixed = hooked("--json", "doctor", "--fix").answer["fixed"]
        assert [each["code"] for each in fixed] == ["deliveries_forgotten"]
        until(lambda: receiver.came)
        until(lambda: judged(hooked("--json", "doctor")) == [])
    assert receiver.events[0]["type"] == "webhook.ping"


def test_they_are_found_without_a_server_too(hooked: Smoothbox) -> None:
    queue(hooked)
    the_one(hooked, "deliveries_forgotten")
    mended(hooked, "deliveries_forgotten")


@plants("deliveries_stuck")
def test_deliveries_that_a_server_leaves_alone_are_found_after_an_hour(hooked: Smoothbox) -> None:
    hooked.done("webhook", "test", "acme", "1", "--live")
    announcement = hooked.data_dir / "serve.json"
    announcement.touch(0o600)
    announcement.write_text(json.dumps({"pid": os.getpid(), "url": "http://127.0.0.1:1"}))
    with hold_lock(hooked.data_dir / "serve.lock", "taken"):  # a server that hangs
        assert examined(hooked) == []
        queue(hooked, forgotten=False)
        found = the_one(hooked, "deliveries_stuck")
        assert found["where"] == str(data_file(hooked))
        assert "2 for webhook 1 to http://127.0.0.1:" in found["message"]
        assert "start it anew" in found["fix"]
        ended = hooked("--json", "doctor", "--fix")
        assert ended.answer["fixed"] == []  # asked of a server that does not hear it
        assert [each["code"] for each in judged(ended)] == ["deliveries_stuck"]
        hooked.done("tenant", "disable", "acme")
        assert examined(hooked) == []  # to whom nothing is delivered
        hooked.done("tenant", "enable", "acme")
    announcement.unlink()
    with Server(hooked.data_dir):  # started anew
        until(lambda: judged(hooked("--json", "doctor")) == [])


def test_a_webhook_that_is_paused_for_its_failures_is_waited_for(hooked: Smoothbox) -> None:
    queue(hooked, forgotten=False)
    with opened(data_file(hooked)) as file:
        file.execute("UPDATE endpoint SET paused_until = unixepoch() - 60")
    (hooked.data_dir / "serve.json").touch(0o600)
    (hooked.data_dir / "serve.json").write_text(json.dumps({"pid": os.getpid(), "url": ""}))
    with hold_lock(hooked.data_dir / "serve.lock", "taken"):
        assert examined(hooked) == []


@plants("endpoint_disabled")
def test_a_webhook_that_was_switched_off_is_enabled_again(hooked: Smoothbox, receiver: Receiver) -> None:
    token = hooked.json("token", "create", "acme", "--name", "t", "--live", "--scopes", "webhooks:manage")["token"]
    receiver.status = 410  # gone: it is switched off at once
    with Server(hooked.data_dir) as server:
        assert call(server.url, token, "POST", "webhooks/1/ping/")[0] in {200, 201, 202}
        until(lambda: examined(hooked))
        found = the_one(hooked, "endpoint_disabled")
        assert (found["where"], found["severity"]) == (str(data_file(hooked)), "warning")
        assert found["message"] == f"Webhook 1 to {receiver.url}: gone."
        follow(hooked, found)  # to see why
        receiver.status = 200
        assert call(server.url, token, "PATCH", "webhooks/1/", {"is_active": True})[0] == 200
        assert examined(hooked) == []


@plants("secret_unreadable")
def test_with_a_foreign_keyring_secrets_do_not_open_and_new_ones_do(hooked: Smoothbox) -> None:
    hooked.done("webhook", "create", "acme", "--live", "--url", "https://example.com/hook", "--events", "*")
    (hooked.data_dir / "keyring").unlink()
    hooked.done("keys", "create")
    found = examined(hooked)
    assert [each["code"] for each in found] == ["secret_unreadable"] * 2
    assert [each["message"] for each in found] == ["Of webhook 1: secret.", "Of webhook 2: secret."]
    for each in found:
        assert each["where"] == str(data_file(hooked))
        assert "put that back" in each["fix"]
        follow(hooked, each)
    assert examined(hooked) == []


def test_the_right_keyring_opens_them_again(hooked: Smoothbox) -> None:
    keyring = hooked.data_dir / "keyring"
    kept = keyring.read_bytes()
    keyring.unlink()
    hooked.done("keys", "create")
    the_one(hooked, "secret_unreadable")
    keyring.write_bytes(kept)
    assert examined(hooked) == []


def test_a_sealed_header_is_set_anew_by_the_api(hooked: Smoothbox) -> None:
    token = hooked.json("token", "create", "acme", "--name", "t", "--live", "--scopes", "webhooks:manage")["token"]
    with opened(data_file(hooked)) as file:
        file.execute("UPDATE endpoint SET headers = x'0102030405', header_names = '[\"X-Key\"]'")
    found = the_one(hooked, "secret_unreadable")
    assert (found["message"], found["command"]) == ("Of webhook 1: headers.", None)
    with Server(hooked.data_dir) as server:
        assert call(server.url, token, "PATCH", "webhooks/1/", {"headers": {"X-Key": "new"}})[0] == 200
        assert server.terminate() == 0
    assert examined(hooked) == []


def test_an_address_does_not_steer_the_terminal(hooked: Smoothbox) -> None:
    with opened(data_file(hooked)) as file:
        file.execute("UPDATE endpoint SET is_active = 0, disabled_reason = 'gone', url = ?", ("http://x/\x1b[2J\nwarning  y",))
    assert "\x1b[2J" in the_one(hooked, "endpoint_disabled")["message"]
    shown = hooked("doctor").out
    assert "\\u001b[2J\\u000awarning  y" in shown
    assert "\x1b" not in shown
    book(hooked, 0)

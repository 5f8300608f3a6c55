"""`smoothbox webhook listen`: what it refuses and what it leaves behind. What it receives: tests/webhooks/test_listen.py."""

from collections.abc import Callable
from typing import Any

import pytest

from smoothbox.cli import demo as demo_module
from smoothbox.errors import Problem
from smoothbox.settings import Settings
from smoothbox.store import endpoints
from smoothbox.webhooks import listen as listen_module
from smoothbox.webhooks.listen import Known
from tests.cli.conftest import Smoothbox
from tests.cli.test_webhook import listed

HERE = "127.0.0.1/32"
ALLOWED = {"SMOOTHBOX_WEBHOOKS_ALLOW_CIDRS": HERE}


def test_listen_refuses_what_could_never_come_and_says_what_to_set(smoothbox: Smoothbox) -> None:
    ended = smoothbox("--json", "webhook", "listen", "acme", "--live")
    assert ended.status == 6
    assert ended.complaint == {
        "error": "url_not_allowed",
        "message": "The settings let no delivery go to 127.0.0.1, where this would listen.",
        "hint": (
            'Write [webhooks] allow_cidrs = ["127.0.0.1/32"] in smoothbox.toml,'
            " or set SMOOTHBOX_WEBHOOKS_ALLOW_CIDRS=127.0.0.1/32, and restart serve."
        ),
    }
    assert listed(smoothbox) == []


def test_listen_keeps_what_is_allowed_already_in_its_advice(smoothbox: Smoothbox) -> None:
    ended = smoothbox("webhook", "listen", "acme", "--live", env={"SMOOTHBOX_WEBHOOKS_ALLOW_CIDRS": "10.0.0.0/8"})
    assert 'allow_cidrs = ["10.0.0.0/8", "127.0.0.1/32"]' in ended.err
    assert "SMOOTHBOX_WEBHOOKS_ALLOW_CIDRS=10.0.0.0/8,127.0.0.1/32," in ended.err


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--live",), "--live, --test and --events go with a SLUG."),
        (("--events", "*"), "--live, --test and --events go with a SLUG."),
        (("--secret", "hush"), "secret: A secret is whsec_ and the base64 of 24 to 64 random bytes."),
        (("--public-key", "hush"), "public_key: A public key is whpk_ and the base64 of 32 bytes."),
        (("--forward-to", "localhost:3000"), "'localhost:3000' is no address; write it as http://127.0.0.1:3000/hook."),
        (("--forward-to", "http://"), "'http://' is no address"),
        (("--forward-to", "http://a b/"), "is no address"),
        (("--forward-to", "http://h:99999/"), "is no address"),
        (("--port", "8099", "--forward-to", "http://localhost:8099/hook"), "--forward-to leads back here."),
        (("--port", "70000"), "Invalid value for '--port'"),
    ],
)
def test_listen_refuses_what_cannot_be_meant(bare: Smoothbox, options: tuple[str, ...], said: str) -> None:
    ended = bare("webhook", "listen", *options)
    assert ended.status == 2
    assert said in ended.err
    assert ended.out == ""


def test_listen_for_an_event_that_is_none_leaves_nothing_behind(smoothbox: Smoothbox) -> None:
    ended = smoothbox("webhook", "listen", "acme", "--live", "--events", "booking.made", env=ALLOWED)
    assert ended.status == 2
    assert "There is no event 'booking.made'; did you mean" in ended.err
    assert ended.out == ""
    assert listed(smoothbox) == []


def listening(monkeypatch: pytest.MonkeyPatch, during: Callable[[], None]) -> None:
    """Let something happen while `listen` listens, in the place of deliveries."""

    def fake(_: int, known: Known, *__: object) -> None:
        with known("http://127.0.0.1:4444"):
            during()

    monkeypatch.setattr(listen_module, "listen", fake)


def test_listen_says_that_a_server_must_be_running(smoothbox: Smoothbox, monkeypatch: pytest.MonkeyPatch) -> None:
    during: list[dict[str, Any]] = []
    listening(monkeypatch, lambda: during.extend(listed(smoothbox)))
    ended = smoothbox("webhook", "listen", "acme", "--live", env=ALLOWED)
    assert (ended.status, ended.out) == (0, "listening on http://127.0.0.1:4444\n")
    assert f"there is none now. Start it with: smoothbox --data-dir {smoothbox.data_dir} serve\n" in ended.err
    assert [each["url"] for each in during] == ["http://127.0.0.1:4444"]
    assert listed(smoothbox) == []


@pytest.mark.parametrize("failure", [RuntimeError("a bug"), KeyboardInterrupt()])
def test_listen_leaves_nothing_behind_whatever_fails(
    smoothbox: Smoothbox, monkeypatch: pytest.MonkeyPatch, failure: BaseException
) -> None:
    def fail() -> None:
        raise failure

    listening(monkeypatch, fail)
    assert smoothbox("webhook", "listen", "acme", "--live", env=ALLOWED).status != 0
    assert listed(smoothbox) == []


def test_listen_says_how_to_remove_what_it_could_not(smoothbox: Smoothbox, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise Problem("unavailable")

    listening(monkeypatch, lambda: monkeypatch.setattr(endpoints, "delete", full))
    ended = smoothbox("webhook", "listen", "acme", "--live", env=ALLOWED)
    assert ended.status == 1
    assert ended.err.endswith(f"Hint: smoothbox --data-dir {smoothbox.data_dir} webhook delete acme 1 --live\n")


@pytest.mark.parametrize(("variables", "allowed"), [({}, (HERE,)), ({"SMOOTHBOX_WEBHOOKS_ALLOW_CIDRS": ""}, ())])
def test_the_demo_lets_deliveries_go_to_this_machine_unless_told_otherwise(
    bare: Smoothbox, monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], allowed: tuple[str, ...]
) -> None:
    def serve(_: object, settings: Settings, __: object, ready: Callable[[str], None]) -> None:
        assert settings.webhooks.allow_cidrs == allowed
        ready("http://127.0.0.1:4444")

    monkeypatch.setattr(demo_module, "serve_box", serve)
    ended = bare("demo", env=variables)
    assert ended.status == 0, ended.err
    remark = f"To see them come: smoothbox --data-dir {bare.data_dir} webhook listen demo --test\n"
    assert (remark in ended.err) is bool(allowed)

"""`smoothbox webhook …`, but for `listen`."""

from pathlib import Path
from typing import Any

import pytest

from smoothbox.clock import Clock
from smoothbox.contract.webhooks import EndpointChange
from smoothbox.keyring import Vault
from smoothbox.keyring_file import load_keyring
from smoothbox.operations import webhooks
from smoothbox.operations.outbox import Finished, Outcome, Step, advance
from smoothbox.settings import Webhooks
from smoothbox.store import due
from smoothbox.store.direct import Direct
from smoothbox.store.folder import DataFolder, open_box, open_tenant
from tests.cli.conftest import Ended, Smoothbox
from tests.cli.process import run_on_terminal

URL = "https://9.9.9.9/hook"  # public, and nothing is sent to it: no server runs here
ALLOWED = {"SMOOTHBOX_WEBHOOKS_ALLOW_CIDRS": "127.0.0.1/32"}
SHAPE = [
    *("id", "version", "url", "events", "description", "is_active", "disabled_reason", "public_key", "header_names"),
    *("last_success_at", "created_at", "updated_at"),
]


def made(smoothbox: Smoothbox, *options: str) -> dict[str, Any]:
    words = ("webhook", "create", "acme", "--live", "--url", URL, "--events", "*", *options)
    answer: dict[str, Any] = smoothbox.json(*words)
    return answer


def listed(smoothbox: Smoothbox, slug: str = "acme", mode: str = "--live") -> list[dict[str, Any]]:
    answer: list[dict[str, Any]] = smoothbox.json("webhook", "list", slug, mode)
    return answer


def told(smoothbox: Smoothbox) -> set[tuple[str, str]]:
    """The files that the server is told to look after."""
    with open_box(DataFolder(smoothbox.data_dir), Clock()) as registry:
        return {(file.tenant.slug, file.mode) for file in registry.read(due.files) if file.changes != file.attended}


def vault(smoothbox: Smoothbox) -> Vault:
    return load_keyring(DataFolder(smoothbox.data_dir).keyring).vault("acme", "live")


def attempted(smoothbox: Smoothbox, outcome: Outcome, step: Step) -> None:
    """What a server would make of everything that is due."""

    def work(file: Direct) -> None:
        claims = file.write(advance, [], 10, 0, Webhooks(), vault(smoothbox)).claims
        file.write(advance, [Finished(claim, outcome, step) for claim in claims], 0, 0, Webhooks(), vault(smoothbox))

    with open_tenant(DataFolder(smoothbox.data_dir), "acme", "live", Clock()) as file:
        work(file)


def failed(ended: Ended, status: int, message: str, hint: str = "") -> None:
    assert ended.status == status, ended.err
    assert message in ended.complaint["message"]
    assert ended.complaint["hint"] == hint


def test_a_new_webhook_is_shown_as_the_api_shows_it_with_its_secret(smoothbox: Smoothbox) -> None:
    answer = made(smoothbox, "--description", " crm ")
    assert list(answer) == [*SHAPE, "secret"]
    assert (answer["url"], answer["events"], answer["description"]) == (URL, ["*"], "crm")
    assert answer["is_active"]
    assert answer["public_key"] is None
    assert answer["secret"].startswith("whsec_")


def test_people_get_the_bare_secret_on_standard_output(smoothbox: Smoothbox) -> None:
    words = ("webhook", "create", "acme", "--test", "--url", URL, "--events", "booking.*, customer.created")
    ended = smoothbox.done(*words)
    assert ended.out.startswith("whsec_")
    assert len(ended.out.split()) == 1
    assert "Webhook 1 of 'acme' (test)" in ended.err
    assert "shown only now" in ended.err
    assert ended.err.endswith(f"smoothbox --data-dir {smoothbox.data_dir} webhook test acme 1 --test\n")
    assert listed(smoothbox, mode="--test")[0]["events"] == ["booking.*", "customer.created"]
    assert listed(smoothbox) == []
    assert listed(smoothbox, "rival", "--test") == []


def test_a_key_pair_shows_its_public_half(smoothbox: Smoothbox) -> None:
    assert made(smoothbox, "--ed25519")["public_key"].startswith("whpk_")
    words = ("webhook", "create", "acme", "--live", "--url", URL, "--events", "*", "--ed25519")
    assert "v1a signatures are verified with whpk_" in smoothbox.done(*words).err


def test_headers_are_taken_and_never_shown(smoothbox: Smoothbox) -> None:
    answer = made(smoothbox, "--header", "Authorization: Bearer a:b", "--header", "X-Shop:7")
    assert answer["header_names"] == ["Authorization", "X-Shop"]
    assert "a:b" not in str(listed(smoothbox))


def test_the_server_is_told_of_what_it_has_to_send_and_of_nothing_else(smoothbox: Smoothbox) -> None:
    made(smoothbox)
    assert told(smoothbox) == set()
    smoothbox.done("webhook", "test", "acme", "1", "--live")
    assert told(smoothbox) == {("acme", "live")}


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ((), "Say either --live or --test."),
        (("--live", "--test"), "Say either --live or --test."),
        (("--live", "--events", " , "), "Invalid value for '--events': Name at least one event, or * for all."),
        (("--live", "--header", "X-Shop"), "Invalid value for '--header': 'X-Shop' is no header"),
        (("--live", "--header", ": 7"), "Invalid value for '--header': ': 7' is no header"),
        (("--live", "--header", "A: 1", "--header", "A: 2"), "Invalid value for '--header': 'A' was said twice."),
        (("--live", "--header", "A: 1", "--header", "a: 2"), "is there twice."),
        (("--live", "--header", "webhook-id: 1"), "headers.webhook-id: This header is the box's own."),
        (("--live", "--header", "A: " + 1001 * "x"), "Expected str of length <= 1000."),
        (("--live", "--events", "booking.made"), "events[0]: There is no event 'booking.made'; did you mean"),
        (("--live", "--url", "ftp://9.9.9.9/"), "url: A URL begins with https:// or http://."),
        (("--live", "--url", f"{URL}/{2048 * 'x'}"), "url: Expected str of length <= 2048."),
        (("--live", "--description", 501 * "x"), "description: Expected str of length <= 500."),
    ],
)
def test_what_makes_no_webhook_says_why(smoothbox: Smoothbox, options: tuple[str, ...], said: str) -> None:
    ended = smoothbox("webhook", "create", "acme", "--url", URL, "--events", "*", *options)
    assert ended.status == 2
    assert said in ended.err
    assert ended.out == ""
    assert listed(smoothbox) == []
    assert told(smoothbox) == set()


def test_an_internal_address_is_refused_unless_it_is_allowed(smoothbox: Smoothbox) -> None:
    words = ("webhook", "create", "acme", "--live", "--url", "http://127.0.0.1:9000/", "--events", "*")
    ended = smoothbox("--json", *words)
    failed(ended, 6, "127.0.0.1 leads to an internal address")
    assert ended.complaint["error"] == "url_not_allowed"
    assert smoothbox("--json", *words, env=ALLOWED).answer["url"] == "http://127.0.0.1:9000/"


def test_live_deliveries_to_public_hosts_are_encrypted(smoothbox: Smoothbox) -> None:
    words = ("webhook", "create", "acme", "--url", "http://9.9.9.9/", "--events", "*")
    failed(smoothbox("--json", *words, "--live"), 6, "begin the URL with https://")
    smoothbox.done(*words, "--test")


def test_one_too_many_is_told_where_the_others_are(smoothbox: Smoothbox) -> None:
    for _ in range(20):
        made(smoothbox)
    ended = smoothbox("--json", "webhook", "create", "acme", "--live", "--url", URL, "--events", "*")
    failed(ended, 5, "at most 20", f"smoothbox --data-dir {smoothbox.data_dir} webhook list acme --live")
    assert len(listed(smoothbox)) == 20


def test_people_see_the_webhooks_as_a_table(smoothbox: Smoothbox) -> None:
    assert smoothbox.done("webhook", "list", "acme", "--live").out == "none\n"
    made(smoothbox, "--description", "crm \x1b[2J")
    heading, row = smoothbox.done("webhook", "list", "acme", "--live").out.splitlines()
    assert heading.split("  ")[0] == "ID"
    assert row.split() == ["1", URL, "*", "active", "-", "crm", r"\u001b[2J"]


def test_the_list_says_which_are_disabled_and_why(smoothbox: Smoothbox) -> None:
    made(smoothbox)
    made(smoothbox)
    with open_tenant(DataFolder(smoothbox.data_dir), "acme", "live", Clock()) as file:
        file.write(webhooks.disable, 1, "gone")
        file.write(webhooks.change, 2, EndpointChange(is_active=False), vault(smoothbox))
    _, first, second = smoothbox.done("webhook", "list", "acme", "--live").out.splitlines()
    assert "disabled (gone)" in first
    assert "disabled  " in second


def test_the_list_in_json_shows_all_that_the_api_shows(smoothbox: Smoothbox) -> None:
    made(smoothbox)
    assert list(listed(smoothbox)[0]) == SHAPE


def test_no_output_but_the_first_shows_a_secret(smoothbox: Smoothbox) -> None:
    secrets = [made(smoothbox, "--header", "X-Key: hush-hush")["secret"]]
    secrets.append(smoothbox.json("webhook", "rotate-secret", "acme", "1", "--live")["secret"])
    shown = ""
    for words in (("list", "acme"), ("test", "acme", "1"), ("deliveries", "acme", "1"), ("redeliver", "acme", "1", "1")):
        for manner in ((), ("--json",)):
            ended = smoothbox.done(*manner, "webhook", *words, "--live")
            shown += ended.out + ended.err
    ended = smoothbox.done("--yes", "--json", "webhook", "delete", "acme", "1", "--live")
    shown += ended.out
    assert "webhook.ping" in shown
    assert not any(secret in shown for secret in [*secrets, "hush-hush", "whsec_"])


def test_the_new_secret_is_another_one(smoothbox: Smoothbox) -> None:
    first = made(smoothbox)
    second = smoothbox.json("webhook", "rotate-secret", "acme", "1", "--live", "--overlap", "7d")
    assert list(second) == [*SHAPE, "secret"]
    assert second["secret"] != first["secret"]
    third = smoothbox.done("webhook", "rotate-secret", "acme", "1", "--live", "--overlap", "0")
    assert third.out.startswith("whsec_")
    assert "shown only now" in third.err
    assert third.out.strip() not in {first["secret"], second["secret"]}


@pytest.mark.parametrize(("span", "secrets"), [("24h", 2), ("0", 1)])
def test_the_old_one_signs_beside_it_for_the_overlap(smoothbox: Smoothbox, span: str, secrets: int) -> None:
    old = made(smoothbox)["secret"]
    new = smoothbox.json("webhook", "rotate-secret", "acme", "1", "--live", "--overlap", span)["secret"]
    smoothbox.done("webhook", "test", "acme", "1", "--live")
    with open_tenant(DataFolder(smoothbox.data_dir), "acme", "live", Clock()) as file:
        (claim,) = file.write(advance, [], 10, 0, Webhooks(), vault(smoothbox)).claims
    assert claim.secrets == (new, old)[:secrets]


@pytest.mark.parametrize(("span", "said"), [("8d", "'8d' is longer than seven days."), ("soon", "is no span of time")])
def test_an_overlap_that_cannot_be_is_refused(smoothbox: Smoothbox, span: str, said: str) -> None:
    made(smoothbox)
    ended = smoothbox("webhook", "rotate-secret", "acme", "1", "--live", "--overlap", span)
    assert ended.status == 2
    assert said in ended.err


def test_a_deleted_webhook_goes_with_its_deliveries(smoothbox: Smoothbox) -> None:
    made(smoothbox)
    smoothbox.done("webhook", "test", "acme", "1", "--live")
    answer = smoothbox.done("--yes", "--json", "webhook", "delete", "acme", "1", "--live").answer
    assert (answer["id"], answer["url"], answer["deleted"]) == (1, URL, True)
    assert listed(smoothbox) == []
    assert smoothbox("--yes", "webhook", "delete", "acme", "1", "--live").status == 4


def test_nothing_is_deleted_unasked(smoothbox: Smoothbox) -> None:
    made(smoothbox)
    ended = smoothbox("--json", "webhook", "delete", "acme", "1", "--live")
    assert ended.status == 2
    assert ended.complaint["hint"] == "Put --yes before the command to do it unasked."
    assert len(listed(smoothbox)) == 1


@pytest.mark.parametrize(("typed", "status", "left"), [("acne\n", 6, 1), ("acme\n", 0, 0)])
def test_on_a_terminal_the_tenant_s_name_is_asked_for(smoothbox: Smoothbox, typed: str, status: int, left: int) -> None:
    made(smoothbox)
    words = ("--data-dir", str(smoothbox.data_dir.absolute()), "webhook", "delete", "acme", "1", "--live")
    ended, shown = run_on_terminal(typed, *words)
    assert "Deleting webhook 1 of 'acme' cannot be undone. Type 'acme' to go on" in shown
    assert (ended, len(listed(smoothbox))) == (status, left)


def test_a_test_is_queued_and_the_server_told(smoothbox: Smoothbox) -> None:
    made(smoothbox)
    answer = smoothbox.json("webhook", "test", "acme", "1", "--live")
    assert (answer["type"], answer["status"], answer["attempts"]) == ("webhook.ping", "pending", [])
    assert answer["event"]["livemode"] is True
    assert told(smoothbox) == {("acme", "live")}
    said = smoothbox.done("webhook", "test", "acme", "1", "--live")
    assert said.out == ""
    assert "Queued a test of webhook 1: delivery 2." in said.err
    assert "No server is running" in said.err
    assert said.err.endswith("webhook deliveries acme 1 --live\n")


def test_people_see_deliveries_as_a_table_with_how_the_last_attempt_went(smoothbox: Smoothbox) -> None:
    made(smoothbox)
    assert smoothbox.json("webhook", "deliveries", "acme", "1", "--live") == []
    assert smoothbox.done("webhook", "deliveries", "acme", "1", "--live").out == "none\n"
    now = "2027-01-04T12:00:00.000000Z"
    for outcome, step in (
        (Outcome(now, 5, 200), Step("succeeded")),
        (Outcome(now, 5, 500), Step("failed")),
        (Outcome(now, 5, error="timeout"), Step("retry", 60)),
    ):
        smoothbox.done("webhook", "test", "acme", "1", "--live")
        attempted(smoothbox, outcome, step)
    heading, *rows = smoothbox.done("webhook", "deliveries", "acme", "1", "--live").out.splitlines()
    assert heading.split("  ")[0] == "ID"
    assert [row.split()[:5] for row in rows] == [
        ["3", "webhook.ping", "pending", "1", "timeout"],
        ["2", "webhook.ping", "failed", "1", "500"],
        ["1", "webhook.ping", "succeeded", "1", "200"],
    ]
    assert [row.split()[5][-1] for row in rows] == ["Z", "-", "-"]


def test_some_deliveries_can_be_picked_out(smoothbox: Smoothbox) -> None:
    made(smoothbox)
    for status in (200, 500, 404):
        smoothbox.done("webhook", "test", "acme", "1", "--live")
        attempted(smoothbox, Outcome("", 5, status), Step("succeeded" if status == 200 else "failed"))

    def picked(*options: str) -> list[int]:
        return [each["id"] for each in smoothbox.json("webhook", "deliveries", "acme", "1", "--live", *options)]

    assert picked("--status", "failed") == [3, 2]
    assert picked("--status", "failed", "--status", "succeeded") == [3, 2, 1]
    assert picked("--status", "pending") == []
    assert picked("--limit", "2") == [3, 2]
    assert smoothbox("webhook", "deliveries", "acme", "1", "--live", "--limit", "0").status == 2
    assert smoothbox("webhook", "deliveries", "acme", "1", "--live", "--status", "lost").status == 2


def test_a_delivery_is_sent_again_and_the_server_told(smoothbox: Smoothbox) -> None:
    made(smoothbox)
    smoothbox.done("webhook", "test", "acme", "1", "--live")
    attempted(smoothbox, Outcome("", 5, 500), Step("failed"))
    answer = smoothbox.json("webhook", "redeliver", "acme", "1", "1", "--live")
    assert (answer["status"], len(answer["attempts"])) == ("pending", 1)
    assert "Queued delivery 1 of webhook 1 once more." in smoothbox.done("webhook", "redeliver", "acme", "1", "1", "--live").err


def test_a_delivery_of_a_disabled_webhook_is_not_sent_again_but_a_test_is(smoothbox: Smoothbox) -> None:
    made(smoothbox)
    smoothbox.done("webhook", "test", "acme", "1", "--live")
    with open_tenant(DataFolder(smoothbox.data_dir), "acme", "live", Clock()) as file:
        file.write(webhooks.disable, 1, "gone")
    ended = smoothbox("--json", "webhook", "redeliver", "acme", "1", "1", "--live")
    assert (ended.status, ended.complaint["error"]) == (5, "endpoint_disabled")
    smoothbox.done("webhook", "test", "acme", "1", "--live")


COMMANDS = (
    ("list",),
    ("create", "--url", URL, "--events", "*"),
    ("delete", "1"),
    ("test", "1"),
    ("rotate-secret", "1"),
    ("deliveries", "1"),
    ("redeliver", "1", "1"),
    ("listen",),
)


@pytest.mark.parametrize("words", COMMANDS, ids=lambda words: words[0])
def test_every_command_asks_for_a_tenant_and_one_mode(smoothbox: Smoothbox, words: tuple[str, ...]) -> None:
    command, *rest = words
    for modes in ((), ("--live", "--test")):
        ended = smoothbox("--json", "webhook", command, "acme", *rest, *modes)
        failed(ended, 2, "Say either --live or --test.", f"smoothbox webhook {command} --help")
    ended = smoothbox("--json", "webhook", command, "acne", *rest, "--live")
    failed(ended, 4, "There is no tenant 'acne'.", f"smoothbox --data-dir {smoothbox.data_dir} tenant list")


@pytest.mark.parametrize("words", COMMANDS, ids=lambda words: words[0])
def test_every_command_says_where_there_is_no_box(bare: Smoothbox, words: tuple[str, ...]) -> None:
    command, *rest = words
    ended = bare("--json", "webhook", command, "acme", *rest, "--live")
    failed(ended, 4, "There is no box", f"smoothbox --data-dir {bare.data_dir} init")


@pytest.mark.parametrize("command", ["delete", "test", "rotate-secret", "deliveries"])
def test_a_webhook_that_is_not_there_is_looked_for_in_the_list(smoothbox: Smoothbox, command: str) -> None:
    ended = smoothbox("--yes", "--json", "webhook", command, "acme", "7", "--test")
    failed(ended, 4, "There is no webhook 7.", f"smoothbox --data-dir {smoothbox.data_dir} webhook list acme --test")


def test_a_delivery_that_is_not_there_is_looked_for_in_the_list(smoothbox: Smoothbox) -> None:
    made(smoothbox)
    ended = smoothbox("--json", "webhook", "redeliver", "acme", "1", "7", "--live")
    hint = f"smoothbox --data-dir {smoothbox.data_dir} webhook deliveries acme 1 --live"
    failed(ended, 4, "There is no delivery 7 of webhook 1.", hint)


def test_without_its_keyring_a_box_makes_no_webhook(smoothbox: Smoothbox) -> None:
    DataFolder(smoothbox.data_dir).keyring.unlink()
    ended = smoothbox("webhook", "create", "acme", "--live", "--url", URL, "--events", "*")
    assert ended.status == 1
    assert "put it back from where you keep it" in ended.err


def test_what_the_server_cannot_be_told_of_is_not_written(smoothbox: Smoothbox, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("the registry is gone")

    made(smoothbox)
    monkeypatch.setattr(due, "note_change", broken)
    assert smoothbox("webhook", "test", "acme", "1", "--live").status == 1
    assert smoothbox.json("webhook", "deliveries", "acme", "1", "--live") == []


def test_a_mistake_is_nothing_that_the_server_is_told_of(smoothbox: Smoothbox) -> None:
    smoothbox("--yes", "webhook", "delete", "acme", "7", "--live")
    smoothbox("webhook", "test", "acme", "7", "--live")
    assert told(smoothbox) == set()


def test_a_catalogue_that_is_applied_is_told_of_too(smoothbox: Smoothbox, catalogue: Path) -> None:
    smoothbox.done("tenant", "apply", "acme", str(catalogue), "--dry-run")
    assert told(smoothbox) == set()
    made(smoothbox)
    smoothbox.done("tenant", "apply", "acme", str(catalogue))
    assert told(smoothbox) == {("acme", "live")}

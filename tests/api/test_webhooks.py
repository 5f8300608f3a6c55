"""Webhook endpoints: made, shown without their secrets, changed, rotated, removed."""

import json
from base64 import b64encode
from typing import Any

import pytest

from smoothbox.contract.webhooks import MOST_ENDPOINTS
from smoothbox.keyring_file import load_keyring
from smoothbox.store.folder import open_tenant
from tests.box import Client, RunningBox, StillClock

from .acme import NOBODY, assert_refused, ping, settled, subscribe

pytestmark = pytest.mark.gen_test

OWN = "whsec_" + b64encode(b"x" * 24).decode()


def stored(box: RunningBox) -> dict[str, Any]:
    """The row of the first endpoint, and every answer that is kept."""
    with open_tenant(box.folder, "acme", "live", box.clock) as file:
        names = [row[1] for row in file.read(lambda tx: tx.all("PRAGMA table_info(endpoint)"))]
        (row,) = file.read(lambda tx: tx.all("SELECT * FROM endpoint WHERE id = 1"))
        kept = file.read(lambda tx: tx.all("SELECT body, is_sealed FROM idempotency"))
    return {**dict(zip(names, row, strict=True)), "kept": kept}


async def test_an_endpoint_is_made_and_shows_its_secret_this_once(api: Client) -> None:
    answer = await api.post(
        "webhooks/", {"url": f"{NOBODY}?a=b", "events": ["booking.*", "hold.expired"], "description": " CRM "}
    )
    assert answer.status == 201
    made = answer.body
    assert made["secret"].startswith("whsec_")
    assert len(made["secret"]) == 50
    assert answer.headers["Location"] == "/tenant-api/v1/webhooks/1/"
    read = await api.get("webhooks/1/")
    shown = read.body
    assert read.headers["ETag"] == answer.headers["ETag"]
    assert shown == {name: value for name, value in made.items() if name != "secret"}
    assert (await api.get("webhooks/")).body["results"] == [shown]
    assert shown["events"] == ["booking.*", "hold.expired"]
    assert (shown["description"], shown["is_active"], shown["disabled_reason"]) == ("CRM", True, None)
    assert (shown["last_success_at"], shown["public_key"], shown["header_names"]) == (None, None, [])


async def test_secrets_keys_and_headers_lie_sealed_in_their_row(box: RunningBox, api: Client) -> None:
    made = await subscribe(api, ed25519=True, headers={"X-Api-Key": "hunter2", "Authorization": "Bearer abc"})
    assert made["public_key"].startswith("whpk_")
    assert made["header_names"] == ["Authorization", "X-Api-Key"]
    row = stored(box)
    vault = load_keyring(box.folder.keyring).vault("acme", "live")
    assert vault.open(row["secret"], "endpoint/1/secret").decode() == made["secret"]
    assert json.loads(vault.open(row["headers"], "endpoint/1/headers")) == {
        "X-Api-Key": "hunter2",
        "Authorization": "Bearer abc",
    }
    for name in ("secret", "headers", "signing_key"):
        assert not {b"hunter2", b"whsec_", made["secret"].encode()} & {*row[name].split()}
        assert made["secret"].encode() not in row[name]
        assert b"hunter2" not in row[name]


async def test_an_answer_with_a_secret_is_kept_sealed_and_repeated_whole(box: RunningBox, api: Client) -> None:
    body = {"url": NOBODY, "events": ["hold.expired"]}
    first, again = [await api.send("POST", "webhooks/", body, {"Idempotency-Key": "k"}) for _ in range(2)]
    assert (again.status, again.body, again.headers["Idempotent-Replayed"]) == (201, first.body, "true")
    rotated = [await api.send("POST", "webhooks/1/rotate-secret/", {}, {"Idempotency-Key": "r"}) for _ in range(2)]
    assert rotated[0].body == rotated[1].body
    assert rotated[0].body["secret"] != first.body["secret"]
    (kept, sealed), (other, also_sealed) = stored(box)["kept"]
    assert sealed == also_sealed == 1
    assert b"whsec_" not in kept + other
    assert (await api.get("webhooks/")).body["count"] == 1


async def test_a_secret_of_ones_own_is_taken(api: Client) -> None:
    assert (await subscribe(api, secret=OWN))["secret"] == OWN
    answer = await api.post("webhooks/1/rotate-secret/", {"secret": OWN})
    assert (answer.status, answer.body["secret"]) == (200, OWN)


@pytest.mark.parametrize(
    ("fields", "names"),
    [
        ({"url": "ftp://example.com/"}, ["url"]),
        ({"url": "example.com/hook"}, ["url"]),
        ({"url": "https://user:pw@example.com/"}, ["url"]),
        ({"url": "https://example.com/#top"}, ["url"]),
        ({"url": "https://exa mple.com/"}, ["url"]),
        ({"url": "https://example.com:25/"}, ["url"]),
        ({"url": "https://example.com:99999/"}, ["url"]),
        ({"url": "https:///x"}, ["url"]),
        ({"url": "https://ex\u00e4mple.com/"}, ["url"]),
        ({"events": []}, ["events"]),
        ({"events": ["booking.create"]}, ["events[0]"]),
        ({"events": ["*", "book.*", "booking"]}, ["events[1]", "events[2]"]),
        ({"secret": "whsec_"}, ["secret"]),
        ({"secret": "whsec_" + b64encode(b"x" * 23).decode()}, ["secret"]),
        ({"secret": "whsec_" + b64encode(b"x" * 65).decode()}, ["secret"]),
        ({"secret": b64encode(b"x" * 32).decode()}, ["secret"]),
        ({"headers": {"Host": "x"}}, ["headers.Host"]),
        (
            {"headers": {"Webhook-Id": "x", "a b": "x", "X-A": "x\r\ny: z"}},
            ["headers.Webhook-Id", "headers.a b", "headers.X-A"],
        ),
        ({"headers": {"X-A": "1", "x-a": "2"}}, ["headers.x-a"]),
        (
            {"url": "ftp://x", "events": ["nope"], "secret": "x", "headers": {"Host": ""}},
            ["url", "events[0]", "secret", "headers.Host"],
        ),
    ],
    ids=str,
)
async def test_what_cannot_be_subscribed_is_refused_with_every_reason(
    api: Client, fields: dict[str, Any], names: list[str]
) -> None:
    body = {"url": NOBODY, "events": ["*"], **fields}
    answer = await api.post("webhooks/", body)
    assert_refused(answer, 400, "validation_error", *names)
    if "secret" not in fields:
        await subscribe(api)
        assert_refused(await api.patch("webhooks/1/", fields), 400, "validation_error", *names)
    assert all(text.endswith((".", "?")) for texts in answer.body["details"].values() for text in texts), answer


@pytest.mark.parametrize("url", ["http://10.0.0.1/", "https://192.168.1.1/x", "http://[::1]:8080/", "https://169.254.169.254/"])
async def test_an_internal_address_is_refused_when_it_is_subscribed(api: Client, url: str) -> None:
    answer = await api.post("webhooks/", {"url": url, "events": ["*"]})
    assert_refused(answer, 422, "url_not_allowed", "url")
    assert "allow_cidrs" in answer.body["message"]
    await subscribe(api)
    assert_refused(await api.patch("webhooks/1/", {"url": url}), 422, "url_not_allowed", "url")


async def test_what_is_public_is_encrypted_when_it_is_live(box: RunningBox, api: Client) -> None:
    body = {"url": "http://example.com/hook", "events": ["*"]}
    assert_refused(await api.post("webhooks/", body), 422, "url_not_allowed", "url")
    assert (await box.client(mode="test").post("webhooks/", body)).status == 201
    assert (await api.post("webhooks/", {**body, "url": "https://example.com/hook"})).status == 201


async def test_a_business_has_twenty_endpoints_at_most(api: Client) -> None:
    for _ in range(MOST_ENDPOINTS):
        await subscribe(api)
    assert_refused(await api.post("webhooks/", {"url": NOBODY, "events": ["*"]}), 409, "limit_exceeded")
    assert (await api.delete("webhooks/7/")).status == 204
    assert (await subscribe(api))["id"] == MOST_ENDPOINTS + 1


async def test_fields_are_changed_and_the_rest_stays(api: Client, clock: StillClock) -> None:
    made = await subscribe(api, headers={"X-A": "1"}, description="old")
    clock.advance(60)
    changed = (await api.patch("webhooks/1/", {"events": ["hold.*", "hold.*"], "description": "new"})).body
    assert (changed["events"], changed["description"], changed["header_names"]) == (["hold.*"], "new", ["X-A"])
    assert (changed["version"], changed["updated_at"] > made["updated_at"]) == (2, True)
    assert (await api.patch("webhooks/1/", {"events": ["hold.*"], "is_active": True, "ed25519": False})).body == changed
    assert (await api.patch("webhooks/1/", {"headers": {}})).body["header_names"] == []
    keyed = (await api.patch("webhooks/1/", {"ed25519": True})).body["public_key"]
    assert (await api.patch("webhooks/1/", {"ed25519": True})).body["public_key"] == keyed
    assert (await api.patch("webhooks/1/", {"ed25519": False})).body["public_key"] is None
    assert_refused(await api.patch("webhooks/1/", {"secret": OWN}), 400, "validation_error", "secret")


@pytest.mark.parametrize("overlap", [-1, 7 * 86400 + 1, "1", None, 1.5])
async def test_an_overlap_has_bounds(api: Client, overlap: object) -> None:
    await subscribe(api)
    answer = await api.post("webhooks/1/rotate-secret/", {"overlap_seconds": overlap})
    assert_refused(answer, 400, "validation_error", "overlap_seconds")


async def test_what_is_switched_off_takes_no_more_than_a_ping(api: Client) -> None:
    await subscribe(api, events=("customer.*",))
    await api.post("customers/", {"phone": "1"})
    assert (await settled_or_waiting(api))["status"] in {"pending", "sending"}
    assert (await api.patch("webhooks/1/", {"is_active": False})).body["disabled_reason"] is None
    assert (await settled(api, 1, 1))["status"] == "failed"
    await api.post("customers/", {"phone": "2"})
    assert (await api.get("webhooks/1/deliveries/")).body["count"] == 1
    for path, body in (("deliveries/1/redeliver/", None), ("recover/", {"since": "2027-01-01T00:00:00Z"})):
        assert_refused(await api.post(f"webhooks/1/{path}", body), 409, "endpoint_disabled")
    assert (await ping(api))["type"] == "webhook.ping"
    assert (await api.patch("webhooks/1/", {"is_active": True})).body["is_active"] is True
    assert (await api.post("webhooks/1/recover/", {"since": "2027-01-01T00:00:00Z"})).body == {"count": 1}


async def settled_or_waiting(api: Client) -> dict[str, Any]:
    found: dict[str, Any] = (await api.get("webhooks/1/deliveries/1/")).body
    return found


async def test_an_endpoint_goes_with_its_deliveries(api: Client) -> None:
    await subscribe(api)
    await ping(api)
    assert (await api.delete("webhooks/1/")).status == 204
    for path in ("webhooks/1/", "webhooks/1/deliveries/", "webhooks/1/deliveries/1/"):
        assert_refused(await api.get(path), 404, "not_found")
    assert_refused(await api.post("webhooks/1/ping/"), 404, "not_found")


async def test_what_was_sealed_with_another_keyring_disables_its_endpoint_and_a_new_secret_mends_it(
    box: RunningBox, api: Client
) -> None:
    await subscribe(api, events=("hold.expired",))
    await subscribe(api, events=("webhook.disabled",), is_active=False)
    with open_tenant(box.folder, "acme", "live", box.clock) as file:
        file.write(lambda tx: tx.run("UPDATE endpoint SET secret = (SELECT secret FROM endpoint WHERE id = 2) WHERE id = 1"))
    assert (await ping(api))["status"] == "failed"
    shown = (await api.get("webhooks/1/")).body
    assert (shown["is_active"], shown["disabled_reason"]) == (False, "unreadable_secret")
    assert (await api.post("webhooks/1/rotate-secret/")).status == 200
    assert (await api.patch("webhooks/1/", {"is_active": True})).body["disabled_reason"] is None
    assert (await ping(api))["attempts"][0]["error"] == "connect_failed"

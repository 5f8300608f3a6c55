"""Who is let in, and who is told why not."""

import pytest

from smoothbox.api.routes import ROUTES
from smoothbox.contract.scopes import SCOPES
from smoothbox.ids import checksum, new_token
from smoothbox.operations import tenants, tokens
from smoothbox.store import box as registry_rows
from smoothbox.store.folder import open_box
from tests.box import Client, RunningBox, StillClock

from .acme import assert_refused
from .wire import exchange, head

pytestmark = pytest.mark.gen_test

REALM = 'Bearer realm="smoothbox"'
EVERY_ENDPOINT = [(pattern, method, each.scope) for pattern, methods in ROUTES.items() for method, each in methods.items()]
ENDPOINTS = [(pattern, method, scope) for pattern, method, scope in EVERY_ENDPOINT if scope is not None]


def newest_id(box: RunningBox, slug: str = "acme") -> int:
    """The id of the token that was made last."""
    with open_box(box.folder, box.clock) as registry:
        return max(each.id for each in registry.read(tokens.list_of, slug))


async def test_without_credentials(box: RunningBox) -> None:
    for headers in ({}, {"Authorization": "Basic dTpw"}, {"Authorization": "Token x"}, {"Authorization": ""}):
        answer = await Client(box.url, None).send("GET", "business/", headers=headers)
        assert_refused(answer, 401, "authentication_required")
        assert answer.headers["WWW-Authenticate"] == REALM
        assert "X-RateLimit-Limit" not in answer.headers


@pytest.mark.parametrize(
    "token",
    [
        *("nonsense", "ss_live_", "ss_live_" + "A" * 38, "ss_prod_" + "A" * 32 + checksum("ss_prod_" + "A" * 32)),
        *("", "é" * 46, "ss_live_" + "A" * 32 + "3DKLX9" + "x", "ss_live_" + "A" * 32 + "3DKLX9"),
    ],
)
async def test_a_token_that_is_unknown(box: RunningBox, token: str) -> None:
    api = Client(box.url, None, {"Authorization": f"Bearer {token}"})
    answer = await api.get("business/")
    assert_refused(answer, 401, "invalid_token")
    assert answer.headers["WWW-Authenticate"] == f'{REALM}, error="invalid_token"'


async def test_a_wrong_checksum_is_refused_without_a_look_at_any_file(
    box: RunningBox, api: Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def look(_digest: bytes) -> None:
        raise AssertionError("the registry was asked")

    monkeypatch.setattr(box.app.registry, "token", look)
    good = api.token or ""
    mistyped = good[:20] + ("x" if good[20] != "x" else "y") + good[21:]
    assert_refused(await Client(box.url, mistyped).get("business/"), 401, "invalid_token")
    assert_refused(await api.get("business/"), 500, "internal_error")  # so the trap does work
    caplog.clear()


async def test_the_scheme_is_read_in_any_case(api: Client) -> None:
    for scheme in ("bearer", "BEARER"):
        answer = await Client(api.url, None, {"Authorization": f"{scheme} {api.token}"}).get("business/")
        assert answer.status == 200


async def test_a_revoked_token_is_refused_on_the_very_next_request(box: RunningBox, api: Client) -> None:
    assert (await api.get("business/")).status == 200
    with open_box(box.folder, box.clock) as registry:
        registry.write(tokens.revoke, newest_id(box))
    assert_refused(await api.get("business/"), 401, "invalid_token")


async def test_an_expired_token_is_refused_from_that_second_on(box: RunningBox, clock: StillClock) -> None:
    api = box.client(lifetime=60)
    clock.advance(59.9)
    assert (await api.get("business/")).status == 200
    clock.advance(0.1)
    assert_refused(await api.get("business/"), 401, "invalid_token")


async def test_a_rotated_token_works_beside_its_successor_until_the_overlap_ends(
    box: RunningBox, api: Client, clock: StillClock
) -> None:
    assert (await api.get("business/")).status == 200
    with open_box(box.folder, box.clock) as registry:
        successor = Client(box.url, registry.write(tokens.rotate, newest_id(box), 60).secret)
    assert [(await each.get("business/")).status for each in (api, successor)] == [200, 200]
    clock.advance(60)
    assert [(await each.get("business/")).status for each in (api, successor)] == [401, 200]


async def test_a_token_made_beside_the_running_server_works_at_once(box: RunningBox) -> None:
    stranger = new_token("live")
    assert_refused(await Client(box.url, stranger).get("business/"), 401, "invalid_token")
    assert (await box.client().get("business/")).status == 200


async def test_a_disabled_business_is_told_so_and_let_in_again_when_enabled(box: RunningBox, api: Client) -> None:
    for status, expected in (("DISABLED", 403), ("ACTIVE", 200)):
        with open_box(box.folder, box.clock) as registry:
            registry.write(tenants.set_status, "acme", status)
        answer = await api.get("business/")
        assert answer.status == expected
        if expected == 403:
            assert_refused(answer, 403, "tenant_disabled")
            assert (await box.client("rival").get("business/")).status == 200


async def test_a_deleted_business_is_unknown(box: RunningBox, api: Client) -> None:
    assert (await api.get("business/")).status == 200
    with open_box(box.folder, box.clock) as registry:
        registry.write(tenants.delete, "acme")
    assert_refused(await api.get("business/"), 401, "invalid_token")


async def test_a_renamed_business_keeps_its_tokens_and_its_data(box: RunningBox, api: Client) -> None:
    with open_box(box.folder, box.clock) as registry:
        registry.write(tenants.rename, "acme", "acme-new")
    body = (await api.get("business/")).body
    assert (body["subdomain"], body["name"]) == ("acme-new", "Acme Barbers")


@pytest.mark.parametrize("scope", sorted({scope for _, _, scope in ENDPOINTS}))
async def test_a_scope_opens_its_routes_and_no_other(box: RunningBox, scope: str) -> None:
    within, without = box.client(scopes=(scope,)), box.client(scopes=tuple(set(SCOPES) - {scope}))
    for pattern, method, needed in ENDPOINTS:
        if needed != scope:
            continue
        path = pattern.replace("<id>", "99")
        answer = await without.send(method, path)
        assert_refused(answer, 403, "insufficient_scope", "required_scope")
        assert answer.body["details"]["required_scope"] == scope
        assert scope in answer.body["message"]
        assert answer.headers["WWW-Authenticate"] == f'{REALM}, error="insufficient_scope", scope="{scope}"'
        assert (await within.send(method, path)).status not in {401, 403}, (method, path)


def test_every_route_needs_a_scope_that_is_declared() -> None:
    assert [pattern for pattern, _, scope in EVERY_ENDPOINT if scope is None] == ["client-tokens/"]
    assert {scope for _, _, scope in ENDPOINTS} <= set(SCOPES)
    assert {scope for _, method, scope in ENDPOINTS if method != "GET"} <= {
        each for each in SCOPES if not each.endswith(":read")
    }


async def test_two_authorization_headers_are_refused(api: Client) -> None:
    answer = await exchange(api, head(api, "GET", "business/", f"Authorization: Bearer {api.token}"))
    assert_refused(answer, 400, "validation_error", "Authorization")


async def test_a_token_in_the_query_is_never_read(api: Client) -> None:
    for name in ("access_token", "token", "api_key", "authorization"):
        answer = await Client(api.url, None).get("business/", **{name: api.token})
        assert_refused(answer, 401, "authentication_required")


async def test_when_a_token_was_last_used_is_written_down_by_and_by(box: RunningBox, api: Client, clock: StillClock) -> None:
    await api.get("business/")
    clock.advance(30)
    await api.get("business/")
    with open_box(box.folder, box.clock) as registry:
        assert registry.read(registry_rows.token_by_id, newest_id(box)).last_used_at is None
    await box.app.registry.flush()
    with open_box(box.folder, box.clock) as registry:
        assert registry.read(registry_rows.token_by_id, newest_id(box)).last_used_at == "2027-01-04T12:00:30.000000Z"

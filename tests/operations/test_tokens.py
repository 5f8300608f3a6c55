"""API tokens: made, found by their hash, rotated, revoked."""

import pytest

from smoothbox.clock import instant_text
from smoothbox.errors import Problem
from smoothbox.ids import token_hash
from smoothbox.operations import tenants, tokens
from smoothbox.operations.tokens import NewToken, Owner, TokenRequest
from smoothbox.store import box
from smoothbox.store.direct import Direct
from tests.box import StillClock

_DAY = 86400.0


@pytest.fixture
def acme(registry: Direct) -> Direct:
    """A registry with the tenants acme and rival."""
    for slug in ("acme", "rival"):
        registry.write(tenants.create, slug, slug.title())
    return registry


def make(
    registry: Direct, scopes: tuple[str, ...] = ("bookings:read",), lifetime: float | None = None, name: str = "crm"
) -> NewToken:
    return registry.write(tokens.create, "acme", TokenRequest(name, "live", scopes, lifetime, 50, 5))


def test_a_token_is_found_by_its_hash_and_kept_nowhere_in_clear(acme: Direct) -> None:
    new = make(acme)
    found = acme.read(box.token_by_hash, token_hash(new.secret))
    assert found == new.token
    assert found.tenant.slug == "acme"
    assert new.secret not in repr(found)
    assert found.last_four == new.secret[-4:]


def test_scopes_are_kept_sorted_and_each_once(acme: Direct) -> None:
    assert make(acme, ("services:read", "bookings:read", "services:read")).token.scopes == ("bookings:read", "services:read")


@pytest.mark.parametrize("scopes", [(), ("bookings:raed",), ("bookings:read", "")])
def test_unknown_scopes_or_none_make_no_token(acme: Direct, scopes: tuple[str, ...]) -> None:
    with pytest.raises(Problem) as caught:
        make(acme, scopes)
    assert caught.value.code == "validation_error"
    assert "scopes" in caught.value.details
    assert acme.read(tokens.list_of, "acme") == []


@pytest.mark.parametrize("name", ["", "  ", "x" * 101])
def test_a_token_needs_a_name(acme: Direct, name: str) -> None:
    with pytest.raises(Problem) as caught:
        make(acme, name=name)
    assert dict(caught.value.details) == {"name": ["A name has 1 to 100 characters."]}


def test_a_lifetime_ends_at_its_instant(acme: Direct, clock: StillClock) -> None:
    assert make(acme, lifetime=_DAY).token.expires_at == instant_text(clock.now() + _DAY)


@pytest.mark.parametrize("lifetime", [0.0, -1.0])
def test_a_lifetime_of_nothing_is_refused(acme: Direct, lifetime: float) -> None:
    with pytest.raises(Problem, match="Some fields are not valid"):
        make(acme, lifetime=lifetime)


def test_a_rotated_token_shares_all_but_its_secret(acme: Direct, clock: StillClock) -> None:
    old = make(acme)
    new = acme.write(tokens.rotate, old.token.id, _DAY)
    assert new.secret != old.secret
    kept = ("name", "mode", "scopes", "hourly", "burst", "tenant", "expires_at")
    assert [getattr(new.token, field) for field in kept] == [getattr(old.token, field) for field in kept]
    assert new.token.lineage == old.token.lineage == old.token.id
    assert acme.read(tokens.show, old.token.id).expires_at == instant_text(clock.now() + _DAY)


def test_an_overlap_never_lengthens_a_life(acme: Direct, clock: StillClock) -> None:
    old = make(acme, lifetime=_DAY)
    acme.write(tokens.rotate, old.token.id, 7 * _DAY)
    assert acme.read(tokens.show, old.token.id).expires_at == instant_text(clock.now() + _DAY)


def test_what_has_ended_cannot_be_rotated(acme: Direct, clock: StillClock) -> None:
    revoked, expired = make(acme), make(acme, lifetime=_DAY)
    acme.write(tokens.revoke, revoked.token.id)
    clock.advance(_DAY)
    for ended in (revoked, expired):
        with pytest.raises(Problem, match="create a new one instead") as caught:
            acme.write(tokens.rotate, ended.token.id, 0.0)
        assert caught.value.code == "conflict"


def test_a_second_revocation_keeps_the_time_of_the_first(acme: Direct, clock: StillClock) -> None:
    token = make(acme).token
    first = acme.write(tokens.revoke, token.id).revoked_at
    clock.advance(_DAY)
    assert acme.write(tokens.revoke, token.id).revoked_at == first


def test_each_tenant_has_its_own_tokens(acme: Direct) -> None:
    token = make(acme).token
    assert acme.read(tokens.list_of, "acme") == [token]
    assert acme.read(tokens.list_of, "rival") == []


def test_unknown_tenants_and_tokens_are_not_found(acme: Direct) -> None:
    with pytest.raises(Problem, match="There is no tenant 'nobody'"):
        acme.write(tokens.create, "nobody", TokenRequest("crm", "live", ("bookings:read",)))
    with pytest.raises(Problem, match="There is no token 99"):
        acme.read(tokens.show, 99)


def test_a_token_is_shown_to_its_owner_alone(acme: Direct) -> None:
    token = make(acme).token
    owner = Owner(token.tenant.id, "live")
    assert acme.read(tokens.owned, owner) == [token]
    assert acme.read(tokens.show, token.id, owner) == token
    for other in (Owner(token.tenant.id, "test"), Owner(token.tenant.id + 1, "live")):
        assert acme.read(tokens.owned, other) == []
        for verb, more in ((tokens.show, ()), (tokens.revoke, ()), (tokens.rotate, (0.0,))):
            with pytest.raises(Problem, match=f"There is no token {token.id}") as caught:
                acme.write(verb, token.id, *more, other)
            assert caught.value.code == "not_found"
    assert acme.read(tokens.list_of, "acme") == [token]
    assert acme.write(tokens.revoke, token.id, owner).revoked_at is not None


def test_a_token_is_active_until_it_expires_or_is_revoked(acme: Direct, clock: StillClock) -> None:
    token, other = make(acme, lifetime=_DAY).token, make(acme).token
    assert tokens.status(token, instant_text(clock.now() + _DAY - 0.001)) == "active"
    assert tokens.status(token, instant_text(clock.now() + _DAY)) == "expired"
    assert tokens.status(acme.write(tokens.revoke, other.id), instant_text(clock.now())) == "revoked"


@pytest.mark.parametrize("limit", [0, -1, 10**18])
@pytest.mark.parametrize("name", ["hourly", "burst"])
def test_limits_that_cannot_be_are_refused(acme: Direct, name: str, limit: int) -> None:
    with pytest.raises(Problem) as caught:
        acme.write(tokens.create, "acme", TokenRequest("crm", "live", ("bookings:read",), **{name: limit}))
    assert name in caught.value.details

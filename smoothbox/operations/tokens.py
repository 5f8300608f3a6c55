"""API tokens: made, rotated and revoked. The secret exists only in what `create` and `rotate` return."""

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final, Literal

from smoothbox.clock import instant_text
from smoothbox.contract.scopes import SCOPES
from smoothbox.errors import Problem, invalid
from smoothbox.ids import Mode, new_token, token_hash
from smoothbox.operations.tenants import find
from smoothbox.store import box
from smoothbox.store.connection import Tx

Status = Literal["active", "expired", "revoked"]

_NAME_LIMIT: Final = 100
_MOST_REQUESTS: Final = 1_000_000_000


@dataclass(frozen=True, slots=True)
class NewToken:
    """A token just made: the secret is shown once and kept nowhere."""

    secret: str
    token: box.Token


@dataclass(frozen=True, slots=True)
class TokenRequest:
    """What a new token is to be. `lifetime` in seconds; None never ends. Limits of None are the box's."""

    name: str
    mode: Mode
    scopes: Sequence[str]
    lifetime: float | None = None
    hourly: int | None = None
    burst: int | None = None


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose tokens somebody may see and end: those of one tenant in one of its modes."""

    tenant_id: int
    mode: Mode


def create(tx: Tx, slug: str, request: TokenRequest) -> NewToken:
    """Make a token for a tenant.

    Raises Problem 'not_found' for an unknown tenant, 'validation_error' for a name without a letter, a lifetime without
    a second, limits that let nothing through, or for an unknown scope or none.
    """
    tenant = find(tx, slug)
    _check(request)
    secret = new_token(request.mode)
    token_id = box.insert_token(
        tx,
        tenant_id=tenant.id,
        name=request.name,
        mode=request.mode,
        scopes=known_scopes(request.scopes),
        digest=token_hash(secret),
        last_four=secret[-4:],
        hourly=request.hourly,
        burst=request.burst,
        expires_at=None if request.lifetime is None else instant_text(tx.now + request.lifetime),
    )
    return NewToken(secret, show(tx, token_id))


def rotate(tx: Tx, token_id: int, overlap: float, owner: Owner | None = None) -> NewToken:
    """Replace a token by a new one with the same name, scopes, limits and bucket; the old one ends after `overlap` seconds.

    Raises Problem 'not_found' as `show` does, or 'conflict' for a token that is revoked or expired.
    """
    old = show(tx, token_id, owner)
    if status(old, tx.stamp) != "active":
        raise Problem("conflict", f"Token {token_id} is no longer valid; create a new one instead.")
    secret = new_token(old.mode)
    new_id = box.insert_token(
        tx,
        tenant_id=old.tenant.id,
        name=old.name,
        mode=old.mode,
        scopes=old.scopes,
        digest=token_hash(secret),
        last_four=secret[-4:],
        lineage=old.lineage,
        hourly=old.hourly,
        burst=old.burst,
        expires_at=old.expires_at,
    )
    end = instant_text(tx.now + overlap)
    box.set_token_expiry(tx, token_id, min(end, old.expires_at or end))
    return NewToken(secret, show(tx, new_id))


def revoke(tx: Tx, token_id: int, owner: Owner | None = None) -> box.Token:
    """End a token at once. Raises Problem 'not_found' as `show` does."""
    show(tx, token_id, owner)
    box.revoke_token(tx, token_id)
    return show(tx, token_id)


def show(tx: Tx, token_id: int, owner: Owner | None = None) -> box.Token:
    """One token, of any owner where none is named. Raises Problem 'not_found', also for one of another owner."""
    token = box.token_by_id(tx, token_id)
    if token is None or owner not in {None, Owner(token.tenant.id, token.mode)}:
        raise Problem("not_found", f"There is no token {token_id}.")
    return token


def status(token: box.Token, stamp: str) -> Status:
    """What a token is at an instant."""
    if token.revoked_at is not None:
        return "revoked"
    return "expired" if token.expires_at is not None and token.expires_at <= stamp else "active"


def list_of(tx: Tx, slug: str) -> list[box.Token]:
    """The tokens of a tenant, oldest first. Raises Problem 'not_found'."""
    return box.tokens_of(tx, find(tx, slug).id)


def owned(tx: Tx, owner: Owner) -> list[box.Token]:
    """The tokens of an owner, oldest first."""
    return [each for each in box.tokens_of(tx, owner.tenant_id) if each.mode == owner.mode]


def known_scopes(scopes: Sequence[str]) -> tuple[str, ...]:
    """The scopes, sorted and each once. Raises Problem 'validation_error' naming those that do not exist."""
    if not scopes:
        raise invalid("scopes", "Name at least one scope.")
    messages = [_unknown(scope) for scope in scopes if scope not in SCOPES]
    if messages:
        raise Problem("validation_error", None, {"scopes": messages})
    return tuple(sorted(set(scopes)))


def _check(request: TokenRequest) -> None:
    if not 0 < len(request.name.strip()) <= len(request.name) <= _NAME_LIMIT:
        raise invalid("name", f"A name has 1 to {_NAME_LIMIT} characters.")
    if request.lifetime is not None and request.lifetime <= 0:
        raise invalid("expires", "A token must last for some time.")
    for name, limit in (("hourly", request.hourly), ("burst", request.burst)):
        if limit is not None and not 1 <= limit <= _MOST_REQUESTS:
            raise invalid(name, f"Send a number from 1 to {_MOST_REQUESTS}.")


def _unknown(scope: str) -> str:
    near = get_close_matches(scope, SCOPES, n=1)
    return f"There is no scope '{scope}'." + (f" Did you mean '{near[0]}'?" if near else "")

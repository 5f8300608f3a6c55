"""API tokens: made, rotated and revoked. The secret exists only in what `create` and `rotate` return."""

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final

from smoothbox.clock import instant_text
from smoothbox.contract.scopes import SCOPES
from smoothbox.errors import Problem, invalid
from smoothbox.ids import Mode, new_token, token_hash
from smoothbox.operations.tenants import find
from smoothbox.store import box
from smoothbox.store.connection import Tx

_NAME_LIMIT: Final = 100


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


def create(tx: Tx, slug: str, request: TokenRequest) -> NewToken:
    """Make a token for a tenant.

    Raises Problem 'not_found' for an unknown tenant, 'validation_error' for a name without a letter or a lifetime without
    a second, for an unknown scope or none.
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


def rotate(tx: Tx, token_id: int, overlap: float) -> NewToken:
    """Replace a token by a new one with the same name, scopes, limits and bucket; the old one ends after `overlap` seconds.

    Raises Problem 'not_found', or 'conflict' for a token that is revoked or expired.
    """
    old = show(tx, token_id)
    if old.revoked_at is not None or (old.expires_at is not None and old.expires_at <= tx.stamp):
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


def revoke(tx: Tx, token_id: int) -> box.Token:
    """End a token at once. Raises Problem 'not_found'."""
    show(tx, token_id)
    box.revoke_token(tx, token_id)
    return show(tx, token_id)


def show(tx: Tx, token_id: int) -> box.Token:
    """One token. Raises Problem 'not_found'."""
    token = box.token_by_id(tx, token_id)
    if token is None:
        raise Problem("not_found", f"There is no token {token_id}.")
    return token


def list_of(tx: Tx, slug: str) -> list[box.Token]:
    """The tokens of a tenant, oldest first. Raises Problem 'not_found'."""
    return box.tokens_of(tx, find(tx, slug).id)


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


def _unknown(scope: str) -> str:
    near = get_close_matches(scope, SCOPES, n=1)
    return f"There is no scope '{scope}'." + (f" Did you mean '{near[0]}'?" if near else "")

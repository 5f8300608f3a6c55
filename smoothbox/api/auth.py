"""From a request to the caller behind its token."""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Protocol

from msgspec import Struct, structs
from tornado.httputil import HTTPHeaders

from smoothbox.api.limits import FailureLimits, Quota
from smoothbox.api.messages import Request
from smoothbox.clock import Clock, instant_text
from smoothbox.errors import Problem
from smoothbox.ids import Mode, is_well_formed, token_hash
from smoothbox.operations.client_tokens import Grant
from smoothbox.operations.tenants import require_active
from smoothbox.settings import Limits, Settings
from smoothbox.store.box import Tenant, Token
from smoothbox.store.registry import Registry


class Caller(Struct, frozen=True):
    """Who calls: the tenant whose file the token opens, in which mode, and what it may do there; or a client of such a token.

    Tokens that succeed each other by rotation are of one lineage: they share their limits and their idempotency keys.
    """

    tenant: Tenant
    mode: Mode
    scopes: tuple[str, ...]
    token_id: int
    lineage: int
    quota: Quota
    is_client: bool = False


class Grants(Protocol):
    """What knows client tokens."""

    def find(self, text: str) -> Grant | None:
        """What a client token says; None for what is none."""


class Authenticator:
    """Tells callers by their tokens, and slows down those who guess."""

    def __init__(self, registry: Registry, settings: Settings, clock: Clock, grants: Grants) -> None:
        self._registry = registry
        self._grants = grants
        self._limits = settings.limits
        self._base_domain = settings.server.base_domain
        self._clock = clock
        self.failures = FailureLimits(clock, settings.limits.failed_auth)

    def take_limits(self, limits: Limits) -> None:
        """Other limits, from the next request on."""
        self._limits = limits
        self.failures.a_minute = limits.failed_auth

    async def caller(self, request: Request) -> Caller:
        """Who sends this request.

        Raises Problem: 'validation_error' for two Authorization headers, 'authentication_required', 'invalid_token',
        'forbidden' for another business's address, 'tenant_disabled', 'unavailable', or 'rate_limited' after many failures.
        """
        secret = _bearer(request.headers)
        grant = None if secret.startswith("ss_") else self._grants.find(secret)
        token = await (self._token(secret) if grant is None else self._parent(grant))
        if token is None or not self._is_valid(token):
            self.failures.count(neighbourhood(request.address))
            raise Problem("invalid_token")
        self._check_host(request.host, token.tenant)
        require_active(token.tenant)
        self._registry.note_use(token.id)
        return self._caller(token) if grant is None else self._client(token, grant)

    async def _parent(self, grant: Grant) -> Token | None:
        """The token that a client token was made with; None where the client's own time is over."""
        return await self._registry.token(grant.token_id) if grant.ends > self._clock.now() else None

    async def _token(self, secret: str) -> Token | None:
        """The token behind a secret; for one that cannot be any no file is read."""
        digest = token_hash(secret)
        known = self._registry.known(digest)
        if known is not None or not is_well_formed(secret):
            return known
        return await self._registry.token(digest)

    def _caller(self, token: Token) -> Caller:
        hourly = self._limits.hourly if token.hourly is None else token.hourly
        burst = self._limits.burst if token.burst is None else token.burst
        return Caller(token.tenant, token.mode, token.scopes, token.id, token.lineage, Quota(hourly, burst))

    def _client(self, token: Token, grant: Grant) -> Caller:
        """A client may do what it was granted, as long as the token itself may."""
        scopes = tuple(scope for scope in token.scopes if scope in grant.scopes)
        return structs.replace(self._caller(token), scopes=scopes, is_client=True)

    def _is_valid(self, token: Token) -> bool:
        if token.revoked_at is not None or token.tenant.status == "DELETED":
            return False
        return token.expires_at is None or token.expires_at > instant_text(self._clock.now())

    def _check_host(self, host: str, tenant: Tenant) -> None:
        if self._base_domain and _name(host) != f"{tenant.slug}.{self._base_domain}":
            raise Problem("forbidden", "This token belongs to another business than the address names.")


def challenge(problem: Problem) -> dict[str, str]:
    """The WWW-Authenticate header that goes with a refusal, if one does (RFC 6750)."""
    realm = 'Bearer realm="smoothbox"'
    if problem.code == "authentication_required":
        return {"WWW-Authenticate": realm}
    if problem.code == "invalid_token":
        return {"WWW-Authenticate": f'{realm}, error="invalid_token"'}
    if problem.code == "insufficient_scope":
        scope = problem.details["required_scope"]
        return {"WWW-Authenticate": f'{realm}, error="insufficient_scope", scope="{scope}"'}
    return {}


def require_scope(caller: Caller, scope: str) -> None:
    """Raises Problem 'insufficient_scope' naming the scope that is missing."""
    if scope not in caller.scopes:
        raise Problem("insufficient_scope", f"The token lacks the scope {scope}.", {"required_scope": scope})


def client_address(peer: str, forwarded_for: Sequence[str], trusted: Sequence[str]) -> str:
    """The client's address: the peer, or what trusted proxies say of it, read from the nearest outwards."""
    address = peer
    for claimed in reversed([part.strip() for line in forwarded_for for part in line.split(",")]):
        if not is_trusted(address, trusted):
            break
        address = claimed
    return address


def is_trusted(address: str, trusted: Sequence[str]) -> bool:
    """Whether an address lies in one of the networks."""
    parsed = _parsed(address) if trusted else None
    return parsed is not None and any(parsed in ip_network(network) for network in trusted)


def neighbourhood(address: str) -> str:
    """What failures are counted by: an IPv4 address, or the /64 that one IPv6 client can move about in."""
    parsed = _parsed(address)
    if parsed is None:
        return address[:64]
    return str(IPv6Network((int(parsed), 64), strict=False)) if isinstance(parsed, IPv6Address) else str(parsed)


def _parsed(address: str) -> IPv4Address | IPv6Address | None:
    """An address, or None for what is none; an IPv4 one that comes dressed as IPv6 is the IPv4 one."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return None
    return (parsed.ipv4_mapped or parsed) if isinstance(parsed, IPv6Address) else parsed


def _bearer(headers: HTTPHeaders) -> str:
    given = headers.get_list("Authorization")
    if not given:
        raise Problem("authentication_required")
    if len(given) > 1:
        raise Problem("validation_error", None, {"Authorization": ["Send this header once."]})
    scheme, _, secret = given[0].partition(" ")
    if scheme.lower() != "bearer":
        raise Problem("authentication_required")
    return secret.strip()


def _name(host: str) -> str:
    return host.rsplit(":", 1)[0].lower()

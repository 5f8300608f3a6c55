"""The one way from a request to its response: address, caller, limits, scope, verb; and every error in one shape."""

import logging

from smoothbox.api import reference
from smoothbox.api.auth import Authenticator, challenge, require_scope
from smoothbox.api.call import Admit, Call, Endpoint, Means
from smoothbox.api.idempotency import Running
from smoothbox.api.kept import KeptAnswers, key_of
from smoothbox.api.limits import RateLimits
from smoothbox.api.messages import Request, Response, refused
from smoothbox.api.preconditions import unless_known
from smoothbox.api.routes import allowed, match
from smoothbox.errors import Problem
from smoothbox.keyring import Keyring
from smoothbox.store.tenants import TenantFiles

_log = logging.getLogger(__name__)


class Exchange:
    """What is learnt of one request while it is answered, for its headers and its line in the log."""

    __slots__ = ("headers", "route", "token_id")

    def __init__(self) -> None:
        self.headers: dict[str, str] = {}
        self.route = "-"  # until the address is known
        self.token_id = 0


class Api:
    """Answers requests; never raises. `admit` refuses addresses that deliveries may not go to."""

    def __init__(
        self,
        authenticator: Authenticator,
        limits: RateLimits,
        kept: KeptAnswers,
        files: TenantFiles,
        keyring: Keyring,
        admit: Admit,
    ) -> None:
        self._authenticator = authenticator
        self._limits = limits
        self._kept = kept
        self._files = files
        self._means = Means(Running(), keyring, admit)

    async def answer(self, request: Request, exchange: Exchange) -> Response:
        """The response to a request, whatever happens on the way."""
        try:
            response = await self._handle(request, exchange)
        except Problem as problem:
            response = refused(problem)
            response.headers |= challenge(problem)
        except Exception:  # noqa: BLE001 -- the last resort, logged
            said = {"request_id": request.id}
            _log.exception("request %s failed: %s %s", request.id, request.method, exchange.route, extra=said)
            response = refused(Problem("internal_error"))
        return response

    async def _handle(self, request: Request, exchange: Exchange) -> Response:
        if request.path == reference.PATH:
            exchange.route = "openapi.json"
            return unless_known(request, reference.answer(request))
        exchange.route, methods, ids = match(request.path)
        if request.method == "OPTIONS":
            return Response(204, headers={"Allow": allowed(methods)})
        endpoint = methods.get("GET" if request.method == "HEAD" else request.method)
        if endpoint is None:
            exchange.headers["Allow"] = allowed(methods)
            raise Problem("method_not_allowed", None, {"allow": allowed(methods).split(", ")})
        caller = await self._authenticator.caller(request)
        exchange.token_id = caller.token_id
        verdict = self._limits.take(caller.lineage, caller.quota)
        exchange.headers.update(verdict.headers)
        if verdict.retry_after is not None:
            raise Problem("rate_limited", None, {"retry_after": verdict.retry_after})
        if endpoint.scope is not None:
            require_scope(caller, endpoint.scope)
        async with self._files.use(caller.tenant, caller.mode) as database:
            response = await self._response(endpoint, Call(request, caller, ids, database, self._means))
        return unless_known(request, response)

    async def _response(self, endpoint: Endpoint, call: Call) -> Response:
        """What the endpoint answers, or what it answered before where that cannot have changed."""
        if not (endpoint.is_kept and self._kept.are_wanted):
            return await endpoint.handler(call)
        key, state = key_of(call.request, call.caller), call.database.state()
        known = self._kept.find(key, state)
        if known is not None:
            return known
        response = await endpoint.handler(call)
        if state is not None:
            self._kept.keep(key, state, response)
        return response

"""/metrics: who may see the figures of the box.

What makes a page of them is imported when somebody first asks: a box that nobody watches does not pay for it.
"""

import asyncio
import hmac
import logging
from collections.abc import Callable
from ipaddress import ip_address
from typing import Final

from smoothbox.api.auth import challenge
from smoothbox.api.figures import Sources
from smoothbox.api.messages import Request, Response, refused
from smoothbox.errors import Problem

_FOREIGN: Final = ("X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host", "X-Real-IP", "Forwarded", "Via", "Origin")
"""Headers of what a proxy passes on, or another site's page asks for: neither is this machine's own wish."""

_log = logging.getLogger(__name__)


class Metrics:
    """Answers /metrics: to this machine, and to who sends the token, if there is one (it may be replaced)."""

    def __init__(self, sources: Sources, token: str) -> None:
        self.token = token
        self._sources = sources

    async def show(self, request: Request) -> Response:
        """The figures in the text format of Prometheus, or a refusal; never raises."""
        try:
            self._require_right(request)
            page = await asyncio.to_thread(_renderer)
            kind, body = page(self._sources)
        except Problem as problem:
            response = refused(problem)
            response.headers |= challenge(problem)
            return response
        except Exception:  # noqa: BLE001 -- the last resort, logged
            _log.exception("request %s failed: %s /metrics", request.id, request.method, extra={"request_id": request.id})
            return refused(Problem("internal_error"))
        return Response(200, body, {"Content-Type": kind})

    def _require_right(self, request: Request) -> None:
        scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
        if self.token and scheme.lower() == "bearer":
            if not hmac.compare_digest(secret.strip().encode("utf-8", "surrogateescape"), self.token.encode()):
                raise Problem("invalid_token", "This is not the token of server.metrics_token.")
            return
        if not _is_of_this_machine(request):
            raise Problem("forbidden", "The figures are shown to this machine, and to who sends the token of the settings.")


def _is_of_this_machine(request: Request) -> bool:
    if any(name in request.headers for name in _FOREIGN):
        return False
    try:
        address = ip_address(request.address)
    except ValueError:
        return False
    return (getattr(address, "ipv4_mapped", None) or address).is_loopback


def _renderer() -> Callable[[Sources], tuple[str, bytes]]:
    from smoothbox.api.exposition import page  # noqa: PLC0415 -- see above

    return page

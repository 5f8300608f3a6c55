"""The addresses that keep an eye on the box, beside the API and the pages; no token of a tenant opens or closes them."""

from typing import Final

from smoothbox.api.health import Health
from smoothbox.api.messages import Request, Response, refused
from smoothbox.api.metrics import Metrics
from smoothbox.errors import Problem

PATHS: Final = frozenset({"/healthz", "/readyz", "/metrics"})
_ALLOWED: Final = "GET, HEAD"


class Probes:
    """Answers the addresses of PATHS; never raises."""

    def __init__(self, health: Health, metrics: Metrics) -> None:
        self._answers = {"/healthz": health.alive, "/readyz": health.ready, "/metrics": metrics.show}

    async def answer(self, request: Request) -> Response:
        """What is known there."""
        if request.method not in {"GET", "HEAD"}:
            response = refused(Problem("method_not_allowed", None, {"allow": _ALLOWED.split(", ")}))
            response.headers["Allow"] = _ALLOWED
            return response
        return await self._answers[request.path](request)

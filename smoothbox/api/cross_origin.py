"""What lets a browser page of another site call the API (CORS, https://fetch.spec.whatwg.org/).

Any site may: no cookie is used here, and a token is never sent but by who has it.
"""

from collections.abc import Mapping
from typing import Final

from tornado.httputil import HTTPHeaders

_ANYBODY: Final = "Access-Control-Allow-Origin: *"
_EXPOSED: Final = "Access-Control-Expose-Headers: " + ", ".join(
    (
        *("ETag", "Location", "Retry-After", "X-Request-Id", "Idempotent-Replayed"),
        *("X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset", "RateLimit", "RateLimit-Policy"),
    )
)
_SENT: Final = "Access-Control-Allow-Headers: Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match"
_REMEMBERED: Final = "Access-Control-Max-Age: 7200"  # seconds; what browsers keep at most


def lines(asked: HTTPHeaders, answered: Mapping[str, str]) -> tuple[str, ...]:
    """The header lines for a request that names its site; none for one that does not."""
    if "Origin" not in asked:
        return ()
    if "Access-Control-Request-Method" in asked:
        return _ANYBODY, f"Access-Control-Allow-Methods: {answered.get('Allow', '')}", _SENT, _REMEMBERED
    return _ANYBODY, _EXPOSED

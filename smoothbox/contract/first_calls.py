"""The first call that a new token may make, as a command line that people paste."""

from collections.abc import Collection, Mapping
from typing import Final

_FIRST_CALLS: Final[Mapping[str, str]] = {
    "business:read": "business/",
    "services:read": "services/",
    "resources:read": "resources/",
    "bookings:read": "bookings/",
    "customers:read": "customers/",
    "webhooks:manage": "webhooks/",
}


def curl_line(url: str, secret: str, scopes: Collection[str]) -> str | None:
    """A call to the box at `url` that the token may make, ready to be pasted; None where its scopes allow no simple one."""
    path = next((path for scope, path in _FIRST_CALLS.items() if scope in scopes), None)
    return path and f'curl -H "Authorization: Bearer {secret}" {url}/tenant-api/v1/{path}'

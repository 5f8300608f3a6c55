"""Where another box is, and the token for it: what is safe to call with a secret in hand."""

from typing import Final
from urllib.parse import SplitResult, urlsplit

from smoothbox.errors import invalid

BASE_PATH: Final = "/tenant-api/v1/"
_THIS_MACHINE: Final = frozenset({"127.0.0.1", "::1", "localhost"})
_LONGEST_TOKEN: Final = 4096


def checked_address(url: str) -> str:
    """Scheme, host and port of a box. Raises Problem 'validation_error' for an address that is not safe or makes no sense."""
    try:
        parts = urlsplit(url.strip())
        is_good = url.isascii() and url.strip().isprintable() and " " not in url.strip() and _is_address(parts)
    except ValueError:
        is_good = False
    if not is_good:
        raise invalid("url", "Write the address of the business, such as https://acme.smoothschedule.com.")
    if parts.scheme == "http" and parts.hostname not in _THIS_MACHINE:
        raise invalid("url", "The token would travel in the clear; use https://.")
    return f"{parts.scheme}://{parts.netloc}"


def checked_token(token: str) -> str:
    """A token as it stands in a header. Raises Problem 'validation_error'."""
    if not token or not token.isascii() or not token.isprintable() or " " in token or len(token) > _LONGEST_TOKEN:
        raise invalid("token", "That is no token; it is one word such as ss_live_….")
    return token


def _is_address(parts: SplitResult) -> bool:
    has_place = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0 and "@" not in parts.netloc
    return has_place and parts.path.rstrip("/") in {"", BASE_PATH.rstrip("/")} and not parts.query and not parts.fragment

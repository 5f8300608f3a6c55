"""The form of an address that deliveries go to. Where it may lead is for whoever dials to decide, when the name is resolved."""

import re
from typing import Final
from urllib.parse import SplitResult, urlsplit

from smoothbox.errors import invalid

_PRINTABLE: Final = re.compile(r"[\x21-\x7e]+")
_HOST: Final = re.compile(r"[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\]")
_PORTS: Final = (80, 443)
_UNPRIVILEGED: Final = 1024


def checked_url(text: str) -> SplitResult:
    """The parts of a delivery address. Raises Problem 'validation_error' that says what would be right."""
    if not _PRINTABLE.fullmatch(text) or "\\" in text:
        raise invalid("url", "A URL has no blanks, backslashes or control characters, and nothing beyond ASCII: encode them.")
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError as error:
        raise invalid("url", f"This is no URL: {error}.") from None
    if parts.scheme not in {"http", "https"}:
        raise invalid("url", "A URL begins with https:// or http://.")
    if "@" in parts.netloc:
        raise invalid("url", "A URL carries no user or password; send them with a header of your own instead.")
    if "#" in text:
        raise invalid("url", "A URL has no fragment here: nothing behind a '#' would be sent.")
    if not _HOST.fullmatch(parts.netloc.removesuffix(f":{port}")) or parts.netloc.endswith(":"):
        raise invalid("url", "A URL names a host, such as https://example.com/hook.")
    if port is not None and port not in _PORTS and port < _UNPRIVILEGED:
        raise invalid("url", "Deliveries go to port 80, 443, or 1024 and above.")
    return parts

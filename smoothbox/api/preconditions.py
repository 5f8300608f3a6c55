"""The headers If-Match and If-None-Match: entity tags compared (RFC 9110, sections 8.8.3 and 13.1)."""

import re
from typing import Final

from smoothbox.api.messages import Request, Response
from smoothbox.errors import Problem

_TAG: Final = re.compile(r'(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"')
_LIST: Final = re.compile(rf"[ \t,]*(?:{_TAG.pattern}[ \t]*(?:,[ \t,]*|\Z))*")
_READING: Final = frozenset({"GET", "HEAD"})


def unless_known(request: Request, response: Response) -> Response:
    """The response, or 304 in its place where a reader has it already."""
    known = request.headers.get("If-None-Match")
    current = response.headers.get("ETag")
    if known is None or current is None or request.method not in _READING:
        return response
    if known.strip() == "*" or current in {tag.removeprefix("W/") for tag in tags(known)}:
        return Response(304, headers=response.headers)
    return response


def require_match(wanted: str, current: str) -> None:
    """Raises Problem 'precondition_failed' with the current tag where If-Match wants another one."""
    if wanted.strip() != "*" and current not in tags(wanted):
        raise Problem("precondition_failed", None, {"etag": current})


def tags(header: str) -> list[str]:
    """The entity tags of a list; none where it is not well formed, so that it matches nothing."""
    return _TAG.findall(header) if _LIST.fullmatch(header) else []

"""GET openapi.json: the document of the API, for anybody, without a token and without a limit of its own."""

from typing import Final

from smoothbox.api.messages import BASE_PATH, Request, Response, tagged
from smoothbox.api.openapi import encoded
from smoothbox.errors import Problem

PATH: Final = f"{BASE_PATH}openapi.json"
ALLOWED: Final = ("GET", "HEAD", "OPTIONS")


def answer(request: Request) -> Response:
    """The document, as seen from where the request came in. Raises Problem 'method_not_allowed'."""
    if request.method == "OPTIONS":
        return Response(204, headers={"Allow": ", ".join(ALLOWED)})
    if request.method not in ALLOWED:
        raise Problem("method_not_allowed", None, {"allow": list(ALLOWED)})
    return tagged(encoded(request.origin))

"""Passes a delivery on to another receiver, as it came."""

from typing import Final

from msgspec import Struct
from tornado.httpclient import HTTPRequest
from tornado.httputil import HTTPHeaders
from tornado.simple_httpclient import SimpleAsyncHTTPClient

from smoothbox import __version__

_MOST_AT_ONCE: Final = 100
_LARGEST_ANSWER: Final = 16 * 1024 * 1024
_SECONDS: Final = 15.0


class Answer(Struct, frozen=True):
    """What a receiver says to a delivery."""

    status: int
    body: bytes = b""


class Forwarder:
    """Sends on what a receiver goes by: the body to the byte, its type, and the headers that vouch for it."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._client = SimpleAsyncHTTPClient(force_instance=True, max_clients=_MOST_AT_ONCE, max_body_size=_LARGEST_ANSWER)

    def close(self) -> None:
        """Pass no more on."""
        self._client.close()

    async def forward(self, headers: HTTPHeaders, body: bytes) -> Answer | None:
        """What was answered within 15 seconds, a redirect included; None where nothing was."""
        try:
            answer = await self._client.fetch(self._request(headers, body), raise_error=False)
        except Exception:  # noqa: BLE001 -- whatever it is, it is the other side's
            return None
        return Answer(answer.code, answer.body)

    def _request(self, headers: HTTPHeaders, body: bytes) -> HTTPRequest:
        return HTTPRequest(
            self._url,
            method="POST",
            headers=_passed_on(headers),
            body=body,
            user_agent=f"smoothbox/{__version__}",
            connect_timeout=_SECONDS,
            request_timeout=_SECONDS,
            follow_redirects=False,
            decompress_response=False,
        )


def _passed_on(headers: HTTPHeaders) -> HTTPHeaders:
    kept = HTTPHeaders()
    for name, value in headers.get_all():
        if name.lower().startswith("webhook-") or name.lower() == "content-type":
            kept.add(name, value)
    return kept

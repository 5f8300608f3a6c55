"""The API of another box: one answer after the other, each bounded in size and time, asked for again where that may help."""

import http.client
import math
import re
import ssl
import time
from collections.abc import Callable, Sequence
from typing import Any, Final
from urllib.request import HTTPHandler, HTTPSHandler, OpenerDirector, Request

import msgspec
from msgspec import Struct

from smoothbox.clock import Clock
from smoothbox.errors import Problem
from smoothbox.pulling.address import BASE_PATH, checked_address, checked_token

_SILENCE: Final = 30.0  # seconds in which nothing at all arrives
_LONGEST_ANSWER: Final = 120.0  # seconds
_LARGEST_ANSWER: Final = 16 * 1024 * 1024
_LARGEST_WHOLE: Final = 1024 * 1024 * 1024  # bytes of all answers
_LONGEST_WAIT: Final = 3600.0
_PAUSES: Final = (1.0, 2.0, 4.0)
_CHUNK: Final = 65536

_OK: Final = 200
_TOO_MANY: Final = 429
_CODE: Final = re.compile(r"[a-z_]{1,40}")
_REFUSALS: Final = {
    401: ("invalid_token", "does not accept the token"),
    403: ("insufficient_scope", "does not let this token read {path}"),
    404: ("not_found", "has nothing at {path}; is the address right?"),
}


class Answer(Struct, frozen=True):
    """What came back: the headers that matter, and the body."""

    status: int
    retry_after: str
    reset: str
    location: str
    body: bytes


class Source:
    """One business at one address. Nothing is sent but GET, to that address alone: redirects and proxies are not followed."""

    def __init__(
        self,
        url: str,
        token: str,
        clock: Clock,
        remark: Callable[[str], None],
        *,
        pauses: Sequence[float] = _PAUSES,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """`remark` hears of long waits; `pauses` are the seconds before each of the further attempts.

        Raises Problem 'validation_error' for what is no address, or a token that no header can carry.
        """
        self.address = checked_address(url)
        self._token = checked_token(token)
        self._clock = clock
        self._remark = remark
        self._pauses = pauses
        self._sleep = sleep
        self._opener = _opener()
        self._has_answered = False
        self._received = 0

    def get(self, path: str, query: str = "") -> Any:
        """The document at a path below the API's base.

        Raises Problem: 'invalid_token', 'insufficient_scope', 'not_found', 'rate_limited', or 'unavailable'.
        """
        for pause in (*self._pauses, None):
            answer = self._attempt(path, query, pause)
            if answer is not None and answer.status == _OK:
                return self._document(answer, path)
            wait = (pause or 0.0) if answer is None else self._wait(answer, path, pause)
            self._sleep(wait)
        raise AssertionError  # the last attempt has raised

    def _attempt(self, path: str, query: str, pause: float | None) -> Answer | None:
        """The answer; None where another attempt may bring one. An address that has never answered gets one attempt."""
        try:
            answer = self._ask(f"{self.address}{BASE_PATH}{path}{f'?{query}' if query else ''}")
        except (OSError, http.client.HTTPException) as error:
            if pause is None or not self._has_answered:
                raise self._failure(path, _words(error)) from error
            return None
        self._has_answered = True
        return answer

    def _ask(self, url: str) -> Answer:
        """One attempt. Raises OSError or HTTPException where it brings no whole answer, Problem where one is too much."""
        headers = {"Authorization": f"Bearer {self._token}", "Accept": "application/json", "User-Agent": "smoothbox-import"}
        request = Request(url, headers=headers)  # noqa: S310 -- http and https are all that the opener knows
        deadline = self._clock.elapsed() + _LONGEST_ANSWER
        response = self._opener.open(request, timeout=_SILENCE)
        assert isinstance(response, http.client.HTTPResponse)  # noqa: S101 -- as both handlers say
        with response:
            said = response.headers
            waits = (said.get("Retry-After", ""), said.get("X-RateLimit-Reset", ""))
            return Answer(response.status, *waits, said.get("Location", ""), self._body(response, deadline))

    def _body(self, response: http.client.HTTPResponse, deadline: float) -> bytes:
        body = bytearray()
        while chunk := response.read1(_CHUNK):
            body += chunk
            self._received += len(chunk)
            if len(body) > _LARGEST_ANSWER:
                raise Problem("unavailable", f"{self.address} answers with more than {_LARGEST_ANSWER >> 20} MiB at once.")
            if self._received > _LARGEST_WHOLE:
                raise Problem("unavailable", f"{self.address} has sent more than {_LARGEST_WHOLE >> 20} MiB in all.")
            if self._clock.elapsed() > deadline:
                raise TimeoutError(f"no whole answer within {_LONGEST_ANSWER:.0f} seconds")
        if response.length:
            raise http.client.IncompleteRead(bytes(body), response.length)
        return bytes(body)

    def _document(self, answer: Answer, path: str) -> Any:
        try:
            return msgspec.json.decode(answer.body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            raise self._failure(path, "the answer is not JSON") from None

    def _wait(self, answer: Answer, path: str, pause: float | None) -> float:
        """Seconds until another attempt makes sense. Raises Problem where none does."""
        if answer.status != _TOO_MANY and answer.status < http.client.INTERNAL_SERVER_ERROR:
            raise self._refusal(answer, path)
        wait = self._asked_for(answer)
        if pause is None or (wait or 0.0) > _LONGEST_WAIT:
            when = "" if wait is None else f"; it asks to wait for {wait:.0f} seconds"
            if answer.status == _TOO_MANY:
                raise Problem("rate_limited", f"{self.address} takes no more requests for now{when}. Try again later.")
            raise self._failure(path, f"it answers {answer.status}{_code(answer)}{when}")
        if wait is not None and wait > max(self._pauses, default=0.0):
            self._remark(f"{self.address} asks to wait for {wait:.0f} seconds.")
        return pause if wait is None else wait

    def _asked_for(self, answer: Answer) -> float | None:
        """The seconds that the source names: since now, or by the Unix second of its reset."""
        if answer.retry_after.isascii() and answer.retry_after.isdigit():
            return float(answer.retry_after[:12])
        if answer.status == _TOO_MANY and answer.reset.isascii() and answer.reset.isdigit():
            return max(float(math.ceil(float(answer.reset[:12]) - self._clock.now())), 1.0)
        return None

    def _refusal(self, answer: Answer, path: str) -> Problem:
        code, words = _REFUSALS.get(answer.status, ("unavailable", ""))
        if words:
            return Problem(code, f"{self.address} {words.format(path=BASE_PATH + path)}.")
        if answer.location:
            return self._failure(path, f"it sends on to {_shown(answer.location)}, which is not followed, for the token's sake")
        return self._failure(path, f"it answers {answer.status}{_code(answer)}")

    def _failure(self, path: str, why: str) -> Problem:
        return Problem("unavailable", f"{self.address} could not be read at {BASE_PATH}{path}: {why}.")


def _opener() -> OpenerDirector:
    """What opens http and https, and knows neither redirects nor proxies nor cookies."""
    opener = OpenerDirector()
    opener.add_handler(HTTPHandler())
    opener.add_handler(HTTPSHandler(context=ssl.create_default_context()))
    return opener


def _words(error: Exception) -> str:
    """What went wrong on the way, on one line of what a terminal shows."""
    reason = getattr(error, "reason", error)
    if isinstance(reason, ssl.SSLCertVerificationError):
        return f"its certificate is not valid ({_shown(reason.verify_message)})"
    if isinstance(reason, TimeoutError):
        return _shown(str(reason)) or "it does not answer in time"
    if isinstance(reason, http.client.IncompleteRead | http.client.RemoteDisconnected | ConnectionResetError):
        return "the connection broke off"
    if isinstance(reason, http.client.HTTPException):
        return "the answer is not HTTP"
    return _shown(getattr(reason, "strerror", None) or str(reason))


def _code(answer: Answer) -> str:
    """The error code of an answer, for what it is worth; nothing else that it says is repeated."""
    try:
        error = msgspec.json.decode(answer.body)["error"]
        return f" ({error})" if _CODE.fullmatch(error) else ""
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, LookupError, TypeError):
        return ""


def _shown(text: str) -> str:
    return "".join(each for each in text[:200] if each.isprintable())

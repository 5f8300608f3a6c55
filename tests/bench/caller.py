"""One who calls the API of a box, request after request."""

import http.client
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from tests.bench.processes import BenchError, Server

API = "/tenant-api/v1"


class Caller:
    """One kept connection that speaks JSON. Raises BenchError for an answer that is not 2xx."""

    def __init__(self, server: Server, token: str) -> None:
        self._connection = http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=20)
        self._headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}

    def send(self, method: str, path: str, body: Mapping[str, object] | None = None) -> dict[str, Any]:
        """What was answered."""
        _, answer = self._answered(method, path, None if body is None else json.dumps(body))
        return dict(json.loads(answer)) if answer else {}

    def tag(self, path: str) -> str:
        """The entity tag of what a GET answers, '' where it carries none."""
        response, _ = self._answered("GET", path, None)
        return response.getheader("ETag") or ""

    def close(self) -> None:
        """Hang up."""
        self._connection.close()

    def _answered(self, method: str, path: str, text: str | None) -> tuple[http.client.HTTPResponse, bytes]:
        self._connection.request(method, API + path, text, self._headers)
        response = self._connection.getresponse()
        answer = response.read()
        if response.status // 100 != 2:
            raise BenchError(f"{method} {API}{path} answered {response.status}: {answer[:400]!r}")
        return response, answer

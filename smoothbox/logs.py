"""Logging: text for people, JSON for machines; one line for each request, written in batches.

Lines are kept in memory and written once a second, or at once when something is wrong: a write for each request would cost
a tenth of the throughput. Lines of requests do not pass through `logging`, which would cost as much again.
"""

import logging
import sys
from dataclasses import dataclass
from logging.handlers import MemoryHandler
from pathlib import Path
from typing import Final, TextIO

from msgspec import Struct

from smoothbox.clock import instant_text
from smoothbox.settings import Log

_TEXT: Final = "%(asctime)s %(levelname)s %(name)s: %(message)s"
_JSON: Final = "%(asctime)s %(levelname)s %(name)s %(message)s"
_RENAMED: Final = {"asctime": "time", "levelname": "level", "name": "logger"}
_BATCH: Final = 1000

_ACCESS_TEXT: Final = "{time} {request_id} {method} {route} {status} {milliseconds:.1f} ms token={token_id}\n"
_ACCESS_JSON: Final = (
    '{{"time": "{time}", "level": "INFO", "logger": "smoothbox.access", "request_id": "{request_id}", "method": "{method}", '
    '"route": "{route}", "status": {status}, "duration_ms": {milliseconds:.1f}, "token_id": {token_id}}}\n'
)


class Visit(Struct, frozen=True, gc=False):
    """One answered request. `route` is the pattern of its address, never the address itself; a token is named by its id."""

    at: float
    request_id: str
    method: str
    route: str
    status: int
    milliseconds: float
    token_id: int


class AccessLog:
    """The lines of requests; `stream` is None where nobody wants them."""

    def __init__(self, stream: TextIO | None, line: str = _ACCESS_TEXT) -> None:
        self._stream = stream
        self._line = line
        self._visits: list[Visit] = []

    def note(self, visit: Visit) -> None:
        """Keep a line for the next flush."""
        if self._stream is None:
            return
        self._visits.append(visit)
        if len(self._visits) >= _BATCH:
            self.flush()

    def flush(self) -> None:
        """Write the lines that wait."""
        if self._stream is None or not self._visits:
            return
        visits, self._visits = self._visits, []
        self._stream.write("".join(map(self._format, visits)))
        self._stream.flush()

    def _format(self, visit: Visit) -> str:
        return self._line.format(
            time=instant_text(visit.at),
            request_id=visit.request_id,
            method=visit.method,  # HTTP allows no quotes in it
            route=visit.route,
            status=visit.status,
            milliseconds=visit.milliseconds,
            token_id=visit.token_id,
        )


@dataclass(frozen=True, slots=True)
class Logs:
    """All logging of a serving box, to be flushed every second."""

    access: AccessLog
    _buffer: MemoryHandler

    def flush(self) -> None:
        """Write what waits."""
        self._buffer.flush()
        self.access.flush()

    def close(self) -> None:
        """Write what waits, for the last time."""
        self.flush()
        self._buffer.close()


def open_logs(settings: Log) -> Logs:
    """Send all logging where the settings say. Raises OSError when the file cannot be written."""
    output = Path(settings.file).open("a", encoding="utf-8") if settings.file else sys.stderr  # noqa: SIM115 -- until the end
    for_people = settings.format == "text" or (settings.format == "auto" and output.isatty())
    target = logging.StreamHandler(output)
    target.setFormatter(logging.Formatter(_TEXT) if for_people else _json_formatter())
    buffer = MemoryHandler(_BATCH, flushLevel=logging.WARNING, target=target)
    root = logging.getLogger()
    root.handlers[:] = [buffer]
    root.setLevel(settings.level.upper())
    stream = output if root.isEnabledFor(logging.INFO) else None
    return Logs(AccessLog(stream, _ACCESS_TEXT if for_people else _ACCESS_JSON), buffer)


def _json_formatter() -> logging.Formatter:
    from pythonjsonlogger.json import JsonFormatter  # noqa: PLC0415 -- only where it is used

    formatter: logging.Formatter = JsonFormatter(_JSON, rename_fields=_RENAMED)
    return formatter

"""Logging: text for people, JSON for machines; one line for each request, written in batches.

Lines are kept in memory and written once a second, or at once when something is wrong: a write for each request would cost
a tenth of the throughput. Lines of requests do not pass through `logging`, which would cost as much again.
"""

import logging
import sys
import time
from collections.abc import Callable
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

_TALKATIVE: Final = ("aiosqlite", "tornado.general")
"""These quote what clients sent: statements with their values, and malformed heads with the token in them."""


class Visit(Struct, frozen=True, gc=False):
    """One answered request. `route` is the pattern of its address, never the address itself; a token is named by its id."""

    at: float
    request_id: str
    method: str
    route: str
    status: int
    milliseconds: float
    token_id: int


def text_line(visit: Visit) -> str:
    """A visit as people read it."""
    return (
        f"{instant_text(visit.at)} {visit.request_id} {visit.method} {visit.route} {visit.status}"
        f" {visit.milliseconds:.1f} ms token={visit.token_id}\n"
    )


def json_line(visit: Visit) -> str:
    """A visit as programs read it. Nothing in it needs escaping: HTTP allows no quotes in a method."""
    return (
        f'{{"time": "{instant_text(visit.at)}", "level": "INFO", "logger": "smoothbox.access",'
        f' "request_id": "{visit.request_id}", "method": "{visit.method}", "route": "{visit.route}",'
        f' "status": {visit.status}, "duration_ms": {visit.milliseconds:.1f}, "token_id": {visit.token_id}}}\n'
    )


class AccessLog:
    """The lines of requests; `stream` is None where nobody wants them."""

    def __init__(self, stream: TextIO | None, line: Callable[[Visit], str] = text_line) -> None:
        self._visits: list[Visit] = []
        self.direct(stream, line)

    def direct(self, stream: TextIO | None, line: Callable[[Visit], str]) -> None:
        """Write there from now on, and so."""
        self._stream = stream
        self._line = line

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
        self._stream.write("".join(map(self._line, visits)))
        self._stream.flush()


class Logs:
    """All logging of a serving box, to be flushed every second. Raises OSError when the file cannot be written."""

    def __init__(self, settings: Log) -> None:
        self.access = AccessLog(None)
        self._buffer = MemoryHandler(_BATCH, flushLevel=logging.WARNING)
        self._file: TextIO | None = None
        self.reopen(settings)
        logging.getLogger().handlers[:] = [self._buffer]
        for talkative in _TALKATIVE:
            logging.getLogger(talkative).setLevel(logging.WARNING)

    def reopen(self, settings: Log) -> None:
        """Send all logging where the settings say: into a file of that name that may be another one by now.

        Raises OSError when the file cannot be written; then it goes where it went before.
        """
        file = Path(settings.file).open("a", encoding="utf-8") if settings.file else None  # noqa: SIM115 -- until the end
        self.flush()
        self._direct(file or sys.stderr, settings)
        if self._file is not None:
            self._file.close()
        self._file = file

    def flush(self) -> None:
        """Write what waits."""
        self._buffer.flush()
        self.access.flush()

    def close(self) -> None:
        """Write what waits, for the last time."""
        self.flush()
        self._buffer.close()
        if self._file is not None:
            self._file.close()

    def _direct(self, output: TextIO, settings: Log) -> None:
        for_people = settings.format == "text" or (settings.format == "auto" and output.isatty())
        target = logging.StreamHandler(output)
        target.setFormatter(_in_utc(logging.Formatter(_TEXT) if for_people else _json_formatter()))
        self._buffer.setTarget(target)
        root = logging.getLogger()
        root.setLevel(settings.level.upper())
        self.access.direct(output if root.isEnabledFor(logging.INFO) else None, text_line if for_people else json_line)


def _in_utc(formatter: logging.Formatter) -> logging.Formatter:
    """The formatter, its times in the one text form that the rest of the program has."""
    formatter.converter = time.gmtime
    formatter.default_time_format = "%Y-%m-%dT%H:%M:%S"
    formatter.default_msec_format = "%s.%03dZ"
    return formatter


def _json_formatter() -> logging.Formatter:
    from pythonjsonlogger.json import JsonFormatter  # noqa: PLC0415 -- only where it is used

    formatter: logging.Formatter = JsonFormatter(_JSON, rename_fields=_RENAMED)
    return formatter

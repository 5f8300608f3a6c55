"""Logging: one line for each request, text for people and JSON for machines, written in batches.

Lines are kept in memory and written once a second, or at once when something is wrong: a write for each request would cost
a tenth of the throughput.
"""

import logging
import sys
from logging.handlers import MemoryHandler
from typing import Final

from smoothbox.settings import Log

_TEXT: Final = "%(asctime)s %(levelname)s %(name)s: %(message)s"
_JSON: Final = "%(asctime)s %(levelname)s %(name)s %(message)s"
_BATCH: Final = 1000


def configure_logs(settings: Log) -> MemoryHandler:
    """Send all logging where the settings say; returns the handler to be flushed every second and at the end.

    Raises OSError when the file cannot be written.
    """
    target = logging.FileHandler(settings.file, encoding="utf-8") if settings.file else logging.StreamHandler(sys.stderr)
    target.setFormatter(_formatter(settings))
    buffer = MemoryHandler(_BATCH, flushLevel=logging.WARNING, target=target)
    root = logging.getLogger()
    root.handlers[:] = [buffer]
    root.setLevel(settings.level.upper())
    return buffer


def _formatter(settings: Log) -> logging.Formatter:
    is_terminal = not settings.file and sys.stderr.isatty()
    if settings.format == "text" or (settings.format == "auto" and is_terminal):
        return logging.Formatter(_TEXT)
    from pythonjsonlogger.json import JsonFormatter  # noqa: PLC0415 -- only where it is used

    return JsonFormatter(_JSON, rename_fields={"asctime": "time", "levelname": "level", "name": "logger"})

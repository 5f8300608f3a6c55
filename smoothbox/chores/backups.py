"""Backups that the server makes by itself, in a thread that leaves most of the time to requests."""

import asyncio
import logging
import threading
from typing import Final

from smoothbox.clock import Clock
from smoothbox.errors import Problem
from smoothbox.settings import Backup as Rules
from smoothbox.store.folder import DataFolder
from smoothbox.upkeep import backups

_HOUR: Final = 3600.0
_SHARE: Final = 1.0  # seconds of rest for each second of work

_log = logging.getLogger(__name__)


class _StoppedError(Exception):
    """The box stops: what is half made is removed."""


class ScheduledBackups:
    """Makes a backup when the newest one is old enough, and removes those that are too old.

    One that fails is logged, and tried again an hour later.
    """

    def __init__(self, folder: DataFolder, rules: Rules, clock: Clock) -> None:
        self._folder = folder
        self._rules = rules
        self._clock = clock
        self._home = backups.home(folder, rules.directory)
        self._stopping = threading.Event()
        self._making: asyncio.Future[None] | None = None
        self._not_before = 0.0

    async def look(self) -> None:
        """Make one if it is time; returns when it is made."""
        try:
            if not self._is_due():
                return
            self._making = asyncio.ensure_future(asyncio.to_thread(self._make))
            await asyncio.shield(self._making)
        except _StoppedError:
            _log.info("a backup was given up, for the box stops")
        except (Problem, OSError) as error:
            self._not_before = self._clock.elapsed() + _HOUR
            _log.error("no backup could be made in %s: %s", self._home, error)
        finally:
            self._making = None

    async def stop(self) -> None:
        """Give up what is being made, and wait until it is gone."""
        self._stopping.set()
        if self._making is not None:
            await asyncio.wait([self._making])

    def _is_due(self) -> bool:
        if not self._rules.every_hours or self._stopping.is_set() or self._clock.elapsed() < self._not_before:
            return False
        now = self._clock.now()
        newest = backups.newest(self._home, now)
        return newest is None or now - newest >= self._rules.every_hours * _HOUR

    def _make(self) -> None:
        made = backups.create(self._folder, self._clock, self._home, _Pace(self._stopping, self._clock))
        for each in made.manifest.missing if made.manifest else ():
            _log.error("%s is not complete: %s/%s: %s", made.path, each.folder, each.mode, each.reason)
        removed = backups.prune(self._home, self._rules.keep, self._clock.now())
        _log.info("made the backup %s, removed %d old ones", made.path, len(removed))


class _Pace:
    """Told after each file: rests as long as that took, and ends the work when the box stops."""

    def __init__(self, stopping: threading.Event, clock: Clock) -> None:
        self._stopping = stopping
        self._clock = clock
        self._since = clock.elapsed()

    def __call__(self, _done: int, _total: int) -> None:
        if self._stopping.wait((self._clock.elapsed() - self._since) * _SHARE):
            raise _StoppedError
        self._since = self._clock.elapsed()

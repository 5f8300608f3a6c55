"""The box as a process: its signals, its logs, its supervisor, and the settings that change while it runs."""

import asyncio
import gc
import logging
import resource
import signal
import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import replace
from functools import partial
from typing import Final

from tornado.ioloop import PeriodicCallback

from smoothbox.api.tls import server_context
from smoothbox.app import App
from smoothbox.clock import Clock
from smoothbox.errors import Problem
from smoothbox.logs import Logs
from smoothbox.settings import Settings, taken_over
from smoothbox.store.folder import DataFolder
from smoothbox.supervisor import Supervisor

_WATCHDOG_SHARE: Final = 3  # of the time that a supervisor waits, as sd_watchdog_enabled(3) would have at least two

_log = logging.getLogger(__name__)


def serve(folder: DataFolder, settings: Settings, reread: Callable[[], Settings], ready: Callable[[str], None]) -> None:
    """Serve the folder until SIGTERM or SIGINT; `ready` is told the address once it answers.

    SIGHUP has the settings read anew by `reread`, which may raise Problem or OSError.
    Raises Problem 'conflict' when another server has the folder or the port, 'unavailable' or 'storage_full' where the folder
    cannot be written to, 'unavailable' without a wanted uvloop, 'validation_error' for certificate files that cannot be used.
    """
    new_loop = _loop_factory(settings.server.event_loop)
    supervisor = Supervisor.of()
    folder.require_writable()
    folder.lock()
    _raise_file_limit()
    logs = Logs(settings.log)
    try:
        with asyncio.Runner(loop_factory=new_loop) as runner:
            runner.run(_Process(folder, settings, reread, logs, supervisor).run(ready))
    finally:
        logs.close()


def _loop_factory(wanted: str) -> Callable[[], asyncio.AbstractEventLoop] | None:
    """What makes the event loop; None is asyncio's own."""
    if wanted == "asyncio":
        return None
    try:
        import uvloop  # noqa: PLC0415 -- an extra
    except ImportError:
        if wanted == "auto":
            return None
        raise Problem("unavailable", "uvloop is not installed; get it with: pip install 'smoothbox[uvloop]'") from None
    make: Callable[[], asyncio.AbstractEventLoop] = uvloop.new_event_loop
    return make


class _Process:
    """One box from its start to its end."""

    def __init__(
        self, folder: DataFolder, settings: Settings, reread: Callable[[], Settings], logs: Logs, supervisor: Supervisor
    ) -> None:
        self._folder = folder
        self._reread = reread
        self._logs = logs
        self._supervisor = supervisor
        self._app = App(folder, settings, Clock(), logs.access)
        self._is_ready = False

    async def run(self, ready: Callable[[str], None]) -> None:
        """Serve until a signal ends it."""
        loop, stopped = asyncio.get_running_loop(), asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stopped.set)
        loop.add_signal_handler(signal.SIGHUP, self._reload)
        async with AsyncExitStack() as leaving:
            self._every(1.0, self._logs.flush, leaving)
            if self._supervisor.watchdog_seconds:
                alive = partial(self._supervisor.tell, "WATCHDOG=1")
                self._every(self._supervisor.watchdog_seconds / _WATCHDOG_SHARE, alive, leaving)
            url = await self._app.start(self._supervisor.sockets)
            leaving.callback(self._folder.withdraw)  # after the stop: while serve.json is there, the files are in use
            leaving.push_async_callback(self._app.stop)
            self._is_ready = True
            _collect_less()
            self._folder.announce(url)
            leaving.callback(self._say_stopping)
            self._say_serving(url, type(loop).__module__.partition(".")[0])
            ready(url)
            await stopped.wait()

    def _reload(self) -> None:
        """Take over what can be taken over while serving. With settings that are wrong it goes on as before."""
        if not self._is_ready:
            return  # the settings were read a moment ago
        self._supervisor.tell("RELOADING=1", f"MONOTONIC_USEC={time.monotonic_ns() // 1000}")
        try:
            waiting = self._take_over(self._reread())
        except (Problem, OSError) as problem:
            self._reopen_log()
            _log.error("the settings stay as they are: %s", problem)
        else:
            _log.info("took over the settings")
            if waiting:
                _log.warning("these settings wait for a restart: %s", ", ".join(waiting))
        finally:
            self._supervisor.tell("READY=1")

    def _take_over(self, wanted: Settings) -> list[str]:
        """Everything that may fail comes first, so that all of it counts, or nothing."""
        settings, waiting = taken_over(self._app.settings, wanted)
        if bool(settings.server.tls_cert) != self._app.is_encrypted:
            old = self._app.settings.server
            kept = replace(settings.server, tls_cert=old.tls_cert, tls_key=old.tls_key)
            settings, waiting = replace(settings, server=kept), [*waiting, "server.tls_cert"]
        certificate = server_context(settings.server)
        self._logs.reopen(settings.log)
        self._app.take_over(settings, certificate)
        return waiting

    def _reopen_log(self) -> None:
        """The file may have been moved away, whatever the settings say."""
        try:
            self._logs.reopen(self._app.settings.log)
        except OSError as error:
            _log.error("the log cannot be opened anew: %s", error)

    def _every(self, seconds: float, chore: Callable[[], None], leaving: AsyncExitStack) -> None:
        callback = PeriodicCallback(chore, seconds * 1000)
        callback.start()
        leaving.callback(callback.stop)

    def _say_serving(self, url: str, loop: str) -> None:
        _log.info("serving %s at %s with %s", self._folder.root, url, loop)
        if count := len(self._supervisor.sockets):
            _log.info("%d sockets were handed over; server.host and server.port do not count", count)
        self._supervisor.tell("READY=1", f"STATUS=Serving at {url}")

    def _say_stopping(self) -> None:
        _log.info("stopping")
        self._supervisor.tell("STOPPING=1")


def _collect_less() -> None:
    """What was loaded to start stays: keep the garbage collector from walking over it, and from running at every turn."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


def _raise_file_limit() -> None:
    """Each open tenant file takes several descriptors: take all that the system allows."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))

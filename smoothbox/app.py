"""The composition root: builds the box from its settings, starts it and stops it in order. Tests build the same one."""

import asyncio
import gc
import logging
import resource
import signal
from collections.abc import Callable
from contextlib import AsyncExitStack
from functools import partial
from typing import Final

from tornado.ioloop import PeriodicCallback
from tornado.netutil import bind_sockets

from smoothbox.api import openapi
from smoothbox.api.auth import Authenticator, neighbourhood
from smoothbox.api.client_tokens import Grants
from smoothbox.api.handler import Api
from smoothbox.api.kept import KeptAnswers
from smoothbox.api.limits import FailureLimits, RateLimits
from smoothbox.api.listener import Listener
from smoothbox.api.messages import STATUS
from smoothbox.api.server import Front
from smoothbox.chores.backups import ScheduledBackups
from smoothbox.clock import Clock
from smoothbox.errors import Problem
from smoothbox.keyring_file import load_keyring
from smoothbox.logs import AccessLog, Logs, open_logs
from smoothbox.operations import housekeeping
from smoothbox.settings import Settings
from smoothbox.store.database import Database
from smoothbox.store.folder import DataFolder
from smoothbox.store.registry import Registry
from smoothbox.store.sight import Turn
from smoothbox.store.tenants import TenantFiles
from smoothbox.web.application import Pages
from smoothbox.web.means import Means
from smoothbox.webhooks.dispatcher import Dispatcher
from smoothbox.webhooks.guard import Guard
from smoothbox.webhooks.sender import Sender

_FLUSH_SECONDS: Final = 60
_TIDY_SECONDS: Final = 5
_SWEEP_SECONDS: Final = 1
_GLANCE_SECONDS: Final = 5
_BACKUP_SECONDS: Final = 60

_log = logging.getLogger(__name__)


class App:
    """One box: its stores, its limits, its server, its deliveries.

    Raises Problem 'unavailable' when the keyring is missing.
    """

    def __init__(self, folder: DataFolder, settings: Settings, clock: Clock, access: AccessLog) -> None:
        self._settings = settings
        turn = Turn()
        self.registry = Registry(folder, clock, turn, settings.tenants.checkpoint_pages)
        self.files = TenantFiles(folder, settings.tenants, clock, self.registry, turn)
        keyring, rules = load_keyring(folder.keyring), settings.webhooks
        self._keyring = keyring
        self._backups = ScheduledBackups(folder, settings.backup, clock)
        self._guard = Guard(rules)
        self._sender = Sender(rules, clock, self._guard)
        self.dispatcher = Dispatcher(self.files, self.registry, self._sender, keyring, rules, clock)
        self.files.attend = self.dispatcher.wake
        authenticator = Authenticator(self.registry, settings, clock, Grants(keyring))
        self.kept = KeptAnswers(settings.server.kept_answers_mb * 2**20)
        api = Api(authenticator, RateLimits(clock), self.kept, self.files, keyring, self._guard.admit)
        attempts = FailureLimits(clock, settings.console.attempts)
        means = Means(
            settings,
            folder,
            self.registry,
            self.files,
            keyring,
            clock,
            STATUS,
            lambda whence: attempts.count(neighbourhood(whence)),
            self._guard.admit,
            openapi.document,
        )
        self._front = Front(api, Pages(means), settings.server, clock, access, turn)
        self._server = Listener.of(self._front)
        self._chores: list[PeriodicCallback] = []

    async def start(self) -> str:
        """Open the registry, listen, and return the address at which the box answers.

        Raises Problem 'conflict' when the port is taken, 'unavailable' when the registry cannot be opened.
        """
        await self.registry.open()
        try:
            sockets = bind_sockets(self._settings.server.port, self._settings.server.host)
        except OSError as error:
            await self.registry.close()
            where = f"{self._settings.server.host}:{self._settings.server.port}"
            raise Problem("conflict", f"Cannot listen on {where}: {error.strerror}.") from error
        self._server.add_sockets(sockets)
        self._every(min(1.0, self._settings.server.read_seconds / 4), self._front.patience.cut_off_overdue)
        self._every(_FLUSH_SECONDS, self.registry.flush)
        self._every(self._settings.tenants.idle_seconds / 4, self.files.close_idle)
        self._every(_TIDY_SECONDS, partial(self.files.for_each_open, self._tidy))
        self._every(_SWEEP_SECONDS, self.dispatcher.sweep)
        self._every(_GLANCE_SECONDS, self._take_new_keys)
        self._every(_BACKUP_SECONDS, self._backups.look)
        host, port = sockets[0].getsockname()[:2]
        return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"

    async def stop(self) -> None:
        """Stop listening, answer what is in flight, wait for attempts under way, and close every file."""
        async with AsyncExitStack() as last:  # whatever fails on the way, an open file would keep the process from ending
            last.push_async_callback(self.registry.close)
            last.push_async_callback(self.files.close)
            last.callback(self._guard.close)
            last.callback(self._sender.close)
            last.push_async_callback(self.dispatcher.stop, self._settings.server.drain_seconds)
            self.dispatcher.hold()
            self._server.stop()
            for chore in self._chores:
                chore.stop()
            await self._backups.stop()
            await self._front.drain(self._settings.server.drain_seconds)
            await self._server.close_all_connections()

    def _take_new_keys(self) -> None:
        try:
            self._keyring.refresh()
        except Problem as problem:
            _log.error("the box goes on with the keys it has: %s", problem)

    async def _tidy(self, file: Database) -> None:
        keep_days = self._settings.webhooks.keep_days
        if await file.read(housekeeping.is_due, keep_days):
            await file.write(housekeeping.tidy, keep_days)

    def _every(self, seconds: float, chore: Callable[[], object]) -> None:
        callback = PeriodicCallback(chore, seconds * 1000)  # type: ignore[arg-type]  # a coroutine function is awaited
        callback.start()
        self._chores.append(callback)


def serve(folder: DataFolder, settings: Settings, ready: Callable[[str], None]) -> None:
    """Serve the folder until SIGTERM or SIGINT; `ready` is told the address once it answers.

    Raises Problem 'conflict' when another server has the folder or the port, 'unavailable' without a wanted uvloop.
    """
    new_loop = _loop_factory(settings.server.event_loop)
    folder.lock()
    _raise_file_limit()
    logs = open_logs(settings.log)
    try:
        with asyncio.Runner(loop_factory=new_loop) as runner:
            runner.run(_run(folder, settings, ready, logs))
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


async def _run(folder: DataFolder, settings: Settings, ready: Callable[[str], None], logs: Logs) -> None:
    loop, stopped = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    app = App(folder, settings, Clock(), logs.access)
    async with AsyncExitStack() as leaving:
        url = await app.start()
        leaving.callback(folder.withdraw)  # after the stop: while serve.json is there, the files are in use
        leaving.push_async_callback(app.stop)
        _collect_less()
        folder.announce(url)
        flushing = PeriodicCallback(logs.flush, 1000)
        flushing.start()
        leaving.callback(flushing.stop)
        _log.info("serving %s at %s with %s", folder.root, url, type(loop).__module__.partition(".")[0])
        leaving.callback(partial(_log.info, "stopping"))
        ready(url)
        await stopped.wait()


def _collect_less() -> None:
    """What was loaded to start stays: keep the garbage collector from walking over it, and from running at every turn."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


def _raise_file_limit() -> None:
    """Each open tenant file takes several descriptors: take all that the system allows."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))

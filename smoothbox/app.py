"""The composition root: builds the box from its settings, starts it and stops it in order. Tests build the same one."""

import logging
import socket
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from functools import partial
from ssl import SSLContext
from typing import Final

from tornado.ioloop import PeriodicCallback
from tornado.netutil import bind_sockets

from smoothbox.api import openapi
from smoothbox.api.auth import Authenticator, neighbourhood
from smoothbox.api.client_tokens import Grants
from smoothbox.api.figures import Sources
from smoothbox.api.handler import Api
from smoothbox.api.health import Health
from smoothbox.api.kept import KeptAnswers
from smoothbox.api.limits import FailureLimits, RateLimits
from smoothbox.api.listener import Listener
from smoothbox.api.messages import STATUS
from smoothbox.api.metrics import Metrics
from smoothbox.api.probes import Probes
from smoothbox.api.server import Front
from smoothbox.api.tally import Tally
from smoothbox.api.tls import server_context
from smoothbox.chores.backups import ScheduledBackups
from smoothbox.chores.clock_jumps import ClockJumps
from smoothbox.clock import Clock
from smoothbox.errors import Problem
from smoothbox.keyring_file import load_keyring
from smoothbox.logs import AccessLog
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
_CLOCK_SECONDS: Final = 5

_log = logging.getLogger(__name__)


class App:
    """One box: its stores, its limits, its server, its deliveries.

    Raises Problem 'unavailable' when the keyring is missing, 'validation_error' for certificate files that cannot be used.
    """

    def __init__(self, folder: DataFolder, settings: Settings, clock: Clock, access: AccessLog) -> None:
        self._settings = settings
        certificate = server_context(settings.server)
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
        self._authenticator = Authenticator(self.registry, settings, clock, Grants(keyring))
        rates = RateLimits(clock)
        self.kept = KeptAnswers(settings.server.kept_answers_mb * 2**20)
        api = Api(self._authenticator, rates, self.kept, self.files, keyring, self._guard.admit)
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
        self._clock_jumps = ClockJumps(clock)
        self._front = Front(api, Pages(means), settings.server, clock, access, turn, Tally())
        self._metrics = Metrics(self._sources(rates), settings.server.metrics_token)
        health = Health(folder, self.registry, lambda: self._front.is_draining)
        self._front.probes = Probes(health, self._metrics)
        self._server = Listener.of(self._front, certificate)
        self._chores: list[PeriodicCallback] = []

    async def start(self, handed_over: Sequence[socket.socket] = ()) -> str:
        """Open the registry, listen, and return the address at which the box answers.

        Sockets that were handed over take the place of the settings' host and port.
        Raises Problem 'conflict' when the port is taken, 'unavailable' when the registry cannot be opened.
        """
        await self.registry.open()
        try:
            sockets = list(handed_over) or bind_sockets(self._settings.server.port, self._settings.server.host)
        except OSError as error:
            await self.registry.close()
            where = f"{self._settings.server.host}:{self._settings.server.port}"
            raise Problem(
                "conflict", f"Cannot listen on {where}: {error.strerror}. Another port is taken by --port."
            ) from error
        self._server.add_sockets(sockets)
        self._begin_chores()
        return self._address(sockets)

    def take_over(self, settings: Settings, certificate: SSLContext | None) -> None:
        """Go on with other settings, of which the live ones count, and another certificate, where there was one before."""
        self._settings = settings
        self._authenticator.take_limits(settings.limits)
        self._metrics.token = settings.server.metrics_token
        self._server.ssl_options = certificate

    @property
    def settings(self) -> Settings:
        """What counts now."""
        return self._settings

    @property
    def is_encrypted(self) -> bool:
        """Whether it speaks HTTPS."""
        return self._server.ssl_options is not None

    def _begin_chores(self) -> None:
        self._every(min(1.0, self._settings.server.read_seconds / 4), self._front.patience.cut_off_overdue)
        self._every(_FLUSH_SECONDS, self.registry.flush)
        self._every(self._settings.tenants.idle_seconds / 4, self.files.close_idle)
        self._every(_TIDY_SECONDS, partial(self.files.for_each_open, self._tidy))
        self._every(_SWEEP_SECONDS, self.dispatcher.sweep)
        self._every(_GLANCE_SECONDS, self._take_new_keys)
        self._every(_BACKUP_SECONDS, self._backups.look)
        self._every(_CLOCK_SECONDS, self._clock_jumps.look)

    def _address(self, sockets: Sequence[socket.socket]) -> str:
        """Of the first that a client of HTTP finds; a socket in the file system is only for proxies."""
        scheme = "https" if self.is_encrypted else "http"
        for each in sockets:
            if each.family in {socket.AF_INET, socket.AF_INET6}:
                host, port = each.getsockname()[:2]
                return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"
        return f"unix:{sockets[0].getsockname()}"

    def _sources(self, rates: RateLimits) -> Sources:
        return Sources(
            self._front.tally,
            rates,
            self._authenticator.failures,
            self.files,
            self.registry,
            self.dispatcher,
            self._front.in_flight,
            lambda: self._clock_jumps.count,
        )

    async def stop(self) -> None:
        """Stop listening, answer what is in flight, wait for attempts under way, and close every file."""
        async with AsyncExitStack() as last:  # whatever fails on the way, an open file would keep the process from ending
            last.push_async_callback(self.registry.close)
            last.push_async_callback(self.files.close)
            last.callback(self._guard.close)
            last.callback(self._sender.close)
            last.push_async_callback(self.dispatcher.stop, self._settings.server.drain_seconds)
            self.dispatcher.hold()
            self._front.is_draining = True
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

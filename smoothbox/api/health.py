"""Whether the box is alive, and whether it is ready for requests: what supervisors and proxies ask every few seconds."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from typing import Final

from smoothbox.api.messages import Request, Response, ok, refused
from smoothbox.errors import Problem
from smoothbox.store import box
from smoothbox.store.folder import DataFolder
from smoothbox.store.registry import Registry

_PATIENCE: Final = 5.0  # seconds; a disk that takes longer is none that requests should wait for

_log = logging.getLogger(__name__)


class Health:
    """Answers /healthz and /readyz; never raises."""

    def __init__(self, folder: DataFolder, registry: Registry, is_draining: Callable[[], bool]) -> None:
        self._folder = folder
        self._registry = registry
        self._is_draining = is_draining

    async def alive(self, _request: Request) -> Response:
        """200 as long as the box answers at all."""
        return ok({"status": "alive"})

    async def ready(self, _request: Request) -> Response:
        """200 when requests can be sent here, else 503 'unavailable' that says what is wrong."""
        wrong = {name: [message] async for name, message in self._faults()}
        if not wrong:
            return ok({"status": "ready"})
        said = " ".join(message for messages in wrong.values() for message in messages)
        return refused(Problem("unavailable", said, wrong))

    async def _faults(self) -> AsyncIterator[tuple[str, str]]:
        if self._is_draining():
            yield "server", "The box is stopping."
        trial = asyncio.ensure_future(asyncio.to_thread(self._folder.require_writable))
        await asyncio.wait([trial], timeout=_PATIENCE)
        if not trial.done():
            yield "data_folder", f"The data folder, {self._folder.root}, does not answer."
        elif isinstance(problem := trial.exception(), Problem):
            yield "data_folder", problem.message
        try:
            await self._registry.read(box.count_tenants)
        except Exception as error:  # noqa: BLE001 -- whatever ails it, who asks is to hear of it
            _log.warning("the registry cannot be read: %s", error)
            yield "registry", "The registry cannot be read; the log says why."

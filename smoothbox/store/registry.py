"""The registry as the server uses it: tokens looked up in memory, fresh as of the last commit of anybody.

The command line writes box.db beside the running server. SQLite's `data_version` tells in a few microseconds whether
anybody else has committed since the last look; then everything kept in memory is dropped. So what an admin revokes is
refused on the very next request.
"""

import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar, TypeVarTuple

from smoothbox.clock import Clock, instant_text
from smoothbox.errors import Problem
from smoothbox.ids import Mode
from smoothbox.store import box, due
from smoothbox.store.box import Token
from smoothbox.store.connection import CHECKPOINT_PAGES, Tx
from smoothbox.store.database import Database
from smoothbox.store.due import DueFile
from smoothbox.store.folder import DataFolder
from smoothbox.store.migrate import BOX
from smoothbox.store.sight import Sight, Turn

T = TypeVar("T")
Args = TypeVarTuple("Args")

_KEPT: Final = 10_000
_QUEUE: Final = 100_000  # only the server's own writes wait here: as many as it has files open

_log = logging.getLogger(__name__)


class Registry:
    """Tokens by hash. At most 10,000 stay in memory, the longest unused leaving first."""

    def __init__(
        self, folder: DataFolder, clock: Clock, turn: Turn | None = None, checkpoint_pages: int = CHECKPOINT_PAGES
    ) -> None:
        self._path = folder.box
        self._clock = clock
        self._database = Database(folder.box, BOX, clock, _QUEUE, checkpoint_pages=checkpoint_pages)
        self._tokens: OrderedDict[bytes | int, Token] = OrderedDict()
        self._used: dict[int, float] = {}
        self._noted: dict[int, float] = {}  # by the last flush: who read a row before it is to hear of them too
        self._turn = turn or Turn()
        self._state: object | None = None
        self._sight: Sight

    @property
    def waiting(self) -> int:
        """How many writes wait for the next commit."""
        return self._database.waiting

    async def open(self) -> None:
        """Open the file, bringing it up to date."""
        await self._database.open()
        try:
            self._sight = Sight(self._path, self._turn)
        except BaseException:
            await self._database.close()  # an open aiosqlite connection would keep the process from ever ending
            raise

    async def close(self) -> None:
        """Write down when tokens were last used, and close."""
        try:
            await self.flush()
        finally:
            self._sight.close()
            await self._database.close()

    def read(self, verb: Callable[[Tx, *Args], T], *args: *Args) -> Awaitable[T]:
        """Run a verb that only reads on the registry. Raises as `Database.read`."""
        return self._database.read(verb, *args)

    def write(self, verb: Callable[[Tx, *Args], T], *args: *Args) -> Awaitable[T]:
        """Run a verb on the registry; what it changes holds for the next request. Raises as `Database.write`."""
        return self._database.write(verb, *args)

    def known(self, key: bytes | int) -> Token | None:
        """The token with this SHA-256 or id, revoked and expired ones included, if it is in memory and still as it was."""
        if self._has_changed():
            self._tokens.clear()
        found = self._tokens.get(key)
        if found is not None:
            self._tokens.move_to_end(key)
        return found

    async def token(self, key: bytes | int) -> Token | None:
        """As `known`; one that is not in memory is read."""
        known = self.known(key)
        if known is not None:
            return known
        state = self._state
        if isinstance(key, int):
            found = await self._database.read(box.token_by_id, key)
        else:
            found = await self._database.read(box.token_by_hash, key)
        if found is not None and state is self._state:  # else it was read before a change that is known by now
            self._keep(key, found)
        return found

    def note_use(self, token_id: int) -> None:
        """Remember that a token was used just now; `flush` writes it down."""
        self._used[token_id] = self._clock.now()

    def last_used_at(self, token: Token) -> str | None:
        """When a token was last used, by what is known now: its row learns of it a while later."""
        at = self._used.get(token.id, self._noted.get(token.id))
        return token.last_used_at if at is None else instant_text(at)

    async def flush(self) -> None:
        """Write down when tokens were last used."""
        used, self._used = self._used, {}
        self._noted = used
        if not used:
            return
        try:
            await self._database.write(box.touch_tokens, {token: instant_text(at) for token, at in used.items()})
        except Problem as problem:
            self._used = used | self._used
            _log.warning("cannot note when tokens were last used: %s", problem)

    async def mark(self, tenant_id: int, mode: Mode) -> None:
        """A data file is written from now on, so that a crash leaves word to look at it. Raises Problem as `Database.write`."""
        await self._database.write(due.mark, tenant_id, mode)

    async def settle(self, tenant_id: int, mode: Mode, due_at: float | None) -> None:
        """A data file is closed, and due then. Raises Problem as `Database.write`."""
        await self._database.write(due.settle, tenant_id, mode, due_at)

    async def note_attended(self, file: DueFile) -> None:
        """What others have written to a data file was looked after. Raises Problem as `Database.write`."""
        await self._database.write(due.attended, file.tenant.id, file.mode, file.changes)

    async def due_files(self) -> list[DueFile]:
        """The data files of active tenants that are due by now, and those that are marked as written."""
        return await self._database.read(due.files)

    def _keep(self, key: bytes | int, token: Token) -> None:
        self._tokens[key] = token
        if len(self._tokens) > _KEPT:
            self._tokens.popitem(last=False)

    def _has_changed(self) -> bool:
        """Whether another connection has committed since the last look.

        While one is committing the file is locked and the look fails: then nothing has been acknowledged to anybody yet,
        and what is in memory still holds.
        """
        state = self._sight.state()
        if state is None or state is self._state:
            return False
        self._state = state
        return True

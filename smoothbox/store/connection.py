"""One SQLite connection, set up as every file of the box is, and an open transaction as a verb sees it."""

import sqlite3
from collections.abc import Callable, Hashable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, Literal, TypeVar

from msgspec import Struct

from smoothbox.clock import instant_text
from smoothbox.errors import Problem
from smoothbox.ids import Mode
from smoothbox.store.memory import Memory
from smoothbox.store.pictures import Pictures

T = TypeVar("T")
Row = tuple[Any, ...]

SQLITE_VERSION: Final = sqlite3.sqlite_version
Access = Literal["create", "write", "read"]

BUSY_TIMEOUT_MS: Final = 5000
CHECKPOINT_PAGES: Final = 1000  # SQLite's own default
_NO_INDEX: Final = frozenset({sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR})
_COMMON: Final = (
    "PRAGMA foreign_keys = ON",
    "PRAGMA trusted_schema = OFF",
    "PRAGMA cell_size_check = ON",
    "PRAGMA temp_store = MEMORY",
    "PRAGMA cache_size = -512",
    "PRAGMA mmap_size = 0",
    "PRAGMA synchronous = FULL",
    f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}",
)


class Origin(Struct, frozen=True, gc=False):
    """What a change goes back to: the mode of the file, and the request with its key, or None for a command or the clock.

    `channel` is what a booking shows of it: the API, the business in its console, the customer by a link, or an import.
    """

    mode: Mode = "live"
    request_id: str | None = None
    idempotency_key: str | None = None
    channel: Literal["api", "console", "customer", "import"] = "api"


BY_ITSELF: Final = Origin()


class Tx:
    """An open transaction: the statements of a verb go through it, and time is read from it.

    `now` is the instant at which this verb began; a verb never asks a clock. `has_queued` says that something is to be done
    about the file after the commit. `pictures` are of rows as they stay: a transaction that writes has none.
    """

    def __init__(
        self,
        connection: sqlite3.Connection,
        now: float,
        memory: Memory | None = None,
        origin: Origin = BY_ITSELF,
        pictures: Pictures | None = None,
    ) -> None:
        self.connection = connection
        self.now = now
        self.origin = origin
        self.has_queued = False
        self._memory = Memory() if memory is None else memory
        self.pictures = pictures
        self._stamp = ""

    @property
    def stamp(self) -> str:
        """`now` in the one text form, for created_at and updated_at."""
        if not self._stamp:  # a cached_property would take a lock each time
            self._stamp = instant_text(self.now)
        return self._stamp

    def remembered(self, key: Hashable, load: Callable[[], T]) -> T:
        """What `load` returned first, in this transaction or before: verbs share what they read of the catalogue.

        Only for what no verb changes without a `forget`.
        """
        return self._memory.recall(key, load)

    def keep(self, key: Hashable, value: object) -> None:
        """What is remembered under this key from now on, because it was just written."""
        self._memory.keep(key, value)

    def forget(self, *keys: Hashable) -> None:
        """To be called by whoever changes what is remembered: under these keys, or without any under all."""
        self._memory.forget(*keys)

    def one(self, sql: str, *parameters: object) -> Row | None:
        """The first row, or None."""
        row: Row | None = self.connection.execute(sql, parameters).fetchone()
        return row

    def all(self, sql: str, *parameters: object) -> list[Row]:
        """Every row."""
        return self.connection.execute(sql, parameters).fetchall()

    def value(self, sql: str, *parameters: object) -> Any:
        """The first column of the first row, or None."""
        row = self.one(sql, *parameters)
        return row[0] if row else None

    def run(self, sql: str, *parameters: object) -> int:
        """Change something; the number of rows changed."""
        return self.connection.execute(sql, parameters).rowcount

    def insert(self, sql: str, *parameters: object) -> int:
        """Insert one row; its id."""
        return self.connection.execute(sql, parameters).lastrowid or 0

    def insert_row(self, table: str, values: Mapping[str, object]) -> int:
        """Insert one row from its values by column; its id."""
        return self.insert(_insertion(table, tuple(values)), *values.values())

    def many(self, sql: str, rows: Sequence[Sequence[object]]) -> None:
        """Run one statement for each of the rows."""
        self.connection.executemany(sql, rows)


@lru_cache(maxsize=256)
def _insertion(table: str, columns: tuple[str, ...]) -> str:
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"


def connect(
    path: Path,
    access: Access,
    *,
    journal: str,
    checkpoint_pages: int = CHECKPOINT_PAGES,
    factory: type[sqlite3.Connection] = sqlite3.Connection,
) -> sqlite3.Connection:
    """Open one file with the box's pragmas. `journal` is WAL for a tenant's file, TRUNCATE for the registry.

    A file that is in WAL stays so: Litestream puts the registry there too, and has it open. `checkpoint_pages` is how many
    pages of a WAL make a commit of this connection move them into the file; 0: none, that is left to somebody else.
    Only 'create' makes a file that is not there: an empty one in the place of a lost one would look like an empty business.
    A reader is opened read-write and then held to queries, because only such a connection can roll back a hot journal.
    """
    connection = sqlite3.connect(
        _address(path, "rwc" if access == "create" else "rw"),
        uri=True,
        isolation_level=None,
        check_same_thread=False,
        factory=factory,
    )
    own = ("PRAGMA query_only = ON",) if access == "read" else ()
    try:
        for pragma in (*_COMMON, f"PRAGMA wal_autocheckpoint = {checkpoint_pages}"):
            connection.execute(pragma).fetchall()
        if connection.execute("PRAGMA journal_mode").fetchone() != ("wal",):
            connection.execute(f"PRAGMA journal_mode = {journal}").fetchall()
        for pragma in ("PRAGMA journal_size_limit = 1048576", *own):
            connection.execute(pragma).fetchall()
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def connect_to_look(path: Path) -> sqlite3.Connection:
    """A connection for pragmas that need no schema: it reads none, and so takes a third of the memory. It never waits."""
    return sqlite3.connect(_address(path, "rw"), uri=True, isolation_level=None, check_same_thread=False, timeout=0)


def connect_to_copy(path: Path) -> sqlite3.Connection:
    """A connection that copies a file as it is, of whatever schema. It leaves checkpoints to others."""
    connection = sqlite3.connect(_address(path, "rw"), uri=True, isolation_level=None, timeout=BUSY_TIMEOUT_MS / 1000)
    connection.execute("PRAGMA wal_autocheckpoint = 0")
    return connection


def connect_to_copied(path: Path) -> sqlite3.Connection:
    """A connection that reads a copy, to which nobody writes."""
    return sqlite3.connect(_address(path, "ro&immutable=1"), uri=True, isolation_level=None)


def connect_to_examine(path: Path) -> sqlite3.Connection:
    """A connection that reads a file as it is, of whatever schema and soundness. It changes nothing of it.

    On a disk that takes no index of the log, it reads the file alone, where there is no log: then nobody has it open.
    """
    connection = sqlite3.connect(_address(path, "rw"), uri=True, isolation_level=None, timeout=BUSY_TIMEOUT_MS / 1000)
    try:
        _settle_to_examine(connection)
    except sqlite3.Error as error:
        connection.close()
        log = path.with_name(path.name + "-wal")
        if primary_code(error) not in _NO_INDEX or (log.exists() and log.stat().st_size):
            raise
        connection = connect_to_copied(path)
        _settle_to_examine(connection)
    connection.text_factory = _lenient
    return connection


def _settle_to_examine(connection: sqlite3.Connection) -> None:
    for setting in (
        "wal_autocheckpoint = 0",
        "trusted_schema = OFF",
        "cell_size_check = ON",
        "query_only = ON",
        "user_version",
    ):
        connection.execute(f"PRAGMA {setting}").fetchall()


def _lenient(text: bytes) -> str:
    return text.decode("utf-8", "replace")


def _address(path: Path, mode: str) -> str:
    return f"{path.absolute().as_uri()}?mode={mode}"


def primary_code(error: sqlite3.Error) -> int:
    """SQLite's primary result code, without the extension in the upper bits; 0 where there is none."""
    code: int = getattr(error, "sqlite_errorcode", 0)
    return code & 0xFF


def storage_problem(error: sqlite3.Error) -> Problem:
    """What a client is told when the file itself fails."""
    if primary_code(error) == sqlite3.SQLITE_FULL:
        return Problem("storage_full")
    return Problem("unavailable", details={"retry_after": 1})

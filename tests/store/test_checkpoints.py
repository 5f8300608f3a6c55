"""Who moves the log of a file into it: the server, or Litestream, which copies the file off the box."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from tornado.ioloop import IOLoop

from smoothbox.ids import token_hash
from smoothbox.operations import tenants, tokens
from smoothbox.operations.tokens import TokenRequest
from smoothbox.settings import Tenants
from smoothbox.store.connection import Tx, connect
from smoothbox.store.folder import DataFolder, open_box
from smoothbox.store.migrate import BOX
from smoothbox.store.registry import Registry
from smoothbox.store.tenants import TenantFiles
from smoothbox.upkeep import boxes
from tests.box import StillClock
from tests.store.test_tenant_pool import Notebook, tenant

_FEW = 20


@pytest.fixture
def folder(tmp_path: Path, clock: StillClock) -> DataFolder:
    made = DataFolder(tmp_path / "data")
    boxes.make(made, clock)
    return made


@pytest.fixture
def copied_registry(folder: DataFolder) -> Iterator[sqlite3.Connection]:
    """The registry as Litestream has it: in WAL, and always being read."""
    with closing(sqlite3.connect(folder.box, isolation_level=None)) as other:
        other.execute("PRAGMA journal_mode = WAL")
        other.execute("BEGIN")
        other.execute("SELECT count(*) FROM tenant").fetchone()
        yield other


def journal_mode(path: Path) -> str:
    with closing(connect(path, "read", journal=BOX.journal)) as connection:
        mode: str = connection.execute("PRAGMA journal_mode").fetchone()[0]
        return mode


def fill(tx: Tx) -> None:
    tx.many("INSERT INTO closure (date, name) VALUES (?, ?)", [(str(day), "x" * 1000) for day in range(100)])


async def grown(path: Path, files: TenantFiles) -> int:
    """By how many bytes the file itself has grown by a few commits, while it stays open."""
    async with files.use(tenant(1, path), "live") as file:
        await file.write(lambda tx: tx.run("DELETE FROM closure"))  # opens it for writing
        before = file.path.stat().st_size
        for _ in range(3):
            await file.write(fill)
            await file.write(lambda tx: tx.run("DELETE FROM closure"))
        return file.path.stat().st_size - before


@pytest.mark.gen_test
@pytest.mark.parametrize(("pages", "grows"), [(_FEW, True), (0, False)])
async def test_the_server_leaves_the_log_of_a_file_alone_where_it_is_told_to(
    tmp_path: Path, clock: StillClock, pages: int, grows: bool
) -> None:
    files = TenantFiles(DataFolder(tmp_path), Tenants(checkpoint_pages=pages), clock, Notebook())
    try:
        assert (await grown(tmp_path, files) > 0) is grows
    finally:
        await files.close()


@pytest.mark.gen_test
async def test_the_registrys_log_is_left_alone_as_well(
    folder: DataFolder, copied_registry: sqlite3.Connection, clock: StillClock
) -> None:
    registry = Registry(folder, clock, checkpoint_pages=0)
    await registry.open()
    try:
        before = folder.box.stat().st_mtime_ns
        copied_registry.execute("COMMIT")
        for number in range(500):
            await registry.write(tenants.create, f"t{number}", "x" * 5000)
        assert folder.box.stat().st_mtime_ns == before
    finally:
        await registry.close()


def test_a_registry_that_is_in_wal_stays_so(folder: DataFolder, copied_registry: sqlite3.Connection, clock: StillClock) -> None:
    with open_box(folder, clock) as box:
        box.write(tenants.create, "acme", "Acme")
    copied_registry.execute("COMMIT")
    assert journal_mode(folder.box) == "wal"
    with open_box(folder, clock) as box:
        assert box.read(tenants.find, "acme").name == "Acme"


def test_a_server_sees_what_a_command_writes_to_a_registry_in_wal(
    folder: DataFolder, copied_registry: sqlite3.Connection, clock: StillClock, io_loop: IOLoop
) -> None:
    with open_box(folder, clock) as box:
        box.write(tenants.create, "acme", "Acme")
        digest = token_hash(box.write(tokens.create, "acme", TokenRequest("t", "live", ("services:read",))).secret)
    registry = Registry(folder, clock)
    io_loop.run_sync(registry.open)
    assert io_loop.run_sync(lambda: registry.token(digest)).revoked_at is None
    with open_box(folder, clock) as box:
        box.write(tokens.revoke, 1)
    assert io_loop.run_sync(lambda: registry.token(digest)).revoked_at is not None
    io_loop.run_sync(registry.close)


def test_litestream_may_come_while_the_server_runs(folder: DataFolder, clock: StillClock, io_loop: IOLoop) -> None:
    """It turns the registry to WAL under connections that were opened before."""
    registry = Registry(folder, clock, checkpoint_pages=0)
    io_loop.run_sync(registry.open)
    io_loop.run_sync(lambda: registry.write(tenants.create, "acme", "Acme"))
    with closing(sqlite3.connect(folder.box, isolation_level=None)) as other:
        assert other.execute("PRAGMA journal_mode = WAL").fetchone() == ("wal",)
        io_loop.run_sync(lambda: registry.write(tenants.create, "rival", "Rival"))
        assert other.execute("SELECT count(*) FROM tenant").fetchone() == (2,)
        with open_box(folder, clock) as box:
            assert len(box.read(tenants.list_all)) == 2
    io_loop.run_sync(registry.close)

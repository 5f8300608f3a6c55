"""The pool of open files: pinned while used, closed when idle, never more than allowed."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from time import sleep
from typing import Any

import pytest
from tornado.ioloop import IOLoop

from smoothbox.errors import Problem
from smoothbox.ids import MODES, Mode
from smoothbox.settings import Tenants
from smoothbox.store.box import Tenant
from smoothbox.store.connection import Tx
from smoothbox.store.folder import DataFolder, create_tenant_file
from smoothbox.store.tenants import TenantFiles
from tests.box import StillClock

pytestmark = pytest.mark.gen_test


class Notebook:
    """An agenda that is read by the tests."""

    def __init__(self) -> None:
        self.entries: list[tuple[Any, ...]] = []
        self.problem: Problem | None = None

    async def mark(self, tenant_id: int, mode: Mode) -> None:
        if self.problem:
            raise self.problem
        self.entries.append((tenant_id, mode, "marked"))

    async def settle(self, tenant_id: int, mode: Mode, due_at: float | None) -> None:
        self.entries.append((tenant_id, mode, due_at))


@pytest.fixture
def notebook() -> Notebook:
    return Notebook()


@pytest.fixture
def pool(tmp_path: Path, clock: StillClock, io_loop: IOLoop, notebook: Notebook) -> Iterator[TenantFiles]:
    files = TenantFiles(DataFolder(tmp_path), Tenants(max_open=3, idle_seconds=60), clock, notebook)
    yield files
    io_loop.run_sync(files.close)


def tenant(number: int, root: Path) -> Tenant:
    for mode in MODES:
        create_tenant_file(DataFolder(root), f"t{number}", mode, StillClock())
    return Tenant(number, f"t{number}", "", f"t{number}", "ACTIVE", "")


def count(tx: Tx) -> int:
    return tx.value("SELECT count(*) FROM closure")


async def test_a_file_is_opened_once_for_all_who_use_it(pool: TenantFiles, tmp_path: Path) -> None:
    async def use() -> object:
        async with pool.use(tenant(1, tmp_path), "live") as database:
            assert await database.read(count) == 0
            return database

    assert len(set(await asyncio.gather(*(use() for _ in range(20))))) == 1
    assert len(pool) == 1


async def test_live_and_test_are_two_files(pool: TenantFiles, tmp_path: Path) -> None:
    async with pool.use(tenant(1, tmp_path), "live") as live, pool.use(tenant(1, tmp_path), "test") as sandbox:
        assert live.path != sandbox.path


async def test_the_file_unused_for_longest_makes_room(pool: TenantFiles, tmp_path: Path) -> None:
    for number in (1, 2, 3, 1, 4):
        async with pool.use(tenant(number, tmp_path), "live"):
            pass
    await asyncio.sleep(0.05)
    assert sorted(key[0] for key in pool._places) == [1, 3, 4]


async def test_a_file_in_use_is_never_closed(pool: TenantFiles, tmp_path: Path, clock: StillClock) -> None:
    async with pool.use(tenant(1, tmp_path), "live") as database:
        clock.advance(3600)
        await pool.close_idle()
        for number in (2, 3, 4, 5):
            async with pool.use(tenant(number, tmp_path), "live"):
                pass
        assert await database.read(count) == 0


async def test_when_all_are_in_use_a_further_one_is_a_503(pool: TenantFiles, tmp_path: Path) -> None:
    async with (
        pool.use(tenant(1, tmp_path), "live"),
        pool.use(tenant(2, tmp_path), "live"),
        pool.use(tenant(3, tmp_path), "live"),
    ):
        with pytest.raises(Problem) as refusal:
            async with pool.use(tenant(4, tmp_path), "live"):
                pass
    assert refusal.value.code == "unavailable"
    assert refusal.value.details["retry_after"] >= 1


async def test_an_idle_file_is_closed_and_opens_again(pool: TenantFiles, tmp_path: Path, clock: StillClock) -> None:
    async with pool.use(tenant(1, tmp_path), "live") as first:
        pass
    clock.advance(61)
    await pool.close_idle()
    assert len(pool) == 0
    async with pool.use(tenant(1, tmp_path), "live") as second:
        assert await second.read(count) == 0
    assert first is not second


async def test_who_comes_while_a_file_closes_waits_and_gets_a_fresh_one(
    pool: TenantFiles, tmp_path: Path, clock: StillClock
) -> None:
    async with pool.use(tenant(1, tmp_path), "live"):
        pass
    clock.advance(61)
    closing = asyncio.ensure_future(pool.close_idle())
    await asyncio.sleep(0)
    async with pool.use(tenant(1, tmp_path), "live") as database:
        assert await database.read(count) == 0
    await closing


async def test_a_client_that_leaves_while_a_file_opens_spoils_it_for_nobody(pool: TenantFiles, tmp_path: Path) -> None:
    async def use() -> int:
        async with pool.use(tenant(1, tmp_path), "live") as database:
            return await database.read(count)

    leaving = asyncio.ensure_future(use())
    staying = asyncio.ensure_future(use())
    await asyncio.sleep(0)
    leaving.cancel()
    assert await staying == 0


async def test_a_file_that_is_missing_is_never_made_anew_but_tried_again(pool: TenantFiles, tmp_path: Path, caplog) -> None:
    DataFolder(tmp_path).tenant("t9").mkdir(parents=True)
    missing = Tenant(9, "t9", "", "t9", "ACTIVE", "")
    with pytest.raises(Problem) as refusal:
        async with pool.use(missing, "live"):
            pass
    assert refusal.value.code == "unavailable"
    caplog.clear()
    assert not DataFolder(tmp_path).tenant_file("t9", "live").exists()
    async with pool.use(tenant(9, tmp_path), "live") as database:
        assert await database.read(count) == 0


async def test_after_the_pool_was_closed_nothing_is_opened_any_more(pool: TenantFiles, tmp_path: Path) -> None:
    await pool.close()
    with pytest.raises(Problem) as refusal:
        async with pool.use(tenant(1, tmp_path), "live"):
            pass
    assert refusal.value.code == "unavailable"
    assert len(pool) == 0


def add_due(tx: Tx, at: float) -> None:
    """Something that the file has to do by itself."""
    tx.insert_row(
        "endpoint",
        {
            "url": "",
            "events": "[]",
            "description": "",
            "is_active": 1,
            "secret": b"",
            "header_names": "[]",
            "created_at": "",
            "updated_at": "",
        },
    )
    tx.insert_row("event", {"id": "", "type": "", "body": "", "created_at": ""})
    fields = {"endpoint_id": 1, "sequence": 1, "event_id": "", "type": "", "status": "pending", "trigger": "auto", "due_at": at}
    tx.insert_row("delivery", {**fields, "created_at": "", "updated_at": ""})
    tx.has_queued = True


async def test_a_file_is_marked_before_its_first_write_and_settled_when_it_closes(
    pool: TenantFiles, notebook: Notebook, clock: StillClock, tmp_path: Path
) -> None:
    told: list[Any] = []
    pool.attend = lambda tenant, mode: told.append((tenant.id, mode))
    async with pool.use(tenant(1, tmp_path), "live") as database:
        await database.read(count)
        assert notebook.entries == []
        await database.write(count)
        assert notebook.entries == [(1, "live", "marked")]
        await database.write(add_due, 17.0)
    assert notebook.entries == [(1, "live", "marked")]
    assert told == [(1, "live")]
    clock.advance(60)
    await pool.close_idle()
    assert notebook.entries == [(1, "live", "marked"), (1, "live", 17.0)]


async def test_a_file_that_was_only_read_leaves_no_note(pool: TenantFiles, notebook: Notebook, tmp_path: Path) -> None:
    async with pool.use(tenant(1, tmp_path), "live") as database:
        await database.read(count)
    await pool.close()
    assert notebook.entries == []


async def test_what_cannot_be_marked_is_not_written(pool: TenantFiles, notebook: Notebook, tmp_path: Path) -> None:
    notebook.problem = Problem("storage_full")
    async with pool.use(tenant(1, tmp_path), "live") as database:
        for _ in range(2):
            with pytest.raises(Problem) as refusal:
                await database.write(add_due, 1.0)
            assert refusal.value.code == "storage_full"
        assert await database.read(lambda tx: tx.value("SELECT count(*) FROM delivery")) == 0
        notebook.problem = None
        await database.write(add_due, 1.0)


async def test_a_verb_that_is_refused_asks_for_no_attention(pool: TenantFiles, tmp_path: Path) -> None:
    told: list[Any] = []
    pool.attend = lambda *what: told.append(what)

    def refused(tx: Tx) -> None:
        tx.has_queued = True
        raise Problem("conflict")

    async with pool.use(tenant(1, tmp_path), "live") as database:
        with pytest.raises(Problem):
            await database.write(refused)
    assert told == []


async def test_a_stop_that_overtakes_a_write_waits_for_it_before_it_says_when_the_file_is_due(
    pool: TenantFiles, notebook: Notebook, tmp_path: Path
) -> None:
    def add_slowly(tx: Tx) -> None:
        sleep(0.2)
        add_due(tx, 17.0)

    async with pool.use(tenant(1, tmp_path), "live") as database:
        writing = asyncio.ensure_future(database.write(add_slowly))
        await asyncio.sleep(0.05)
        closing = asyncio.ensure_future(pool.close())
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        with pytest.raises(Problem) as refusal:
            await database.write(count)
        assert refusal.value.code == "unavailable"
        await writing
    await closing
    assert notebook.entries == [(1, "live", "marked"), (1, "live", 17.0)]

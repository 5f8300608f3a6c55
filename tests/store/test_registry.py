"""Tokens are looked up in memory, and are as fresh as the last commit of anybody."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from tornado.ioloop import IOLoop

from smoothbox.ids import token_hash
from smoothbox.operations import tenants, tokens
from smoothbox.operations.tokens import TokenRequest
from smoothbox.store.folder import DataFolder, open_box
from smoothbox.store.registry import Registry
from smoothbox.upkeep import boxes
from tests.box import StillClock

pytestmark = pytest.mark.gen_test


@pytest.fixture
def folder(tmp_path: Path, clock: StillClock) -> DataFolder:
    made = DataFolder(tmp_path / "data")
    boxes.make(made, clock)
    with open_box(made, clock) as box:
        box.write(tenants.create, "acme", "Acme")
    return made


@pytest.fixture
def registry(folder: DataFolder, clock: StillClock, io_loop: IOLoop) -> Iterator[Registry]:
    opened = Registry(folder, clock)
    io_loop.run_sync(opened.open)
    yield opened
    io_loop.run_sync(opened.close)


@pytest.fixture
def digest(folder: DataFolder, clock: StillClock) -> bytes:
    with open_box(folder, clock) as box:
        return token_hash(box.write(tokens.create, "acme", TokenRequest("t", "live", ("services:read",))).secret)


def revoke(folder: DataFolder, clock: StillClock) -> None:
    with open_box(folder, clock) as box:
        box.write(tokens.revoke, 1)


async def test_a_known_token_is_read_once(registry: Registry, digest: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    first = await registry.token(digest)
    monkeypatch.setattr(registry, "_database", None)
    assert await registry.token(digest) is first
    monkeypatch.undo()


async def test_what_another_connection_commits_counts_at_once(
    registry: Registry, folder: DataFolder, digest: bytes, clock: StillClock
) -> None:
    before = await registry.token(digest)
    assert before is not None
    assert before.revoked_at is None
    revoke(folder, clock)
    after = await registry.token(digest)
    assert after is not None
    assert after.revoked_at is not None


async def test_a_row_read_before_a_change_is_not_kept_after_it(
    registry: Registry, folder: DataFolder, digest: bytes, clock: StillClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One request reads the token, the admin revokes it, another request notices the change, the first one goes on."""
    read, gate = registry._database.read, asyncio.Event()

    async def slow_read(*args):
        found = await read(*args)
        await gate.wait()
        return found

    monkeypatch.setattr(registry._database, "read", slow_read)
    early = asyncio.ensure_future(registry.token(digest))
    await asyncio.sleep(0.05)
    monkeypatch.undo()
    revoke(folder, clock)
    await registry.token(b"somebody else's")
    gate.set()
    await early
    late = await registry.token(digest)
    assert late is not None
    assert late.revoked_at is not None


async def test_a_registry_that_is_being_written_does_not_hold_up_who_is_known(
    registry: Registry, folder: DataFolder, digest: bytes, clock: StillClock
) -> None:
    before = await registry.token(digest)
    with open_box(folder, clock) as box:
        box._connection.execute("BEGIN EXCLUSIVE")
        assert await registry.token(digest) is before
        box._connection.execute("ROLLBACK")


async def test_when_it_was_used_is_written_down_in_time(
    registry: Registry, folder: DataFolder, digest: bytes, clock: StillClock
) -> None:
    registry.note_use(1)
    await registry.flush()
    with open_box(folder, clock) as box:
        assert box.read(tokens.show, 1).last_used_at == "2027-01-04T12:00:00.000000Z"


async def test_when_it_was_used_is_known_before_during_and_after_it_is_written_down(
    registry: Registry, digest: bytes, clock: StillClock
) -> None:
    unused = await registry.token(digest)
    assert unused is not None
    assert registry.last_used_at(unused) is None
    registry.note_use(1)
    assert registry.last_used_at(unused) == "2027-01-04T12:00:00.000000Z"
    writing = asyncio.ensure_future(registry.flush())
    await asyncio.sleep(0)
    assert registry.last_used_at(unused) == "2027-01-04T12:00:00.000000Z"
    await writing
    assert registry.last_used_at(unused) == "2027-01-04T12:00:00.000000Z"
    clock.advance(60)
    registry.note_use(1)
    assert registry.last_used_at(unused) == "2027-01-04T12:01:00.000000Z"

"""Whether anybody has committed to a file is looked at once in a turn of the loop, and anew in the next."""

import asyncio
import socket
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import uvloop

from smoothbox.store.connection import connect
from smoothbox.store.migrate import TENANT, migrate
from smoothbox.store.sight import Sight, Turn


@pytest.fixture
def file(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    connection = connect(tmp_path / "live.db", "create", journal=TENANT.journal)
    migrate(connection, TENANT, 0.0)
    yield connection
    connection.close()


def commit(file: sqlite3.Connection) -> None:
    file.execute("INSERT INTO series (recurrence, created_at) VALUES ('', '')")


@pytest.fixture
def turn() -> Turn:
    return Turn()


@pytest.fixture
def sight(tmp_path: Path, file: sqlite3.Connection, turn: Turn) -> Iterator[Sight]:
    made = Sight(tmp_path / "live.db", turn)
    yield made
    made.close()


@pytest.mark.gen_test
async def test_what_was_seen_counts_until_the_turn_ends(file: sqlite3.Connection, sight: Sight, turn: Turn) -> None:
    before = sight.state()
    commit(file)
    assert sight.state() is before
    await asyncio.sleep(0)
    after = sight.state()
    assert after is not before
    commit(file)
    turn.end()
    assert sight.state() not in {before, after}


@pytest.mark.parametrize("new_loop", [asyncio.new_event_loop, uvloop.new_event_loop])
def test_a_turn_ends_before_anybody_takes_up_what_has_come_meanwhile(
    file: sqlite3.Connection, sight: Sight, new_loop: Callable[[], asyncio.AbstractEventLoop]
) -> None:
    async def commit_and_be_told() -> None:
        loop, (here, there) = asyncio.get_running_loop(), _pair()
        with here, there:
            before, received = sight.state(), loop.create_future()
            loop.add_reader(here, lambda: received.done() or received.set_result(None))
            commit(file)
            there.send(b"x")
            await received
            assert sight.state() is not before
            loop.remove_reader(here)

    with asyncio.Runner(loop_factory=new_loop) as runner:
        for _ in range(20):
            runner.run(commit_and_be_told())


@pytest.mark.gen_test
async def test_states_are_the_same_for_as_long_as_nobody_commits(file: sqlite3.Connection, sight: Sight) -> None:
    first = sight.state()
    for _ in range(3):
        await asyncio.sleep(0)
        assert sight.state() is first
    file.execute("BEGIN IMMEDIATE")
    commit(file)
    await asyncio.sleep(0)
    assert sight.state() is first
    file.execute("ROLLBACK")
    await asyncio.sleep(0)
    assert sight.state() is first


@pytest.mark.gen_test
async def test_nobody_can_tell_while_the_file_is_locked_for_good(tmp_path: Path, turn: Turn) -> None:
    path = tmp_path / "box.db"
    connection = connect(path, "create", journal="TRUNCATE")
    connection.execute("CREATE TABLE note (text TEXT) STRICT")
    sight = Sight(path, turn)
    before = sight.state()
    connection.execute("BEGIN EXCLUSIVE")
    await asyncio.sleep(0)
    assert sight.state() is None
    connection.execute("ROLLBACK")
    await asyncio.sleep(0)
    assert sight.state() is before
    sight.close()
    connection.close()


def _pair() -> tuple[socket.socket, socket.socket]:
    here, there = socket.socketpair()
    here.settimeout(0)
    return here, there

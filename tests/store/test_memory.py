"""Verbs share what they read of the catalogue, within a batch and from one to the next, and never see what is no longer so."""

import random
import sqlite3
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from smoothbox.errors import Problem
from smoothbox.operations.business import open_books
from smoothbox.store import business, events, holds
from smoothbox.store.batches import BatchLost, Done, Failed, Job, run_batch, run_read
from smoothbox.store.connection import Tx, connect
from smoothbox.store.memory import RememberingConnection
from smoothbox.store.migrate import TENANT, migrate
from tests.box import StillClock

HOLD = {
    "owner": 1,
    "service_id": 1,
    "resource_ids": "[1]",
    "start_at": 0,
    "end_at": 1800,
    "buffer_before": 0,
    "buffer_after": 0,
    "capacity": 1,
    "price": None,
    "party_size": 1,
}


@pytest.fixture
def file(tmp_path: Path, clock: StillClock) -> Iterator[sqlite3.Connection]:
    connection = connect(tmp_path / "live.db", "create", journal=TENANT.journal)
    migrate(connection, TENANT, 0.0)
    run_batch(connection, clock, [Job(open_books, ("Acme", "America/New_York", "USD"))])
    yield connection
    connection.close()


@pytest.fixture
def kept(tmp_path: Path, file: sqlite3.Connection) -> Iterator[RememberingConnection]:
    """The same file on a connection that remembers, as the server's do."""
    connection = connect(tmp_path / "live.db", "write", journal=TENANT.journal, factory=RememberingConnection)
    yield connection
    connection.close()


def zone(tx: Tx) -> str:
    return business.get(tx).timezone


def move_to(tx: Tx, timezone: str) -> str:
    open_books(tx, "Acme", timezone, "USD")
    return zone(tx)


def move_and_fail(tx: Tx, timezone: str) -> None:
    move_to(tx, timezone)
    raise Problem("conflict")


def outcomes(file: sqlite3.Connection, clock: StillClock, *jobs: Job) -> list[Any]:
    return [each.value if isinstance(each, Done) else type(each) for each in run_batch(file, clock, jobs)]


def listening_to(connection: sqlite3.Connection) -> list[str]:
    """The statements that run from now on."""
    heard: list[str] = []
    connection.set_trace_callback(heard.append)
    return heard


def reads(heard: list[str]) -> int:
    """How often the business was read."""
    return sum("FROM business" in sql for sql in heard)


def test_a_batch_reads_the_business_once(file: sqlite3.Connection, clock: StillClock) -> None:
    heard = listening_to(file)
    assert outcomes(file, clock, *[Job(zone, ())] * 5) == ["America/New_York"] * 5
    assert reads(heard) == 1


def test_what_a_verb_changes_the_next_one_sees(file: sqlite3.Connection, clock: StillClock) -> None:
    jobs = Job(zone, ()), Job(move_to, ("Europe/Paris",)), Job(zone, ())
    assert outcomes(file, clock, *jobs) == ["America/New_York", "Europe/Paris", "Europe/Paris"]


def test_what_a_verb_undid_nobody_sees(file: sqlite3.Connection, clock: StillClock) -> None:
    jobs = Job(zone, ()), Job(move_and_fail, ("Europe/Paris",)), Job(zone, ())
    assert outcomes(file, clock, *jobs) == ["America/New_York", Failed, "America/New_York"]


def test_the_next_batch_begins_anew(file: sqlite3.Connection, clock: StillClock) -> None:
    assert outcomes(file, clock, Job(zone, ())) == ["America/New_York"]
    file.execute("UPDATE business SET timezone = 'Asia/Tokyo'")
    assert outcomes(file, clock, Job(zone, ())) == ["Asia/Tokyo"]
    file.execute("UPDATE business SET timezone = 'Asia/Kathmandu'")
    assert run_read(file, clock, Job(zone, ())) == "Asia/Kathmandu"


def test_a_connection_that_remembers_reads_it_once_for_all_batches(kept: RememberingConnection, clock: StillClock) -> None:
    heard = listening_to(kept)
    for _ in range(5):
        assert outcomes(kept, clock, Job(zone, ())) == ["America/New_York"]
        assert run_read(kept, clock, Job(zone, ())) == "America/New_York"
    assert reads(heard) == 1


def test_what_another_connection_commits_is_seen_at_once(
    file: sqlite3.Connection, kept: RememberingConnection, clock: StillClock
) -> None:
    for there in ("Asia/Tokyo", "Europe/Paris", "Asia/Tokyo"):
        assert outcomes(kept, clock, Job(zone, ()))
        assert outcomes(file, clock, Job(move_to, (there,))) == [there]
        assert outcomes(kept, clock, Job(zone, ())) == [there]
        assert outcomes(file, clock, Job(move_to, ("America/Lima",))) == ["America/Lima"]
        assert run_read(kept, clock, Job(zone, ())) == "America/Lima"


def test_what_another_connection_did_not_commit_is_not_seen(
    file: sqlite3.Connection, kept: RememberingConnection, clock: StillClock
) -> None:
    assert outcomes(kept, clock, Job(zone, ())) == ["America/New_York"]
    assert outcomes(file, clock, Job(move_and_fail, ("Asia/Tokyo",))) == [Failed]
    assert outcomes(kept, clock, Job(zone, ())) == ["America/New_York"]


def test_what_was_changed_or_undone_in_an_earlier_batch_is_known(kept: RememberingConnection, clock: StillClock) -> None:
    assert outcomes(kept, clock, Job(zone, ()), Job(move_to, ("Europe/Paris",))) == ["America/New_York", "Europe/Paris"]
    assert outcomes(kept, clock, Job(move_and_fail, ("Asia/Tokyo",))) == [Failed]
    assert outcomes(kept, clock, Job(zone, ())) == ["Europe/Paris"]


def test_a_batch_that_is_lost_leaves_nothing_behind(kept: RememberingConnection, clock: StillClock) -> None:
    def move_and_lose(tx: Tx) -> None:
        move_to(tx, "Asia/Tokyo")
        tx.connection.execute("ROLLBACK")
        raise sqlite3.OperationalError("disk I/O error")

    assert outcomes(kept, clock, Job(zone, ())) == ["America/New_York"]
    with pytest.raises(BatchLost):
        run_batch(kept, clock, [Job(move_and_lose, ())])
    assert outcomes(kept, clock, Job(zone, ())) == ["America/New_York"]


def test_a_verb_that_fails_before_it_writes_costs_nobody_the_memory(kept: RememberingConnection, clock: StillClock) -> None:
    def refuse(tx: Tx) -> None:
        zone(tx)
        raise Problem("conflict")

    assert outcomes(kept, clock, Job(zone, ())) == ["America/New_York"]
    heard = listening_to(kept)
    assert outcomes(kept, clock, Job(refuse, ()), Job(zone, ())) == [Failed, "America/New_York"]
    assert reads(heard) == 0


def test_memory_is_bounded(kept: RememberingConnection, clock: StillClock) -> None:
    def remember(tx: Tx, first: int) -> None:
        for number in range(first, first + 100):
            tx.remembered(number, int)

    for first in range(0, 5000, 100):
        outcomes(kept, clock, Job(remember, (first,)))
    assert len(kept.memory) <= 300


def test_events_are_numbered_without_a_gap_whoever_writes_and_whatever_fails(
    file: sqlite3.Connection, kept: RememberingConnection, clock: StillClock
) -> None:
    def tell(tx: Tx, *, fails: bool) -> None:
        sequence = events.next_sequence(tx)
        events.insert(tx, sequence, f"evt_{sequence}", "webhook.ping", "{}")
        if fails:
            raise Problem("conflict")

    chance = random.Random(3)
    for _ in range(60):
        jobs = [Job(partial(tell, fails=chance.random() < 0.3), ()) for _ in range(chance.randrange(1, 5))]
        run_batch(chance.choice([file, kept]), clock, jobs)
    sequences = [row[0] for row in file.execute("SELECT sequence FROM event ORDER BY sequence")]
    assert len(sequences) > 50
    assert sequences == list(range(1, len(sequences) + 1))


def test_a_hold_ends_in_time_whoever_made_it(file: sqlite3.Connection, kept: RememberingConnection, clock: StillClock) -> None:
    def hold(tx: Tx, seconds: int) -> int:
        return holds.insert(tx, {**HOLD, "expires_at": int(tx.now) + seconds}).id

    file.execute("PRAGMA foreign_keys = OFF")
    kept.execute("PRAGMA foreign_keys = OFF")
    over = Job(lambda tx: [each.id for each in holds.expired(tx)], ())
    assert outcomes(kept, clock, over, Job(hold, (60,)), over) == [[], 1, []]
    assert outcomes(file, clock, Job(hold, (30,))) == [2]
    clock.advance(31)
    assert outcomes(kept, clock, over) == [[2]]
    assert outcomes(kept, clock, Job(lambda tx: holds.delete(tx, 2), ()), over) == [None, []]
    clock.advance(30)
    assert outcomes(kept, clock, over) == [[1]]


def test_of_a_batch_only_what_failed_is_undone_though_the_verbs_run_again(file: sqlite3.Connection, clock: StillClock) -> None:
    """Without savepoints nothing tells the changes of one verb from those of the others, so all run again with them."""
    runs: list[str] = []

    def close(tx: Tx, day: str, *, fails: bool = False) -> str:
        runs.append(day)
        tx.run("INSERT INTO closure (date, name) VALUES (?, '')", day)
        if fails:
            raise Problem("conflict")
        return day

    jobs = [Job(close, ("a",)), Job(partial(close, fails=True), ("b",)), Job(close, ("c",))]
    assert outcomes(file, clock, *jobs) == ["a", Failed, "c"]
    assert runs == ["a", "b", "a", "b", "c"]
    assert outcomes(file, clock, Job(partial(close, fails=True), ("d",))) == [Failed]
    assert runs[5:] == ["d"]
    assert [row[0] for row in file.execute("SELECT date FROM closure ORDER BY date")] == ["a", "c"]
    assert not file.in_transaction

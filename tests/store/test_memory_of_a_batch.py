"""The verbs of one batch share what they read of the catalogue, and never see what is no longer so."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from smoothbox.errors import Problem
from smoothbox.operations.business import open_books
from smoothbox.store import business
from smoothbox.store.connection import Done, Failed, Job, Tx, connect, run_batch, run_read
from smoothbox.store.migrate import TENANT, migrate
from tests.box import StillClock


@pytest.fixture
def file(tmp_path: Path, clock: StillClock) -> Iterator[sqlite3.Connection]:
    connection = connect(tmp_path / "live.db", "create", journal=TENANT.journal)
    migrate(connection, TENANT, 0.0)
    run_batch(connection, clock, [Job(open_books, ("Acme", "America/New_York", "USD"))])
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


def test_a_batch_reads_the_business_once(file: sqlite3.Connection, clock: StillClock) -> None:
    heard: list[str] = []
    file.set_trace_callback(heard.append)
    assert outcomes(file, clock, *[Job(zone, ())] * 5) == ["America/New_York"] * 5
    file.set_trace_callback(None)
    assert sum("FROM business" in sql for sql in heard) == 1


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

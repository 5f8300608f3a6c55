"""Resetting the sandbox: the live catalogue, under the same ids, and nothing else."""

from pathlib import Path
from typing import Any

import pytest

from smoothbox.contract.bookings import Cancellation, NewBooking
from smoothbox.contract.customers import NewCustomer
from smoothbox.contract.holds import NewHold
from smoothbox.contract.webhooks import NewEndpoint
from smoothbox.keyring import Keyring, Secrets, Vault
from smoothbox.located_toml import load_toml
from smoothbox.operations import booking_changes, bookings, holds, idempotency, outbox, sandbox, series, webhooks
from smoothbox.operations.business import open_books
from smoothbox.operations.catalogue import apply
from smoothbox.operations.catalogue_file import parse
from smoothbox.operations.idempotency import Ticket
from smoothbox.operations.outbox import Finished, Outcome, Step
from smoothbox.settings import Webhooks
from smoothbox.store.connection import Tx
from smoothbox.store.direct import Direct
from smoothbox.store.folder import DataFolder, create_tenant_file, open_tenant
from smoothbox.store.idempotency import Answer
from smoothbox.store.sandbox import CATALOGUE, DROPPED, KEPT
from tests.box import CATALOGUE as TEXT
from tests.box import StillClock

_JOE = NewCustomer("Joe", "Bloggs", "joe@example.com")
_BOOKING = NewBooking(1, "2027-01-05T10:00:00-05:00", customer=_JOE)
_WEEKLY = NewBooking(1, "2027-01-05T11:00:00-05:00", customer=_JOE, recurrence="FREQ=WEEKLY;COUNT=2")
_OWNER = 1


def rows(file: Direct, table: str) -> list[tuple[Any, ...]]:
    def query(tx: Tx) -> list[tuple[Any, ...]]:
        return sorted(tx.all(f"SELECT * FROM {table}"), key=str)

    return file.read(query)


def use(tx: Tx) -> None:
    """Leave a row in every table that is not of the catalogue."""
    vault = Keyring({b"test": Secrets(b"k" * 32, b"e" * 32)}).vault("acme", "test")
    for _ in range(2):
        webhooks.create(tx, NewEndpoint("https://example.com/", ("*",)), vault)
    webhooks.remove(tx, 2)
    bookings.book(tx, _BOOKING, _OWNER)
    series.book(tx, _WEEKLY, "FREQ=WEEKLY;COUNT=2")
    booking_changes.cancel(tx, 2, Cancellation())
    holds.create(tx, NewHold(1, "2027-01-07T10:00:00-05:00"), _OWNER)
    idempotency.once(tx, Ticket(_OWNER, "key", b"hash"), lambda _: Answer(201, "{}", b"{}", 0))
    attempt(tx, vault)


def attempt(tx: Tx, vault: Vault) -> None:
    """Try one delivery, in vain."""
    (claim,) = outbox.advance(tx, [], 1, 0, Webhooks(), vault).claims
    outcome = Outcome(tx.stamp, 1, error="timeout")
    outbox.advance(tx, [Finished(claim, outcome, Step("retry", 60))], 0, 0, Webhooks(), vault)


@pytest.fixture
def test_file(folder: DataFolder, file: Direct, tmp_path: Path, clock: StillClock) -> Any:
    """The sandbox of a tenant that has a catalogue and is in use; in the sandbox both are different."""
    path = tmp_path / "live.toml"
    path.write_text(TEXT, "utf-8")
    file.write(apply, parse(*load_toml(path), path))
    file.write(use)
    path.write_text(TEXT.replace('key = "cut"', 'key = "other"').replace("Acme Barbers", "Sand"), "utf-8")
    create_tenant_file(folder, "acme", "test", clock)
    with open_tenant(folder, "acme", "test", clock) as opened:
        opened.write(open_books, "Acme", "UTC", "EUR")
        opened.write(apply, parse(*load_toml(path), path))
        opened.write(use)
        yield opened


@pytest.mark.parametrize("table", CATALOGUE)
def test_the_sandbox_has_the_live_catalogue_row_for_row(
    folder: DataFolder, file: Direct, test_file: Direct, clock: StillClock, table: str
) -> None:
    live = rows(file, table)
    assert live
    sandbox.reset(folder, "acme", clock)
    assert rows(test_file, table) == live
    assert rows(file, table) == live


@pytest.mark.parametrize("table", KEPT)
def test_webhooks_of_the_sandbox_stay(folder: DataFolder, test_file: Direct, clock: StillClock, table: str) -> None:
    before = rows(test_file, table)
    assert before
    sandbox.reset(folder, "acme", clock)
    assert rows(test_file, table) == before


@pytest.mark.parametrize("table", DROPPED)
def test_customers_and_bookings_are_dropped_there_and_kept_live(
    folder: DataFolder, file: Direct, test_file: Direct, clock: StillClock, table: str
) -> None:
    live = rows(file, table)
    assert rows(test_file, table)
    sandbox.reset(folder, "acme", clock)
    assert rows(test_file, table) == []
    assert rows(file, table) == live != []


def test_a_connection_that_is_open_meanwhile_sees_the_fresh_sandbox(
    folder: DataFolder, test_file: Direct, clock: StillClock
) -> None:
    before = folder.tenant_file("acme", "test").stat().st_ino
    sandbox.reset(folder, "acme", clock)
    assert test_file.write(bookings.book, _BOOKING, _OWNER).service_name == "Haircut"
    assert folder.tenant_file("acme", "test").stat().st_ino == before


def test_every_table_is_copied_dropped_or_kept(file: Direct) -> None:
    """When this fails: decide what a reset does with the new table, and say so in store/sandbox.py."""
    tables = {name for _, name, *_ in rows(file, "sqlite_schema WHERE type = 'table'")}
    assert tables - {"schema_migration", "sqlite_sequence"} == {*CATALOGUE, *DROPPED, *KEPT}

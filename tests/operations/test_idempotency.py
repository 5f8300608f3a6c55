"""Once and no more: an answer is kept with its effect, repeated for a day, and forgotten in time."""

import sqlite3

import pytest

from smoothbox.errors import Problem
from smoothbox.operations.idempotency import DAY, Outcome, Ticket, forget_old, once
from smoothbox.store import batches
from smoothbox.store.batches import Job
from smoothbox.store.connection import Tx
from smoothbox.store.direct import Direct
from smoothbox.store.idempotency import Answer
from tests.box import StillClock

TICKET = Ticket(1, "key", b"print")


def close(tx: Tx, day: str = "2027-01-05") -> Answer:
    """Something that takes effect, and its answer."""
    tx.run("INSERT INTO closure (date, name) VALUES (?, 'x')", day)
    return Answer(201, '{"Location":"/x"}', day.encode(), 0)


def closed(tx: Tx) -> int:
    count: int = tx.value("SELECT count(*) FROM closure")
    return count


def kept(tx: Tx) -> int:
    count: int = tx.value("SELECT count(*) FROM idempotency")
    return count


def never(_tx: Tx) -> Answer:
    raise AssertionError("it took effect again")


def fail(tx: Tx) -> Answer:
    close(tx)
    raise Problem("conflict")


def shown(outcome: Outcome) -> tuple[int, str, bytes]:
    answer = outcome.answer
    return answer.status, answer.headers, answer.body


def test_a_second_time_it_takes_no_effect_and_gives_the_same_answer(file: Direct) -> None:
    first = file.write(once, TICKET, close)
    second = file.write(once, TICKET, never)
    assert (first.is_repeated, second.is_repeated) == (False, True)
    assert shown(first) == shown(second) == (201, '{"Location":"/x"}', b"2027-01-05")
    assert file.read(closed) == 1


@pytest.mark.parametrize("other", [Ticket(2, "key", b"print"), Ticket(1, "Key", b"print"), Ticket(1, "key ", b"print")])
def test_another_owner_or_key_is_another_matter(file: Direct, other: Ticket) -> None:
    file.write(once, TICKET, close)
    assert not file.write(once, other, lambda tx: close(tx, "2027-01-06")).is_repeated
    assert (file.read(closed), file.read(kept)) == (2, 2)


def test_a_key_is_not_lent_to_another_request(file: Direct) -> None:
    file.write(once, TICKET, close)
    with pytest.raises(Problem) as caught:
        file.write(once, Ticket(1, "key", b"other"), never)
    assert caught.value.code == "idempotency_key_reused"
    assert shown(file.write(once, TICKET, never))[2] == b"2027-01-05"


def test_a_refusal_is_not_kept(file: Direct) -> None:
    with pytest.raises(Problem):
        file.write(once, TICKET, fail)
    assert (file.read(closed), file.read(kept)) == (0, 0)
    assert not file.write(once, Ticket(1, "key", b"other"), close).is_repeated


@pytest.mark.parametrize("begun", [0.0, 0.25, 0.999])
def test_an_answer_is_repeated_for_a_whole_day_and_not_much_longer(file: Direct, clock: StillClock, begun: float) -> None:
    clock.advance(begun)
    file.write(once, TICKET, close)
    clock.advance(DAY)
    assert file.write(once, TICKET, never).is_repeated
    clock.advance(1)
    assert not file.write(once, Ticket(1, "key", b"other"), lambda tx: close(tx, "later")).is_repeated
    assert shown(file.write(once, Ticket(1, "key", b"other"), never))[2] == b"later"
    assert file.read(kept) == 1


def test_a_clock_that_is_set_back_takes_nothing_away(file: Direct, clock: StillClock) -> None:
    file.write(once, TICKET, close)
    clock.advance(-3 * DAY)
    assert file.write(once, TICKET, never).is_repeated
    assert file.write(forget_old) == 0


def test_two_of_one_batch_take_effect_once(file: Direct, clock: StillClock) -> None:
    jobs = [Job(once, (TICKET, close)), Job(once, (TICKET, never)), Job(once, (Ticket(1, "key", b"other"), never))]
    first, second, third = batches.run_batch(file._connection, clock, jobs)
    assert (first.value.is_repeated, second.value.is_repeated) == (False, True)
    assert third.error.code == "idempotency_key_reused"
    assert file.read(closed) == 1


def test_when_the_batch_is_lost_the_answer_is_lost_with_its_effect(file: Direct, clock: StillClock) -> None:
    def break_down(_tx: Tx) -> None:
        error = sqlite3.OperationalError("disk I/O error")
        error.sqlite_errorcode = sqlite3.SQLITE_IOERR_WRITE
        raise error

    with pytest.raises(batches.BatchLost):
        batches.run_batch(file._connection, clock, [Job(once, (TICKET, close)), Job(break_down, ())])
    assert (file.read(closed), file.read(kept)) == (0, 0)
    assert not file.write(once, TICKET, close).is_repeated


def test_what_is_old_is_forgotten_little_by_little(file: Direct, clock: StillClock) -> None:
    def fill(tx: Tx) -> None:
        for number in range(450):
            once(tx, Ticket(1, str(number), b""), lambda _tx: Answer(201, "{}", b"x", 0))

    file.write(fill)
    clock.advance(DAY)
    file.write(once, TICKET, close)
    assert file.write(forget_old) == 0
    clock.advance(1)
    assert [file.write(forget_old) for _ in range(4)] == [200, 200, 50, 0]
    assert file.write(once, TICKET, never).is_repeated


def test_to_forget_walks_down_an_index(file: Direct) -> None:
    plan = file.read(
        lambda tx: tx.all("EXPLAIN QUERY PLAN SELECT rowid FROM idempotency WHERE created_at < 1 ORDER BY created_at LIMIT 5")
    )
    assert [row[3] for row in plan] == ["SEARCH idempotency USING COVERING INDEX idempotency_age (created_at<?)"]

"""The outbox at work: who has a turn, what is recorded, and how an endpoint's failures are judged."""

from itertools import pairwise
from typing import Any

import pytest

from smoothbox.contract.customers import NewCustomer
from smoothbox.contract.services import NewService
from smoothbox.contract.webhooks import NewEndpoint, Recovery
from smoothbox.errors import Problem
from smoothbox.keyring import Keyring, Secrets
from smoothbox.operations import customers, services, webhooks
from smoothbox.operations import deliveries as delivery_verbs
from smoothbox.operations.endpoint_health import after_failure, has_failed_for_days
from smoothbox.operations.outbox import (
    Claim,
    Finished,
    Outcome,
    Round,
    Step,
    advance,
    take_back,
)
from smoothbox.settings import Webhooks
from smoothbox.store import deliveries, endpoints
from smoothbox.store import holds as hold_rows
from smoothbox.store.connection import Tx
from smoothbox.store.direct import Direct
from smoothbox.store.endpoints import Health
from tests.box import StillClock

VAULT = Keyring({b"test": Secrets(b"k" * 32, b"e" * 32)}).vault("acme", "live")
RULES = Webhooks()
DAY = 86400


def subscribe(file: Direct, *kinds: str) -> None:
    for kind in kinds:
        file.write(webhooks.create, NewEndpoint("https://example.com/", (kind,)), VAULT)


def happen(file: Direct, number: int, times: int = 1) -> None:
    """Customers that are told of."""
    for each in range(times):
        file.write(customers.create, NewCustomer(phone=f"{number}{each:03}"))


def turn(file: Direct, room: int = 32, after: int = 0, *finished: Finished, rules: Webhooks = RULES) -> Round:
    return file.write(advance, finished, room, after, rules, VAULT)


def ended(claim: Claim, step: Step, status: int | None = None) -> Finished:
    return Finished(claim, Outcome("2027-01-04T12:00:00.000000Z", 5, status), step)


def states(file: Direct) -> list[tuple[Any, ...]]:
    return file.read(lambda tx: tx.all("SELECT id, status, attempts, used FROM delivery ORDER BY id"))


def test_each_endpoint_has_two_attempts_and_they_take_turns(file: Direct) -> None:
    subscribe(file, "*", "*", "*")
    happen(file, 1, 3)
    found = turn(file)
    assert [each.endpoint_id for each in found.claims] == [1, 2, 3, 1, 2, 3]
    assert (found.has_more, found.next_due) == (False, None)  # what waits, waits for an end
    assert turn(file).claims == []


def test_whoever_had_the_last_turn_comes_last(file: Direct) -> None:
    subscribe(file, "*", "*", "*")
    happen(file, 1, 2)
    first = turn(file, 2)
    assert [each.endpoint_id for each in first.claims] == [1, 2]
    assert first.has_more
    second = turn(file, 2, 2)
    assert [each.endpoint_id for each in second.claims] == [3, 1]
    assert [each.endpoint_id for each in turn(file, 2, 1).claims] == [2, 3]


def test_an_end_makes_room_for_the_next_in_the_same_turn(file: Direct) -> None:
    subscribe(file, "*")
    happen(file, 1, 4)
    one, two = turn(file).claims
    (three,) = turn(file, 32, 1, ended(two, Step("succeeded"), 200)).claims
    assert three.delivery_id == 3
    (four,) = turn(file, 32, 1, ended(one, Step("retry", 5), 500)).claims
    assert [row[:3] for row in states(file)] == [(1, "pending", 1), (2, "succeeded", 1), (3, "sending", 0), (4, "sending", 0)]
    assert four.number == 1


def test_what_is_not_due_is_waited_for(file: Direct, clock: StillClock) -> None:
    subscribe(file, "*")
    happen(file, 1)
    (claim,) = turn(file).claims
    found = turn(file, 32, 0, ended(claim, Step("retry", 5), 500))
    assert (found.claims, found.next_due) == ([], clock.now() + 5)
    clock.advance(4.999)
    assert turn(file).claims == []
    clock.advance(0.001)
    (again,) = turn(file).claims
    assert (again.number, again.used, again.event_id, again.body) == (2, 1, claim.event_id, claim.body)


def test_an_attempt_that_is_recorded_twice_counts_once(file: Direct) -> None:
    subscribe(file, "*")
    happen(file, 1)
    (claim,) = turn(file).claims
    done = ended(claim, Step("succeeded"), 200)
    turn(file, 0, 0, done, done)
    turn(file, 0, 0, done)
    assert states(file) == [(1, "succeeded", 1, deliveries.ONLY_NEXT)]


def test_what_was_taken_back_is_sent_first_and_its_late_end_is_not_recorded(file: Direct) -> None:
    subscribe(file, "*")
    happen(file, 1, 3)
    one, two = turn(file).claims
    turn(file, 0, 0, ended(one, Step("succeeded"), 200))
    assert file.write(take_back) == 1
    assert file.write(take_back) == 0
    turn(file, 0, 0, ended(two, Step("failed"), 500))  # of the process that is gone
    again, three = turn(file).claims
    assert (again.delivery_id, again.number, again.used, three.delivery_id) == (2, 2, 0, 3)
    turn(file, 0, 0, ended(two, Step("failed"), 500))  # even later
    assert states(file)[1][:3] == (2, "sending", 1)


def test_what_ends_after_its_endpoint_is_gone_or_off_is_no_accident(file: Direct) -> None:
    subscribe(file, "*", "*")
    happen(file, 1)
    one, two = turn(file).claims
    file.write(webhooks.remove, 1)
    file.write(webhooks.disable, 2, "failing")
    turn(file, 0, 0, ended(one, Step("succeeded"), 200), ended(two, Step("retry", 5), 500))
    assert [row[:2] for row in states(file)][1:] == [(2, "failed")]
    assert file.read(lambda tx: tx.value("SELECT count(*) FROM attempt WHERE delivery_id = 1")) == 0


def test_a_claim_does_not_show_its_secrets(file: Direct) -> None:
    subscribe(file, "*")
    happen(file, 1)
    (claim,) = turn(file).claims
    assert claim.secrets[0].startswith("whsec_")
    assert "whsec_" not in f"{claim!r} {claim} {ended(claim, Step('failed'))!r}"


@pytest.mark.parametrize(
    ("failures", "pause"),
    [(1, 0), (4, 0), (5, 60), (6, 120), (7, 240), (8, 480), (9, 900), (10, 900), (60, 900), (5000, 900)],
)
def test_pauses_grow_with_the_failures_in_a_row(failures: int, pause: float) -> None:
    health, now = Health(), 1000.0
    for _ in range(failures):
        now = max(now + 1, health.paused_until)
        health = after_failure(health, now, RULES)
    assert health.paused_until == (now + pause if pause else 0)
    assert (health.failures, health.strikes) == (failures, failures)


def test_what_was_begun_before_a_pause_does_not_make_it_longer() -> None:
    health = Health(failures=4, failing_since=1.0, strikes=4)
    paused = after_failure(health, 100.0, RULES)
    late = after_failure(paused, 101.0, RULES)
    assert (paused.paused_until, late.paused_until) == (160.0, 160.0)
    assert (late.strikes, late.failures) == (5, 6)


@pytest.mark.parametrize(
    ("failures", "days", "disabled"),
    [(10, 5, True), (9, 5, False), (10, 4.99, False), (500, 4.99, False), (1, 400, False), (11, 400, True)],
)
def test_an_endpoint_is_disabled_after_five_days_and_ten_failures(failures: int, days: float, disabled: bool) -> None:
    health = Health(failures=failures, failing_since=1000.0)
    assert has_failed_for_days(health, 1000.0 + days * DAY, RULES) is disabled


def test_an_endpoint_that_never_failed_is_not_disabled() -> None:
    assert not has_failed_for_days(Health(), 10**9, RULES)


def test_while_it_is_tested_one_attempt_is_made_at_a_time(file: Direct, clock: StillClock) -> None:
    subscribe(file, "*")
    happen(file, 1, 10)
    while claims := turn(file).claims:
        turn(file, 0, 0, *(ended(each, Step("retry", 1000), 500) for each in claims))
    clock.advance(60)
    (probe,) = turn(file).claims
    assert turn(file).claims == []
    turn(file, 0, 0, ended(probe, Step("succeeded"), 200))
    assert len(turn(file).claims) == 2


def test_a_ping_and_a_redelivery_do_not_wait_for_the_end_of_a_pause(file: Direct, clock: StillClock) -> None:
    subscribe(file, "*")
    happen(file, 1, 9)
    while claims := turn(file).claims:
        turn(file, 0, 0, *(ended(each, Step("retry", 1000), 500) for each in claims))
    file.write(webhooks.ping, 1)
    (claim,) = turn(file).claims
    kind = file.read(lambda tx: tx.value("SELECT type FROM delivery WHERE id = ?", claim.delivery_id))
    assert kind == "webhook.ping"
    turn(file, 0, 0, ended(claim, Step("failed"), 500))
    assert turn(file).claims == []  # it failed as well, and so the pause goes on


def test_the_statements_of_a_turn_do_not_grow_with_the_backlog(file: Direct) -> None:
    subscribe(file, "*")
    happen(file, 1, 3)
    few = statements(file)
    happen(file, 2, 60)
    assert statements(file) == few


def statements(file: Direct) -> int:
    """How often SQLite is asked in a turn that claims two."""
    heard: list[str] = []

    def counted(tx: Tx) -> Round:
        tx.connection.set_trace_callback(heard.append)
        found = advance(tx, [], 32, 0, RULES, VAULT)
        tx.connection.set_trace_callback(None)
        return found

    claims = file.write(counted).claims
    assert len(claims) == 2
    file.write(take_back)
    return len(heard)


def test_a_clock_that_was_ahead_for_a_moment_holds_nothing_up(file: Direct, clock: StillClock) -> None:
    subscribe(file, "*")
    happen(file, 1, 6)
    clock.advance(3 * 365 * DAY)
    while claims := turn(file).claims:
        turn(file, 0, 0, *(ended(each, Step("retry", 1000), 500) for each in claims))
    clock.advance(-3 * 365 * DAY)
    (probe,) = turn(file).claims
    turn(file, 0, 0, ended(probe, Step("succeeded"), 200))
    happen(file, 2)
    found = turn(file).claims
    assert found
    assert found[0].number == 1  # what is new comes first


def test_an_attempt_that_was_asked_for_uses_up_none_of_the_schedule(file: Direct, clock: StillClock) -> None:
    subscribe(file, "*")
    happen(file, 1)
    (claim,) = turn(file).claims
    turn(file, 0, 0, ended(claim, Step("retry", 1000), 500))
    for _ in range(12):
        clock.advance(1)
        file.write(deliveries.bring_forward, 1)
        file.write(endpoints.end_pause, 1)
        (claim,) = turn(file).claims
        assert claim.used == 0
        turn(file, 0, 0, ended(claim, Step("retry", 5), 500))
    assert states(file) == [(1, "pending", 13, 1)]


def test_what_was_recovered_is_what_failed_since_then_and_no_ping(file: Direct, clock: StillClock) -> None:
    subscribe(file, "*")
    happen(file, 1, 2)
    early, late = turn(file).claims
    turn(file, 0, 0, ended(early, Step("failed"), 500))
    file.write(webhooks.ping, 1)
    clock.advance(9 * DAY)
    (ping,) = turn(file).claims
    turn(file, 0, 0, ended(late, Step("failed"), 500), ended(ping, Step("failed"), 500))
    since = Recovery(since="2027-01-10T00:00:00Z")
    assert file.write(delivery_verbs.recover, 1, since).count == 1
    assert [row[1] for row in states(file)] == ["failed", "pending", "failed"]


def test_what_was_told_to_an_endpoint_that_is_removed_goes_by_and_by(file: Direct) -> None:
    subscribe(file, "*", "*")
    happen(file, 1, 120)
    file.write(webhooks.remove, 1)
    left = [240]
    while file.read(webhooks.has_remains):
        file.write(webhooks.clear_remains)
        left.append(len(states(file)))
    assert left[-1] == 120
    assert all(before - after <= 50 for before, after in pairwise(left))
    assert {each.endpoint_id for each in turn(file).claims} == {2}


def test_a_delivery_is_not_sent_again_for_ever(file: Direct) -> None:
    subscribe(file, "*")
    happen(file, 1)
    file.write(lambda tx: tx.run("UPDATE delivery SET status = 'failed', attempts = 100"))
    with pytest.raises(Problem) as refusal:
        file.write(delivery_verbs.redeliver, 1, 1)
    assert refusal.value.code == "limit_exceeded"


def test_a_hold_that_is_over_ends_in_a_turn(file: Direct, clock: StillClock) -> None:
    file.write(lambda tx: hold_rows.insert(tx, HOLD | {"service_id": service(tx), "expires_at": int(tx.now) + 60}))
    assert turn(file).next_due == clock.now() + 60
    clock.advance(60)
    assert turn(file).next_due is None
    assert file.read(lambda tx: tx.value("SELECT type FROM event ORDER BY sequence DESC LIMIT 1")) == "hold.expired"


HOLD = {
    "owner": 1,
    "resource_ids": "[1]",
    "start_at": 0,
    "end_at": 60,
    "buffer_before": 0,
    "buffer_after": 0,
    "capacity": 1,
    "price": None,
    "party_size": 1,
}


def service(tx: Tx) -> int:
    return services.create(tx, NewService("Cut", 30, price=1)).id

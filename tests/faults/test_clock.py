"""The clock is set, by hours or by more than a year, forward and back: nobody is booked twice, and nothing waits for ever."""

from dataclasses import replace

import pytest

from smoothbox.settings import Settings, Webhooks
from tests.api.acme import ANN, CUT, TEN, add_customer, assert_refused, book, hold, subscribe, wish
from tests.api.test_deliveries import arrived, attempted
from tests.box import Client, RunningBox, StillClock
from tests.conftest import ROOMY
from tests.webhooks.receivers import listening, scripted

pytestmark = pytest.mark.gen_test

HOUR, YEAR = 3600.0, 400 * 86400.0


@pytest.fixture
def settings() -> Settings:
    rules = Webhooks(allow_cidrs=("127.0.0.0/8",), retry_schedule=(0, 60, 60), jitter=0.0, overload_floor=1)
    return replace(ROOMY, webhooks=rules)


async def test_a_hold_of_a_time_that_was_wrong_keeps_nobody_out(box: RunningBox, api: Client, clock: StillClock) -> None:
    """It was made while the clock was an hour ahead: by the clock that is right it would last an hour and more."""
    clock.at += HOUR
    kept = await hold(api)
    clock.at -= HOUR
    starts = await box.client("acme").get("availability/", service_id=CUT, date="2027-01-05", resource_id=ANN)
    assert TEN in [slot["start_time"] for day in starts.body["days"] for slot in day["slots"]]
    assert_refused(await api.get(f"holds/{kept['id']}/"), 404, "not_found")
    assert (await book(box.client("acme"), resource_id=ANN))["start_time"] == TEN


async def test_a_hold_that_the_clock_went_beyond_is_over(box: RunningBox, api: Client, clock: StillClock) -> None:
    await hold(api)
    clock.at += HOUR
    assert (await book(box.client("acme"), resource_id=ANN))["start_time"] == TEN


async def test_a_hold_outlives_a_clock_that_is_set_a_little(box: RunningBox, api: Client, clock: StillClock) -> None:
    kept = await hold(api)
    for change in (-20.0, 40.0):
        clock.at += change
        assert (await api.get(f"holds/{kept['id']}/")).status == 200
        assert_refused(await box.client("acme").post("bookings/", wish(resource_id=ANN)), 409, "slot_unavailable")


@pytest.mark.parametrize("jump", [HOUR, -HOUR, YEAR, -YEAR])
async def test_what_is_booked_stays_booked(api: Client, clock: StillClock, jump: float) -> None:
    await book(api, resource_id=ANN)
    clock.at += jump
    refused = await api.post("bookings/", wish(resource_id=ANN))
    assert refused.status in {400, 409}  # in the past, too far ahead, or taken
    clock.at -= jump
    assert_refused(await api.post("bookings/", wish(resource_id=ANN)), 409, "slot_unavailable")
    assert (await api.get("bookings/")).body["count"] == 1


@pytest.mark.parametrize("jump", [HOUR, -HOUR, YEAR, -YEAR])
async def test_limits_go_by_what_has_elapsed_and_not_by_the_clock(box: RunningBox, clock: StillClock, jump: float) -> None:
    narrow = box.client("acme", hourly=1_000_000, burst=10)
    statuses = []
    for number in range(15):
        clock.at += jump if number == 5 else 0
        statuses.append((await narrow.get("business/")).status)
    assert statuses == [200] * 10 + [429] * 5


@pytest.mark.parametrize("jump", [YEAR, -YEAR])
async def test_what_waits_for_another_attempt_gets_it_though_the_clock_was_set(
    box: RunningBox, api: Client, clock: StillClock, jump: float, caplog: pytest.LogCaptureFixture
) -> None:
    async with listening(scripted(b"HTTP/1.1 500 x\r\nContent-Length: 0\r\n\r\n")) as receiver:
        await subscribe(api, receiver.url(), ("customer.*",))
        await add_customer(api, phone="1")
        await arrived(receiver, 1)
        await attempted(api, 1)
        clock.at += jump
        await box.app.dispatcher.sweep()
        await arrived(receiver, 2)
    caplog.clear()  # that the clock jumped may have been said by now


@pytest.mark.parametrize("jump", [HOUR, -HOUR, -YEAR])  # a year ahead its day is over, as far as anybody can tell
async def test_a_request_that_is_sent_again_within_its_day_is_not_done_twice(
    api: Client, clock: StillClock, jump: float
) -> None:
    first = await api.send("POST", "customers/", {"phone": "1"}, {"Idempotency-Key": "a"})
    clock.at += jump
    again = await api.send("POST", "customers/", {"phone": "1"}, {"Idempotency-Key": "a"})
    assert (again.status, again.body) == (first.status, first.body)
    assert again.headers["Idempotent-Replayed"] == "true"

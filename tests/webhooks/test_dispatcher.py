"""The dispatcher: many tenants share what there is, one that is sick holds nobody up, and who is idle costs nothing."""

import asyncio
import json
from dataclasses import replace
from typing import Any

import pytest

from smoothbox.errors import Problem
from smoothbox.settings import Settings, Tenants, Webhooks
from tests.api.acme import add_customer, subscribe
from tests.api.test_deliveries import arrived
from tests.box import CATALOGUE, Client, RunningBox, StillClock
from tests.conftest import ROOMY
from tests.webhooks.receivers import OK, Connection, Receiver, listening, scripted, silent

pytestmark = pytest.mark.gen_test

FEW = Webhooks(allow_cidrs=("127.0.0.0/8",), total=4, per_tenant=3, connect_timeout=0.5, timeout=0.5, jitter=0.0)


@pytest.fixture
def settings() -> Settings:
    return replace(ROOMY, webhooks=FEW)


async def slowly(connection: Connection) -> None:
    """Answers after a moment."""
    await connection.read()
    await asyncio.sleep(0.02)
    await connection.send(OK)


def paths(receiver: Receiver) -> list[str]:
    return [each.line.split(" ")[1] for each in receiver.requests]


async def tell(client: Client, times: int) -> None:
    for number in range(times):
        await add_customer(client, phone=str(number))


async def test_in_all_no_more_attempts_are_under_way_than_allowed(box: RunningBox, api: Client) -> None:
    async with listening(silent) as hanging:
        for client in (api, box.client("rival")):
            for _ in range(4):
                await subscribe(client, hanging.url(), ("customer.*",))
            await tell(client, 2)
        await asyncio.sleep(0.15)
        assert hanging.hits == 4  # three of one, and one of the other


async def test_a_tenant_with_a_long_queue_does_not_keep_another_from_its_turn(box: RunningBox, api: Client) -> None:
    async with listening(slowly) as receiver:
        for _ in range(3):
            await subscribe(api, receiver.url(path="/acme"), ("customer.*",))
        rival = box.client("rival")
        await subscribe(rival, receiver.url(path="/rival"), ("customer.*",))
        await tell(api, 30)
        begun = len(receiver.requests)
        assert begun < 80
        await add_customer(rival, phone="1")
        await arrived(receiver, 91)
        place = paths(receiver).index("/rival")
        assert place <= begun + 8, (place, begun)


async def test_endpoints_of_one_tenant_take_turns(api: Client) -> None:
    async with listening(slowly) as receiver:
        for number in range(6):
            await subscribe(api, receiver.url(path=f"/{number}"), ("customer.*",))
        await tell(api, 10)
        await arrived(receiver, 60)
        halfway = paths(receiver)[:30]
        assert {halfway.count(f"/{number}") for number in range(6)} <= {3, 4, 5, 6, 7}


async def test_a_file_that_cannot_be_used_is_left_alone_for_a_while_and_holds_nobody_up(
    box: RunningBox, api: Client, clock: StillClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with listening(scripted(OK)) as receiver:
        await subscribe(api, receiver.url(path="/acme"), ("customer.*",))
        await subscribe(box.client("rival"), receiver.url(path="/rival"), ("customer.*",))
        await asyncio.sleep(0.05)
        use, tried = box.app.files.use, []

        def refuse_acme(tenant: Any, mode: Any) -> Any:
            if tenant.slug == "acme" and asyncio.current_task().get_coro().__name__ == "_serve":  # type: ignore[union-attr]
                tried.append(clock.elapsed())
                raise Problem("unavailable")
            return use(tenant, mode)

        monkeypatch.setattr(box.app.files, "use", refuse_acme)
        await add_customer(api, phone="1")
        await add_customer(box.client("rival"), phone="1")
        await arrived(receiver, 1)
        for _ in range(5):
            await box.app.dispatcher.sweep()
            await asyncio.sleep(0.01)
        assert len(tried) == 1
        for seconds in (1, 1, 1, 2):  # it waits for one second, then for two, then for four
            clock.advance(seconds)
            await box.app.dispatcher.sweep()
            await asyncio.sleep(0.02)
        assert len(tried) == 3
        monkeypatch.setattr(box.app.files, "use", use)
        clock.advance(4)
        await box.app.dispatcher.sweep()
        await arrived(receiver, 2)
        assert sorted(paths(receiver)) == ["/acme", "/rival"]


async def test_what_ended_is_recorded_later_when_the_file_cannot_take_it_now(
    box: RunningBox, api: Client, clock: StillClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with listening(slowly) as receiver:
        await subscribe(api, receiver.url(), ("customer.*",))
        await add_customer(api, phone="1")
        (place,) = (each for each in box.app.files._places.values() if each.key[1] == "live")
        for _ in range(500):
            await asyncio.sleep(0.002 * (not receiver.hits))
        write = place.database.write

        async def full(*_: Any, **__: Any) -> Any:
            raise Problem("storage_full")

        monkeypatch.setattr(place.database, "write", full)
        await arrived(receiver, 1)
        await asyncio.sleep(0.1)
        monkeypatch.setattr(place.database, "write", write)
        clock.advance(1)
        await box.app.dispatcher.sweep()
        for _ in range(200):
            found = (await api.get("webhooks/1/deliveries/1/")).body
            if found["status"] == "succeeded":
                break
            await asyncio.sleep(0.01)
        assert (found["status"], len(found["attempts"]), len(receiver.requests)) == ("succeeded", 1, 1)


async def test_a_sweep_over_idle_tenants_opens_no_file(box: RunningBox, clock: StillClock) -> None:
    for slug in ("one", "two", "three"):
        box.add_tenant(slug)
    for _ in range(3):
        clock.advance(3600)
        await box.app.dispatcher.sweep()
        await asyncio.sleep(0.01)
    assert len(box.app.files) == 0
    assert box.app.dispatcher._outboxes == {}


async def test_an_outbox_is_forgotten_when_its_file_is_closed(box: RunningBox, api: Client, clock: StillClock) -> None:
    async with listening(scripted(OK)) as receiver:
        await subscribe(api, receiver.url(), ("customer.*",))
        await add_customer(api, phone="1")
        await arrived(receiver, 1)
        await asyncio.sleep(0.1)
        assert len(box.app.dispatcher._outboxes) == 1
        clock.advance(301)
        await box.app.files.close_idle()
        await box.app.dispatcher.sweep()
        assert box.app.dispatcher._outboxes == {}
        await add_customer(api, phone="2")
        assert [json.loads(each.body)["data"]["object"]["phone"] for each in await arrived(receiver, 2)] == ["1", "2"]


class TestCrowdedPool:
    """More tenants than files may be open."""

    @pytest.fixture
    def settings(self) -> Settings:
        return replace(ROOMY, webhooks=FEW, tenants=Tenants(max_open=2))

    async def test_every_tenant_is_served_in_the_end(self, box: RunningBox, clock: StillClock) -> None:
        async with listening(scripted(OK)) as receiver:
            for slug in ("acme", "rival", "third"):
                if slug == "third":
                    box.add_tenant(slug)
                client = box.client(slug)
                await subscribe(client, receiver.url(path=f"/{slug}"), ("customer.*",))
                await tell(client, 5)
            for _ in range(100):
                if len(receiver.requests) >= 15:
                    break
                clock.advance(300)
                await box.app.dispatcher.sweep()
                await asyncio.sleep(0.02)
            assert sorted(paths(receiver)) == ["/acme"] * 5 + ["/rival"] * 5 + ["/third"] * 5


class TestHaste:
    """A pace that is slow enough to see."""

    @pytest.fixture
    def settings(self) -> Settings:
        return replace(ROOMY, webhooks=replace(FEW, total=32, per_tenant=8, per_second=100))

    async def test_no_more_attempts_begin_than_the_pace_allows_and_none_is_left(self, api: Client) -> None:
        async with listening(scripted(OK)) as receiver:
            for number in range(6):
                await subscribe(api, receiver.url(path=f"/{number}"), ("customer.*",))
            await tell(api, 15)
            requests = await arrived(receiver, 90)
            times = sorted(each.at for each in requests)
            assert times[-1] - times[0] > (90 - 32 - 32) / 100
            assert all(times[at + 65] - times[at] > 0.3 for at in range(len(times) - 65))


async def test_when_the_registry_cannot_be_told_what_was_claimed_is_sent_all_the_same(
    box: RunningBox, api: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with listening(scripted(OK)) as receiver:
        await subscribe(api, receiver.url(), ("service.*",))
        told: list[Any] = []

        async def refuse(change: Any) -> None:
            told.append(change)
            raise Problem("unavailable")

        monkeypatch.setattr(box.app.registry, "note_attended", refuse)
        catalogue = CATALOGUE
        await asyncio.get_running_loop().run_in_executor(
            None, box.apply, "acme", catalogue.replace("price = 2500", "price = 2600")
        )
        await box.app.dispatcher.sweep()
        await arrived(receiver, 1)
        await asyncio.sleep(0.05)
        assert told
        assert (await api.get("webhooks/1/deliveries/", status="succeeded")).body["count"] == 1


async def test_what_was_claimed_when_a_turn_failed_is_taken_back_and_what_is_under_way_is_not(
    box: RunningBox, api: Client, clock: StillClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with listening(silent) as hanging, listening(scripted(OK)) as receiver:
        await subscribe(api, hanging.url(), ("customer.*",))
        await add_customer(api, phone="1")
        for _ in range(500):
            await asyncio.sleep(0.002 * (not hanging.hits))
        await subscribe(api, receiver.url(), ("customer.*",))
        follow = box.app.dispatcher._follow

        def fail(*_: Any) -> None:
            monkeypatch.setattr(box.app.dispatcher, "_follow", follow)
            raise Problem("unavailable")

        monkeypatch.setattr(box.app.dispatcher, "_follow", fail)
        await add_customer(api, phone="2")
        await asyncio.sleep(0.1)
        assert not receiver.requests
        clock.advance(1)
        await box.app.dispatcher.sweep()
        await arrived(receiver, 1)
        for _ in range(200):
            found = (await api.get("webhooks/1/deliveries/1/")).body
            if found["attempts"]:
                break
            await asyncio.sleep(0.01)
        assert [each["error"] for each in found["attempts"]] == ["timeout"]


class TestSaturated:
    """All attempts that may be under way belong to others."""

    @pytest.fixture
    def settings(self) -> Settings:
        return replace(ROOMY, webhooks=replace(FEW, total=2, per_tenant=2, timeout=5.0))

    async def test_who_has_waited_has_the_place_that_becomes_free(self, box: RunningBox, api: Client) -> None:
        ends = asyncio.Queue[None]()

        async def when_told(connection: Connection) -> None:
            await connection.read()
            await ends.get()
            await connection.send(OK)

        async with listening(when_told) as receiver:
            rival = box.client("rival")
            await subscribe(api, receiver.url(path="/acme"), ("customer.*",))
            await subscribe(rival, receiver.url(path="/rival"), ("customer.*",))
            await tell(api, 10)
            await arrived(receiver, 2)
            await tell(rival, 1)
            for number in range(3, 6):
                ends.put_nowait(None)
                await arrived(receiver, number)
            assert "/rival" in paths(receiver)[2:4]
            for _ in range(20):
                ends.put_nowait(None)
            await arrived(receiver, 11)


async def test_a_tenant_that_is_disabled_meanwhile_begins_no_more_attempts(box: RunningBox, api: Client) -> None:
    async with listening(slowly) as receiver:
        await subscribe(api, receiver.url(), ("customer.*",))
        await tell(api, 60)
        await arrived(receiver, 4)
        box.set_status("acme", "DISABLED")
        await box.app.dispatcher.sweep()
        await asyncio.sleep(0.1)
        begun = len(receiver.requests)
        await asyncio.sleep(0.2)
        assert len(receiver.requests) == begun < 60
        box.set_status("acme", "ACTIVE")
        await box.app.dispatcher.sweep()
        await arrived(receiver, 60)


async def test_a_stop_records_what_could_not_be_recorded_before(
    box: RunningBox, api: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with listening(scripted(OK)) as receiver:
        await subscribe(api, receiver.url(), ("customer.*",))
        advance, failures = box.app.dispatcher._advance, []

        async def refuse_once(outbox: Any, finished: Any, room: int) -> Any:
            if finished and not failures:
                failures.append(finished)
                raise Problem("unavailable")
            return await advance(outbox, finished, room)

        monkeypatch.setattr(box.app.dispatcher, "_advance", refuse_once)
        await add_customer(api, phone="1")
        await arrived(receiver, 1)
        for _ in range(500):
            await asyncio.sleep(0.002 * (not failures))
        await asyncio.wait_for(box.app.dispatcher.stop(5), 2)
        assert (await api.get("webhooks/1/deliveries/1/")).body["status"] == "succeeded"


class TestEvicted:
    """A file that had to make room for another before its hold was over."""

    @pytest.fixture
    def settings(self) -> Settings:
        return replace(ROOMY, webhooks=FEW, tenants=Tenants(max_open=1))

    async def test_its_hold_ends_all_the_same(self, box: RunningBox, clock: StillClock) -> None:
        acme, rival = box.client("acme"), box.client("rival")
        await add_customer(acme, phone="1")
        await box.app.dispatcher.sweep()
        await asyncio.sleep(0.05)  # its turn is over, and nothing was due by then
        body = {"service_id": 1, "start_time": "2027-01-07T10:00:00-05:00", "ttl_seconds": 60}
        assert (await acme.post("holds/", body)).status == 201
        assert (await rival.get("business/")).status == 200
        clock.advance(61)
        for _ in range(100):
            await box.app.dispatcher.sweep()
            await asyncio.sleep(0.02)
            if (1, "live") in box.app.files._places:
                break
            clock.advance(10)
        await asyncio.sleep(0.05)
        assert (await acme.get("events/", type="hold.expired")).body["count"] == 1

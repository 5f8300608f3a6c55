"""Turns: who is served when, and what becomes of the room that is not used."""

import asyncio

import pytest

from smoothbox.settings import Webhooks
from smoothbox.store.box import Tenant
from smoothbox.webhooks.turns import Outbox, Turns
from tests.box import StillClock

pytestmark = pytest.mark.gen_test


def outbox(number: int) -> Outbox:
    return Outbox(Tenant(number, f"t{number}", "", f"t{number}", "ACTIVE", ""), "live")


async def test_room_that_is_not_used_is_given_back(clock: StillClock) -> None:
    rooms: list[int] = []

    def serve(served: Outbox, room: int) -> None:
        rooms.append(room)
        asyncio.get_running_loop().call_soon(turns.over, served, room, 0)

    turns, only = Turns(Webhooks(per_second=1), clock, serve), outbox(1)
    for _ in range(50):
        turns.want(only)
        await asyncio.sleep(0.001)
    assert rooms == [8] * 50


async def test_those_who_want_a_turn_are_served_in_their_order_and_once_each(clock: StillClock) -> None:
    served: list[int] = []
    turns = Turns(Webhooks(total=3), clock, lambda each, _: served.append(each.tenant.id))
    boxes = [outbox(number) for number in range(6)]
    for each in (*boxes, *boxes[:3]):
        turns.want(each)
    await asyncio.sleep(0.001)
    assert served == [0, 1, 2]  # each reserves one attempt of three
    for each in boxes[:3]:
        turns.over(each, 1, 0)
    await asyncio.sleep(0.001)
    assert served == [0, 1, 2, 3, 4, 5]


async def test_who_is_set_back_keeps_nobody_else_from_a_turn(clock: StillClock) -> None:
    served: list[int] = []
    turns = Turns(Webhooks(), clock, lambda each, _: served.append(each.tenant.id))
    sick, sound = outbox(1), outbox(2)
    sick.set_back(clock.elapsed(), 300)
    turns.want(sick)
    turns.want(sound)
    await asyncio.sleep(0.001)
    assert served == [2]
    clock.advance(1)
    turns.call()
    await asyncio.sleep(0.001)
    assert served == [2, 1]


async def test_what_ended_is_recorded_though_no_attempt_may_begin(clock: StillClock) -> None:
    rooms: list[int] = []
    turns, ended = Turns(Webhooks(total=1), clock, lambda _, room: rooms.append(room)), outbox(1)
    turns.count(outbox(2), 1)
    turns.want_to_record(ended)
    await asyncio.sleep(0.001)
    assert rooms == [0]


async def test_what_ends_together_is_recorded_together(clock: StillClock) -> None:
    rooms: list[int] = []
    turns, busy = Turns(Webhooks(), clock, lambda _, room: rooms.append(room)), outbox(1)
    busy.under_way = {2}
    turns.want_to_record(busy)
    await asyncio.sleep(0)
    assert rooms == []  # the other one may end in a moment
    busy.under_way = set()
    turns.want_to_record(busy)
    await asyncio.sleep(0.002)
    assert len(rooms) == 1
    turns.over(busy, rooms[0], 0)
    busy.under_way = {3}
    turns.want_to_record(busy)
    await asyncio.sleep(0.05)
    assert len(rooms) == 2  # it did not, and is waited for no longer

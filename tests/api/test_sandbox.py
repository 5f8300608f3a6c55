"""The sandbox and the neighbour: what lies in another file cannot be seen, named or touched."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from smoothbox.api.routes import ROUTES
from smoothbox.operations import sandbox
from smoothbox.operations.catalogue import apply
from smoothbox.operations.catalogue_file import parse
from smoothbox.store.folder import open_tenant
from tests.box import CATALOGUE, Answer, Client, RunningBox

from .acme import CUT, JANE, TEN, add_customer, assert_refused, book, on, ping, subscribe, wish

pytestmark = pytest.mark.gen_test

WITH_ID = [(pattern, method) for pattern, methods in ROUTES.items() if "<id>" in pattern for method in methods]
BODIES: dict[tuple[str, str], Any] = {
    ("bookings/<id>/", "PATCH"): {"notes": "mine"},
    ("bookings/<id>/cancel/", "POST"): {"reason": "mine"},
    ("customers/<id>/", "PATCH"): {"notes": "mine"},
    ("webhooks/<id>/recover/", "POST"): {"since": "2027-01-04T00:00:00Z"},
}


async def send(api: Client, pattern: str, method: str, number: int) -> Answer:
    return await api.send(method, pattern.replace("<id>", str(number)), BODIES.get((pattern, method)))


def stranger(box: RunningBox, kind: str) -> Client:
    return box.client("acme", "test") if kind == "sandbox" else box.client("rival")


async def test_a_test_token_sees_only_the_sandbox(box: RunningBox, api: Client) -> None:
    test = box.client("acme", "test")
    assert (await test.get("business/")).body["environment"] == "test"
    await book(test)
    assert [(await each.get("bookings/")).body["count"] for each in (api, test)] == [0, 1]
    assert [(await each.get("customers/")).body["count"] for each in (api, test)] == [0, 1]
    await book(api, resource_id=1)  # the same place is still free in the live file
    for each in (api, test):
        assert_refused(await each.post("bookings/", wish(resource_id=1)), 409, "slot_unavailable")


def extend(box: RunningBox) -> None:
    """Give acme's live file a fifth service and a fifth resource that the stranger's file has not."""
    more = "".join(f'[[resource]]\nkey = "r{number}"\nname = "R"\ntype = "ROOM"\n' for number in (4, 5))
    more += '[[service]]\nkey = "s5"\nname = "S"\nduration = 30\nprice = 1\nresources = ["r5"]\n'
    with open_tenant(box.folder, "acme", "live", box.clock) as live:
        live.write(apply, parse(tomllib.loads(CATALOGUE + more), CATALOGUE + more, Path("more.toml")))


async def add_customers(api: Client) -> None:
    """Customers up to the fifth."""
    while (await api.get("customers/")).body["count"] < 5:
        await add_customer(api, phone="1")


async def add_webhooks(api: Client) -> None:
    """Five endpoints, and as many deliveries to the fifth."""
    for _ in range(5):
        await subscribe(api, events=("hold.expired",))
    for _ in range(5):
        await ping(api, 5)


@pytest.mark.parametrize("kind", ["sandbox", "neighbour"])
async def test_each_file_counts_its_ids_for_itself(box: RunningBox, api: Client, kind: str) -> None:
    assert (await book(api))["id"] == (await book(stranger(box, kind)))["id"] == 1


@pytest.mark.parametrize("kind", ["sandbox", "neighbour"])
@pytest.mark.parametrize(("pattern", "method"), WITH_ID)
async def test_what_is_in_another_file_is_missing_like_anything_that_is_missing(
    box: RunningBox, api: Client, kind: str, pattern: str, method: str
) -> None:
    extend(box)
    other, number = stranger(box, kind), 5
    made = [await book(api, start_time=on("07", f"{hour}:00")) for hour in range(10, 15)]
    await add_customers(api)
    await add_webhooks(api)
    for hour in ("09", "10", "11", "13", "14"):
        assert (await api.post("holds/", {"service_id": 1, "start_time": on("14", f"{hour}:00")})).status == 201
    before = [(await api.get(f"bookings/{each['id']}/")).body for each in made]
    answer, missing = await send(other, pattern, method, number), await send(other, pattern, method, 4711)
    assert_refused(answer, 404, "not_found")
    assert answer.body == missing.body | {"message": missing.body["message"].replace("4711", str(number))}
    assert {*answer.headers} == {*missing.headers}
    assert [(await api.get(f"bookings/{each['id']}/")).body for each in made] == before
    assert (await send(api, pattern, method, number)).status in {200, 202, 204}


@pytest.mark.parametrize("kind", ["sandbox", "neighbour"])
async def test_ids_of_another_file_are_unknown_in_bodies_and_queries_too(box: RunningBox, api: Client, kind: str) -> None:
    extend(box)
    other = stranger(box, kind)
    await add_customers(api)
    for field in ("service_id", "customer_id"):
        assert_refused(await other.post("bookings/", wish(**{field: 5})), 400, "validation_error", field)
    assert_refused(await other.post("bookings/", wish(resource_id=5)), 400, "resource_not_eligible", "resource_id")
    assert_refused(await other.get("availability/", service_id=5, date="2027-01-05"), 404, "not_found")
    for name in ("customers", "services", "resources", "bookings"):
        assert (await other.get(f"{name}/", id__in="5")).body["count"] == 0
    for parameter in ("service_id", "customer_id", "resource_id"):
        assert (await other.get("bookings/", **{parameter: 5})).body["count"] == 0


async def test_a_duplicate_is_one_of_the_same_file_only(box: RunningBox, api: Client) -> None:
    for each in (api, box.client("acme", "test"), box.client("rival")):
        await add_customer(each, **JANE)


async def test_a_reset_takes_effect_under_the_running_server(box: RunningBox, api: Client) -> None:
    test = box.client("acme", "test")
    await book(api)
    await book(test)
    sandbox.reset(box.folder, "acme", box.clock)
    assert [(await each.get("bookings/")).body["count"] for each in (api, test)] == [1, 0]
    assert (await test.get("customers/")).body["count"] == 0
    names = [[row["name"] for row in (await each.get("services/")).body["results"]] for each in (api, test)]
    assert names[0] == names[1]
    assert (await book(test, service_id=CUT))["start_time"] == TEN

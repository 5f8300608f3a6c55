"""Customers in the console: found, added, changed, blocked."""

from typing import Any

import pytest

from tests.api.acme import add_customer, book
from tests.box import Client, RunningBox
from tests.web.visitor import Visitor

pytestmark = pytest.mark.gen_test
HERE = "/console/live/customers/"


async def one(api: Client, number: int = 1) -> dict[str, Any]:
    found: dict[str, Any] = (await api.get(f"customers/{number}/")).body
    return found


async def test_they_are_found_by_name_tag_and_status(api: Client, owner: Visitor) -> None:
    await add_customer(api, first_name="Jane", last_name="Doe", email="jane@example.com", tags=["regular"])
    await add_customer(api, first_name="Eve", phone="+1 212 555 0123", status="BLOCKED")
    assert "2 customers" in (await owner.see(HERE)).text
    for query, name, other in (
        ("search=jan", "Jane", "Eve"),
        ("tag=regular", "Jane", "Eve"),
        ("status=BLOCKED", "Eve", "Jane"),
    ):
        text = (await owner.see(f"{HERE}?{query}")).text
        assert name in text
        assert other not in text
    assert "Nobody is like that" in (await owner.see(f"{HERE}?search=zzz")).text


async def test_more_than_a_page_are_walked(api: Client, owner: Visitor) -> None:
    for number in range(55):
        await add_customer(api, last_name=f"N{number:02}", email=f"n{number}@example.com")
    first = await owner.see(HERE)
    (after,) = [link for link in first.links if "cursor=" in link]
    second = await owner.see(HERE + after)
    assert "N54" in second.text
    assert "N10" not in second.text


async def test_one_shows_what_is_known_and_their_bookings(api: Client, owner: Visitor) -> None:
    made = await book(api)
    await api.patch("customers/1/", {"notes": "Likes <tea>", "tags": ["regular"]})
    page = await owner.see(f"{HERE}1/")
    for words in ("Jane Doe", "jane@example.com", "Likes <tea>", "regular", "Tue 5 Jan 2027, 10:00"):
        assert words in page.text
    assert f"/console/live/bookings/{made['id']}/" in page.links


async def test_somebody_is_added_and_changed(api: Client, owner: Visitor) -> None:
    page = await owner.send(await owner.see(f"{HERE}new/"), first_name="Eve", phone="+1 212 555 0123", tags="a\n b \n\n")
    assert "Eve is added" in page.text
    assert (await one(api))["tags"] == ["a", "b"]
    await api.patch("customers/1/", {"metadata": {"k": 1}})
    await owner.send(await owner.see(f"{HERE}1/change/"), last_name="Poe", email="eve@example.com")
    changed = await one(api)
    assert (changed["name"], changed["email"], changed["metadata"]) == ("Eve Poe", "eve@example.com", {"k": 1})


async def test_a_tag_with_a_comma_stays_one(api: Client, owner: Visitor) -> None:
    await add_customer(api, first_name="Eve", phone="1", tags=["met in Rome, 2019", "regular"])
    await owner.send(await owner.see(f"{HERE}1/change/"), last_name="Poe")
    assert (await one(api))["tags"] == ["met in Rome, 2019", "regular"]


async def test_a_twin_is_refused_beside_the_address_and_what_was_typed_stays(api: Client, owner: Visitor) -> None:
    await add_customer(api, first_name="Jane", email="jane@example.com")
    page = await owner.send(await owner.see(f"{HERE}new/"), first_name="Janet", email="JANE@example.com")
    assert page.status == 409
    assert "Customer 1 has this address already." in page.text
    assert page.form("new/").values["first_name"] == ["Janet"]


@pytest.mark.parametrize("typed", [{}, {"email": "nonsense"}, {"first_name": "x" * 101, "phone": "1"}])
async def test_what_cannot_be_is_said_beside_its_field(api: Client, owner: Visitor, typed: dict[str, str]) -> None:
    page = await owner.send(await owner.see(f"{HERE}new/"), **typed)
    assert page.status == 400
    assert 'class="wrong"' in page.html
    assert (await api.get("customers/")).body["count"] == 0


async def test_one_is_blocked_and_let_in_again(api: Client, owner: Visitor) -> None:
    await add_customer(api, first_name="Eve", phone="1")
    for status in ("BLOCKED", "ACTIVE"):
        await owner.send(await owner.see(f"{HERE}1/"), "status/")
        assert (await one(api))["status"] == status


async def test_what_changed_meanwhile_is_not_overwritten(api: Client, owner: Visitor) -> None:
    await add_customer(api, first_name="Eve", phone="1")
    page = await owner.see(f"{HERE}1/change/")
    await api.patch("customers/1/", {"notes": "Theirs"})
    refused = await owner.send(page, notes="Mine")
    assert (refused.status, refused.form("change/").values["notes"]) == (412, ["Mine"])
    assert (await one(api))["notes"] == "Theirs"


async def test_those_of_others_are_not_here(box: RunningBox, owner: Visitor) -> None:
    await add_customer(box.client("rival"), first_name="Eve", phone="1")
    await add_customer(box.client(mode="test"), first_name="Eve", phone="1")
    for path in ("1/", "1/change/"):
        assert (await owner.see(HERE + path)).status == 404

"""The customer's own link on a booking: who is shown it, where, and that it is no part of the booking's tag."""

import pytest

from smoothbox.contract.scopes import ORDINARY
from tests.api.acme import CUT, WEDDING, book, on, wish
from tests.box import Client, RunningBox


@pytest.mark.gen_test
async def test_one_booking_carries_a_link_wherever_it_is_shown(api: Client) -> None:
    made = await book(api)
    link = made["manage_url"]
    assert link.startswith(f"{api.url}/b/")
    assert (await api.get("bookings/1/")).body["manage_url"] == link
    assert (await api.patch("bookings/1/", {"notes": "Left door"})).body["manage_url"] == link
    assert (await api.post("bookings/1/cancel/")).body["manage_url"] is None
    assert (await api.get("bookings/1/")).body["manage_url"] is None


@pytest.mark.gen_test
async def test_a_confirmation_keeps_the_link_and_another_time_makes_another(api: Client) -> None:
    link = (await book(api))["manage_url"]
    assert (await api.patch("bookings/1/", {"status": "CONFIRMED"})).body["manage_url"] == link
    moved = await api.patch("bookings/1/", {"start_time": on("05", "10:30")})
    assert moved.body["manage_url"] not in {link, None}


@pytest.mark.gen_test
async def test_lists_and_events_leave_it_out(api: Client) -> None:
    await book(api)
    (listed,) = (await api.get("bookings/")).body["results"]
    assert "manage_url" not in listed
    for event in (await api.get("events/")).body["results"]:
        assert "manage_url" not in event["data"]["object"]


@pytest.mark.gen_test
async def test_every_booking_of_a_new_series_has_its_own(api: Client) -> None:
    made = await api.post("bookings/", wish(recurrence="FREQ=WEEKLY;COUNT=3"))
    links = {each["manage_url"] for each in made.body["results"]}
    assert len(links) == 3
    assert None not in links


@pytest.mark.gen_test
async def test_a_request_without_a_time_has_one(api: Client) -> None:
    made = await book(api, service_id=WEDDING, start_time=None)
    assert made["manage_url"] is not None


@pytest.mark.gen_test
async def test_who_may_only_read_is_not_handed_a_way_to_act(box: RunningBox, api: Client) -> None:
    await book(api)
    reader = box.client(scopes=("bookings:read",))
    for _ in range(3):  # kept answers too
        assert (await reader.get("bookings/1/")).body["manage_url"] is None
        assert (await api.get("bookings/1/")).body["manage_url"] is not None


@pytest.mark.gen_test
async def test_it_leads_to_where_the_caller_came_in(api: Client) -> None:
    await book(api)
    answer = await api.send("GET", "bookings/1/", headers={"Host": "book.example.com"})
    assert answer.body["manage_url"].startswith("http://book.example.com/b/")


@pytest.mark.gen_test
async def test_it_is_no_part_of_the_tag(box: RunningBox, api: Client) -> None:
    await book(api)
    reader = box.client(scopes=("bookings:read",))
    mine, theirs = await api.get("bookings/1/"), await reader.get("bookings/1/")
    assert mine.headers["ETag"] == theirs.headers["ETag"]
    changed = await api.send("PATCH", "bookings/1/", {"notes": "x"}, {"If-Match": mine.headers["ETag"]})
    assert changed.status == 200


@pytest.mark.gen_test
async def test_the_sandbox_and_another_business_have_other_links(box: RunningBox, api: Client) -> None:
    links = {(await book(each))["manage_url"] for each in (api, box.client(mode="test"), box.client("rival"))}
    assert len(links) == 3


@pytest.mark.gen_test
@pytest.mark.parametrize("scopes", [ORDINARY, ("bookings:write",)])
async def test_a_replayed_answer_carries_the_link_it_carried(box: RunningBox, scopes: tuple[str, ...]) -> None:
    client = box.client(scopes=scopes)
    client.headers["Idempotency-Key"] = "once"
    first, again = await client.post("bookings/", wish(service_id=CUT)), await client.post("bookings/", wish(service_id=CUT))
    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.body == first.body
    assert first.body["manage_url"] is not None

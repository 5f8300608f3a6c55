"""Services that take one resource of each of several groups (P12), and who is chosen when nobody is named (P13)."""

from typing import Any

import pytest

from tests.box import Client, RunningBox

from .acme import ANN, BOB, COLOUR, CUT, ROOM, TEN, assert_refused, book, on, wish
from .studio import CY, DUET, MASSAGE, STUDIO, YOGA, furnish

pytestmark = pytest.mark.gen_test

WEDNESDAY = on("05", "13:00")


@pytest.fixture
def api(box: RunningBox) -> Client:
    return furnish(box)


async def free(api: Client, service_id: int, day: str = "2027-01-05", **query: Any) -> dict[str, dict[str, Any]]:
    answer = await api.get("availability/", service_id=service_id, date=day, **query)
    assert answer.status == 200, answer
    return {slot["start_time"][11:16]: slot for slot in answer.body["days"][0]["slots"]}


async def test_a_booking_takes_one_of_each_group_and_occupies_them_all(api: Client) -> None:
    made = await book(api, service_id=MASSAGE)
    assert made["resource_ids"] == [ANN, ROOM]
    assert (made["resource_id"], made["resource_name"]) == (ANN, "Ann")
    answer = await api.post("bookings/", wish(service_id=MASSAGE))
    assert_refused(answer, 409, "slot_unavailable")
    assert answer.body["details"]["conflict"] == "booking"  # Cy is free, but the room is not
    assert answer.body["details"]["next_available"][0] == on("05", "11:00")
    assert_refused(await api.post("bookings/", wish(service_id=CUT, resource_id=ANN)), 409, "slot_unavailable")


async def test_a_slot_needs_all_of_its_groups(api: Client) -> None:
    first = (await free(api, MASSAGE))["10:00"]
    assert (first["resource_ids"], first["remaining"]) == ([ANN, ROOM, CY], 1)
    await book(api, service_id=COLOUR, resource_id=ANN)  # ten to half past eleven
    assert (await free(api, MASSAGE))["10:00"]["resource_ids"] == [ROOM, CY]
    await book(api, service_id=MASSAGE)
    assert "10:00" not in await free(api, MASSAGE)


async def test_any_of_its_resources_may_be_asked_for(api: Client) -> None:
    assert (await book(api, service_id=MASSAGE, resource_id=CY))["resource_ids"] == [CY, ROOM]
    assert (await book(api, service_id=MASSAGE, start_time=on("05", "11:00"), resource_id=ROOM))["resource_ids"][1] == ROOM
    assert_refused(await api.post("bookings/", wish(service_id=MASSAGE, resource_id=BOB)), 400, "resource_not_eligible")
    listed = await api.get("bookings/", resource_id=ROOM)
    assert listed.body["count"] == 2


async def test_nobody_counts_for_two_groups(api: Client) -> None:
    made = await book(api, service_id=DUET)  # Bob is there from ten to eleven
    assert made["resource_ids"] == [ANN, BOB]
    answer = await api.post("bookings/", wish(service_id=DUET))
    assert_refused(answer, 409, "slot_unavailable")  # Cy alone has only two hands
    assert answer.body["details"]["conflict"] == "booking"
    assert (await free(api, DUET))["10:30"] == {
        "start_time": on("05", "10:30"),
        "end_time": on("05", "11:00"),
        "resource_ids": [ANN, BOB, CY],
        "remaining": 1,
    }
    assert (await book(api, service_id=DUET, start_time=on("05", "10:30"), resource_id=CY))["resource_ids"][0] == CY


async def test_a_group_without_anybody_makes_the_service_unbookable(box: RunningBox, api: Client) -> None:
    box.apply("acme", STUDIO.replace('needs = [["ann", "cy"], ["room"]]', 'needs = [["ann", "cy"], ["loft"]]') + LOFT)
    box.apply("acme", STUDIO.replace('needs = [["ann", "cy"], ["room"]]', 'needs = [["ann", "cy"], ["room"]]'))
    assert (await free(api, MASSAGE))["10:00"]["resource_ids"] == [ANN, ROOM, CY]


LOFT = '[[resource]]\nkey = "loft"\nname = "Loft"\ntype = "ROOM"\n'


async def test_a_companion_needs_no_grid_of_its_own_but_must_be_open(box: RunningBox, api: Client) -> None:
    room = 'key = "room"\nname = "Blue Room"\ntype = "ROOM"\n'
    box.apply("acme", STUDIO.replace(room, room + '[resource.hours]\ntuesday = ["09:10-11:10"]\n'))
    assert list(await free(api, MASSAGE)) == ["09:30", "10:00"]
    answer = await api.post("bookings/", wish(service_id=MASSAGE, start_time=on("05", "10:30")))
    assert_refused(answer, 400, "outside_availability", "start_time")


async def test_a_reschedule_keeps_its_resources_while_they_are_free(api: Client) -> None:
    made = await book(api, service_id=MASSAGE, resource_id=CY)
    moved = await api.patch(f"bookings/{made['id']}/", {"start_time": on("05", "10:30")})
    assert (moved.status, moved.body["resource_ids"]) == (200, [CY, ROOM])
    await book(api, service_id=CUT, start_time=on("05", "14:00"), resource_id=ANN)
    moved = await api.patch(f"bookings/{made['id']}/", {"start_time": on("05", "15:00"), "resource_id": ANN})
    assert moved.body["resource_ids"] == [ANN, ROOM]


async def test_the_one_with_the_fewest_booked_minutes_that_day_takes_it(api: Client) -> None:
    await book(api, service_id=COLOUR, start_time=on("05", "13:00"))  # Ann has an hour
    assert (await book(api))["resource_id"] == BOB
    await book(api, start_time=on("05", "10:30"), resource_id=BOB)  # now both have an hour


async def test_of_equals_that_day_the_week_decides_and_then_the_lowest_id(api: Client) -> None:
    assert (await book(api, start_time=on("07", "10:00")))["resource_id"] == ANN
    assert (await book(api, start_time=on("05", "10:00")))["resource_id"] == BOB  # Ann has half an hour on Thursday
    assert (await book(api, start_time=on("13", "10:00")))["resource_id"] == ANN  # the seventh is out of sight


async def test_a_session_with_two_resources_is_joined_whole(box: RunningBox, api: Client) -> None:
    box.apply(
        "acme",
        STUDIO.replace("price = 9000\nneeds", "price = 9000\ncapacity = 2\nneeds").replace('["room"]]', '["room", "cy"]]'),
    )
    opened = await book(api, service_id=MASSAGE, resource_id=ROOM)
    joined = await book(api, service_id=MASSAGE)
    assert joined["resource_ids"] == opened["resource_ids"]
    answer = await api.post("bookings/", wish(service_id=MASSAGE, resource_id=ROOM))
    assert_refused(answer, 409, "slot_unavailable")


async def test_it_is_the_time_named_by_its_own_reason_that_is_refused(api: Client) -> None:
    assert_refused(await api.post("bookings/", wish(service_id=MASSAGE, start_time=on("05", "10:10"))), 400, "not_on_slot_grid")
    assert_refused(
        await api.post("bookings/", wish(service_id=MASSAGE, start_time=TEN, resource_id=99)), 400, "resource_not_eligible"
    )


async def test_who_is_in_a_session_can_be_asked_for_whichever_group_is_theirs(box: RunningBox, api: Client) -> None:
    box.apply("acme", STUDIO.replace("duration = 30\nprice = 9000\nneeds", "duration = 30\nprice = 9000\ncapacity = 3\nneeds"))
    opened = await book(api, service_id=DUET)
    assert opened["resource_ids"] == [ANN, BOB]
    for number, resource_id in enumerate((BOB, ANN)):
        listed = await free(api, DUET, resource_id=resource_id)
        assert listed["10:00"]["remaining"] == 2 - number
        assert (await book(api, service_id=DUET, resource_id=resource_id))["resource_ids"] == [ANN, BOB]


async def test_a_session_outlives_an_edit_of_the_groups(api: Client) -> None:
    groups = {"capacity": 3, "resource_groups": [[ANN], [CY]]}
    added = await api.post("services/", {"name": "Class", "duration": 60, "price": 1, **groups})
    service_id = added.body["id"]
    await book(api, service_id=service_id)
    await api.patch(f"services/{service_id}/", {"resource_ids": [ANN, CY]})
    for resource_id in (ANN, CY):
        assert (await book(api, service_id=service_id, resource_id=resource_id))["resource_ids"] == [ANN, CY]


async def test_a_party_too_large_for_what_is_left_is_told_how_many_seats_there_are(box: RunningBox, api: Client) -> None:
    box.apply("acme", STUDIO.replace("duration = 60\nprice = 9000\nneeds", "duration = 60\nprice = 9000\ncapacity = 3\nneeds"))
    await book(api, service_id=MASSAGE)
    answer = await api.post("bookings/", wish(service_id=MASSAGE, party_size=3))
    assert (answer.body["details"]["conflict"], answer.body["details"]["remaining"]) == ("capacity", 2)


async def test_who_comes_back_to_a_full_session_is_told_so(box: RunningBox, api: Client) -> None:
    first = await book(api, service_id=YOGA, resource_id=ANN, party_size=4)
    await api.patch(f"bookings/{first['id']}/", {"status": "NO_SHOW"})
    await book(api, service_id=YOGA, resource_id=ANN, party_size=3)
    answer = await api.patch(f"bookings/{first['id']}/", {"status": "CONFIRMED"})
    assert_refused(answer, 409, "slot_unavailable")
    assert (answer.body["details"]["conflict"], answer.body["details"]["remaining"]) == ("capacity", 2)


async def test_who_comes_back_when_nobody_is_left_to_ask_is_refused_as_taken(api: Client) -> None:
    made = await book(api, resource_id=ANN)
    await api.patch(f"bookings/{made['id']}/", {"status": "NO_SHOW"})
    await book(api, resource_id=ANN)
    for each in (ANN, BOB):
        await api.patch(f"resources/{each}/", {"is_active": False})
    answer = await api.patch(f"bookings/{made['id']}/", {"status": "CONFIRMED"})
    assert_refused(answer, 409, "slot_unavailable")


async def test_a_service_with_too_few_people_says_so(api: Client) -> None:
    for each in (BOB, CY):
        await api.patch(f"resources/{each}/", {"is_active": False})
    answer = await api.get("availability/", service_id=DUET, date="2027-01-05")
    assert (answer.body["reason"], answer.body["next_available"]) == ("no_eligible_resource", None)
    assert_refused(await api.post("bookings/", wish(service_id=DUET)), 400, "resource_not_eligible", "resource_id")

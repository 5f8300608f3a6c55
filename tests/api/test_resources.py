"""GET resources/ and resources/<id>/."""

import pytest

from tests.box import CATALOGUE, Client, RunningBox

from .acme import ADVICE, ANN, BOB, COLOUR, CUT, ROOM, WEDDING, assert_refused

pytestmark = pytest.mark.gen_test


def reader(box: RunningBox) -> Client:
    """Somebody who may look, but may change nothing."""
    return box.client(scopes=("resources:read",))


async def test_staff_and_rooms_are_listed(api: Client) -> None:
    answer = await api.get("resources/")
    assert answer.status == 200
    assert [(each["id"], each["name"], each["type"]) for each in answer.body["results"]] == [
        (ANN, "Ann", "STAFF"),
        (BOB, "Bob", "STAFF"),
        (ROOM, "Blue Room", "ROOM"),
    ]


async def test_one_resource_says_everything_about_itself(box: RunningBox) -> None:
    answer = await reader(box).get(f"resources/{BOB}/")
    assert answer.status == 200
    hours = answer.body.pop("working_hours")
    assert answer.body == {
        "id": BOB,
        "version": 3,  # it was added, and then two services that it does
        "name": "Bob",
        "type": "STAFF",
        "description": "",
        "timezone": "America/New_York",
        "service_ids": [CUT, ADVICE],
        "uses_business_hours": True,
        "display_order": 0,
        "is_active": True,
        "created_at": "2027-01-04T12:00:00.000000Z",
        "updated_at": "2027-01-04T12:00:00.000000Z",
    }
    assert hours[0] == {
        "day_of_week": 0,
        "intervals": [{"start": "09:00", "end": "12:00"}, {"start": "13:00", "end": "17:00"}],
    }
    assert [day["day_of_week"] for day in hours] == [0, 1, 2, 3, 4]


async def test_the_list_shows_resources_as_they_are_shown_one_by_one(box: RunningBox) -> None:
    api = reader(box)
    listed = (await api.get("resources/")).body["results"]
    assert listed == [(await api.get(f"resources/{each['id']}/")).body for each in listed]


async def test_hours_and_zone_of_its_own_go_before_those_of_the_business(box: RunningBox, api: Client) -> None:
    own = 'key = "room"\ntimezone = "Europe/Paris"\nhours = { sunday = ["22:00-24:00"] }'
    box.apply("acme", CATALOGUE.replace('key = "room"', own))
    room = (await api.get(f"resources/{ROOM}/")).body
    assert room["timezone"] == "Europe/Paris"
    assert room["uses_business_hours"] is False
    assert room["working_hours"] == [{"day_of_week": 6, "intervals": [{"start": "22:00", "end": "24:00"}]}]


async def test_a_resource_names_the_services_it_offers(api: Client) -> None:
    assert (await api.get(f"resources/{ANN}/")).body["service_ids"] == [CUT, COLOUR, WEDDING]


async def test_absences_and_keys_of_the_catalogue_stay_inside(box: RunningBox) -> None:
    shown = set((await reader(box).get(f"resources/{ANN}/")).body)
    assert not shown & {"time_off", "exceptions", "catalogue_key", "name_key", "email", "phone"}


async def test_there_is_no_resource_of_an_unknown_id(api: Client) -> None:
    answer = await api.get("resources/99/")
    assert_refused(answer, 404, "not_found")
    assert answer.body["message"] == "There is no resource 99."

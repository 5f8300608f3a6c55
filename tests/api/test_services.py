"""GET services/ and services/<id>/."""

import pytest

from tests.box import CATALOGUE, Client, RunningBox

from .acme import ADVICE, ANN, BOB, COLOUR, CUT, WEDDING, assert_refused

pytestmark = pytest.mark.gen_test


async def test_the_catalogue_comes_in_its_display_order(api: Client) -> None:
    answer = await api.get("services/")
    assert answer.status == 200
    assert [each["name"] for each in answer.body["results"]] == ["Haircut", "Colour", "Advice", "Wedding"]
    assert answer.body["count"] == 4
    assert answer.body["next"] is None
    assert answer.body["previous"] is None


async def test_one_service_says_everything_about_itself(api: Client) -> None:
    answer = await api.get(f"services/{CUT}/")
    assert answer.status == 200
    assert answer.body == {
        "id": CUT,
        "version": 1,
        "name": "Haircut",
        "description": "",
        "category": "",
        "duration": 30,
        "price": 2500,
        "currency": "USD",
        "variable_pricing": False,
        "deposit_amount": 0,
        "buffer_before": 0,
        "buffer_after": 0,
        "slot_interval": 30,
        "min_notice": 0,
        "max_advance_days": 365,
        "capacity": 1,
        "requires_manual_scheduling": False,
        "requires_confirmation": False,
        "resource_ids": [ANN, BOB],
        "resource_groups": [[ANN, BOB]],
        "display_order": 1,
        "is_active": True,
        "metadata": {},
        "created_at": "2027-01-04T12:00:00.000000Z",
        "updated_at": "2027-01-04T12:00:00.000000Z",
    }


async def test_the_list_shows_services_as_they_are_shown_one_by_one(api: Client) -> None:
    listed = (await api.get("services/")).body["results"]
    assert listed == [(await api.get(f"services/{each['id']}/")).body for each in listed]


async def test_a_price_that_varies_is_null(api: Client) -> None:
    advice = (await api.get(f"services/{ADVICE}/")).body
    assert (advice["price"], advice["variable_pricing"]) == (None, True)


async def test_what_a_service_says_itself_goes_before_the_business(api: Client) -> None:
    advice = (await api.get(f"services/{ADVICE}/")).body
    assert (advice["min_notice"], advice["max_advance_days"], advice["slot_interval"]) == (120, 10, 30)


async def test_a_service_names_the_resources_that_offer_it(api: Client) -> None:
    offered = {each["id"]: each["resource_ids"] for each in (await api.get("services/")).body["results"]}
    assert offered == {CUT: [1, 2], COLOUR: [1], ADVICE: [2], WEDDING: [1, 3]}


async def test_a_service_that_left_the_catalogue_is_still_there_but_inactive(box: RunningBox, api: Client) -> None:
    box.apply("acme", CATALOGUE[: CATALOGUE.index('[[service]]\nkey = "wedding"')])
    assert (await api.get(f"services/{WEDDING}/")).body["is_active"] is False
    assert (await api.get("services/", is_active="true")).body["count"] == 3
    assert (await api.get("services/", is_active="false")).body["count"] == 1


async def test_there_is_no_service_of_an_unknown_id(api: Client) -> None:
    for unknown in (0, 99, 999999999999999):
        assert_refused(await api.get(f"services/{unknown}/"), 404, "not_found")


async def test_an_id_is_nothing_but_digits(api: Client) -> None:
    for odd in ("one", "-1", "1.0", "9" * 16, "%31", "1,2", "%C2%B2"):
        assert_refused(await api.get(f"services/{odd}/"), 404, "not_found")

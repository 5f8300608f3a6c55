"""GET business/: what a business says of itself, and of the token that asks."""

import pytest

from smoothbox.contract.scopes import SCOPES
from tests.box import CATALOGUE, Client, RunningBox

from .acme import assert_refused

pytestmark = pytest.mark.gen_test


async def test_it_says_everything_about_itself(api: Client) -> None:
    answer = await api.get("business/")
    assert answer.status == 200
    hours = answer.body.pop("business_hours")
    assert answer.body == {
        "version": 2,
        "name": "Acme Barbers",
        "subdomain": "acme",
        "description": "",
        "timezone": "America/New_York",
        "currency": "USD",
        "phone": "",
        "email": "",
        "website": "",
        "address": "",
        "logo_url": "",
        "closures": [{"date": "2027-01-06", "name": "Inventory"}],
        "cancellation_window_hours": 24,
        "late_cancellation_fee_percent": 0,
        "late_cancellation_allowed": True,
        "slot_interval": 30,
        "min_notice": 0,
        "max_advance_days": 365,
        "environment": "live",
        "scopes": sorted(SCOPES),
    }
    assert hours[4] == {"day_of_week": 4, "intervals": [{"start": "22:00", "end": "02:00"}]}


async def test_it_tells_a_token_what_it_may_do_and_where(box: RunningBox) -> None:
    narrow = box.client("rival", "test", ("services:read", "business:read"))
    body = (await narrow.get("business/")).body
    assert body["subdomain"] == "rival"
    assert body["environment"] == "test"
    assert body["scopes"] == ["business:read", "services:read"]


async def test_what_the_catalogue_changes_shows_on_the_next_request(box: RunningBox, api: Client) -> None:
    assert (await api.get("business/")).body["phone"] == ""
    box.apply("acme", CATALOGUE.replace('currency = "USD"', 'currency = "EUR"\nphone = "+33 1 23 45 67 89"'))
    body = (await api.get("business/")).body
    assert (body["currency"], body["phone"]) == ("EUR", "+33 1 23 45 67 89")


async def test_it_takes_no_number_and_no_other_method(api: Client) -> None:
    assert_refused(await api.get("business/1/"), 404, "not_found")
    for method in ("POST", "DELETE"):
        answer = await api.send(method, "business/")
        assert_refused(answer, 405, "method_not_allowed")
        assert answer.headers["Allow"] == "GET, HEAD, OPTIONS, PATCH"

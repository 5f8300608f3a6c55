"""A customer on a phone, with nothing but the link from a mail."""

import json
from datetime import date, timedelta
from typing import Any
from urllib.request import Request, urlopen

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PHONE, Salon, Tabs, assert_accessible, assert_fits


def call(salon: Salon, method: str, path: str, body: Any = None) -> Any:
    headers = {"Authorization": f"Bearer {salon.live}", "Content-Type": "application/json"}
    sent = None if body is None else json.dumps(body).encode()
    with urlopen(Request(f"{salon.url}/tenant-api/v1/{path}", sent, headers, method=method), timeout=20) as answer:
        return json.loads(answer.read())


def booked(salon: Salon) -> dict[str, Any]:
    today = date.today()  # noqa: DTZ011
    days = call(salon, "GET", f"availability/?service_id=1&start_date={today + timedelta(8)}&end_date={today + timedelta(14)}")
    start = next(slot["start_time"] for day in days["days"] for slot in day["slots"])
    wish = {"service_id": 1, "start_time": start, "customer": {"first_name": "Nora", "email": "nora@example.com"}}
    made: dict[str, Any] = call(salon, "POST", "bookings/", wish)
    return made


@pytest.mark.parametrize("scripted", [True, False], ids=["script", "no-script"])
def test_it_is_seen_moved_and_cancelled(tabs: Tabs, salon: Salon, scripted: bool) -> None:
    booking = booked(salon)
    page = tabs.open(viewport=PHONE, java_script_enabled=scripted)
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto(booking["manage_url"])
    expect(page.get_by_role("heading", level=1)).to_contain_text(booking["service_name"])
    if scripted:
        assert_accessible(page)
        assert_fits(page)
    assert call(salon, "GET", f"bookings/{booking['id']}/")["version"] == booking["version"]

    page.get_by_role("link", name="Choose another time").click()
    if scripted:
        assert_accessible(page)
        assert_fits(page)
    page.locator(f'input[name="start_time"]:not([value="{booking["start_time"]}"])').first.check()
    page.get_by_role("button", name="Move the booking").click()
    expect(page.locator(".said")).to_contain_text("new time")
    moved = call(salon, "GET", f"bookings/{booking['id']}/")
    assert moved["start_time"] != booking["start_time"]
    assert page.url.startswith(moved["manage_url"])

    page.get_by_label("Why").fill("Ill")
    page.get_by_role("button", name="Cancel the booking").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("cancelled")
    assert call(salon, "GET", f"bookings/{booking['id']}/")["cancelled_by"] == "customer"

    page.goto(booking["manage_url"])
    expect(page.get_by_role("heading", level=1)).to_contain_text("no longer good")
    tabs.complaints.clear()  # Chromium says of the 410 that it is one

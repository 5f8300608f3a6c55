"""The newcomer's path: from the first link to a booking that is seen, cancelled, told of, and told of again."""

import json
import re
import subprocess
from datetime import date, timedelta
from typing import Any

from playwright.sync_api import Page, expect

from tests.browser.conftest import Tabs
from tests.process.receiver import receiving
from tests.process.server import until


def curl(line: str, *more: str) -> Any:
    """Run the line that a page shows, as it stands there."""
    words = re.findall(r'"([^"]*)"|(\S+)', line)
    command = [quoted or bare for quoted, bare in words]
    ran = subprocess.run([*command, "--silent", "--show-error", *more], capture_output=True, text=True, timeout=20, check=True)
    return json.loads(ran.stdout)


def another(line: str, path: str) -> str:
    """The same line for another address of the API."""
    return re.sub(r"/tenant-api/v1/\S*", f"/tenant-api/v1/{path}", line)


def made_token(page: Page) -> str:
    """A token made by hand in the sandbox; the curl line that its page shows."""
    page.goto("/console/test/settings/api/tokens/new/")
    page.get_by_label("Name").fill("website")
    for scope in ("business:read", "services:read", "availability:read", "bookings:read", "bookings:write"):
        page.locator(f'input[name="scopes"][value="{scope}"]').check()
    page.get_by_role("button", name=re.compile("token", re.IGNORECASE)).click()
    line = page.locator("code", has_text="curl ").first.inner_text()
    assert "ss_test_" in line
    return line


def booked(line: str) -> dict[str, Any]:
    """A booking by curl, at the first time that is free."""
    today = date.today()  # noqa: DTZ011
    week = f"start_date={today + timedelta(days=1)}&end_date={today + timedelta(days=14)}"
    days = curl(another(line, f"availability/?service_id=1&{week}"))["days"]
    start = next(slot["start_time"] for day in days for slot in day["slots"])
    wish = {"service_id": 1, "start_time": start, "customer": {"first_name": "Nora", "email": "nora@example.com"}}
    made: dict[str, Any] = curl(another(line, "bookings/"), "-H", "Content-Type: application/json", "-d", json.dumps(wish))
    assert made["status"] == "SCHEDULED", made
    return made


def test_from_the_first_link_to_a_delivery_that_is_sent_again(tabs: Tabs) -> None:
    with receiving() as receiver:
        page = tabs.log_in("test")
        page.goto("/console/test/settings/api/webhooks/new/")
        page.get_by_label(re.compile("^Address|^URL", re.IGNORECASE)).fill(receiver.url)
        page.locator('input[value="booking.*"]').check()
        page.get_by_role("button", name=re.compile("webhook|subscribe|add|create", re.IGNORECASE)).first.click()
        expect(page.locator("main")).to_contain_text("whsec_")

        line = made_token(page)
        assert curl(line)["environment"] == "test"
        booking = booked(line)

        page.goto(f"/console/test/calendar/?date={booking['start_time'][:10]}")
        page.get_by_role("link", name="Nora").first.click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("Nora")
        page.get_by_role("link", name="Cancel", exact=True).click()
        page.get_by_label("Why").fill("Ill")
        page.get_by_role("button", name="Cancel the booking").click()
        expect(page.locator(".said")).to_contain_text("cancelled")
        assert curl(another(line, f"bookings/{booking['id']}/"))["cancellation_reason"] == "Ill"

        until(lambda: len(receiver.came) == 2)
        page.goto("/console/test/settings/api/webhooks/")
        page.get_by_role("link", name=receiver.url).click()
        page.get_by_role("row").filter(has_text="booking.cancelled").get_by_role("link").first.click()
        expect(page.locator("main")).to_contain_text("200")
        page.get_by_role("button", name=re.compile("again", re.IGNORECASE)).click()
        until(lambda: len(receiver.came) == 3)
        assert [each["type"] for each in receiver.events] == ["booking.created", "booking.cancelled", "booking.cancelled"]


def test_the_toggle_leads_to_the_same_place_in_the_other_mode(tabs: Tabs) -> None:
    page = tabs.log_in("live")
    page.goto("/console/live/bookings/")
    live = page.locator("main").inner_text()
    expect(page.locator(".banner")).to_contain_text("Live")
    page.get_by_role("link", name="To the sandbox").click()
    assert "/console/test/bookings/" in page.url
    expect(page.locator(".banner")).to_contain_text("Sandbox")
    assert page.locator("main").inner_text() != live
    page.get_by_role("link", name="To live").click()
    assert "/console/live/bookings/" in page.url


def test_a_secret_is_not_shown_by_a_reload(tabs: Tabs) -> None:
    page = tabs.log_in("test")
    made_token(page)
    page.reload()
    assert "ss_test_" not in page.locator("main").inner_text()
    tabs.complaints.clear()  # Chromium says of the 409 that it is one

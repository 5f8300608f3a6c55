"""Every page of the console, on a desk and on a phone, in light and dark: accessible, wide enough, and without complaint."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import DESK, PHONE, Tabs, assert_accessible, assert_fits

DARK = {"viewport": DESK, "color_scheme": "dark"}
ENOUGH = 36
"""Kinds of pages that the walk must have found; fewer would mean that it walked astray."""


def kind_of(link: str) -> str:
    """Pages that differ in their numbers only, or in what they are asked, are of one kind."""
    return re.sub(r"[0-9]+", "N", link.partition("?")[0].partition("#")[0])


def walk(page: Page, start: str) -> Iterator[str]:
    """Every kind of page of the console that links lead to."""
    known, waiting = {kind_of(start)}, [start]
    while waiting:
        address = waiting.pop(0)
        page.goto(address)
        yield address
        for link in page.evaluate("Array.from(document.querySelectorAll('a[href]'), (each) => each.pathname + each.search)"):
            is_ours = link.startswith("/console/live/")
            if is_ours and kind_of(link) not in known:
                known.add(kind_of(link))
                waiting.append(link)


@pytest.mark.timeout(300)
def test_each_is_accessible_and_fits_a_desk(tabs: Tabs) -> None:
    page = tabs.log_in()
    walked = []
    for address in walk(page, "/console/live/"):
        walked.append(address)
        assert page.locator("h1").count() == 1, address
        assert_accessible(page)
        assert_fits(page)
    assert len(walked) >= ENOUGH, walked


@pytest.mark.timeout(300)
def test_each_can_be_read_in_the_dark(tabs: Tabs) -> None:
    page = tabs.log_in(**DARK)
    for _ in walk(page, "/console/live/"):
        assert_accessible(page, "color-contrast")


@pytest.mark.timeout(300)
def test_each_fits_a_phone(tabs: Tabs) -> None:
    page = tabs.log_in(viewport=PHONE, has_touch=True)
    for _ in walk(page, "/console/live/"):
        assert_fits(page)


def test_without_script_nothing_is_missing(tabs: Tabs) -> None:
    page = tabs.log_in("test", java_script_enabled=False)
    page.goto("/console/test/bookings/new/")
    page.locator("#service_id").select_option(index=1)
    page.get_by_role("button", name="Show").click()
    page.locator('input[name="start_time"]').first.check()
    page.get_by_label("First name").fill("Nora")
    page.get_by_label("E-mail").fill("nora@example.com")
    page.get_by_role("button", name="Book").click()
    assert "Nora is booked" in page.locator(".said").inner_text()


def test_the_keyboard_alone_logs_out(tabs: Tabs) -> None:
    page = tabs.log_in("test")
    page.get_by_role("button", name=re.compile("Log out")).focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/console/login/**")

"""The help and the explorer as people read them: in each language, on paper, without script, and at work."""

import json

import pytest
from playwright.sync_api import Page

from smoothbox.web.help.topics import TOPICS
from tests.browser.conftest import PHONE, Salon, Tabs, assert_accessible, assert_fits

ADDRESSES = [topic.address for topic in TOPICS]


def shown_languages(page: Page, place: int = 0) -> list[str]:
    """Of one example the languages that can be seen."""
    pieces = page.locator(".pieces").nth(place).locator(".piece")
    return [str(each.get_attribute("data-language")) for each in pieces.all() if each.is_visible()]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_is_accessible_and_fits_a_phone(tabs: Tabs, scheme: str) -> None:
    page = tabs.open(color_scheme=scheme, viewport=PHONE)
    for address in ADDRESSES:
        page.goto(address)
        assert_accessible(page)
        assert_fits(page)


def test_the_choice_of_a_language_holds_for_all_examples_and_for_the_next_page(tabs: Tabs) -> None:
    page = tabs.open()
    page.goto("/help/api/appointments/")
    assert shown_languages(page) == ["curl"]
    page.get_by_role("button", name="Python").first.click()
    assert shown_languages(page) == shown_languages(page, 3) == ["Python"]
    page.goto("/help/api/webhooks/#verify")
    assert shown_languages(page) == ["Python"]
    assert page.get_by_role("button", name="PHP").get_attribute("aria-pressed") == "false"


def test_choosing_a_language_far_below_leaves_the_reader_where_they_are(tabs: Tabs) -> None:
    page = tabs.open()
    page.goto("/help/api/webhooks/")
    button = page.locator(".languages").last.get_by_role("button", name="JavaScript")
    button.scroll_into_view_if_needed()
    before = button.bounding_box()
    button.click()
    after = button.bounding_box()
    assert before is not None
    assert after is not None
    assert abs(before["y"] - after["y"]) < 3


def test_an_example_is_copied_as_it_stands(tabs: Tabs) -> None:
    page = tabs.open(permissions=["clipboard-read", "clipboard-write"])
    page.goto("/help/api/")
    page.get_by_role("button", name="Copy the curl example").first.click()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == f'curl "{tabs.salon.url}/tenant-api/v1/business/" \\\n  -H "Authorization: Bearer ss_test_…"'


def test_without_script_and_on_paper_all_languages_are_there(tabs: Tabs) -> None:
    page = tabs.open(java_script_enabled=False)
    page.goto("/help/api/")
    assert shown_languages(page) == ["curl", "Python", "JavaScript"]
    page = tabs.open()
    page.goto("/help/api/webhooks/")
    assert shown_languages(page) == ["curl"]
    page.emulate_media(media="print")
    assert shown_languages(page) == ["curl", "Python", "JavaScript"]
    assert page.get_by_text('"type": "booking.created"').is_visible()
    assert not page.get_by_role("navigation").first.is_visible()


def test_a_link_to_an_error_leads_to_it(tabs: Tabs) -> None:
    page = tabs.open()
    page.goto("/help/api/errors/#error-slot_unavailable")
    row = page.locator("#error-slot_unavailable")
    box = row.bounding_box()
    assert box is not None
    assert 0 <= box["y"] < 300


def test_the_explorer_sends_what_is_tried_and_forgets_the_token(tabs: Tabs, salon: Salon) -> None:
    page = tabs.open()
    page.goto("/help/explorer/")
    page.get_by_role("button", name="Authorize").click()
    page.locator(".auth-container input").fill(salon.test)
    page.locator(".auth-btn-wrapper").get_by_role("button", name="Apply credentials").click()
    page.locator(".auth-btn-wrapper").get_by_role("button", name="Close").click()
    call = page.locator("#operations-business-get_business")
    call.locator(".opblock-summary-control").click()
    call.get_by_role("button", name="Try it out").click()
    call.get_by_role("button", name="Execute").click()
    answer = call.locator(".live-responses-table .response-col_description .highlight-code code").first
    answer.wait_for()
    assert json.loads(answer.inner_text())["environment"] == "test"
    page.reload()
    page.locator(".opblock").first.wait_for()
    assert page.evaluate("JSON.stringify([localStorage, sessionStorage])") == "[{},{}]"
    assert page.locator(".authorization__btn.locked").count() == 0


def test_the_explorer_can_be_read_in_the_dark_and_fits_a_phone(tabs: Tabs) -> None:
    page = tabs.open(color_scheme="dark", viewport=PHONE)
    page.goto("/help/explorer/")
    page.locator(".opblock").first.wait_for()
    assert_fits(page)
    background = page.evaluate("getComputedStyle(document.querySelector('#explorer')).backgroundColor")
    assert background == "rgb(255, 255, 255)"


def test_without_script_the_explorer_sends_its_readers_to_the_help(tabs: Tabs) -> None:
    page = tabs.open(java_script_enabled=False)
    page.goto("/help/explorer/")
    page.get_by_role("main").get_by_role("link", name="API help").click()
    assert page.url.endswith("/help/api/")

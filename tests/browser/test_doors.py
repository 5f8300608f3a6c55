"""The pages that anybody sees."""

from tests.browser.conftest import PHONE, Tabs, assert_accessible, assert_fits


def test_a_newcomer_finds_both_doors(tabs: Tabs) -> None:
    page = tabs.open()
    page.goto("/")
    page.get_by_role("link", name="Console", exact=True).click()
    assert "/console/login/" in page.url


def test_the_first_pages_are_accessible_and_fit_a_phone(tabs: Tabs) -> None:
    for scheme in ("light", "dark"):
        page = tabs.open(color_scheme=scheme, viewport=PHONE)
        for path in ("/", "/console/login/"):
            page.goto(path)
            assert_accessible(page)
            assert_fits(page)


def test_the_keyboard_reaches_everything_and_shows_where_it_is(tabs: Tabs) -> None:
    page = tabs.open()
    page.goto("/console/login/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.url.endswith("#main")


def test_one_who_has_no_script_logs_in_all_the_same(tabs: Tabs) -> None:
    page = tabs.log_in(java_script_enabled=False)
    assert "Willow" in page.inner_text("header")

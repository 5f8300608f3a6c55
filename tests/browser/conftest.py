"""A real Chromium before a real box: whatever a page complains of, or asks of anybody else, fails the test."""

import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Request, sync_playwright

from tests.cli.process import serving
from tests.process.server import smoothbox

FLAGS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)
PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 900}


@dataclass(frozen=True)
class Salon:
    """The demo business, served by a process of its own."""

    data: Path
    url: str
    live: str
    test: str

    def login_link(self) -> str:
        """A link as `smoothbox user login-link` prints it."""
        return smoothbox(self.data, "user", "login-link", "demo").stdout.strip()


@pytest.fixture(scope="module")
def salon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Salon]:
    """As a newcomer starts it."""
    data = tmp_path_factory.mktemp("salon") / "data"
    with serving("--data-dir", str(data), "--quiet", "demo", "--port", "0") as (process, url):
        assert process.stdout is not None
        tokens: dict[str, str] = {}
        while len(tokens) < 2:
            mode, _, secret = process.stdout.readline().strip().partition(": ss_")
            if secret:
                tokens[mode] = f"ss_{secret}"
        yield Salon(data, url, tokens["live"], tokens["test"])


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The browser that the system has."""
    program = shutil.which("chromium")
    assert program, "these tests need Debian's chromium: apt-get install chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(FLAGS))
        yield browser
        browser.close()


@dataclass
class Tabs:
    """Opens pages, each for somebody of their own, and hears what they complain of."""

    browser: Browser
    salon: Salon
    complaints: list[str] = field(default_factory=list)
    _open: ExitStack = field(default_factory=ExitStack)

    def open(self, **manners: Any) -> Page:
        """A page in a browser that knows nobody yet."""
        context = self.browser.new_context(**{"viewport": DESK, "base_url": self.salon.url, **manners})
        self._open.callback(context.close)
        context.set_default_timeout(10_000)
        page = context.new_page()
        page.on("console", lambda said: self._hear(said.type, said.text))
        page.on("pageerror", lambda error: self.complaints.append(f"error {error}"))
        page.on("request", self._watch)
        return page

    def log_in(self, mode: str = "live", **manners: Any) -> Page:
        """A page whose owner has come in by a link from the command line."""
        page = self.open(**manners)
        page.goto(self.salon.login_link())
        page.get_by_role("button", name="Log in").click()
        page.goto(f"/console/{mode}/")
        return page

    def close(self) -> None:
        """Close all of them."""
        self._open.close()

    def _hear(self, kind: str, text: str) -> None:
        if kind in {"error", "warning"}:
            self.complaints.append(f"{kind} {text}")

    def _watch(self, request: Request) -> None:
        if not request.url.startswith((f"{self.salon.url}/", "data:")):
            self.complaints.append(f"asked for {request.url}")


@pytest.fixture
def tabs(chromium: Browser, salon: Salon) -> Iterator[Tabs]:
    """For the pages of one test."""
    opened = Tabs(chromium, salon)
    yield opened
    opened.close()
    assert opened.complaints == []


def assert_accessible(page: Page, *rules: str) -> None:
    """axe-core finds nothing, by all of its rules or by these."""
    options = {"resultTypes": ["violations"]} | ({"runOnly": list(rules)} if rules else {})
    found = Axe().run(page, options=options)
    assert found.violations_count == 0, f"{page.url}\n{found.generate_report()}"


def assert_fits(page: Page) -> None:
    """Nobody has to push the page sideways."""
    width, wanted = page.evaluate("[document.documentElement.clientWidth, document.documentElement.scrollWidth]")
    assert wanted <= width, f"{page.url} is {wanted} wide on {width}"

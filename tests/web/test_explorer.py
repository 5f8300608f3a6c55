"""The explorer: Swagger UI's own files where they are installed, and nothing else of their package."""

import json
import sys
from collections.abc import Iterator

import pytest

from smoothbox.web import explorer
from tests.box import Answer, Client
from tests.web.visitor import Visitor

PAGE = "/help/explorer/"


@pytest.fixture
def not_installed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A box without the extra."""
    monkeypatch.setitem(sys.modules, "swagger_ui", None)
    explorer.pieces.cache_clear()
    yield
    explorer.pieces.cache_clear()


async def served(stranger: Visitor, name: str) -> Answer:
    """What stands below the explorer's address; it is no page to be read."""
    return await Client(stranger.url, None).send("GET", PAGE + name)


@pytest.mark.gen_test
async def test_it_is_made_of_files_that_the_box_itself_serves(stranger: Visitor) -> None:
    page = await stranger.see(PAGE)
    assert page.status == 200
    addresses = [part.partition('"')[0] for part in page.html.split("/help/explorer/swagger-ui")[1:]]
    assert [each.partition("?")[0] for each in addresses] == [".css", "-bundle.js"]
    for each, kind in zip(addresses, ("text/css", "text/javascript"), strict=True):
        piece = await served(stranger, f"swagger-ui{each}")
        assert (piece.status, piece.headers["Content-Type"]) == (200, f"{kind}; charset=utf-8")
        assert "immutable" in piece.headers["Cache-Control"]
        assert int(piece.headers["Content-Length"]) > 100_000


@pytest.mark.gen_test
async def test_it_allows_no_more_than_any_other_page(stranger: Visitor) -> None:
    policy = (await stranger.see("/")).headers["Content-Security-Policy"]
    for name in ("", "swagger-ui-bundle.js"):
        assert (await served(stranger, name)).headers["Content-Security-Policy"] == policy
    assert "unsafe" not in policy


@pytest.mark.gen_test
async def test_it_shows_what_the_box_says_of_itself(stranger: Visitor) -> None:
    page = await stranger.see(PAGE)
    address = page.html.partition('data-description="')[2].partition('"')[0]
    described = json.loads((await stranger.see(address)).html)
    assert described["openapi"].startswith("3.1")
    assert described["servers"][0]["url"].startswith(stranger.url)


@pytest.mark.gen_test
async def test_an_address_without_the_version_of_its_file_is_asked_for_again(stranger: Visitor) -> None:
    assert (await served(stranger, "swagger-ui.css")).headers["Cache-Control"] == "no-cache"


@pytest.mark.gen_test
@pytest.mark.parametrize(
    "name", ["swagger-editor.js", "oauth2-redirect.html", "../core.py", "%2e%2e/core.py", "index.css", "x/"]
)
async def test_nothing_else_of_the_package_is_served(stranger: Visitor, name: str) -> None:
    page = await stranger.ask("GET", PAGE + name, None, Accept="text/html")
    assert page.status == 404


@pytest.mark.gen_test
async def test_no_code_of_the_package_is_run(stranger: Visitor) -> None:
    await stranger.see(PAGE)
    assert "swagger_ui" not in sys.modules


@pytest.mark.gen_test
async def test_a_box_without_it_says_how_to_get_it(stranger: Visitor, not_installed: None) -> None:
    page = await stranger.see(PAGE)
    assert page.status == 200
    assert "pip install 'smoothbox[explorer]'" in page.text
    assert {"/help/api/", "/tenant-api/v1/openapi.json"} <= set(page.links)
    assert "swagger-ui" not in page.html
    piece = await stranger.ask("GET", "/help/explorer/swagger-ui.css", None, Accept="text/html")
    assert piece.status == 404

"""The help pages say all that is declared, for this box and this reader, and every link of theirs leads somewhere."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from html import unescape
from pathlib import Path
from typing import Any, get_args
from urllib.parse import urldefrag, urljoin

import msgspec
import pytest
from msgspec import Struct, structs
from tornado.ioloop import IOLoop

from smoothbox.api.openapi import document
from smoothbox.api.routes import ROUTES
from smoothbox.contract import availability, bookings, customers, events, listing, resources, services, webhooks
from smoothbox.contract.meanings import meaning
from smoothbox.contract.scopes import SCOPES
from smoothbox.errors import SENTENCES
from smoothbox.settings import Console, Limits, Server, Settings, Webhooks
from smoothbox.web.help.operations import operations
from smoothbox.web.help.remedies import REMEDIES
from smoothbox.web.help.topics import TOPICS, sections
from tests.box import RunningBox
from tests.conftest import ROOMY
from tests.web.visitor import Seen, Visitor

README = Path(__file__).parents[2] / "README.md"
LISTS = (services.LIST, resources.LIST, bookings.LIST, customers.LIST, webhooks.LIST, webhooks.DELIVERIES, events.LIST)
ADDRESSES = [topic.address for topic in TOPICS]
SUPPORT = "<script>alert(1)</script> help@example.com"


@pytest.fixture
def settings() -> Settings:
    return replace(
        ROOMY,
        server=Server(port=0, max_body_bytes=54321),
        limits=Limits(hourly=4321, burst=87, failed_auth=29),
        webhooks=Webhooks(retry_schedule=(0.0, 7.0, 5400.0), sandbox_attempts=2, timeout=23.0, keep_days=41.0),
        console=Console(support=SUPPORT),
    )


@pytest.fixture
def pages(stranger: Visitor, io_loop: IOLoop) -> dict[str, Seen]:
    """Every page of the help, by its address."""

    async def all_of_them() -> dict[str, Seen]:
        return {address: await stranger.see(address) for address in ADDRESSES}

    return io_loop.run_sync(all_of_them)


def everything(pages: dict[str, Seen]) -> str:
    """What people read on all of them together."""
    return " ".join(page.text for page in pages.values())


def ids(html: str) -> list[str]:
    return re.findall(r'\bid="([^"]+)"', html)


def field_rows(html: str) -> list[tuple[str, str]]:
    """Each row of the tables of fields: the field, and what people read of the row."""
    found = re.findall(r'<tr>\s*<th scope="row"><code>(\w+)</code>(.*?)</tr>', html, re.DOTALL)
    return [(name, unescape(re.sub(r"<[^>]+>", "", row))) for name, row in found]


def shapes() -> Iterator[type[Struct]]:
    """Every body that goes in or out, and what it holds."""
    found: list[Any] = [events.Envelope, events.Thin]
    for methods in ROUTES.values():
        for endpoint in methods.values():
            found += [*endpoint.gives, *([endpoint.takes] if endpoint.takes else [])]
    known: set[type[Struct]] = set()
    while found:
        shape = found.pop()
        if isinstance(shape, type) and issubclass(shape, Struct) and shape not in known:
            known.add(shape)
            found += [field.type for field in structs.fields(shape)]
        found += get_args(shape)
    yield from sorted(known, key=lambda each: each.__name__)


def test_each_page_is_there_with_its_contents_and_its_neighbours(pages: dict[str, Seen]) -> None:
    for topic, (before, after) in zip(TOPICS, zip([None, *TOPICS], [*TOPICS[1:], None], strict=False), strict=True):
        page = pages[topic.address]
        assert page.status == 200
        assert page.html.count("<h1") == 1
        assert len(sections(topic)) >= 3
        for section in sections(topic):
            assert f'href="#{section.anchor}"' in page.html
        for rel, neighbour in (("prev", before), ("next", after)):
            assert neighbour is None or f'<a rel="{rel}" href="{neighbour.address}">' in page.html


def test_headings_can_be_linked_to_and_come_in_order(pages: dict[str, Seen]) -> None:
    for page in pages.values():
        article = page.html.partition("<article")[2]
        levels = [1]
        for level, attributes in re.findall(r"<h([1-6])([^>]*)>", article):
            assert level == "1" or 'id="' in attributes, page.url
            assert int(level) <= levels[-1] + 1, page.url
            levels.append(int(level))
        assert max(Counter(ids(page.html)).values()) == 1, page.url


@pytest.mark.gen_test
async def test_every_link_of_the_help_leads_somewhere(stranger: Visitor) -> None:
    seen: dict[str, Seen] = {}
    for address in ADDRESSES:
        page = await stranger.see(address)
        for link in page.links:
            target, anchor = urldefrag(urljoin(page.url, link))
            if link.startswith("mailto:"):
                continue
            assert target.startswith(stranger.url), link
            if target not in seen:
                seen[target] = await stranger.see(target)
            assert seen[target].status == 200, (address, link)
            assert not anchor or anchor in ids(seen[target].html), (address, link)


def test_every_scope_is_explained(pages: dict[str, Seen]) -> None:
    text = pages["/help/api/"].text
    for scope, sentence in SCOPES.items():
        assert f"{scope} {sentence}" in text


def test_every_error_is_explained_under_its_own_anchor(pages: dict[str, Seen]) -> None:
    page = pages["/help/api/errors/"]
    assert REMEDIES.keys() == SENTENCES.keys()
    for code, sentence in SENTENCES.items():
        assert f'id="error-{code}"' in page.html
        assert f"{code} {sentence}" in page.text
        assert REMEDIES[code].replace("`", "").split(" ")[0] in page.text
        assert code in pages["/help/api/"].text


@pytest.mark.parametrize("each", LISTS, ids=lambda each: each.name)
def test_every_filter_and_ordering_of_a_list_is_explained(pages: dict[str, Seen], each: listing.Listing) -> None:
    (page,) = [pages[topic.address] for topic in TOPICS if each in topic.lists]
    words = page.text.replace(",", " ").split()
    for parameter, (declared, _) in each.parameters.items():
        assert parameter in words
        assert declared.help in page.text
        assert all(choice in words for choice in declared.choices)
    for name in each.orderings:
        assert name in words


def test_every_operator_and_every_parameter_of_paging_is_explained(pages: dict[str, Seen]) -> None:
    words = pages["/help/api/"].text.split()
    for operator in get_args(listing.Operator):
        assert operator == "exact" or f"__{operator}" in words
    assert listing.PAGING.keys() <= set(words)


def test_every_parameter_and_every_reason_of_availability_is_explained(pages: dict[str, Seen]) -> None:
    text = pages["/help/api/availability/"].text
    assert availability.EMPTY.keys() == set(get_args(availability.Emptiness))
    for name, sentence in (*availability.PARAMETERS.items(), *availability.EMPTY.items()):
        assert f"{name} {sentence}" in text


def test_every_event_is_explained_with_an_example(pages: dict[str, Seen]) -> None:
    text = pages["/help/api/webhooks/"].text
    for name, sentence in events.SENTENCES.items():
        assert f"{name} {sentence}" in text
        assert f'"type": "{name}"' in text


def test_every_call_is_shown_with_its_scope_on_the_page_of_its_topic_and_on_the_overview(pages: dict[str, Seen]) -> None:
    shown = operations(document("http://box"))
    assert len(shown) >= sum(map(len, ROUTES.values()))
    by_word = {word: topic for topic in TOPICS for word in topic.calls}
    for call in shown:
        row = f"{call.method} {call.path} {call.summary} {call.scope or 'any token'}"
        assert row in pages["/help/api/"].text
        assert row in pages[by_word[call.first_word].address].text


@pytest.mark.parametrize("shape", list(shapes()), ids=lambda each: each.__name__)
def test_every_field_of_every_body_is_explained(pages: dict[str, Seen], shape: type[Struct]) -> None:
    if shape.__name__ in {"Error", "Types"}:  # told of in prose: the one shape of errors, and a page of a list
        return
    table = [row for page in pages.values() for row in field_rows(page.html)]
    for field in structs.fields(shape):
        sentence = meaning(shape.__name__, field.name).replace("`", "")
        assert any(name == field.name and sentence in text for name, text in table), field.name


def test_limits_and_retries_are_those_of_this_box(pages: dict[str, Seen]) -> None:
    text = everything(pages)
    for stated in (
        "4,321 requests an hour and 87 a minute",
        "29 wrong tokens a minute",
        "54,321 bytes",
        "3 times in all (in the sandbox 2)",
        "1 at once 2 7 seconds 3 90 minutes",
        "within 23 seconds",
        "41 days",
    ):
        assert stated in text, stated


def test_the_contact_is_shown_and_nothing_in_it_is_run(pages: dict[str, Seen]) -> None:
    overview = pages["/help/api/"]
    assert SUPPORT in overview.text
    assert "<script>alert" not in overview.html


@pytest.mark.gen_test
async def test_examples_carry_the_address_that_the_reader_came_by(stranger: Visitor) -> None:
    page = await stranger.see("/help/api/appointments/", Host="acme.example.com:8443")
    assert 'curl -X POST "http://acme.example.com:8443/tenant-api/v1/bookings/"' in page.text
    assert stranger.url not in page.html
    assert "box.example" not in (await stranger.see("/help/api/webhooks/")).html


@pytest.mark.gen_test
async def test_a_page_that_has_not_changed_is_not_sent_again(stranger: Visitor) -> None:
    first = await stranger.see("/help/api/")
    assert first.headers["Cache-Control"] == "private, no-cache"
    again = await stranger.ask("GET", "/help/api/", None, **{"If-None-Match": first.headers["ETag"]})
    assert (again.status, again.html) == (304, "")
    elsewhere = await stranger.see("/help/api/", Host="acme.example.com")
    assert elsewhere.headers["ETag"] != first.headers["ETag"]


@pytest.mark.gen_test
async def test_a_page_that_is_not_there_says_so(stranger: Visitor) -> None:
    for name in ("nothing", "overview", "layout"):
        page = await stranger.ask("GET", f"/help/api/{name}/", None, Accept="text/html")
        assert (page.status, "There is nothing here" in page.text) == (404, True)


def test_nobody_needs_to_be_known_to_read_and_nothing_is_kept_of_them(pages: dict[str, Seen]) -> None:
    for page in pages.values():
        assert "Set-Cookie" not in page.headers
        assert len(page.html.encode()) < 100_000


def test_the_readme_verifies_webhooks_as_the_help_does(pages: dict[str, Seen], box: RunningBox) -> None:
    texts = dict(re.findall(r"```(python|javascript|php)\n(.*?)\n```", README.read_text("utf-8"), re.DOTALL))
    assert len(texts) == 3
    shown = re.sub(r"\s+", " ", pages["/help/api/webhooks/"].text)
    for text in texts.values():
        assert re.sub(r"\s+", " ", text) in shown


def test_answers_are_such_as_the_contract_has(pages: dict[str, Seen]) -> None:
    (shown,) = re.findall(r"201 Created (\{.*?\}) Names, price", pages["/help/api/appointments/"].text)
    booking = msgspec.json.decode(shown, type=bookings.ManagedBooking)
    assert booking.manage_url

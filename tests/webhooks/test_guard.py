"""The guard: whatever a tenant writes down and wherever a name leads, nothing but what is allowed is ever connected to."""

import socket
from collections.abc import Iterator

import pytest

from smoothbox.errors import Problem
from smoothbox.ids import Mode
from smoothbox.operations.webhook_urls import checked_url
from smoothbox.webhooks.guard import Guard

from .hostile import INSIDE, MALFORMED, NAMES, NOWHERE
from .network import Network
from .receivers import OK, listening, refused_port, scripted
from .senders import HERE, claim, rules, sender

pytestmark = pytest.mark.gen_test

PUBLIC, OTHER = "93.184.216.34", "151.101.1.69"
PUBLIC_SIX = "2606:2800:220:1:248:1893:25c8:1946"


@pytest.fixture
def network(monkeypatch: pytest.MonkeyPatch) -> Network:
    """Names that lead inside, and one that leads to a public host, which is this machine in truth."""
    made = Network(monkeypatch)
    for name, addresses in NAMES.items():
        made.name(name, *addresses)
    made.name("hooks.example", PUBLIC)
    made.routes[PUBLIC] = "127.0.0.1"
    return made


async def admitted(url: str, mode: Mode = "test", **given: object) -> str:
    """What is said to somebody who subscribes an address: 'taken', or the code of the refusal."""
    guard = Guard(rules(**given))
    try:
        await guard.admit(url, mode)
    except Problem as problem:
        assert list(problem.details) == ["url"]
        return problem.code
    finally:
        guard.close()
    return "taken"


async def tried(urls: tuple[str, ...], network: Network) -> dict[str, object]:
    """The outcome of an attempt at each, and that none of them reached the receiver or left the machine."""
    async with listening(scripted(OK)) as receiver, sender(allow_cidrs=()) as box:
        written = [url.replace("PORT", str(receiver.port)) for url in urls]
        outcomes = [await box.attempt(claim(url)) for url in written]
        assert (receiver.hits, network.dialled) == (0, [])
        known = await box.attempt(claim(receiver.url("hooks.example")))
        assert (known.status_code, receiver.hits, network.dialled) == (200, 1, [PUBLIC])
    return {url: each.status_code or each.error for url, each in zip(urls, outcomes, strict=True)}


async def test_what_leads_inside_can_not_be_subscribed(network: Network) -> None:
    said = {url: await admitted(url.replace("PORT", "8080")) for url in INSIDE}
    assert said == dict.fromkeys(INSIDE, "url_not_allowed")


async def test_what_leads_inside_is_never_connected_to(network: Network) -> None:
    assert await tried(INSIDE, network) == dict.fromkeys(INSIDE, "blocked_address")


async def test_what_is_no_plain_url_can_not_be_subscribed(network: Network) -> None:
    for url in MALFORMED:
        written = url.replace("PORT", "8080")
        with pytest.raises(Problem) as refusal:
            checked_url(written)
        assert refusal.value.code == "validation_error", url
        assert await admitted(written) == "validation_error", url
    assert network.asked == []


async def test_nor_would_it_be_connected_to(network: Network) -> None:
    outcomes = await tried(MALFORMED, network)
    assert set(outcomes.values()) == {"blocked_address", "dns_error", "closed"}, outcomes


async def test_what_leads_nowhere_may_wait_but_is_not_connected_to(network: Network) -> None:
    said = {url: await admitted(url.replace("PORT", "8080")) for url in NOWHERE}
    assert said == dict.fromkeys(NOWHERE, "taken")
    assert await tried(NOWHERE, network) == dict.fromkeys(NOWHERE, "dns_error")


async def test_a_name_that_moves_inside_is_not_followed(network: Network) -> None:
    answers: Iterator[list[str]] = iter([[PUBLIC], [PUBLIC], ["127.0.0.1"]])
    network.name_that("rebind.example", lambda: next(answers))
    async with listening(scripted(OK)) as receiver, sender(allow_cidrs=()) as box:
        url = receiver.url("rebind.example")
        assert await admitted(url) == "taken"
        assert (await box.attempt(claim(url))).status_code == 200
        assert (await box.attempt(claim(url))).error == "blocked_address"
        assert receiver.hits == 1
    assert network.dialled == [PUBLIC]


async def test_a_name_is_looked_up_once_for_each_attempt(network: Network) -> None:
    async with listening(scripted(OK)) as receiver, sender(allow_cidrs=()) as box:
        for times in (1, 2):
            await box.attempt(claim(receiver.url("hooks.example")))
            assert network.asked == ["hooks.example"] * times
    assert receiver.hits == 2


async def test_of_mixed_answers_only_the_public_ones_are_connected_to(network: Network) -> None:
    network.routes.clear()
    network.name("mixed.example", "127.0.0.1", PUBLIC, "::1", "10.0.0.1", PUBLIC_SIX, "fe80::1%lo", OTHER, "::ffff:127.0.0.1")
    async with listening(scripted(OK)) as receiver, sender(allow_cidrs=()) as box:
        assert (await box.attempt(claim(receiver.url("mixed.example")))).error == "connect_failed"
        assert receiver.hits == 0
    assert sorted(network.dialled) == sorted([PUBLIC, OTHER, PUBLIC_SIX])


async def test_an_allowed_network_is_open_and_no_other(network: Network) -> None:
    network.name("mixed.example", "127.0.1.1", "127.0.0.1", "::1", "127.0.2.1")
    async with listening(scripted(OK)) as receiver, sender(allow_cidrs=("127.0.0.0/24",)) as box:
        assert (await box.attempt(claim(receiver.url("127.0.0.1")))).status_code == 200
        assert (await box.attempt(claim(receiver.url("127.0.1.1")))).error == "blocked_address"
        assert (await box.attempt(claim(receiver.url("[::1]")))).error == "blocked_address"
        assert (await box.attempt(claim(receiver.url("[::ffff:127.0.0.1]")))).status_code == 200
        assert (await box.attempt(claim(receiver.url("mixed.example")))).status_code == 200
    assert network.dialled == ["127.0.0.1", "::ffff:127.0.0.1", "127.0.0.1"]


@pytest.mark.parametrize("code", [socket.EAI_NONAME, socket.EAI_AGAIN, socket.EAI_FAIL, socket.EAI_NODATA])
async def test_what_can_not_be_looked_up_is_not_connected_to(network: Network, code: int) -> None:
    def fail() -> list[str]:
        raise socket.gaierror(code, "no")

    network.name_that("broken.example", fail)
    async with sender() as box:
        assert (await box.attempt(claim("http://broken.example/"))).error == "dns_error"
    assert await admitted("https://broken.example/", "live") == "taken"
    assert network.dialled == []


@pytest.mark.parametrize(
    ("url", "mode", "given", "said"),
    [
        ("https://hooks.example/", "live", {}, "taken"),
        ("http://hooks.example/", "live", {}, "url_not_allowed"),
        (f"http://{PUBLIC}/", "live", {}, "url_not_allowed"),
        ("http://unknown.example/", "live", {}, "url_not_allowed"),
        ("http://hooks.example/", "test", {}, "taken"),
        ("http://hooks.example/", "live", {"require_https": False}, "taken"),
        ("http://127.0.0.1:8080/", "live", {"allow_cidrs": HERE}, "taken"),
        ("http://localhost:8080/", "live", {"allow_cidrs": HERE}, "taken"),
        ("http://127.0.0.1:8080/", "live", {"require_https": False}, "url_not_allowed"),
        ("https://127.0.0.1:8080/", "test", {}, "url_not_allowed"),
        ("http://both.example/", "live", {"allow_cidrs": HERE}, "url_not_allowed"),
        ("https://both.example/", "live", {"allow_cidrs": HERE}, "taken"),
        ("https://both.example/", "live", {}, "taken"),
    ],
)
async def test_live_deliveries_to_public_hosts_are_encrypted(
    network: Network, url: str, mode: Mode, given: dict[str, object], said: str
) -> None:
    network.name("both.example", PUBLIC, "127.0.0.1")
    assert await admitted(url, mode, **given) == said


async def test_a_refusal_says_what_can_be_done(network: Network) -> None:
    guard = Guard(rules())
    with pytest.raises(
        Problem, match=r"^intern leads to an internal address; the operator may allow .* webhooks\.allow_cidrs\.$"
    ):
        await guard.admit("http://intern/", "test")
    with pytest.raises(Problem, match=r"begin the URL with https://\.$"):
        await guard.admit("http://hooks.example/", "live")


async def test_a_port_that_refuses_is_tried_on_every_allowed_address(network: Network) -> None:
    async with sender() as box:
        outcome = await box.attempt(claim(f"http://localhost:{refused_port()}/"))
    assert outcome.error == "connect_failed"
    assert sorted(network.dialled) == ["127.0.0.1", "::1"]

"""Where a request comes from and where it is sent to: guessers are slowed down, proxies believed or not, hosts checked."""

import pytest

from smoothbox.api.auth import client_address, is_trusted, neighbourhood
from smoothbox.ids import new_token
from smoothbox.settings import Limits, Server, Settings
from tests.box import Answer, Client, RunningBox, StillClock

from .acme import add_customer, assert_refused

BEHIND_A_PROXY = Server(port=0, trusted_proxies=("127.0.0.0/8", "10.0.0.0/8"))
FEW_FAILURES = Limits(hourly=10_000, burst=10_000, failed_auth=3)


@pytest.fixture
def settings(request: pytest.FixtureRequest) -> Settings:
    """A box behind a proxy that bears three failures a minute, unless a test has its own server settings."""
    return Settings(server=getattr(request, "param", BEHIND_A_PROXY), limits=FEW_FAILURES)


async def guess(box: RunningBox, address: str = "") -> Answer:
    """A request with a token that nobody made, as if from an address."""
    headers = {"X-Forwarded-For": address} if address else {}
    return await Client(box.url, new_token("live"), headers).get("business/")


@pytest.mark.gen_test
async def test_who_guesses_too_often_has_to_wait(box: RunningBox, clock: StillClock) -> None:
    assert [(await guess(box)).status for _ in range(3)] == [401, 401, 401]
    answer = await guess(box)
    assert_refused(answer, 429, "rate_limited", "retry_after")
    assert answer.headers["Retry-After"] == "20"
    clock.advance(20)
    assert [(await guess(box)).status for _ in range(2)] == [401, 429]


@pytest.mark.gen_test
async def test_a_valid_token_is_never_refused_for_its_neighbours_failures(box: RunningBox, api: Client) -> None:
    for _ in range(6):
        await guess(box)
    assert (await guess(box)).status == 429
    assert (await api.get("business/")).status == 200


@pytest.mark.gen_test
async def test_to_have_no_credentials_at_all_is_not_counted(box: RunningBox) -> None:
    assert {(await Client(box.url, None).get("business/")).status for _ in range(6)} == {401}


@pytest.mark.gen_test
async def test_each_address_has_its_own_share_and_a_network_of_ipv6_one_together(box: RunningBox) -> None:
    families = (
        ("203.0.113.1", "203.0.113.1", "::ffff:203.0.113.1"),
        ("203.0.113.2", "203.0.113.2", "203.0.113.2"),
        ("2001:db8:1:1::1", "2001:db8:1:1::2", "2001:db8:1:1:ffff::"),
        ("2001:db8:1:2::1", "2001:db8:1:2::1", "2001:0DB8:1:2::7"),
    )
    for family in families:
        assert [(await guess(box, address)).status for address in family] == [401, 401, 401], family
        assert (await guess(box, family[-1])).status == 429, family


@pytest.mark.gen_test
@pytest.mark.parametrize("settings", [Server(port=0)], indirect=True)
async def test_without_trusted_proxies_what_a_client_says_of_itself_is_not_believed(box: RunningBox) -> None:
    assert [(await guess(box, f"203.0.113.{number}")).status for number in range(4)] == [401, 401, 401, 429]
    lying = Client(box.url, box.token(), {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "evil.example"})
    await add_customer(lying, phone="1")
    await add_customer(lying, phone="1")
    assert (await lying.get("customers/", page_size=1)).body["next"].startswith(box.url)


@pytest.mark.gen_test
async def test_links_have_the_scheme_that_a_trusted_proxy_names(box: RunningBox) -> None:
    api = Client(box.url, box.token(), {"X-Forwarded-Proto": "https", "Host": "api.example"})
    await add_customer(api, phone="1")
    await add_customer(api, phone="1")
    assert (await api.get("customers/", page_size=1)).body["next"].startswith("https://api.example/tenant-api/v1/customers/?")


@pytest.mark.gen_test
@pytest.mark.parametrize("settings", [Server(port=0, public_url="https://api.example/")], indirect=True)
async def test_links_carry_the_public_address_where_one_is_set(box: RunningBox, api: Client) -> None:
    await add_customer(api, phone="1")
    await add_customer(api, phone="1")
    assert (await api.get("customers/", page_size=1)).body["next"].startswith("https://api.example/tenant-api/v1/customers/?")


@pytest.mark.gen_test
@pytest.mark.parametrize("settings", [Server(port=0, base_domain="smooth.example")], indirect=True)
async def test_the_subdomain_must_name_the_business_of_the_token(box: RunningBox, api: Client) -> None:
    for host in ("acme.smooth.example", "ACME.Smooth.Example", "acme.smooth.example:8443"):
        assert (await Client(api.url, api.token, {"Host": host}).get("business/")).status == 200, host
    for host in (
        "rival.smooth.example",
        "smooth.example",
        "acme.evil.example",
        "acme.smooth.example.evil",
        "127.0.0.1",
        "[::1]:80",
    ):
        assert_refused(await Client(api.url, api.token, {"Host": host}).get("business/"), 403, "forbidden")


def test_the_client_is_who_the_nearest_stranger_says_it_is() -> None:
    trusted = ("10.0.0.0/8", "fd00::/8")
    for peer, forwarded, expected in (
        ("203.0.113.9", ["198.51.100.1"], "203.0.113.9"),
        ("10.0.0.1", [], "10.0.0.1"),
        ("10.0.0.1", ["198.51.100.1"], "198.51.100.1"),
        ("10.0.0.1", ["1.1.1.1, 198.51.100.1"], "198.51.100.1"),
        ("10.0.0.1", ["1.1.1.1", "198.51.100.1, 10.0.0.2"], "198.51.100.1"),
        ("::ffff:10.0.0.1", ["198.51.100.1"], "198.51.100.1"),
        ("fd00::1", ["unknown"], "unknown"),
        ("10.0.0.1", ["1.1.1.1, garbage"], "garbage"),
    ):
        assert client_address(peer, forwarded, trusted) == expected, (peer, forwarded)


def test_an_address_is_trusted_only_within_the_named_networks() -> None:
    assert is_trusted("10.1.2.3", ("10.0.0.0/8",))
    assert is_trusted("::ffff:10.1.2.3", ("10.0.0.0/8",))
    assert not is_trusted("11.1.2.3", ("10.0.0.0/8",))
    assert not is_trusted("10.1.2.3", ())
    assert not is_trusted("nonsense", ("0.0.0.0/0", "::/0"))


def test_neighbours_are_told_apart_by_address_or_by_a_64_of_ipv6() -> None:
    assert neighbourhood("203.0.113.1") == "203.0.113.1"
    assert neighbourhood("::ffff:203.0.113.1") == "203.0.113.1"
    assert neighbourhood("2001:db8::1") == neighbourhood("2001:DB8:0:0:ffff::") == "2001:db8::/64"
    assert neighbourhood("fe80::1%eth0") == "fe80::/64"
    assert len(neighbourhood("x" * 5000)) == 64

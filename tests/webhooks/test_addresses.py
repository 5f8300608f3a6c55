"""Which addresses are public: judged here once more from the bits, by the lists of the design and by what Python knows."""

from collections.abc import Iterator
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smoothbox.webhooks.addresses import AddressRules

Address = IPv4Address | IPv6Address

DENIED_FOUR = """0/8 10/8 100.64/10 127/8 169.254/16 172.16/12 192.0.0/24 192.0.2/24 192.88.99/24 192.168/16 198.18/15
    198.51.100/24 203.0.113/24 224/4 240/4"""
DENIED_SIX = """::/96 64:ff9b::/96 64:ff9b:1::/48 100::/64 2001::/23 2001:db8::/32 2002::/16 3fff::/20 5f00::/16 fc00::/7
    fe80::/10 fec0::/10 ff00::/8"""
MAPPED = "0" * 80 + "1" * 16
GIVEN_OUT = "001"  # 2000::/3: of all that is beyond, nobody was ever given an address


def bits(address: Address) -> str:
    return format(int(address), f"0{address.max_prefixlen}b")


def prefixes() -> Iterator[tuple[int, str]]:
    """The denied beginnings, by the version of the address."""
    for text in DENIED_FOUR.split():
        numbers, _, length = text.partition("/")
        octets = [int(each) for each in numbers.split(".")]
        yield 4, "".join(format(each, "08b") for each in octets + [0] * (4 - len(octets)))[: int(length)]
    for text in DENIED_SIX.split():
        start, _, length = text.partition("/")
        yield 6, bits(IPv6Address(start))[: int(length)]


PREFIXES = tuple(prefixes())
SPECIAL = ("is_private", "is_loopback", "is_link_local", "is_multicast", "is_reserved", "is_unspecified")


def is_public(address: Address) -> bool:
    """The design, read slowly."""
    written = bits(address)
    if address.version == 6 and written.startswith(MAPPED):
        return is_public(IPv4Address(int(written[-32:], 2)))
    if any(version == address.version and written.startswith(prefix) for version, prefix in PREFIXES):
        return False
    return address.version == 4 or written.startswith(GIVEN_OUT)


def near(version: int, prefix: str) -> st.SearchStrategy[Address]:
    """Addresses within a denied network, at its ends, and right beside them."""
    width, kind = (32, IPv4Address) if version == 4 else (128, IPv6Address)
    first, last = int(prefix.ljust(width, "0"), 2), int(prefix.ljust(width, "1"), 2)
    numbers = st.one_of(st.integers(first, last), st.sampled_from([first - 1, first, last, last + 1]))
    return numbers.map(lambda number: kind(min(max(number, 0), 2**width - 1)))


MAPPED_ONES = st.ip_addresses(v=4).map(lambda address: IPv6Address(b"\0" * 10 + b"\xff\xff" + address.packed))
ANY = st.one_of(st.ip_addresses(), MAPPED_ONES, st.ip_addresses(v=6, network="2000::/3"), *(near(*each) for each in PREFIXES))


@settings(max_examples=500)
@given(ANY)
def test_the_rules_are_those_of_the_design(address: Address) -> None:
    assert AddressRules(()).is_public(str(address)) is is_public(address)


@settings(max_examples=500)
@given(ANY)
def test_nothing_is_public_that_python_knows_to_be_special(address: Address) -> None:
    if not AddressRules(()).is_public(str(address)):
        return
    plain = address.ipv4_mapped or address if isinstance(address, IPv6Address) else address
    assert [name for name in SPECIAL if getattr(plain, name)] == []


@given(ANY, st.integers(0, 128))
def test_what_is_allowed_opens_its_network_and_no_more(address: Address, length: int) -> None:
    network = ip_network((address, min(length, address.max_prefixlen)), strict=False)
    before, after = AddressRules(()), AddressRules((str(network),))
    for number in {int(network[0]) - 1, int(network[0]), int(address), int(network[-1]), int(network[-1]) + 1}:
        if 0 <= number < 2**address.max_prefixlen:
            each = type(address)(number)
            if before.may_dial(str(each)) != after.may_dial(str(each)):
                assert each in network


PUBLIC = (
    "1.1.1.1",
    "93.184.216.34",
    "9.255.255.255",
    "11.0.0.0",
    "172.15.255.255",
    "172.32.0.0",
    "223.255.255.255",
    "100.128.0.0",
)
PUBLIC_SIX = ("2606:4700::1111", "2a00:1450:4001:80b::200e", "2001:200::1", "::ffff:8.8.8.8", "3ffe::1")


@pytest.mark.parametrize("text", PUBLIC + PUBLIC_SIX)
def test_public_hosts_are_dialled(text: str) -> None:
    assert AddressRules(()).is_public(text)
    assert AddressRules(()).may_dial(text)


@pytest.mark.parametrize(
    "text",
    [
        *("127.0.0.1", "10.1.2.3", "169.254.169.254", "0.0.0.0", "255.255.255.255", "224.0.0.1", "192.88.99.1", "192.0.0.170"),
        *("::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:0:127.0.0.1", "64:ff9b::7f00:1", "64:ff9b:1:7f00:1::"),
        *(
            "2002:7f00:1::",
            "2001::1",
            "fec0::1",
            "fe80::1%eth0",
            "fe80::1%1",
            "ff02::1%lo",
            "fd00::1",
            "3fff::1",
            "4000::1",
            "200::1",
        ),
    ],
)
def test_internal_ones_are_not(text: str) -> None:
    assert not AddressRules(()).is_public(text)
    assert not AddressRules(()).may_dial(text)


@pytest.mark.parametrize(
    ("allowed", "inside", "outside"),
    [
        ("10.1.0.0/16", "10.1.0.0 10.1.255.255 ::ffff:10.1.2.3", "10.0.255.255 10.2.0.0 127.0.0.1 ::ffff:10.2.0.1 ::10.1.2.3"),
        ("192.168.1.7/32", "192.168.1.7", "192.168.1.6 192.168.1.8"),
        ("fd00:1::/32", "fd00:1:: fd00:1:ffff:ffff:ffff:ffff:ffff:ffff", "fd00:: fd00:2:: fe80::1 10.0.0.1"),
        ("::1/128", "::1", ":: ::2 127.0.0.1 ::ffff:127.0.0.1"),
        ("fe80::/10", "fe80::1 fe80::1%eth0", "fec0::1 fd00::1"),
        ("0.0.0.0/0", "0.0.0.0 10.0.0.1 127.0.0.1", "::1 fd00::1 169.254.169.254"),
    ],
)
def test_the_operator_opens_the_network_that_he_names(allowed: str, inside: str, outside: str) -> None:
    rules = AddressRules((allowed,))
    assert [text for text in inside.split() if not rules.may_dial(text)] == []
    assert [text for text in outside.split() if rules.may_dial(text)] == []


def test_what_is_allowed_is_not_public_for_it() -> None:
    assert not AddressRules(("10.0.0.0/8",)).is_public("10.0.0.1")


METADATA = (
    *("169.254.169.254", "169.254.170.2", "169.254.170.23", "100.100.100.200", "192.0.0.192", "168.63.129.16"),
    *("fd00:ec2::254", "fd00:ec2::23", "fd20:ce::254", "fd00:42::42", "fe80::a9fe:a9fe"),
)
WIDE = (
    "0.0.0.0/0",
    "::/0",
    "169.254.0.0/16",
    "169.254.169.254/31",
    "169.254.169.252/30",
    "fd00::/8",
    "fd00:ec2::254/127",
    "::/1",
)


@pytest.mark.parametrize("text", METADATA)
def test_where_clouds_hand_out_credentials_is_opened_by_its_name_only(text: str) -> None:
    assert not AddressRules(()).may_dial(text)
    assert not AddressRules(WIDE).may_dial(text)
    other = next(each for each in METADATA if each != text)
    assert not AddressRules((other,)).may_dial(text)
    assert AddressRules((*WIDE, str(ip_network(text)))).may_dial(text)


@pytest.mark.parametrize(
    "dress", ["::ffff:{}", "::{}", "::ffff:0:{}", "64:ff9b::{}", "64:ff9b:1::{}", "2002:a9fe:a9fe::1", "fe80::a9fe:a9fe%eth0"]
)
def test_nor_is_it_opened_in_another_dress(dress: str) -> None:
    text = dress.format("169.254.169.254")
    assert not AddressRules(WIDE).may_dial(text)
    assert AddressRules(WIDE).may_dial(dress.format("10.0.0.1").replace("a9fe:a9fe", "a00:1"))


def test_its_name_opens_no_other_dress_of_it() -> None:
    assert not AddressRules(("169.254.169.254/32",)).may_dial("64:ff9b::a9fe:a9fe")
    assert AddressRules(("169.254.169.254/32", "64:ff9b::/96")).may_dial("64:ff9b::a9fe:a9fe")
    assert AddressRules(("169.254.169.254/32",)).may_dial("::ffff:169.254.169.254")  # which is the very same


def test_an_address_is_taken_as_the_system_writes_it() -> None:
    assert not AddressRules(("10.0.0.0/8",)).may_dial(str(ip_address("192.168.0.1")))
    with pytest.raises(ValueError, match="does not appear to be"):
        AddressRules(()).may_dial("localhost")

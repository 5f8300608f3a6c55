"""Which addresses deliveries may go to: none of the box's own networks, however they are dressed up."""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_REMEMBERED: Final = 1024  # verdicts: walking all networks costs a tenth of an attempt

# Not ipaddress.is_global: on 3.11 it takes 224.0.0.1, 192.88.99.1, ::127.0.0.1, 64:ff9b::7f00:1 and fec0::1 for public.
_INTERNAL: Final[tuple[Network, ...]] = tuple(
    ip_network(text)
    for text in (
        *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24"),
        *("192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24"),
        *("224.0.0.0/4", "240.0.0.0/4"),
        *("::/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"),
        *("5f00::/16", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8"),
        *("::/3", "4000::/2", "8000::/1"),  # nobody was ever given an address beyond 2000::/3 (IANA): what has one is private
    )
)
_METADATA: Final[frozenset[Address]] = frozenset(
    ip_address(text)
    for text in (
        *("169.254.169.254", "169.254.170.2", "169.254.170.23", "100.100.100.200", "192.0.0.192"),
        *("168.63.129.16",),  # Azure's, among public addresses
        *("fd00:ec2::254", "fd00:ec2::23", "fd20:ce::254", "fd00:42::42", "fe80::a9fe:a9fe"),
    )
)
"""Where clouds hand out credentials: allowed only by name, never with the network around them."""
_TRANSLATED: Final = tuple(map(ip_network, ("::/96", "::ffff:0:0:0/96", "64:ff9b::/32")))
"""What translators take to the IPv4 address in its last 32 bits (RFC 6052)."""


class AddressRules:
    """What is internal, but for the networks that the operator allows."""

    def __init__(self, allowed: Iterable[str]) -> None:
        self._allowed: Sequence[Network] = tuple(map(ip_network, allowed))
        self.may_dial = lru_cache(_REMEMBERED)(self._may_dial)

    def is_public(self, text: str) -> bool:
        """Whether an address, as the system returned it, is one of the public Internet."""
        address = _plain(text)
        return not any(address in network for network in _INTERNAL)

    def _may_dial(self, text: str) -> bool:
        """Whether a delivery may go to an address, as the system returned it."""
        address = _plain(text)
        meant = _meant(address)
        if meant in _METADATA and not any(network.num_addresses == 1 and meant in network for network in self._allowed):
            return False
        return self.is_public(text) or any(address in network for network in self._allowed)


def _plain(text: str) -> Address:
    """The address without its zone; an IPv4 one that comes dressed as IPv6 is the IPv4 one."""
    address = ip_address(text.partition("%")[0])
    return (address.ipv4_mapped or address) if isinstance(address, IPv6Address) else address


def _meant(address: Address) -> Address:
    """The address that an IPv6 one stands for where there are translators or tunnels on its way."""
    if isinstance(address, IPv4Address):
        return address
    if any(address in network for network in _TRANSLATED):
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.sixtofour or address

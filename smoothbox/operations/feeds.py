"""Calendar feeds: a secret address for the business and for each resource, which calendar programs read for years.

The address does not run out; the business ends all of them at once by making new ones.
"""

from typing import Final

from msgspec import Struct

from smoothbox.errors import Problem
from smoothbox.ids import MODES, Mode
from smoothbox.keyring import Keyring, SignatureBrokenError
from smoothbox.store import bookings, business, feeds, resources
from smoothbox.store.bookings import BookingRow
from smoothbox.store.connection import Tx

_BACK: Final = 60 * 86_400  # seconds
_AHEAD: Final = 400 * 86_400
_MOST: Final = 5000
"""Bookings of a feed, the earliest first: what is too far ahead shows up as time goes by."""


class Feed(Struct, frozen=True):
    """What an address says: whose file, and of which resource; all of the business without one."""

    folder: str
    mode: Mode
    resource_id: int | None
    generation: int


class Contents(Struct, frozen=True):
    """What a feed shows: its name, and its bookings in the order of time."""

    name: str
    rows: list[BookingRow]


class Address(Struct, frozen=True):
    """A feed that can be handed out: of what, and the signed text of its address."""

    name: str
    resource_id: int | None
    signed: str


def opened(keyring: Keyring, signed: str) -> Feed:
    """What a signed text says. Raises Problem 'not_found' for what this box has not signed."""
    try:
        claims = keyring.claims("feed", signed)
        folder, mode = claims["sub"].rsplit("/", 1)
        feed = Feed(folder, mode, claims["of"], claims["gen"])
    except (SignatureBrokenError, KeyError, ValueError):
        raise Problem("not_found") from None
    if mode not in MODES:
        raise Problem("not_found")
    return feed


def addresses(tx: Tx, keyring: Keyring, folder: str, mode: Mode) -> list[Address]:
    """The feeds of the business and of each active resource."""
    generation, own = feeds.generation(tx), business.get(tx)
    named = [(own.name, None), *resources.active_names(tx)]
    return [Address(name, each, _signed(keyring, Feed(folder, mode, each, generation))) for name, each in named]


def new_links(tx: Tx) -> None:
    """End every address that was handed out; `addresses` tells the new ones."""
    feeds.raise_generation(tx)


def read(tx: Tx, feed: Feed) -> Contents:
    """What a feed shows now, for `calendars.calendar`.

    Raises Problem 'link_expired', or 'not_found' for a resource that was removed.
    """
    if feed.generation != feeds.generation(tx):
        raise Problem("link_expired", "The business has made new links to its calendars; ask for the new one.")
    own, first, end = business.get(tx), int(tx.now) - _BACK, int(tx.now) + _AHEAD
    if feed.resource_id is None:
        return Contents(own.name, bookings.between(tx, first, end, _MOST))
    if resources.get(tx, feed.resource_id) is None:
        raise Problem("not_found")
    name = f"{resources.name(tx, feed.resource_id)} · {own.name}"
    return Contents(name, bookings.between_of(tx, feed.resource_id, first, end, _MOST))


def _signed(keyring: Keyring, feed: Feed) -> str:
    return keyring.sign("feed", {"sub": f"{feed.folder}/{feed.mode}", "of": feed.resource_id, "gen": feed.generation})

"""Cursors: a place in a list as an opaque text, good for the filters and the ordering that it was made for.

A cursor holds the sort values of the row beside the place. It is not a secret and not signed: a made-up one only names
another place in the caller's own list.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from collections.abc import Iterable
from hashlib import blake2b
from urllib.parse import parse_qsl, urlencode

import msgspec

from smoothbox.contract.listing import Listing, Position
from smoothbox.errors import Problem
from smoothbox.parsing.parameters import LARGEST


def query_of(listing: Listing, query: str, position: Position | None) -> str | None:
    """The query string of the page beyond a position, for a list that was asked for with `query`; None where there is none."""
    if position is None:
        return None
    parameters = [pair for pair in parse_qsl(query, keep_blank_values=True) if pair[0] != "cursor"]
    content = [_fingerprint(listing, query), position.backwards, position.values]
    cursor = urlsafe_b64encode(msgspec.json.encode(content)).decode().rstrip("=")
    return urlencode([*parameters, ("cursor", cursor)])


def position_of(listing: Listing, query: str, cursor: str, width: int) -> Position:
    """The position that a cursor stands for, its sort values `width` in number.

    Raises Problem 'invalid_cursor' for one that was made for another list, other filters or another ordering.
    """
    try:
        raw = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        mark, backwards, values = msgspec.json.decode(raw, type=tuple[str, bool, tuple[str | int, ...]])
    except (ValueError, Base64Error, msgspec.MsgspecError):
        raise Problem("invalid_cursor") from None
    if mark != _fingerprint(listing, query) or len(values) != width or not _fits(values):
        raise Problem("invalid_cursor")
    return Position(values, backwards)


def _fingerprint(listing: Listing, query: str) -> str:
    """Of the list, its filters and its ordering: a cursor serves no other."""
    pairs = parse_qsl(query, keep_blank_values=True)  # a blank one filters too
    parameters = sorted(pair for pair in pairs if pair[0] not in {"cursor", "page_size"})
    return blake2b(msgspec.json.encode([listing.name, parameters]), digest_size=8).hexdigest()


def _fits(values: Iterable[str | int]) -> bool:
    return all(isinstance(value, str) or abs(value) <= LARGEST for value in values)

"""Random names: ids of requests and events, and API tokens with their checksum and hash.

A token is `ss_live_` or `ss_test_`, 32 base62 characters of randomness, and 6 of a CRC32 over all that stands before them:
a mistyped token is told apart without a look at any file.
"""

import hashlib
import secrets
import zlib
from itertools import count
from typing import Final, Literal

Mode = Literal["live", "test"]
MODES: Final[tuple[Mode, ...]] = ("live", "test")

_32_BITS: Final = 2**32 - 1
_ALPHABET: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_RANDOM_LENGTH: Final = 32
_CHECKSUM_LENGTH: Final = 6
_TOKEN_LENGTH: Final = len("ss_live_") + _RANDOM_LENGTH + _CHECKSUM_LENGTH


_RUN: Final = secrets.token_hex(6)  # of this process
_requests: Final = count(secrets.randbits(31))


def new_request_id() -> str:
    """A name for one request, in its answer and in the log: of which run of the program, and a number that only grows."""
    return f"req_{_RUN}{next(_requests) & _32_BITS:08x}"


def new_event_id() -> str:
    """A name for one event, by which its consumers tell it apart; the same in every delivery."""
    return "evt_" + secrets.token_hex(12)


def new_token(mode: Mode) -> str:
    """A fresh API token; the only moment it exists in clear."""
    body = f"ss_{mode}_" + "".join(secrets.choice(_ALPHABET) for _ in range(_RANDOM_LENGTH))
    return body + checksum(body)


def checksum(body: str) -> str:
    """CRC32 of the token's prefix and random part, as six base62 characters."""
    number = zlib.crc32(body.encode("ascii"))
    digits = ""
    while number:
        number, digit = divmod(number, 62)
        digits = _ALPHABET[digit] + digits
    return digits.rjust(_CHECKSUM_LENGTH, "0")


def is_well_formed(token: str) -> bool:
    """Whether the token has the right shape and checksum; says nothing of its being known."""
    if len(token) != _TOKEN_LENGTH or not token.isascii() or not token.startswith(("ss_live_", "ss_test_")):
        return False
    return token[-_CHECKSUM_LENGTH:] == checksum(token[:-_CHECKSUM_LENGTH])


def token_hash(token: str) -> bytes:
    """SHA-256 of the token: all that the box keeps of it. The randomness is 190 bits, so no salt or slow hash is needed."""
    return hashlib.sha256(token.encode("utf-8")).digest()

"""Passwords: kept as Argon2id (RFC 9106) alone. Each call takes tens of milliseconds and 19 MB: never on the event loop."""

import secrets
from typing import Final

from smoothbox.errors import invalid

SHORTEST: Final = 10
LONGEST: Final = 200

# The least that OWASP's Password Storage Cheat Sheet allows of memory, so that a few logins at once fit into a small box.
_MEMORY_KIB: Final = 19_456
_ITERATIONS: Final = 2
_LANES: Final = 1


def checked(password: str) -> str:
    """A password that may be set. Raises Problem 'validation_error' (NIST SP 800-63B: length counts, composition does not)."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise invalid("password", f"A password has {SHORTEST} to {LONGEST} characters.")
    return password


def hashed(password: str) -> str:
    """What is kept of a password, in the PHC form."""
    from cryptography.hazmat.primitives.kdf.argon2 import Argon2id  # noqa: PLC0415 -- only who has passwords needs it

    salt = secrets.token_bytes(16)
    kdf = Argon2id(salt=salt, length=32, iterations=_ITERATIONS, lanes=_LANES, memory_cost=_MEMORY_KIB)
    return kdf.derive_phc_encoded(password.encode())


def matches(password: str, kept: str | None) -> bool:
    """Whether it is the password. Where there is none it takes as long to say no: an answer must not tell who exists."""
    from cryptography.exceptions import InvalidKey  # noqa: PLC0415 -- as above
    from cryptography.hazmat.primitives.kdf.argon2 import Argon2id  # noqa: PLC0415

    if kept is None:
        hashed(password[:LONGEST])
        return False
    try:
        Argon2id.verify_phc_encoded(password[:LONGEST].encode(), kept)
    except InvalidKey:
        return False
    return True

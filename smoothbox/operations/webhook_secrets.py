"""What deliveries are signed with, in the text forms of the Standard Webhooks specification, and kept sealed."""

import secrets
from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from typing import Final

import msgspec
from msgspec import Struct

from smoothbox.errors import invalid
from smoothbox.keyring import Vault
from smoothbox.store.endpoints import Sealed

PREFIX: Final = "whsec_"
_SHORTEST, _LONGEST = 24, 64
_MADE: Final = 32
_MOST_OLD: Final = 2


class OldSecret(Struct, frozen=True):
    """A secret that was replaced, and the Unix second at which it ends."""

    secret: str
    ends_at: float

    def __repr__(self) -> str:
        """Without the secret."""
        return f"OldSecret(until {self.ends_at})"


class KeyPair(Struct, frozen=True):
    """An Ed25519 key, and the text of its public half."""

    private: bytes
    public: str

    def __repr__(self) -> str:
        """Without the private half."""
        return f"KeyPair({self.public})"


def new_secret() -> str:
    """A fresh secret of 32 random bytes."""
    return _written(secrets.token_bytes(_MADE))


def new_key_pair() -> KeyPair:
    """A fresh key for v1a signatures."""
    from cryptography.hazmat.primitives import serialization as form  # noqa: PLC0415 -- with its library 7 MB that few need
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey  # noqa: PLC0415

    key = Ed25519PrivateKey.generate()
    public = key.public_key().public_bytes(form.Encoding.Raw, form.PublicFormat.Raw)
    private = key.private_bytes(form.Encoding.Raw, form.PrivateFormat.Raw, form.NoEncryption())
    return KeyPair(private, "whpk_" + b64encode(public).decode())


def checked_secret(text: str) -> str:
    """A secret that somebody brought. Raises Problem 'validation_error'."""
    try:
        key = b64decode(text.removeprefix(PREFIX), validate=True)
    except (Base64Error, ValueError):
        key = b""
    if text != _written(key) or not _SHORTEST <= len(key) <= _LONGEST:  # its one form: receivers may read it strictly
        raise invalid("secret", f"A secret is {PREFIX} and the base64 of {_SHORTEST} to {_LONGEST} random bytes.")
    return text


def place(endpoint_id: int, column: str) -> str:
    """The row and column that something sealed is bound to."""
    return f"endpoint/{endpoint_id}/{column}"


def replaced(vault: Vault, sealed: Sealed, now: float, ends_at: float) -> list[OldSecret]:
    """The old secrets after the one in use is replaced: those that still sign, the newest first, at most two.

    Where the one in use ends at once, all do: then somebody knows it who should not.
    Raises SealBrokenError where they cannot be opened.
    """
    if ends_at <= now:
        return []
    current = OldSecret(vault.open(sealed.secret, place(sealed.id, "secret")).decode(), ends_at)
    return [current, *still_signing(vault, sealed, now)][:_MOST_OLD]


def still_signing(vault: Vault, sealed: Sealed, now: float) -> list[OldSecret]:
    """The old secrets whose overlap is not over. Raises SealBrokenError."""
    if sealed.old_secrets is None:
        return []
    kept = msgspec.json.decode(vault.open(sealed.old_secrets, place(sealed.id, "old_secrets")), type=list[OldSecret])
    return [each for each in kept if each.ends_at > now]


def _written(key: bytes) -> str:
    return PREFIX + b64encode(key).decode()

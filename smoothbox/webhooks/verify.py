"""The receiver's side of the Standard Webhooks specification: whether a delivery is to be believed, and if not, why. Pure."""

import hmac
import re
from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Iterable, Mapping
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from msgspec import Struct

from smoothbox.errors import invalid
from smoothbox.operations.webhook_secrets import PREFIX, checked_secret

TOLERANCE: Final = 300.0
"""Seconds that a delivery may lie in the past or in the future, so that one who listened in cannot send it again for long."""

NO_KEYS: Final = "no secret given"

_PUBLIC_PREFIX: Final = "whpk_"
_SECOND: Final = re.compile(r"[0-9]{1,12}")


class Keys(Struct, frozen=True):
    """What a receiver knows of its sender: secrets for v1 signatures, public keys for v1a ones. Any of them will do."""

    secrets: tuple[bytes, ...] = ()
    public: tuple[Ed25519PublicKey, ...] = ()

    def __bool__(self) -> bool:
        """Whether there are any."""
        return bool(self.secrets or self.public)

    def __repr__(self) -> str:
        """Without the secrets."""
        return f"Keys({len(self.secrets)} secrets, {len(self.public)} public)"


def keys_of(secrets: Iterable[str], public_keys: Iterable[str] = ()) -> Keys:
    """The keys in their text forms, whsec_… and whpk_…. Raises Problem 'validation_error' for what is none."""
    return Keys(tuple(map(_secret, secrets)), tuple(map(_public_key, public_keys)))


def fault(headers: Mapping[str, str], body: bytes, keys: Keys, now: float) -> str | None:
    """Why a delivery is not to be believed at `now` (Unix seconds); None for one that is verified.

    `headers` are looked up by the names of the specification, in lower case.
    """
    if not keys:
        return NO_KEYS
    event_id, second, signatures = (headers.get(f"webhook-{name}", "") for name in ("id", "timestamp", "signature"))
    for name, value in (("id", event_id), ("timestamp", second), ("signature", signatures)):
        if not value:
            return f"the header webhook-{name} is missing"
    if not _SECOND.fullmatch(second):
        return "webhook-timestamp is no Unix second"
    age = now - int(second)
    if abs(age) > TOLERANCE:
        side = "ago" if age > 0 else "ahead of this clock"
        return f"it was sent {abs(age):.0f} seconds {side}; up to {TOLERANCE:.0f} are allowed"
    return _mismatch(f"{event_id}.{second}.".encode() + body, signatures, keys)


def _mismatch(content: bytes, signatures: str, keys: Keys) -> str | None:
    """Why none of the signatures fits; None where one does."""
    found = [(version, _decoded(text)) for version, _, text in (each.partition(",") for each in signatures.split())]
    wanted = [version for version, known in (("v1", keys.secrets), ("v1a", keys.public)) if known]
    if not any(version in wanted for version, _ in found):
        return f"it carries no {' or '.join(wanted)} signature"
    if any(_is_mac(secret, value, content) for secret in keys.secrets for version, value in found if version == "v1"):
        return None
    if any(_is_signed(key, value, content) for key in keys.public for version, value in found if version == "v1a"):
        return None
    return "no signature fits: it was signed with another secret, or changed on its way"


def _is_mac(secret: bytes, mac: bytes, content: bytes) -> bool:
    return hmac.compare_digest(hmac.digest(secret, content, "sha256"), mac)


def _is_signed(key: Ed25519PublicKey, signature: bytes, content: bytes) -> bool:
    try:
        key.verify(signature, content)
    except InvalidSignature:
        return False
    return True


def _secret(text: str) -> bytes:
    return b64decode(checked_secret(text).removeprefix(PREFIX))


def _public_key(text: str) -> Ed25519PublicKey:
    try:
        if text.startswith(_PUBLIC_PREFIX):
            return Ed25519PublicKey.from_public_bytes(_decoded(text.removeprefix(_PUBLIC_PREFIX)))
    except ValueError:
        pass
    raise invalid("public_key", f"A public key is {_PUBLIC_PREFIX} and the base64 of 32 bytes.")


def _decoded(text: str) -> bytes:
    """The bytes of base64, none of what is no base64."""
    try:
        return b64decode(text, validate=True)
    except (Base64Error, ValueError):
        return b""

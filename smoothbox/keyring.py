"""The keyring file: the keys that seal secrets at rest and sign links. Made once, by `init`; losing it loses what it sealed.

What is sealed names its key and is bound to its place (AES-256-GCM with associated data): moved to another row, file or
tenant it does not open.

What is signed is a JSON Web Token (EdDSA) that names its key and what it is for; one made for another purpose is refused.

`cryptography` and `jwt` are imported where they are used: a box in which nobody has webhooks or links does without their 7 MB.
"""

import hmac
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, Literal

import msgspec
from msgspec import Struct

from smoothbox.errors import Problem
from smoothbox.ids import Mode

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

Purpose = Literal["client-token", "booking", "feed"]

_LONGEST_SIGNED: Final = 4096  # characters; no token of ours comes near
ID: Final = 4  # bytes of a key's name
_NONCE: Final = 12
AES: Final = 32
ED25519: Final = 32
_ARCHIVE: Final = "sbx_"


class SealBrokenError(Exception):
    """Something sealed does not open: it was sealed with another keyring, for another place, or was tampered with."""


class SignatureBrokenError(Exception):
    """Something signed does not hold: it was signed with another keyring, for another purpose, or was tampered with."""


class Secrets(Struct, frozen=True):
    """What one key of the box consists of: 32 bytes to seal with, and the 32-byte seed of an Ed25519 key to sign with."""

    aes256: bytes
    ed25519: bytes


Keys = Mapping[bytes, Secrets]
"""By their names, the newest last."""


class Keyring:
    """The keys of a box, by their names. The newest seals and signs; all open and check.

    `changed` returns other keys where there are some by now: one is added beside a running server.
    """

    def __init__(self, keys: Keys, changed: Callable[[], Keys | None] = lambda: None) -> None:
        self._changed = changed
        self._take(keys)

    def _take(self, keys: Keys) -> None:
        self._keys = keys
        *_, self._newest = keys  # a ValueError where there are none

    def refresh(self) -> None:
        """Take what has changed. Raises Problem 'unavailable' where that cannot be read; then the keys stay as they are."""
        keys = self._changed()
        if keys is not None:
            self._take(keys)

    def _named(self, name: bytes) -> Secrets:
        """The key of this name. Raises KeyError."""
        if name not in self._keys:
            self.refresh()
        return self._keys[name]

    def vault(self, tenant_folder: str, mode: Mode) -> "Vault":
        """What seals for one data file, whoever works on it."""
        return Vault(self, f"{tenant_folder}/{mode}")

    def seal(self, secret: bytes, place: str) -> bytes:
        """The secret, readable only with this keyring and under this place."""
        nonce = secrets.token_bytes(_NONCE)
        return self._newest + nonce + _cipher(self._keys[self._newest].aes256).encrypt(nonce, secret, place.encode())

    def open(self, sealed: bytes, place: str) -> bytes:
        """The secret again. Raises SealBrokenError."""
        from cryptography.exceptions import InvalidTag  # noqa: PLC0415 -- see above

        name, nonce, text = sealed[:ID], sealed[ID : ID + _NONCE], sealed[ID + _NONCE :]
        try:
            secret: bytes = _cipher(self._named(name).aes256).decrypt(nonce, text, place.encode())
        except (KeyError, ValueError, InvalidTag, Problem):
            raise SealBrokenError(place) from None
        return secret

    def derived(self, purpose: str) -> bytes:
        """32 bytes that only this keyring yields, for a purpose that needs a secret of its own."""
        return hmac.digest(self._keys[self._newest].aes256, f"derived/{purpose}".encode(), "sha256")

    def sign(self, purpose: Purpose, claims: Mapping[str, Any]) -> str:
        """A JSON Web Token of the claims (RFC 7519), good for one purpose. `exp`, where there is one, is in Unix seconds.

        Put together here, for every booking that is shown carries one: PyJWT, which reads them, takes half as long again as
        the signature itself, and 3 MB.
        """
        claimed = _base64url(msgspec.json.encode({"aud": purpose, **claims}))
        signed = b"%b.%b" % (_header(self._newest, purpose), claimed)
        signature = _signer(self._keys[self._newest].ed25519).sign(signed)
        return f"{signed.decode()}.{_base64url(signature).decode()}"

    def claims(self, purpose: Purpose, signed: str) -> Mapping[str, Any]:
        """What was signed for this purpose. Whether it is still good is for the caller to say, who knows what time it is.

        Raises SignatureBrokenError.
        """
        import jwt  # noqa: PLC0415 -- see above

        if len(signed) > _LONGEST_SIGNED:
            raise SignatureBrokenError(purpose)
        timeless = {"verify_exp": False, "verify_iat": False, "verify_nbf": False}
        try:
            name = bytes.fromhex(jwt.get_unverified_header(signed)["kid"])
            public_key = _signer(self._named(name).ed25519).public_key()
            claims: Mapping[str, Any] = jwt.decode(
                signed,
                public_key,
                algorithms=["EdDSA"],
                audience=purpose,
                options=timeless,  # type: ignore[arg-type]
            )
        except (jwt.InvalidTokenError, KeyError, TypeError, ValueError, RecursionError, Problem):
            raise SignatureBrokenError(purpose) from None
        return claims


class Vault:
    """Seals and opens for the rows of one data file."""

    def __init__(self, keyring: Keyring, place: str) -> None:
        self._keyring = keyring
        self._place = place

    def seal(self, secret: bytes, row: str) -> bytes:
        """The secret, readable only in this row."""
        return self._keyring.seal(secret, f"{self._place}/{row}")

    def open(self, sealed: bytes, row: str) -> bytes:
        """The secret again. Raises SealBrokenError."""
        return self._keyring.open(sealed, f"{self._place}/{row}")


def archive_keyring(key: str) -> Keyring:
    """What seals the secrets in an archive. `key` is as `new_archive_key` made it. Raises Problem 'validation_error'."""
    raw = _unbase64url(key.removeprefix(_ARCHIVE)) if key.startswith(_ARCHIVE) else b""
    if len(raw) != ID + AES:
        raise Problem("validation_error", f"That is no key of an archive: those begin with {_ARCHIVE}.")
    return Keyring({raw[:ID]: Secrets(raw[ID:], bytes(ED25519))})


def new_archive_key() -> str:
    """A fresh key for one archive."""
    return _ARCHIVE + _base64url(secrets.token_bytes(ID + AES)).decode()


@lru_cache(maxsize=8)
def _cipher(key: bytes) -> "AESGCM":
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415 -- see above

    return AESGCM(key)


@lru_cache(maxsize=8)
def _signer(seed: bytes) -> "Ed25519PrivateKey":
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey  # noqa: PLC0415 -- see above

    return Ed25519PrivateKey.from_private_bytes(seed)


@lru_cache(maxsize=16)
def _header(name: bytes, purpose: Purpose) -> bytes:
    return _base64url(msgspec.json.encode({"alg": "EdDSA", "kid": name.hex(), "typ": f"{purpose}+jwt"}))


def _base64url(raw: bytes) -> bytes:
    """Without padding, as RFC 7515 has it."""
    return urlsafe_b64encode(raw).rstrip(b"=")


def _unbase64url(text: str) -> bytes:
    try:
        return urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError:
        return b""

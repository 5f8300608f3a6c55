"""The keyring file: the keys that seal secrets at rest and sign links. Made once, by `init`; losing it loses what it sealed.

What is sealed names its key and is bound to its place (AES-256-GCM with associated data): moved to another row, file or
tenant it does not open.

`cryptography` is imported where something is sealed or opened: a box in which nobody has webhooks does without its 7 MB.
"""

import os
import secrets
from base64 import b64decode, b64encode
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec
from msgspec import Struct

from smoothbox.clock import instant_text
from smoothbox.errors import Problem
from smoothbox.ids import Mode

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_ID: Final = 4  # bytes of a key's name
_NONCE: Final = 12
_AES: Final = 32
_ED25519: Final = 32


class SealBrokenError(Exception):
    """Something sealed does not open: it was sealed with another keyring, for another place, or was tampered with."""


class _Key(Struct, frozen=True):
    id: str
    created_at: str
    aes256: str
    ed25519: str


class _File(Struct, frozen=True):
    keys: list[_Key]


class Keyring:
    """The keys of a box, by their names. The newest seals; all open."""

    def __init__(self, keys: Mapping[bytes, bytes]) -> None:
        self._keys = keys
        *_, self._newest = keys  # a ValueError where there are none

    def vault(self, tenant_folder: str, mode: Mode) -> "Vault":
        """What seals for one data file, whoever works on it."""
        return Vault(self, f"{tenant_folder}/{mode}")

    def seal(self, secret: bytes, place: str) -> bytes:
        """The secret, readable only with this keyring and under this place."""
        nonce = secrets.token_bytes(_NONCE)
        return self._newest + nonce + _cipher(self._keys[self._newest]).encrypt(nonce, secret, place.encode())

    def open(self, sealed: bytes, place: str) -> bytes:
        """The secret again. Raises SealBrokenError."""
        from cryptography.exceptions import InvalidTag  # noqa: PLC0415 -- see above

        name, nonce, text = sealed[:_ID], sealed[_ID : _ID + _NONCE], sealed[_ID + _NONCE :]
        try:
            secret: bytes = _cipher(self._keys[name]).decrypt(nonce, text, place.encode())
        except (KeyError, ValueError, InvalidTag):
            raise SealBrokenError(place) from None
        return secret


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


def load_keyring(path: Path) -> Keyring:
    """The keyring of a box. Raises Problem 'unavailable' where it is missing or no keyring."""
    try:
        file = msgspec.json.decode(path.read_bytes(), type=_File)
        return Keyring(dict(map(_named, file.keys)))
    except FileNotFoundError:
        raise Problem("unavailable", f"{path} is missing; put it back from a backup.") from None
    except OSError as error:
        raise Problem("unavailable", f"{path} cannot be read ({error.strerror}).") from error
    except (msgspec.MsgspecError, ValueError) as error:
        raise Problem("unavailable", f"{path} is no keyring ({error}); put it back from a backup.") from error


def _named(key: _Key) -> tuple[bytes, bytes]:
    """A key by its name. One of another size would seal what never opens: raises ValueError."""
    name, secret = bytes.fromhex(key.id), b64decode(key.aes256, validate=True)
    if (len(name), len(secret)) != (_ID, _AES):
        raise ValueError(f"key {key.id} is not of its size")
    return name, secret


@lru_cache(maxsize=8)
def _cipher(key: bytes) -> "AESGCM":
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415 -- see above

    return AESGCM(key)


def create_keyring(path: Path, now: float) -> None:
    """Write a keyring with one AES-256 and one Ed25519 key, readable by its owner only.

    Raises FileExistsError rather than replace one.
    """
    aes, ed25519 = (b64encode(secrets.token_bytes(size)).decode() for size in (_AES, _ED25519))  # both are just random
    new = _Key(secrets.token_hex(_ID), instant_text(now), aes, ed25519)
    unfinished = path.with_name(path.name + ".new")
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(msgspec.json.format(msgspec.json.encode(_File([new]))) + b"\n")
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(unfinished, path)  # whole or not at all, and never over another
        _sync_folder(path.parent)
    finally:
        unfinished.unlink()


def _sync_folder(folder: Path) -> None:
    """Make the name of a new file as durable as the file."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

"""The file that holds the keys of a box: read, made, and written anew when a key is added or old ones are forgotten."""

import os
import secrets
from base64 import b64decode, b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from smoothbox.clock import instant_text
from smoothbox.durable import naming, sync
from smoothbox.errors import Problem
from smoothbox.keyring import AES, ED25519, ID, Keyring, Keys, Secrets


class KeyName(Struct, frozen=True):
    """A key of the box without its secrets."""

    id: str
    created_at: str


class _Key(Struct, frozen=True):
    id: str
    created_at: str
    aes256: str
    ed25519: str


class _File(Struct, frozen=True):
    keys: Annotated[list[_Key], Meta(min_length=1)]


def load_keyring(path: Path) -> Keyring:
    """The keyring of a box. Raises Problem 'unavailable' where it is missing or no keyring."""
    return _Watched(path).keyring()


class _Watched:
    """A keyring file, and the version of it that was read."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stamp = _stamp(path)

    def keyring(self) -> Keyring:
        """What it holds, now and whenever it changes."""
        return Keyring(_read(self._path), self._changed)

    def _changed(self) -> Keys | None:
        stamp = _stamp(self._path)
        if stamp == self._stamp:
            return None
        keys = _read(self._path)
        self._stamp = stamp
        return keys


def key_names(path: Path) -> list[KeyName]:
    """The keys of a box, the oldest first. Raises Problem as `load_keyring`."""
    return [KeyName(key.id, key.created_at) for key in _load(path).keys]


def create_keyring(path: Path, now: float) -> None:
    """Write a keyring with one AES-256 and one Ed25519 key, readable by its owner only.

    Raises FileExistsError rather than replace one.
    """
    with _written(path, _File([_new_key(now)])) as unfinished:
        os.link(unfinished, path)  # whole or not at all, and never over another


def add_key(path: Path, now: float) -> None:
    """Add a key, which is the newest from now on. Raises Problem as `load_keyring`."""
    with _written(path, _File([*_load(path).keys, _new_key(now)])) as unfinished:
        unfinished.replace(path)


def forget_old_keys(path: Path) -> int:
    """Keep the newest key alone; how many are gone. Raises Problem as `load_keyring`."""
    *old, newest = _load(path).keys
    with _written(path, _File([newest])) as unfinished:
        unfinished.replace(path)
    return len(old)


def _read(path: Path) -> dict[bytes, Secrets]:
    try:
        return dict(map(_named, _load(path).keys))
    except ValueError as error:
        raise _no_keyring(path, error) from error


def _load(path: Path) -> _File:
    try:
        file = msgspec.json.decode(path.read_bytes(), type=_File)
    except FileNotFoundError:
        raise Problem(
            "unavailable", f"{path} is missing; put it back from where you keep it. Only if it is lost: smoothbox keys create"
        ) from None
    except OSError as error:
        raise Problem("unavailable", f"{path} cannot be read ({error.strerror}).") from error
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise _no_keyring(path, error) from error
    return file


def _no_keyring(path: Path, error: Exception) -> Problem:
    return Problem("unavailable", f"{path} is no keyring ({error}); put it back from where you keep it.")


def _stamp(path: Path) -> tuple[int, int] | None:
    """What tells one version of the file from another; None where there is none."""
    try:
        return (path.stat().st_mtime_ns, path.stat().st_ino)
    except OSError:
        return None


def _named(key: _Key) -> tuple[bytes, Secrets]:
    """A key by its name. One of another size would seal what never opens: raises ValueError."""
    name, aes, seed = bytes.fromhex(key.id), b64decode(key.aes256, validate=True), b64decode(key.ed25519, validate=True)
    if (len(name), len(aes), len(seed)) != (ID, AES, ED25519):
        raise ValueError(f"key {key.id} is not of its size")
    return name, Secrets(aes, seed)


def _new_key(now: float) -> _Key:
    aes, ed25519 = (b64encode(secrets.token_bytes(size)).decode() for size in (AES, ED25519))  # both are just random
    return _Key(secrets.token_hex(ID), instant_text(now), aes, ed25519)


@contextmanager
def _written(path: Path, content: _File) -> Iterator[Path]:
    """A file beside the path, on disk, to be put in its place; its name is on disk too in the end."""
    unfinished = path.with_name(path.name + ".new")
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with naming(path):
            with os.fdopen(descriptor, "wb") as file:
                file.write(msgspec.json.format(msgspec.json.encode(content)) + b"\n")
                file.flush()
                os.fsync(file.fileno())
            yield unfinished
        sync(path.parent)
    finally:
        unfinished.unlink(missing_ok=True)

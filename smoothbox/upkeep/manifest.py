"""What a backup says of itself: manifest.json, beside the copies. A folder without one is no backup."""

from collections import Counter
from pathlib import Path
from typing import Annotated, Final

import msgspec
from msgspec import Meta, Struct

from smoothbox.errors import Problem
from smoothbox.ids import MODES, Mode

NAME: Final = "manifest.json"
BOX: Final = "box.sqlite"
KEYRING: Final = "keyring"
_FORMAT: Final = 1
_LONGEST: Final = 64 * 2**20  # bytes; a hundred thousand tenants have room in it

Count = Annotated[int, Meta(ge=0, le=2**62)]


class Entry(Struct, frozen=True, omit_defaults=True):
    """One copy: its place in the backup, and what it must be. `folder` and `mode` are those of a tenant's file."""

    path: str
    size: Count
    sha256: str
    schema: Count = 0
    folder: str = ""
    mode: Mode | None = None
    counts: dict[str, Count] = {}


class Missing(Struct, frozen=True):
    """A file that could not be copied, and why."""

    folder: str
    mode: Mode
    reason: str


class Manifest(Struct, frozen=True):
    """All of a backup. It is complete if nothing is missing; `tenants` maps folders to slugs as of the moment it was made."""

    format: int
    created_at: str
    smoothbox: str
    sqlite: str
    tenants: dict[str, str]
    files: list[Entry]
    missing: list[Missing]

    @property
    def is_complete(self) -> bool:
        """Whether every file of every tenant is there."""
        return not self.missing

    @property
    def has_keyring(self) -> bool:
        """Whether the keys of the box are in it."""
        return any(each.path == KEYRING for each in self.files)

    @property
    def size(self) -> int:
        """Bytes of all the copies."""
        return sum(each.size for each in self.files)

    def of(self, folder: str) -> list[Entry]:
        """The copies of one tenant's files."""
        return [each for each in self.files if each.mode is not None and each.folder == folder]


def make(
    created_at: str, smoothbox: str, sqlite: str, tenants: dict[str, str], files: list[Entry], missing: list[Missing]
) -> Manifest:
    """A manifest of the form that this program writes."""
    return Manifest(_FORMAT, created_at, smoothbox, sqlite, tenants, files, missing)


def place(folder: str, mode: Mode) -> str:
    """Where the copy of a tenant's file stands in a backup."""
    return f"tenants/{folder}/{mode}.sqlite"


def write(backup: Path, manifest: Manifest) -> None:
    """Put the manifest into the backup's folder."""
    (backup / NAME).write_bytes(msgspec.json.format(msgspec.json.encode(manifest)) + b"\n")


def read(backup: Path) -> Manifest:
    """The manifest of a backup.

    Raises Problem 'not_found' where there is none, 'unavailable' for one that is torn, made up, or of a newer program.
    """
    path = backup / NAME
    try:
        manifest = msgspec.json.decode(_text(path), type=Manifest)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise Problem("unavailable", f"{path} is damaged ({error}); take another backup.") from error
    if manifest.format != _FORMAT:
        raise Problem("unavailable", f"{path} is of format {manifest.format}, written by a newer smoothbox; upgrade first.")
    for each in manifest.files:
        _refuse_strange(path, each)
    _refuse_uneven(path, manifest)
    return manifest


def _text(path: Path) -> bytes:
    try:
        if path.exists() and not path.is_file():  # to read from a pipe is to wait for somebody
            raise Problem("unavailable", f"{path} is no file; take another backup.")
        with path.open("rb") as file:
            text = file.read(_LONGEST + 1)
    except (FileNotFoundError, NotADirectoryError):
        raise Problem("not_found", f"{path.parent} is no backup: there is no {NAME} in it.") from None
    except (OSError, ValueError) as error:  # a ValueError for a name that no file can have
        raise Problem("unavailable", f"{path} cannot be read: {getattr(error, 'strerror', error)}.") from error
    if len(text) > _LONGEST:
        raise Problem("unavailable", f"{path} is damaged (it is far too long); take another backup.")
    return text


def _refuse_uneven(path: Path, manifest: Manifest) -> None:
    """The registry is in it, and of each tenant either file is there or missing, and nothing twice and nothing else."""
    told = Counter([*(each.path for each in manifest.files), *(place(each.folder, each.mode) for each in manifest.missing)])
    due = {BOX, *(place(folder, mode) for folder in manifest.tenants for mode in MODES)}
    uneven = (due ^ told.keys()) - {KEYRING} | {name for name, times in told.items() if times > 1}
    if uneven:
        names = ", ".join(sorted(uneven)[:3])
        raise Problem("unavailable", f"{path} is damaged (it does not tell of each file once: {names}); take another backup.")


def _refuse_strange(path: Path, entry: Entry) -> None:
    """An entry stands where its kind stands, and nowhere else: nothing leads out of the backup's folder."""
    expected = place(entry.folder, entry.mode) if entry.mode else entry.path
    is_plain = not {"/", "\\", "\0"} & set(entry.folder) and entry.folder not in {"", ".", ".."}
    if entry.path != expected or (is_plain if entry.mode else entry.path in {BOX, KEYRING}) is False:
        raise Problem("unavailable", f"{path} names a strange file, {entry.path!r}; it was not written by smoothbox.")

"""One tenant in one file, to be carried to another box: what the registry knows of it, and copies of its data files.

A ZIP archive of three entries. It is read as something that anybody may have made: nothing is unpacked under a name of its
own, nothing is written beyond the size that was announced, and what comes out must have its checksum and be one of our files.
Secrets are sealed with a key of the archive, which is not in it.
"""

import hashlib
import shutil
import struct
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Final

import msgspec
from msgspec import Struct

from smoothbox import __version__
from smoothbox.durable import naming
from smoothbox.errors import Problem
from smoothbox.ids import MODES, Mode
from smoothbox.keyring import Keyring, Vault
from smoothbox.store.copies import Copied, judge
from smoothbox.store.migrate import TENANT
from smoothbox.store.shape import refuse_foreign
from smoothbox.upkeep.arrivals import Belongings, Luggage

_FORMAT: Final = 1
_SAID: Final = "tenant.json"
_LONGEST_SAID: Final = 32 * 2**20  # a hundred thousand tokens have room in it
_DENSEST: Final = 200  # bytes out of one: a data file of ours packs to a tenth
_SMALL: Final = 64 * 2**20  # below this a dense one is no bomb
_PIECE: Final = 1 << 20


class Part(Struct, frozen=True):
    """A data file in the archive."""

    size: int
    sha256: str
    schema: int


class _Said(Struct, frozen=True):
    format: int
    created_at: str
    smoothbox: str
    belongings: Belongings
    parts: dict[str, Part]


def vault_of(keyring: Keyring, mode: Mode) -> Vault:
    """What seals in an archive."""
    return keyring.vault("archive", mode)


def write(file: IO[bytes], created_at: str, belongings: Belongings, copies: Mapping[Mode, tuple[Path, Copied]]) -> None:
    """Pack a tenant; the secrets in the copies are sealed by `vault_of` already."""
    parts = {mode: Part(copied.size, copied.sha256, copied.schema) for mode, (_, copied) in copies.items()}
    said = _Said(_FORMAT, created_at, __version__, belongings, {str(mode): part for mode, part in parts.items()})
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, allowZip64=True) as archive:
        archive.writestr(_SAID, msgspec.json.encode(said))
        for mode, (path, _) in copies.items():
            archive.write(path, _name(mode))


def unpack(path: Path, into: Path, keyring: Keyring) -> Luggage:
    """Check an archive and put its copies into a folder that is empty.

    Raises Problem 'not_found', 'storage_full' before anything is written, or 'unavailable' for what is no archive of a tenant,
    is damaged, or was made to do harm.
    """
    with _opened(path) as archive:
        said = _said(path, archive)
        entries = {entry.filename: entry for entry in archive.infolist()}
        for mode in MODES:
            _check(path, entries[_name(mode)], said.parts[mode])
        if sum(part.size for part in said.parts.values()) > shutil.disk_usage(into).free:
            raise Problem("storage_full", f"{path} needs more room than the disk has; nothing was written.")
        for mode in MODES:
            _extract(path, archive, mode, said.parts[mode], into / _name(mode))
    copies = {mode: into / _name(mode) for mode in MODES}
    for mode, copy in copies.items():
        if _schema(path, copy) != said.parts[mode].schema:
            raise _harm(path, f"{_name(mode)} is of another schema than announced")
    return Luggage(said.belongings, copies, {mode: vault_of(keyring, mode) for mode in MODES})


def _name(mode: str) -> str:
    return f"{mode}.sqlite"


def _opened(path: Path) -> zipfile.ZipFile:
    if path.exists() and not path.is_file():  # to read from a pipe is to wait for somebody
        raise _harm(path, "it is no file")
    try:
        archive = zipfile.ZipFile(path)
    except FileNotFoundError:
        raise Problem("not_found", f"There is no file {path}.") from None
    except (*_BROKEN, OSError) as error:
        raise _harm(path, str(error)) from error
    names = sorted(entry.filename for entry in archive.infolist())
    if names != sorted((_SAID, *map(_name, MODES))):
        archive.close()
        strange = next((name for name in names if name not in {_SAID, *map(_name, MODES)}), None)
        raise _harm(path, f"it has {strange!r} in it" if strange else "not all that belongs to a tenant is in it")
    return archive


def _said(path: Path, archive: zipfile.ZipFile) -> _Said:
    try:
        with archive.open(_SAID) as entry:
            text = entry.read(_LONGEST_SAID + 1)
        said = msgspec.json.decode(text, type=_Said)
    except (*_BROKEN, msgspec.MsgspecError) as error:
        raise _harm(path, f"{_SAID}: {error}") from error
    if said.format != _FORMAT:
        raise Problem("unavailable", f"{path} is of format {said.format}, written by a newer smoothbox; upgrade first.")
    if said.parts.keys() != set(MODES):
        raise _harm(path, f"{_SAID} does not tell of both files")
    return said


def _check(path: Path, entry: zipfile.ZipInfo, part: Part) -> None:
    if entry.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
        raise _harm(path, f"{entry.filename} is compressed in another way than smoothbox does")
    if entry.file_size != part.size:
        raise _harm(path, f"{entry.filename} has {entry.file_size} bytes where {part.size} were announced")
    if part.size > _SMALL and part.size > _DENSEST * max(entry.compress_size, 1):
        raise _harm(path, f"{entry.filename} would grow to {_DENSEST} times its size")


def _schema(path: Path, copy: Path) -> int:
    try:
        refuse_foreign(copy)  # before anything is asked of its tables
        return judge(copy, TENANT).schema
    except Problem as problem:
        raise _harm(path, problem.message.replace(f"{copy.parent}/", "").removesuffix(".")) from problem


def _extract(path: Path, archive: zipfile.ZipFile, mode: Mode, part: Part, target: Path) -> None:
    digest, left = hashlib.sha256(), part.size
    try:
        with naming(target), archive.open(_name(mode)) as read, target.open("xb") as written:
            while piece := read.read(_PIECE):
                left -= len(piece)
                if left < 0:
                    raise _harm(path, f"{_name(mode)} is larger than announced")
                digest.update(piece)
                written.write(piece)
    except _BROKEN as error:
        raise _harm(path, f"{_name(mode)}: {error}") from error
    if digest.hexdigest() != part.sha256:
        raise _harm(path, f"the checksum of {_name(mode)} differs")


_BROKEN: Final = (zipfile.BadZipFile, zlib.error, struct.error, EOFError, RuntimeError, ValueError)  # what zipfile raises


def _harm(path: Path, what: str) -> Problem:
    return Problem("unavailable", f"{path} is no sound archive of a tenant: {what}. Nothing was written.")

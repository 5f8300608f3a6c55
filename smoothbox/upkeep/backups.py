"""Backups: a folder for each, with a copy of every data file and a manifest; made beside a running server.

A backup appears under its name only when it is whole and on disk. Tenants are copied first and the registry last: whoever it
knows is in the backup. Each copy is one state of its file; two files may be copied some time apart.
"""

import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from os.path import realpath
from pathlib import Path
from typing import Final

from smoothbox import __version__
from smoothbox.clock import Clock, instant_text
from smoothbox.durable import make_folder, sync, unused
from smoothbox.errors import Problem
from smoothbox.ids import MODES, Mode
from smoothbox.store import box
from smoothbox.store.connection import SQLITE_VERSION
from smoothbox.store.copies import bring, checksum, copy, judge
from smoothbox.store.direct import open_copy
from smoothbox.store.folder import DataFolder, hold_lock
from smoothbox.store.migrate import BOX, TENANT
from smoothbox.upkeep import manifest
from smoothbox.upkeep.manifest import Entry, Manifest, Missing

Watch = Callable[[int, int], None]
"""Told after each file how many are done, of how many. What it raises stops the work, which leaves nothing behind."""

_NAME: Final = re.compile(r"(\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ)(?:\.\d+)?", re.ASCII)
_NAMED: Final = "%Y-%m-%dT%H-%M-%SZ"
_UNFINISHED: Final = ".unfinished"


@dataclass(frozen=True, slots=True)
class Backup:
    """One that is there. `manifest` is None where it cannot be read, and `damage` says why."""

    path: Path
    manifest: Manifest | None
    damage: str = ""

    @property
    def is_complete(self) -> bool:
        """Whether it says of itself that nothing is missing."""
        return self.manifest is not None and self.manifest.is_complete


def home(folder: DataFolder, directory: str) -> Path:
    """Where backups are kept: the directory of the settings, else a folder beside the data."""
    return Path(directory) if directory else folder.root / "backups"


def create(folder: DataFolder, clock: Clock, directory: Path, watch: Watch, *, with_keyring: bool = False) -> Backup:
    """Make a backup of the whole box. A tenant's file that cannot be copied is named as missing in it.

    Raises Problem 'not_found' where there is no box, 'conflict' while another backup is made there, or the keys are replaced
    that it is to hold, or for a directory among those of the tenants, 'unavailable' for a registry that cannot be copied,
    'storage_full'; or OSError for a directory that cannot be written to.
    """
    if not folder.exists():
        raise Problem("not_found", f"There is no box in {folder.root}.")
    if Path(realpath(directory)).is_relative_to(realpath(folder.tenants)):
        raise Problem("conflict", f"{directory} is among the files of the tenants; keep backups elsewhere.")
    make_folder(directory)
    as_they_are = folder.keys_kept() if with_keyring else nullcontext()
    with as_they_are, hold_lock(directory / ".lock", f"Another backup is being made in {directory}"):
        _sweep(directory)
        target = unused(directory / datetime.fromtimestamp(clock.now(), UTC).strftime(_NAMED))
        with _unfinished(target) as unfinished:
            made = _Copying(folder, clock, unfinished, watch).all(with_keyring=with_keyring)
            manifest.write(unfinished, made)
    return Backup(target, made)


def all_in(directory: Path) -> list[Backup]:
    """Every backup of a directory, the newest first."""
    return [_opened(path) for path in sorted(_named(directory), key=_age, reverse=True)]


def find(directory: Path, name: str | None) -> Backup:
    """A backup by its name or its path; without either the newest one that is complete. Raises Problem 'not_found'."""
    if name is not None:
        path = Path(name) if "/" in name or Path(name).is_dir() else directory / name
        return Backup(path, manifest.read(path))
    for each in all_in(directory):
        if each.is_complete:
            return each
    raise Problem("not_found", f"There is no complete backup in {directory}.")


def verify(backup: Path, watch: Watch) -> list[str]:
    """What is wrong with a backup, a sentence for each file; empty where it is sound. Raises Problem as `manifest.read`."""
    said = manifest.read(backup)
    wrong: list[str] = []
    for done, entry in enumerate(said.files, 1):
        wrong += _faults(backup / entry.path, entry)
        watch(done, len(said.files))
    return wrong


def prune(directory: Path, keep: int, now: float) -> list[Path]:
    """Remove all but the newest `keep` of the complete ones, and as many of the others; those that were removed.

    One of the future counts as older than all others: it was named by a clock that was wrong, and would outlive what is made
    from now on. Raises Problem 'conflict' while a backup is made there.
    """
    found = sorted(all_in(directory), key=lambda each: _age(each.path)[0] <= now, reverse=True)
    if not found:
        return []
    of_each = ([each for each in found if each.is_complete is complete] for complete in (True, False))
    surplus = [each.path for kind in of_each for each in kind[keep:]]
    with hold_lock(directory / ".lock", f"A backup is being made in {directory}"):
        for path in surplus:
            hidden = path.with_name(f".{path.name}{_UNFINISHED}")  # half removed it is no backup any more
            path.rename(hidden)
            _remove(hidden)
    return surplus


def newest(directory: Path, now: float) -> float | None:
    """When the newest backup was made, in Unix seconds, by its name; one of the future was named by a clock that was wrong."""
    made = (_age(path)[0] for path in _named(directory))
    return max((second for second in made if second <= now), default=None)


class _Copying:
    """One backup in the making."""

    def __init__(self, folder: DataFolder, clock: Clock, target: Path, watch: Watch) -> None:
        self._folder = folder
        self._clock = clock
        self._target = target
        self._watch = watch
        self._made: dict[tuple[str, Mode], Entry | Missing] = {}
        self._total = 0

    def all(self, *, with_keyring: bool) -> Manifest:
        """Copy everything."""
        stamp = instant_text(self._clock.now())
        self._copy_of(self._registered()[0])
        slugs, registry = self._registered()
        while late := slugs.keys() - {folder for folder, _ in self._made}:  # came while the others were copied
            self._copy_of({folder: slugs[folder] for folder in late})
            slugs, registry = self._registered()
        for folder in {folder for folder, _ in self._made} - slugs.keys():  # was deleted meanwhile
            shutil.rmtree(self._target / "tenants" / folder)
        found = [each for (folder, _), each in self._made.items() if folder in slugs]
        files = [each for each in found if isinstance(each, Entry)]
        if with_keyring:
            files.append(self._keyring())
        for part in (*self._target.rglob("*"), self._target):
            if part.is_dir():
                sync(part)
        missing = [each for each in found if isinstance(each, Missing)]
        return manifest.make(stamp, __version__, SQLITE_VERSION, slugs, [*files, registry], missing)

    def _registered(self) -> tuple[dict[str, str], Entry]:
        """Copy the registry; the tenants that it knows, slugs by folder."""
        path = self._target / manifest.BOX
        path.unlink(missing_ok=True)
        copied = copy(self._folder.box, path, BOX)
        with open_copy(path, BOX, self._clock) as registry:
            slugs = registry.read(box.slugs)
        return slugs, Entry(manifest.BOX, copied.size, copied.sha256, copied.schema)

    def _copy_of(self, slugs: dict[str, str]) -> None:
        self._total += len(slugs) * len(MODES)
        for folder in slugs:
            make_folder(self._target / "tenants" / folder)
            for mode in MODES:
                self._made[folder, mode] = self._copy(folder, mode)
                self._watch(len(self._made), self._total)

    def _copy(self, folder: str, mode: Mode) -> Entry | Missing:
        place = manifest.place(folder, mode)
        try:
            copied = copy(self._folder.tenant_file(folder, mode), self._target / place, TENANT)
        except Problem as problem:
            if problem.code == "storage_full":
                raise
            return Missing(folder, mode, problem.message)
        return Entry(place, copied.size, copied.sha256, copied.schema, folder, mode, copied.counts)

    def _keyring(self) -> Entry:
        path = self._target / manifest.KEYRING
        bring(self._folder.keyring, path)
        return Entry(manifest.KEYRING, path.stat().st_size, checksum(path))


@contextmanager
def _unfinished(target: Path) -> Iterator[Path]:
    """A folder to fill, which gets its name when that has gone well, and is removed otherwise."""
    unfinished = target.with_name(f".{target.name}{_UNFINISHED}")
    unfinished.mkdir()
    try:
        yield unfinished
        sync(unfinished)
        unfinished.rename(target)
        sync(target.parent)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def _sweep(directory: Path) -> None:
    """Remove what backups that were killed have left, and nothing else: the directory may have other things in it."""
    for path in directory.glob(f".*{_UNFINISHED}"):
        if _NAME.fullmatch(path.name[1 : -len(_UNFINISHED)]):
            _remove(path)


def _remove(path: Path) -> None:
    """A backup, or a link to one that lies elsewhere: that one stays."""
    if path.is_symlink():
        path.unlink()
    else:
        shutil.rmtree(path)


def _opened(path: Path) -> Backup:
    try:
        return Backup(path, manifest.read(path))
    except Problem as problem:
        return Backup(path, None, problem.message)


def _faults(path: Path, entry: Entry) -> list[str]:
    try:
        if path.is_symlink() or not path.is_file():
            return [f"{path} is missing."]
        if path.stat().st_size != entry.size or checksum(path) != entry.sha256:
            return [f"{path} is not what was written: its checksum differs."]
        if entry.path != manifest.KEYRING:
            judge(path, TENANT if entry.mode else BOX)
    except OSError as error:
        return [f"{path} cannot be read: {error.strerror}."]
    except Problem as problem:
        return [problem.message]
    return []


def _named(directory: Path) -> list[Path]:
    """The folders of a directory that have the name of a backup."""
    return [path for path in directory.iterdir() if _is_named(path.name) and path.is_dir()] if directory.is_dir() else []


def _is_named(name: str) -> bool:
    match = _NAME.fullmatch(name)
    try:
        return match is not None and bool(_second(match[1]))
    except ValueError:  # a thirteenth month
        return False


def _age(path: Path) -> tuple[float, int]:
    """When it was made, by its name, in Unix seconds; and which of that second it is."""
    second, _, number = path.name.partition(".")
    return _second(second).timestamp(), int(number or 1)


def _second(name: str) -> datetime:
    return datetime.strptime(name, _NAMED).replace(tzinfo=UTC)

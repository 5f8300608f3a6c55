"""Backups put back: a whole box into an empty folder, or one tenant of it.

A backup is read whole and judged before anything is written. The registry comes last: a folder without one is no box.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from smoothbox.clock import Clock
from smoothbox.durable import make_folder, sync, unused, workshop
from smoothbox.errors import Problem
from smoothbox.ids import MODES
from smoothbox.keyring import Keyring
from smoothbox.keyring_file import load_keyring
from smoothbox.operations import tenants
from smoothbox.store import due, fence
from smoothbox.store.box import Tenant
from smoothbox.store.connection import Tx
from smoothbox.store.copies import bring
from smoothbox.store.direct import open_copy, open_direct
from smoothbox.store.folder import DataFolder, hold_folder, open_box, open_tenant
from smoothbox.store.migrate import BOX, TENANT, newest
from smoothbox.upkeep import arrivals, backups, manifest
from smoothbox.upkeep.arrivals import Belongings, Luggage
from smoothbox.upkeep.backups import Watch
from smoothbox.upkeep.manifest import Entry, Manifest

_MAY_BE_THERE: Final = frozenset({"keyring", "smoothbox.toml", "tls", "lost+found", "backups"})
_ARRIVING: Final = ".box.unfinished"
"""The registry on its way. Where it lies and no registry, all that is there of the box is of a restore that was killed."""
_LEFT: Final = (f"{_ARRIVING}*", ".box.schema-*.sqlite", "..box.*.unfinished", ".keyring.*.unfinished")


def judged(backup: Path, watch: Watch) -> Manifest:
    """The manifest of a backup that is sound. Raises Problem 'unavailable' that names each file that is not, or 'not_found'."""
    said = manifest.read(backup)
    for each in said.files:
        if each.schema > newest(TENANT if each.mode else BOX):
            place = backup / each.path
            raise Problem("unavailable", f"{place} is of schema {each.schema}, written by a newer smoothbox; upgrade first.")
    wrong = backups.verify(backup, watch)
    if wrong:
        raise Problem("unavailable", "\n".join([f"{backup} cannot be relied on; nothing was written:", *wrong]))
    return said


def check_empty(folder: DataFolder) -> None:
    """Raises Problem 'conflict' unless a box can be restored into this folder."""
    if folder.exists():
        raise Problem("conflict", f"There is a box in {folder.root}; a backup is restored into an empty folder.")
    there = {path.name for path in folder.root.iterdir()} if folder.root.exists() else set()
    left = {path.name for path in _left(folder)}
    if strange := sorted(there - left - _MAY_BE_THERE):
        raise Problem("conflict", f"{folder.root} is not empty: there is {', '.join(strange[:5])}.")


def restore_box(backup: Path, said: Manifest, folder: DataFolder, clock: Clock, watch: Watch) -> None:
    """Put a whole box into an empty folder; a keyring that lies there already stays.

    The server will look at every file for what is due in it. Raises Problem as `check_empty`, 'unavailable' for a registry of
    a newer program, or OSError; then what was written is removed again. What one left that was killed is removed first.
    """
    make_folder(folder.root)
    with hold_folder(folder.root, f"Another command restores into {folder.root}."):
        check_empty(folder)
        _sweep(folder)
        with _undone_unless_done(folder):
            arriving = folder.root / _ARRIVING
            bring(backup / manifest.BOX, arriving)
            with open_direct(arriving, BOX, clock) as registry:
                found = registry.write(_look_at_everything)
            entries = [each for each in said.files if each.path != manifest.BOX]
            for done, entry in enumerate(entries, 1):
                _put(backup, entry, folder)
                watch(done, len(entries))
            for tenant in found:
                _let_write(folder, clock, tenant)
            sync(arriving)
            arriving.rename(folder.box)
            sync(folder.root)
            _sweep(folder)


def luggage(backup: Path, said: Manifest, folder: DataFolder, clock: Clock, slug: str, keyring: Keyring) -> Luggage:
    """What a backup holds of one tenant. Raises Problem 'not_found'."""
    owned = _belongings(backup, folder, clock, slug)
    copies = {each.mode: backup / each.path for each in said.of(owned.folder) if each.mode}
    if copies.keys() != set(MODES):
        raise Problem("unavailable", f"{backup} does not hold all files of '{slug}'.")
    inside = backup / manifest.KEYRING
    old = load_keyring(inside) if said.has_keyring else keyring
    return Luggage(owned, copies, {mode: old.vault(owned.folder, mode) for mode in MODES})


def restore_over(folder: DataFolder, clock: Clock, keyring: Keyring, what: Luggage) -> tuple[Tenant, Path]:
    """Put the files of a tenant back in the place of those it has now, which are kept in a folder beside them.

    The tenant, its tokens and its people stay as they are now. Nobody may serve meanwhile: an open file would be written on.
    Raises Problem 'conflict' while a server runs, 'not_found' where the box has no such tenant.
    """
    with folder.without_server():
        with open_box(folder, clock) as registry:
            tenant = registry.read(tenants.find, what.belongings.slug)
        if tenant.folder != what.belongings.folder:
            raise Problem("conflict", f"'{tenant.slug}' is another tenant than the one in the backup; restore that beside it.")
        vaults = {mode: keyring.vault(tenant.folder, mode) for mode in MODES}
        with arrivals.unpacked(folder, clock, what, vaults) as (ready, _):
            for mode in MODES:
                with suppress(Problem), open_tenant(folder, tenant.folder, mode, clock):
                    pass  # its log goes into it, and it is one file that moves at once
                if tenant.status == "PAUSED":
                    with open_direct(ready / f"{mode}.db", TENANT, clock) as data:
                        data.write(fence.put_up)

            def put_in_place(tx: Tx) -> Path:
                tenants.find(tx, tenant.slug)  # it may be deleted by now
                _look_at(tx, tenant.id)
                return _swap(folder.tenant(tenant.folder), ready, clock)

            with open_box(folder, clock) as registry:
                aside = registry.write(put_in_place)
    return tenant, aside


def _swap(home: Path, ready: Path, clock: Clock) -> Path:
    """Put the files that are ready where a tenant has its own, and those beside them; where they are now.

    A file goes before its log: killed in between, the tenant lacks a file, which shows, rather than what was in the log.
    """
    make_folder(home)  # it may be lost whole
    aside = unused(home / f"replaced-{datetime.fromtimestamp(clock.now(), UTC):%Y-%m-%dT%H-%M-%SZ}")
    aside.mkdir()
    sync(home)
    for mode in MODES:
        for path in sorted(home.glob(f"{mode}.db*")):
            path.rename(aside / path.name)
        (ready / f"{mode}.db").rename(home / f"{mode}.db")
    sync(aside)
    sync(home)
    return aside


def _belongings(backup: Path, folder: DataFolder, clock: Clock, slug: str) -> Belongings:
    """Read from a copy of the backup's registry, which may be of an older schema."""
    with workshop(folder.root) as room:
        path = room / "box.copy"
        bring(backup / manifest.BOX, path)
        with open_direct(path, BOX, clock) as registry:
            return registry.read(arrivals.belongings_of, slug)


def _put(backup: Path, entry: Entry, folder: DataFolder) -> None:
    if entry.mode:
        target = folder.tenant_file(entry.folder, entry.mode)
        make_folder(target.parent)
        bring(backup / entry.path, target)
    elif not folder.keyring.exists():
        bring(backup / entry.path, folder.keyring)


def _let_write(folder: DataFolder, clock: Clock, tenant: Tenant) -> None:
    """One that was resumed while the backup was made may be paused in its files, and not in the registry."""
    for path in (folder.tenant_file(tenant.folder, mode) for mode in MODES):
        if tenant.status != "ACTIVE" or not path.exists():  # missing in the backup too
            continue
        with open_copy(path, TENANT, clock) as looked:
            is_fenced = looked.read(fence.is_up)
        if is_fenced:
            with open_direct(path, TENANT, clock) as data:
                data.write(fence.take_down)


def _look_at_everything(tx: Tx) -> list[Tenant]:
    found = tenants.list_all(tx)
    for tenant in found:
        _look_at(tx, tenant.id)
    return found


def _look_at(tx: Tx, tenant_id: int) -> None:
    for mode in MODES:
        due.mark(tx, tenant_id, mode)


@contextmanager
def _undone_unless_done(folder: DataFolder) -> Iterator[None]:
    """Remove again what was put into an empty folder when not all could be."""
    had_keyring = folder.keyring.exists()
    try:
        yield
    except BaseException:
        if not folder.exists():  # else nothing was missing any more
            _sweep(folder)
            if not had_keyring:
                folder.keyring.unlink(missing_ok=True)
        raise


def _sweep(folder: DataFolder) -> None:
    """Remove what a restore leaves that is not done, the registry on its way last of all; or what SQLite has put beside it."""
    for path in sorted(_left(folder), key=lambda path: path.name == _ARRIVING):
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()


def _left(folder: DataFolder) -> list[Path]:
    """What a restore that was killed has left of itself."""
    parts = [path for pattern in _LEFT for path in folder.root.glob(pattern)]
    if (folder.root / _ARRIVING).exists() and not folder.exists() and folder.tenants.exists():
        parts.append(folder.tenants)
    return parts

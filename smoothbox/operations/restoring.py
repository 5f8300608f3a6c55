"""Backups put back: a whole box into an empty folder, or one tenant of it.

A backup is read whole and judged before anything is written. The registry comes last: a folder without one is no box.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from smoothbox.clock import Clock
from smoothbox.errors import Problem
from smoothbox.ids import MODES
from smoothbox.keyring import Keyring
from smoothbox.keyring_file import load_keyring
from smoothbox.operations import arrivals, backups, manifest, tenants
from smoothbox.operations.arrivals import Arrival, Belongings, Luggage
from smoothbox.operations.backups import Watch
from smoothbox.operations.manifest import Entry, Manifest
from smoothbox.store import due
from smoothbox.store.box import Tenant
from smoothbox.store.connection import Tx
from smoothbox.store.copies import bring, sync
from smoothbox.store.direct import open_direct
from smoothbox.store.folder import DataFolder, open_box
from smoothbox.store.migrate import BOX

_MAY_BE_THERE: Final = frozenset({"keyring", "smoothbox.toml", "tls", "lost+found", "backups"})


def judged(backup: Path, watch: Watch) -> Manifest:
    """The manifest of a backup that is sound. Raises Problem 'unavailable' that names each file that is not, or 'not_found'."""
    wrong = backups.verify(backup, watch)
    if wrong:
        raise Problem("unavailable", "\n".join([f"{backup} cannot be relied on; nothing was written:", *wrong]))
    return manifest.read(backup)


def check_empty(folder: DataFolder) -> None:
    """Raises Problem 'conflict' unless a box can be restored into this folder."""
    if folder.exists():
        raise Problem("conflict", f"There is a box in {folder.root}; a backup is restored into an empty folder.")
    there = {path.name for path in folder.root.iterdir()} if folder.root.exists() else set()
    if strange := sorted(there - _MAY_BE_THERE):
        raise Problem("conflict", f"{folder.root} is not empty: there is {', '.join(strange[:5])}.")


def restore_box(backup: Path, said: Manifest, folder: DataFolder, clock: Clock, watch: Watch) -> None:
    """Put a whole box into an empty folder; a keyring that lies there already stays.

    The server will look at every file for what is due in it. Raises Problem as `check_empty`, or OSError; then what was
    written is removed again.
    """
    check_empty(folder)
    folder.root.mkdir(parents=True, exist_ok=True)
    with _undone_unless_done(folder):
        entries = [each for each in said.files if each.path != manifest.BOX]
        for done, entry in enumerate(entries, 1):
            _put(backup, entry, folder)
            watch(done, len(entries))
        arriving = folder.root / ".box.unfinished"
        bring(backup / manifest.BOX, arriving)
        with open_direct(arriving, BOX, clock) as registry:
            registry.write(_look_at_everything)
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


def restore_beside(folder: DataFolder, clock: Clock, keyring: Keyring, slug: str, what: Luggage) -> Arrival:
    """Take a tenant of a backup in, beside the others, under this slug. Raises Problem as `arrivals.settle`."""
    return arrivals.settle(folder, clock, keyring, slug, what)


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
            aside = _swap(folder.tenant(tenant.folder), ready, clock)
        with open_box(folder, clock) as registry:
            registry.write(_look_at, tenant.id)
    return tenant, aside


def _swap(home: Path, ready: Path, clock: Clock) -> Path:
    """Put the files that are ready where a tenant has its own, and those beside them; where they are now."""
    aside = home / f"replaced-{datetime.fromtimestamp(clock.now(), UTC):%Y-%m-%dT%H-%M-%SZ}"
    aside.mkdir()
    for mode in MODES:
        for path in home.glob(f"{mode}.db*"):
            path.rename(aside / path.name)
        (ready / f"{mode}.db").rename(home / f"{mode}.db")
    sync(home)
    return aside


def _belongings(backup: Path, folder: DataFolder, clock: Clock, slug: str) -> Belongings:
    """Read from a copy of the backup's registry, which may be of an older schema."""
    path = folder.root / ".registry.unfinished"
    bring(backup / manifest.BOX, path)
    try:
        with open_direct(path, BOX, clock) as registry:
            return registry.read(arrivals.belongings_of, slug)
    finally:
        for left in folder.root.glob(".registry.*"):
            left.unlink()


def _put(backup: Path, entry: Entry, folder: DataFolder) -> None:
    if entry.mode:
        target = folder.tenant_file(entry.folder, entry.mode)
        target.parent.mkdir(parents=True, exist_ok=True)
        bring(backup / entry.path, target)
    elif not folder.keyring.exists():
        bring(backup / entry.path, folder.keyring)


def _look_at_everything(tx: Tx) -> None:
    for tenant in tenants.list_all(tx):
        _look_at(tx, tenant.id)


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
        shutil.rmtree(folder.root / "tenants", ignore_errors=True)
        _sweep(folder)
        if not had_keyring:
            folder.keyring.unlink(missing_ok=True)
        raise


def _sweep(folder: DataFolder) -> None:
    """Remove what SQLite has put beside a registry on its way."""
    for path in folder.root.glob(".box.*"):
        path.unlink()

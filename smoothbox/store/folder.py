"""The data folder: where each file lies, who may read it, and who is serving from it."""

import errno
import fcntl
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import Final

from smoothbox.clock import Clock
from smoothbox.durable import make_folder
from smoothbox.errors import Problem
from smoothbox.ids import Mode
from smoothbox.store.connection import Origin
from smoothbox.store.direct import Direct, open_direct
from smoothbox.store.migrate import BOX, TENANT

_TRIAL: Final = bytes(4096)
_ARRIVING: Final = ".arriving.unfinished"


@dataclass(frozen=True, slots=True)
class Serving:
    """The process that serves a data folder, and where it answers."""

    pid: int
    url: str


@dataclass(frozen=True, slots=True)
class DataFolder:
    """The layout below one folder. Every file in it is 0600 and every folder 0700: the program runs under umask 077."""

    root: Path

    @property
    def box(self) -> Path:
        """The registry."""
        return self.root / "box.db"

    @property
    def keyring(self) -> Path:
        """The keys that seal secrets and sign links."""
        return self.root / "keyring"

    @property
    def tls(self) -> Path:
        """The folder of the certificate that the box made for itself, if it did."""
        return self.root / "tls"

    @property
    def serving(self) -> Path:
        """{"pid", "url"} of the server, while one runs."""
        return self.root / "serve.json"

    @property
    def tenants(self) -> Path:
        """The folder of the tenants' folders."""
        return self.root / "tenants"

    def tenant(self, folder: str) -> Path:
        """The folder of one tenant."""
        return self.tenants / folder

    def tenant_file(self, folder: str, mode: Mode) -> Path:
        """The data file of one tenant in one mode."""
        return self.tenant(folder) / f"{mode}.db"

    def remove_tenant(self, folder: str) -> None:
        """Unlink a deleted tenant's files, if they are there; a server that holds them open is not disturbed."""
        if self.tenant(folder).exists():
            shutil.rmtree(self.tenant(folder))

    def mark_arriving(self, path: Path) -> None:
        """Say in a folder by what name its files have come from elsewhere; they are nobody's until `arrived`."""
        (path / _ARRIVING).write_text(path.name, "utf-8")

    def arrived(self, folder: str) -> None:
        """Say that they are a tenant's now, whom the registry knows."""
        (self.tenant(folder) / _ARRIVING).unlink()

    def arriving(self, folder: str) -> str | None:
        """By what name files have come into this folder that nobody has made a tenant's yet, as far as the folder says."""
        try:
            return (self.tenant(folder) / _ARRIVING).read_text("utf-8")
        except FileNotFoundError:
            return None

    def exists(self) -> bool:
        """Whether `init` has been here."""
        return self.box.exists()

    def require_writable(self) -> None:
        """Write a little, and leave nothing behind. Raises Problem 'storage_full' or 'unavailable' that says why it cannot."""
        try:
            with TemporaryFile(dir=self.root, buffering=0) as trial:
                trial.write(_TRIAL)
        except OSError as error:
            if error.errno in {errno.ENOSPC, errno.EDQUOT}:
                raise Problem("storage_full", f"The disk of the data folder, {self.root}, is full.") from error
            reason = error.strerror or str(error)
            raise Problem("unavailable", f"The data folder, {self.root}, cannot be written to: {reason}.") from error

    def lock(self) -> int:
        """Take the folder for this server until the process ends; returns the descriptor that holds it.

        Raises Problem 'conflict' with the pid of the server that has it.
        """
        return _lock(self.root / "serve.lock", f"A server has this data folder, {self.root}")

    @contextmanager
    def without_server(self) -> Iterator[None]:
        """Keep every server off the folder for a while. Raises Problem 'conflict' with the pid of the one that has it."""
        with hold_lock(self.root / "serve.lock", f"A server has this data folder, {self.root}"):
            yield

    @contextmanager
    def keys_kept(self) -> Iterator[None]:
        """Keep everybody from replacing the keys of the box for a while. Raises Problem 'conflict' while somebody does."""
        with hold_folder(self.root, "Another command replaces the keys of the box; try again when it is done.", fcntl.LOCK_SH):
            yield

    @contextmanager
    def keys_replaced(self) -> Iterator[None]:
        """Be the only one who replaces the keys of the box. Raises Problem 'conflict' while others do, or need them."""
        with hold_folder(self.root, "Another command replaces the keys of the box, or needs them; try again when it is done."):
            yield

    def announce(self, url: str) -> None:
        """Say in serve.json where this process answers."""
        temporary = self.serving.with_suffix(".tmp")
        temporary.write_text(json.dumps({"pid": os.getpid(), "url": url}) + "\n", "utf-8")
        temporary.replace(self.serving)

    def server(self) -> Serving | None:
        """The server of this folder, if the one that serve.json names is alive: its pid may be another process by now."""
        try:
            serving = Serving(**json.loads(self.serving.read_text("utf-8")))
            is_held = _is_held(self.root / "serve.lock")
        except (OSError, ValueError, TypeError):
            return None
        return serving if is_held else None

    def withdraw(self) -> None:
        """Take serve.json away again."""
        self.serving.unlink(missing_ok=True)


@contextmanager
def hold_lock(path: Path, otherwise: str) -> Iterator[None]:
    """Be the only one who holds this file. Raises Problem 'conflict' with that sentence and the pid of the one who has it."""
    descriptor = _lock(path, otherwise)
    try:
        yield
    finally:
        os.close(descriptor)


@contextmanager
def hold_folder(path: Path, otherwise: str, how: int = fcntl.LOCK_EX) -> Iterator[None]:
    """Be the only one who holds this folder, or one of those who share it (LOCK_SH); nothing is written to it.

    Raises Problem 'conflict' with that sentence.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        try:
            fcntl.flock(descriptor, how | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Problem("conflict", otherwise) from None
        yield
    finally:
        os.close(descriptor)


def _is_held(path: Path) -> bool:
    """Whether somebody holds this file. It is held here for a moment too, and nothing of it is changed."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except PermissionError:  # another user's, and nobody says more
        return True
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def _lock(path: Path, otherwise: str) -> int:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        holder = os.read(descriptor, 20).decode("ascii", "replace") or "unknown"
        os.close(descriptor)
        raise Problem("conflict", f"{otherwise}: pid {holder}.", {"pid": holder}) from None
    os.ftruncate(descriptor, 0)
    os.write(descriptor, str(os.getpid()).encode())
    return descriptor


def create_box(folder: DataFolder, clock: Clock) -> None:
    """Make an empty registry."""
    with open_direct(folder.box, BOX, clock, "create"):
        pass


def create_tenant_file(folder: DataFolder, tenant_folder: str, mode: Mode, clock: Clock) -> None:
    """Make one file of a tenant, empty; one that is there stays as it is."""
    path = folder.tenant_file(tenant_folder, mode)
    make_folder(path.parent)
    with open_direct(path, TENANT, clock, "create"):
        pass


@contextmanager
def open_box(folder: DataFolder, clock: Clock) -> Iterator[Direct]:
    """The registry. Raises Problem 'not_found' where `init` has not been."""
    if not folder.exists():
        raise Problem("not_found", f"There is no box in {folder.root}. Make one with: smoothbox --data-dir {folder.root} init")
    with open_direct(folder.box, BOX, clock) as direct:
        yield direct


@contextmanager
def open_tenant(folder: DataFolder, tenant_folder: str, mode: Mode, clock: Clock) -> Iterator[Direct]:
    """One tenant's file. Raises Problem 'unavailable' where it is missing."""
    with open_direct(folder.tenant_file(tenant_folder, mode), TENANT, clock, origin=Origin(mode)) as direct:
        yield direct

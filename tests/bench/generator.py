"""Tenants by the thousand, registered in one transaction; their files are copies, made where that is enough by linking."""

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

from smoothbox.clock import Clock
from smoothbox.ids import MODES
from smoothbox.operations import tokens
from smoothbox.operations.tokens import TokenRequest
from smoothbox.store import box as registry
from smoothbox.store import due
from smoothbox.store.connection import Access, Tx, connect
from smoothbox.store.folder import DataFolder, open_box
from smoothbox.store.migrate import TENANT, migrations
from tests.bench.box import copied
from tests.bench.processes import BenchError
from tests.store.test_migrations import STAMP, add, fill_bookings, fill_catalogue, start_as_schema_1, use_up_ids

FILE_BYTES: Final = 400_000
"""What a data file that holds little takes, about."""

_UNLIMITED: Final = 1_000_000_000
_DAY_SECONDS: Final = 86_400


def name_of(slug: str) -> str:
    """What the business of a tenant that was copied is called; no two have the same."""
    return f"Business of {slug}"


def slugs(word: str, count: int) -> list[str]:
    """So many, in the order in which the registry lists them."""
    return [f"{word}-{number:05}" for number in range(count)]


def house_closed(data: Path, like: str, names: Sequence[str]) -> None:
    """Register tenants whose files nobody is to open: each is a link to one copy of those of `like`."""
    folder = DataFolder(data)
    _register(folder, names)
    copied(folder.tenant(like), folder.tenant(names[0]))
    for name in names[1:]:
        folder.tenant(name).mkdir(mode=0o700)
        for mode in MODES:
            os.link(folder.tenant_file(names[0], mode), folder.tenant_file(name, mode))


def house_open(data: Path, like: str, names: Sequence[str]) -> None:
    """Register tenants with a live file of their own, each with its name in it; their test files nobody is to open."""
    folder = DataFolder(data)
    _register(folder, names)
    for name in names:
        folder.tenant(name).mkdir(mode=0o700)
        os.link(folder.tenant_file(like, "test"), folder.tenant_file(name, "test"))
    _copy_file(folder.tenant_file(like, "live"), [folder.tenant_file(name, "live") for name in names])
    for name in names:
        _call(folder.tenant_file(name, "live"), name)


def house_old(data: Path, names: Sequence[str]) -> None:
    """Register tenants with two files of their own, of the schema before the newest; each live one has its name in it."""
    folder, pattern = DataFolder(data), data / "old.db"
    if not pattern.exists():
        _make_old(pattern)
    _register(folder, names)
    for name in names:
        folder.tenant(name).mkdir(mode=0o700, parents=True)
    for mode in MODES:
        _copy_file(pattern, [folder.tenant_file(name, mode) for name in names])
    for name in names:
        _call(folder.tenant_file(name, "live"), name)


def hand_out(data: Path, names: Sequence[str], scopes: Sequence[str]) -> list[str]:
    """A live token for each of the tenants, in their order; a tenant that is named twice gets two."""
    request = TokenRequest("bench", "live", scopes, hourly=_UNLIMITED, burst=_UNLIMITED)

    def create(tx: Tx) -> list[str]:
        return [tokens.create(tx, name, request).secret for name in names]

    with open_box(DataFolder(data), Clock()) as box:
        return box.write(create)


def owe_tomorrow(data: Path) -> None:
    """Let the registry say of every tenant that its live file is due in a day, and its test file never."""

    def settle(tx: Tx) -> None:
        for tenant in registry.tenants(tx):
            for mode in MODES:
                due.mark(tx, tenant.id, mode)
                due.settle(tx, tenant.id, mode, tx.now + _DAY_SECONDS if mode == "live" else None)

    with open_box(DataFolder(data), Clock()) as box:
        box.write(settle)


def lacking_space(folder: Path, files: int) -> str:
    """Why so many data files do not fit there, '' where they do."""
    needed, free = files * FILE_BYTES * 1.2, shutil.disk_usage(folder).free
    return f"{files:,} files need {needed / 1e9:.1f} GB, {folder} has {free / 1e9:.1f} GB" if needed > free else ""


def _register(folder: DataFolder, names: Sequence[str]) -> None:
    def insert(tx: Tx) -> None:
        for name in names:
            registry.insert_tenant(tx, name, name_of(name), name)

    with open_box(folder, Clock()) as box:
        box.write(insert)


def _copy_file(source: Path, targets: Sequence[Path]) -> None:
    """By other processes, as `copied` does. Raises BenchError."""
    command = ["xargs", "-d", "\n", "-n", "1", "cp", str(source)]
    run = subprocess.run(command, input="\n".join(map(str, targets)), capture_output=True, text=True, timeout=600, check=False)
    if run.returncode:
        raise BenchError(f"copying {source} {len(targets):,} times failed:\n{run.stderr[-400:]}")


def _call(path: Path, slug: str) -> None:
    with _file(path, "write") as file:
        file.execute("UPDATE business SET name = ?", (name_of(slug),))


def _make_old(path: Path) -> None:
    """A file that was made by the first schema and holds a little of everything; it has all migrations but the newest."""
    with _file(path, "create") as file:
        for fill in (start_as_schema_1, fill_catalogue, fill_bookings, use_up_ids):
            fill(file)
        for step in migrations(TENANT)[1:-1]:
            for statement in step.statements:
                file.execute(statement)
            add(file, "schema_migration", number=step.number, name=step.name, applied_at=STAMP)
        file.execute(f"PRAGMA user_version = {len(migrations(TENANT)) - 1}")


@contextmanager
def _file(path: Path, access: Access) -> Iterator[sqlite3.Connection]:
    """A data file as it is: not brought up to date, and without waiting for the disk."""
    with closing(connect(path, access, journal=TENANT.journal)) as connection:
        connection.execute("PRAGMA synchronous = OFF")
        yield connection

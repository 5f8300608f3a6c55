"""What ails the machine, whatever the box holds."""

import os
import re
import resource
import shutil
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Final

from smoothbox.clock import instant_text
from smoothbox.errors import Problem
from smoothbox.store.connection import SQLITE_VERSION
from smoothbox.upkeep.doctor.case import HOUR, Case
from smoothbox.upkeep.doctor.findings import Finding

_MB: Final = 2**20
_LEAST_FREE: Final = 200 * _MB
_DESCRIPTORS: Final = 8  # of an open data file: three connections with their logs
_OTHER_DESCRIPTORS: Final = 200
_FIXED: Final = ((3, 44, 6), (3, 50, 7), (3, 51, 3))
_LEEWAY: Final = 60.0  # seconds
_DAY: Final = 24 * HOUR


def look(case: Case) -> Iterator[Finding]:
    """SQLite, the disk, and how many files a server may open."""
    if is_affected(SQLITE_VERSION):
        advice = (
            "Use a Python with SQLite 3.51.3 or newer when your system has one; until then let only smoothbox write the files."
        )
        yield Finding("sqlite_affected", f"SQLite {SQLITE_VERSION}", "It has the WAL-reset bug of 3.7.0 to 3.51.2.", advice)
    yield from _disk(case)
    yield from _descriptors(case)


def is_affected(version: str) -> bool:
    """Whether a version of SQLite has the WAL-reset bug, ended by 3.51.3, and in two branches by 3.50.7 and 3.44.6."""
    parts = tuple(map(int, version.split(".")))[:3]
    if parts < (3, 7, 0):
        return False
    return not any(parts >= fixed and (parts[:2] == fixed[:2] or fixed is _FIXED[-1]) for fixed in _FIXED)


def about_clock(case: Case, latest: tuple[str, str]) -> Iterator[Finding]:
    """Whether the clock is behind what was written; `latest` is the latest stamp of the box, and where it is."""
    stamp, where = latest
    if stamp > instant_text(case.clock.now() + _LEEWAY):
        message = f"The latest change is of {stamp}, and it is {instant_text(case.clock.now())} now."
        advice = (
            "Set the clock and have it kept right: timedatectl set-ntp true. If it is right now, this passes with the time."
        )
        yield Finding("clock", where, message, advice)


def about_backups(case: Case, oldest_tenant: str) -> Iterator[Finding]:
    """Whether there is a backup that is young enough; `oldest_tenant` says since when there was something to lose."""
    made = [each.manifest.created_at for each in case.backups if each.manifest]
    newest = max((stamp for stamp in made if stamp <= instant_text(case.clock.now() + _LEEWAY)), default=None)
    patience = max(2 * case.settings.backup.every_hours * HOUR, 2 * _DAY)
    age = case.clock.now() - datetime.fromisoformat(newest or oldest_tenant).timestamp()
    if age > patience:
        message = f"The newest is {age / _DAY:.0f} days old." if newest else "There is none."
        yield Finding("backup_old", str(case.backup_home), message, command="backup create")


def _disk(case: Case) -> Iterator[Finding]:
    root = case.folder.root
    try:
        case.folder.require_writable()
    except Problem as problem:
        whose = root.stat().st_uid
        whom = "" if os.geteuid() in {0, whose} else f"Run this and the server as user {whose}, whom it belongs to. "
        advice = f"{whom}Make room, or mount it for writing: until then every write is refused."
        yield Finding("disk_unwritable", str(root), problem.message, advice)
        return
    usage = shutil.disk_usage(root)
    if usage.free < min(_LEAST_FREE, usage.total / 5):
        prune = f"Make room. It may be that backups can go, of which there are {len(case.backups)}:"
        advice, command = (prune, "backup prune --keep 2") if len(case.backups) > 2 else ("Make room.", "")  # noqa: PLR2004
        yield Finding("disk_low", str(root), f"{usage.free / _MB:.0f} MB are free.", advice, command)


def _descriptors(case: Case) -> Iterator[Finding]:
    wanted = case.settings.tenants.max_open * _DESCRIPTORS + _OTHER_DESCRIPTORS
    whose, limit = _limit(case)
    if limit is not None and limit < wanted:
        message = f"{limit} at once, where up to {wanted} are wanted."
        advice = (
            f"Raise the limit (LimitNOFILE={wanted} in its service, ulimit -Hn), or lower tenants.max_open; then restart it."
        )
        yield Finding("descriptors", whose, message, advice)


def _limit(case: Case) -> tuple[str, int | None]:
    """How many descriptors a server may have, as it raises its limit itself: the one that runs, or one started from here."""
    if case.server is not None:
        try:
            text = Path(f"/proc/{case.server.pid}/limits").read_text("ascii")
        except OSError:
            text = ""
        if found := re.search(r"^Max open files +\w+ +(\w+)", text, re.MULTILINE):
            return f"server (pid {case.server.pid})", int(found[1]) if found[1].isdigit() else None
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    return "a server started from here", None if hard == resource.RLIM_INFINITY else hard

"""What ails the data folder as a tree of files: who gets at them, whose they are, and what does not belong there."""

import math
import os
import shlex
import shutil
import stat
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Final

from smoothbox.upkeep.doctor.case import FIX, HOUR, Case
from smoothbox.upkeep.doctor.findings import Finding

_OWN: Final = (
    "box.db*",
    "box.*.sqlite",
    "keyring*",
    "serve.*",
    "tls/key.pem",
    ".*.unfinished*",
)  # settings and certificates are not ours to judge
_UNFINISHED: Final = (".*.unfinished*", "tenants/.*.unfinished*", "tenants/*/.*.unfinished*", "keyring.new", "serve.tmp")


def look(case: Case) -> Iterator[Finding]:
    """Everything about the files of the box as files."""
    root = case.folder.root
    whose = root.stat()
    for path in _own(root):
        try:
            yield from _access(path, whose, path.lstat())
        except FileNotFoundError:  # gone meanwhile
            continue
    left = (path for pattern in _UNFINISHED for path in root.glob(pattern))
    yield from _leftovers(case, sorted({*left, *case.backup_home.glob(".*.unfinished")}))
    if case.folder.serving.exists() and case.server is None:
        message = "Nobody serves this folder."
        yield Finding("serve_stale", str(case.folder.serving), message, command=FIX, mend=case.folder.withdraw)


def _own(root: Path) -> Iterator[Path]:
    yield root
    for pattern in _OWN:
        yield from sorted(root.glob(pattern))
    for folder in (root / "tenants", root / "backups"):
        if folder.is_dir():
            yield folder
            yield from sorted(folder.rglob("*"))


def _access(path: Path, whose: os.stat_result, found: os.stat_result) -> Iterator[Finding]:
    if stat.S_ISLNK(found.st_mode) or stat.S_ISSOCK(found.st_mode):
        return
    if found.st_uid != whose.st_uid:
        advice = f"chown {whose.st_uid}:{whose.st_gid} {shlex.quote(str(path))}"
        message = f"It belongs to user {found.st_uid}, and the folder to {whose.st_uid}, whom the server runs as."
        yield Finding("owner", str(path), message, advice)
    if found.st_mode & 0o077:
        message = f"Its mode is {stat.S_IMODE(found.st_mode):04o}."
        closed = 0o700 if stat.S_ISDIR(found.st_mode) else 0o600
        if os.geteuid() in {0, found.st_uid}:
            yield Finding("permissions", str(path), message, command=FIX, mend=partial(path.chmod, closed))
        else:
            yield Finding("permissions", str(path), message, f"As its owner: chmod {closed:o} {shlex.quote(str(path))}")


def _leftovers(case: Case, paths: Iterable[Path]) -> Iterator[Finding]:
    for path in paths:
        if _touched(path) < case.clock.now() - HOUR:  # what is younger may be somebody's who is at work
            message = "Nobody has worked on it for an hour."
            yield Finding("leftover", str(path), message, command=FIX, mend=partial(_remove, path))


def _touched(path: Path) -> float:
    """When anything in it was last written; never too long ago where it is just being removed."""
    try:
        return max(each.lstat().st_mtime for each in (path, *path.rglob("*")))
    except FileNotFoundError:
        return math.inf


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)

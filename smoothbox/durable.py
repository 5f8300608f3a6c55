"""Files and folders that are on disk under their name, also after a power cut, and names for those that are not done yet."""

import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def naming(path: Path) -> Iterator[None]:
    """Let an OSError of what is done inside say which file it is about: that of a write or a sync does not."""
    try:
        yield
    except OSError as error:
        if error.filename is None:
            error.filename = str(path)
        raise


def sync(path: Path) -> None:
    """Wait until a file or a folder is on disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        with naming(path):
            os.fsync(descriptor)
    finally:
        os.close(descriptor)


def make_folder(path: Path) -> None:
    """Make a folder, and those above it that are missing, so that they are there after a power cut too."""
    if path.is_dir():
        return
    make_folder(path.parent)
    path.mkdir(exist_ok=True)
    sync(path.parent)


def unused(path: Path) -> Path:
    """This path, or where there is something already the first of it with `.2`, `.3` and so on that is free."""
    free, number = path, 2
    while free.exists():
        free, number = path.with_name(f"{path.name}.{number}"), number + 1
    return free


def unfinished(target: Path) -> Path:
    """A name beside a target that nobody else uses, and that no data file has."""
    return target.with_name(f".{target.name}.{secrets.token_hex(4)}.unfinished")


@contextmanager
def workshop(place: Path) -> Iterator[Path]:
    """A folder of its own in a place, for what is in the making; gone in the end, unless it was renamed."""
    room = place / f".{secrets.token_hex(4)}.unfinished"
    make_folder(room)
    try:
        yield room
    finally:
        shutil.rmtree(room, ignore_errors=True)

"""Files that a command writes for somebody: whole under their name, or not there; readable by their owner only."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from smoothbox.durable import naming, sync, unfinished
from smoothbox.errors import Problem


@contextmanager
def put(path: Path, *, may_replace: bool = False) -> Iterator[IO[bytes]]:
    """A file to write, which gets its name when that has gone well, and is gone otherwise.

    Raises Problem 'conflict' rather than replace one that it may not.
    """
    making = unfinished(path)
    try:
        with naming(path), os.fdopen(os.open(making, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        if may_replace:
            making.replace(path)
        else:
            _name(making, path)
        sync(path.absolute().parent)
    except FileExistsError:
        raise Problem("conflict", f"{path} is there already; name another file.") from None
    finally:
        making.unlink(missing_ok=True)


def _name(making: Path, path: Path) -> None:
    """Give a file its name, never over another. Raises FileExistsError."""
    try:
        os.link(making, path)
    except FileExistsError:
        raise
    except OSError:  # a stick knows no second name for a file
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        making.replace(path)

"""Files that a command writes for somebody: whole under their name, or not there; readable by their owner only."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from smoothbox.errors import Problem
from smoothbox.store.copies import sync


@contextmanager
def put(path: Path) -> Iterator[IO[bytes]]:
    """A file to write, which gets its name when that has gone well, and is gone otherwise.

    Raises Problem 'conflict' rather than replace one.
    """
    unfinished = path.with_name(f".{path.name}.{secrets.token_hex(4)}.unfinished")
    try:
        with os.fdopen(os.open(unfinished, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.link(unfinished, path)  # never over another
        sync(path.absolute().parent)
    except FileExistsError:
        raise Problem("conflict", f"{path} is there already; name another file.") from None
    finally:
        unfinished.unlink(missing_ok=True)

"""TOML with a way back to the line: for files that people write and must be told where they went wrong."""

import re
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from smoothbox.errors import Problem

_HEADER: Final = re.compile(r"\s*(\[\[?)\s*([^\]]+?)\s*\]\]?\s*(?:#.*)?$")
_KEY: Final = re.compile(r"""\s*["']?([A-Za-z0-9_-]+)["']?\s*=""")

Path_ = Sequence[str | int]


def load_toml(path: Path) -> tuple[dict[str, Any], str]:
    """The parsed file and its text. Raises Problem 'validation_error' naming the file and the line."""
    try:
        text = path.read_text("utf-8")
        return tomllib.loads(text), text
    except FileNotFoundError:
        raise Problem("not_found", f"There is no file {path}.") from None
    except OSError as error:
        raise Problem("validation_error", f"{path} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError as error:
        raise Problem("validation_error", f"{path} is not UTF-8: byte {error.start} does not fit.") from None
    except tomllib.TOMLDecodeError as error:
        raise Problem("validation_error", f"{path} is not valid TOML: {error}") from None


def line_of(text: str, path: Path_) -> int:
    """The line (from 1) of a place such as ("resource", 2, "hours", "monday"), or of the nearest table around it."""
    names = [part for part in path if isinstance(part, str)]
    counts: dict[str, int] = {}
    table: tuple[str, ...] = ()
    best, depth = 1, -1
    for number, line in enumerate(text.splitlines(), 1):
        if header := _HEADER.match(line):
            table = tuple(part.strip().strip("\"'") for part in header[2].split("."))
            _count(counts, table, repeated=header[1] == "[[")
            place = table
        elif key := _KEY.match(line):
            place = (*table, key[1])
        else:
            continue
        if len(place) > depth and place == tuple(names[: len(place)]) and _same_entry(counts, path):
            best, depth = number, len(place)
    return best


def _count(counts: dict[str, int], table: tuple[str, ...], *, repeated: bool) -> None:
    """Keep track of how many times each [[table]] was opened, those below it beginning anew."""
    if not repeated:
        return
    name = ".".join(table)
    counts[name] = counts.get(name, -1) + 1
    for other in [key for key in counts if key.startswith(name + ".")]:
        del counts[other]


def _same_entry(counts: dict[str, int], path: Path_) -> bool:
    """Whether every index of the path that stands for an open [[table]] is the entry we are in."""
    name = ""
    for part in path:
        if isinstance(part, str):
            name = f"{name}.{part}" if name else part
        elif counts.get(name, part) != part:
            return False
    return True

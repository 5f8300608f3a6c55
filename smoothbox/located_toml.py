"""TOML with a way back to the line: for files that people write and must be told where they went wrong."""

import re
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from smoothbox.errors import Problem

_HEADER: Final = re.compile(r"\s*(\[\[?)\s*([^\]]+?)\s*\]\]?\s*(?:#.*)?$")
_WORD: Final = r"""(?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*')"""
_KEY: Final = re.compile(rf"\s*({_WORD}(?:\s*\.\s*{_WORD})*)\s*=")
_NO_STRUCTURE: Final = re.compile(r"""\"(?:\\.|[^"\\])*"|'[^']*'|#.*""")

Place = Sequence[str | int]
"""The way to a value: keys, and positions among the [[tables]] of one name."""


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


def line_of(text: str, place: Place) -> int:
    """The line (from 1) of a place such as ("resource", 2, "hours", "monday"), or of the nearest table around it."""
    names = [part for part in place if isinstance(part, str)]
    counts: dict[str, int] = {}
    table: tuple[str, ...] = ()
    best, depth = 1, -1
    for number, line in _openings(text):
        if header := _HEADER.match(line):
            here = table = _names(header[2])
            _count(counts, table, repeated=header[1] == "[[")
        elif key := _KEY.match(line):
            here = (*table, *_names(key[1]))
        else:
            continue
        if len(here) > depth and here == tuple(names[: len(here)]) and _same_entry(counts, place):
            best, depth = number, len(here)
    return best


def _openings(text: str) -> Iterator[tuple[int, str]]:
    """The lines, with their numbers, that do not go on with a value begun on a line before."""
    unclosed, quote = 0, ""
    for number, line in enumerate(text.splitlines(), 1):
        if quote:
            quote = "" if quote in line else quote
            continue
        if not unclosed:
            yield number, line
        quote = next((mark for mark in ('"""', "'''") if line.count(mark) == 1), "")
        bare = _NO_STRUCTURE.sub("", line)
        unclosed += sum(map(bare.count, "[{")) - sum(map(bare.count, "]}"))


def _names(dotted: str) -> tuple[str, ...]:
    return tuple(part.strip().strip("\"'") for part in dotted.split("."))


def _count(counts: dict[str, int], table: tuple[str, ...], *, repeated: bool) -> None:
    """Keep track of how many times each [[table]] was opened, those below it beginning anew."""
    if not repeated:
        return
    name = ".".join(table)
    counts[name] = counts.get(name, -1) + 1
    for other in [key for key in counts if key.startswith(name + ".")]:
        del counts[other]


def _same_entry(counts: dict[str, int], place: Place) -> bool:
    """Whether every index of the place that stands for an open [[table]] is the entry we are in."""
    name = ""
    for part in place:
        if isinstance(part, str):
            name = f"{name}.{part}" if name else part
        elif counts.get(name, part) != part:
            return False
    return True

"""What the header of a file says: which column stands where, by whatever name another program gives it."""

import re
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Final

from msgspec import Struct

from smoothbox.errors import Problem
from smoothbox.operations.importing.columns import Column

_NO_WORD: Final = re.compile(r"[\W_]+")


class Heading(Struct, frozen=True):
    """The columns of a file: of each that is known where it stands, and the names of those that mean nothing here."""

    names: tuple[str, ...]
    places: Mapping[str, tuple[int, ...]]
    ignored: tuple[str, ...]

    def shown(self, name: str) -> str:
        """What the file calls a column; its own name where the file has none."""
        places = self.places.get(name, ())
        return " + ".join(self.names[place] for place in places) or name


def known_as(columns: Sequence[Column]) -> dict[str, tuple[Column, int]]:
    """Each column by everything that it is called, folded, and how far down its list that name stands."""
    return {
        folded(name): (column, rank)
        for column in columns
        for rank, name in reversed([*enumerate((column.name, *column.aliases))])
    }


def heading(names: Sequence[str], columns: Sequence[Column]) -> Heading:
    """What the header of a file says. Raises Problem 'validation_error' for a name that stands there twice."""
    known = known_as(columns)
    seen: dict[str, int] = {}
    found: dict[str, list[tuple[int, int]]] = {}
    for place, name in enumerate(names):
        key = folded(name)
        if key in known:
            if key in seen:
                raise Problem("validation_error", f"The columns {seen[key] + 1} and {place + 1} are both called '{name[:60]}'.")
            seen[key] = place
            column, rank = known[key]
            found.setdefault(column.name, []).append((rank, place))
    places = {name: tuple(place for _, place in sorted(ranked)) for name, ranked in found.items()}
    used = {place for each in places.values() for place in each}
    ignored = tuple(name for place, name in enumerate(names) if place not in used and name.strip())
    return Heading(tuple(names), places, ignored)


def require(head: Heading, columns: Sequence[Column], *choices: str) -> None:
    """Raises Problem 'validation_error' where the file has none of these columns."""
    if any(name in head.places for name in choices):
        return
    near = [f"is '{name[:60]}' it?" for name in _near(head, columns, choices)]
    message = f"There is no column '{choices[0]}'" + "".join(f", nor '{name}'" for name in choices[1:])
    raise Problem("validation_error", f"{message}; {near[0] if near else 'rename the one that holds it.'}")


def folded(name: str) -> str:
    """Equal for names of columns that differ only in case, blanks and punctuation."""
    return _NO_WORD.sub(" ", name.casefold()).strip()


def _near(head: Heading, columns: Sequence[Column], choices: Sequence[str]) -> Iterator[str]:
    wanted = [key for key, (column, _) in known_as(columns).items() if column.name in choices]
    return (name for name in head.ignored[:200] if get_close_matches(folded(name)[:60], wanted, n=1))

"""Rows as answers show them, encoded: kept by one that reads, for as long as nobody commits to the file.

Lists with ever other filters and orders show the same rows. Which they are SQLite says each time; how they look is known.
"""

from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Final

_MOST_BYTES: Final = 256 * 1024
"""In one file; as much again goes for what holds them."""


class Pictures:
    """Encoded rows by table and id."""

    def __init__(self) -> None:
        self._known: dict[Hashable, bytes] = {}
        self._size = 0

    def __len__(self) -> int:
        return len(self._known)

    def of(self, table: str, ids: Sequence[int], draw: Callable[[Sequence[int]], Mapping[int, bytes]]) -> list[bytes]:
        """The picture of each row; `draw` makes those that are missing, all at once."""
        missing = [each for each in ids if (table, each) not in self._known]
        drawn = draw(missing) if missing else {}
        found = [drawn.get(each) or self._known[table, each] for each in ids]
        self._keep(table, drawn)
        return found

    def _keep(self, table: str, drawn: Mapping[int, bytes]) -> None:
        added = sum(map(len, drawn.values()))
        if self._size + added > _MOST_BYTES:
            self._known.clear()
            self._size = 0
        if added <= _MOST_BYTES:
            self._known |= {(table, each): picture for each, picture in drawn.items()}
            self._size += added

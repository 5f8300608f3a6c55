"""How much is tried: all of it by `make faults`, a share that differs from day to day in the suite."""

import os
import random
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final, TypeVar

T = TypeVar("T")

IS_FULL: Final = os.environ.get("FAULTS") == "full"


def chosen(all_of_them: Sequence[T], *, at_least: int) -> Sequence[T]:
    """All of them, or a few: the first, the last, and others that are drawn by the date."""
    if IS_FULL or len(all_of_them) <= at_least:
        return all_of_them
    luck = random.Random(datetime.now(UTC).date().toordinal())
    between = sorted(luck.sample(range(1, len(all_of_them) - 1), at_least - 2))
    return [all_of_them[0], *(all_of_them[at] for at in between), all_of_them[-1]]


def times(full: int, short: int) -> int:
    """How often something is done."""
    return full if IS_FULL else short

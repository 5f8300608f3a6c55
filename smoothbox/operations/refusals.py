"""What is wrong with the fields of a body, collected so that all of it is told at once."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable
from itertools import islice
from typing import Final, TypeVar, TypeVarTuple

from smoothbox.errors import Problem

_MOST_FIELDS: Final = 50  # that are told of: who sent thousands of mistakes is helped by the first ones as well

T = TypeVar("T")
Args = TypeVarTuple("Args")


class Refusals:
    """The messages for each field, and the code that they are told under."""

    def __init__(self) -> None:
        self._found: defaultdict[str, list[str]] = defaultdict(list)
        self._codes: set[str] = set()

    def note(self, field: str, message: str) -> None:
        """Note one message."""
        self._found[field].append(message)
        self._codes.add("validation_error")

    def check(self, verb: Callable[[*Args], T], *args: *Args) -> T | None:
        """What the verb returns, or None after noting the Problem that it raised."""
        try:
            return verb(*args)
        except Problem as problem:
            for field, messages in problem.details.items():
                self._found[field] += messages
            self._codes.add(problem.code)
            return None

    def note_twins(self, field: str, part: str, values: Iterable[Hashable]) -> None:
        """Note each value that another item of the list had before."""
        seen = set()
        for index, value in enumerate(values):
            if value in seen:
                self.note(f"{field}[{index}].{part}", f"'{value}' is there twice.")
            seen.add(value)

    def raise_if_any(self) -> None:
        """Raises Problem: with the one code of all that was noted, or 'validation_error' for several."""
        if self._found:
            code = self._codes.pop() if len(self._codes) == 1 else "validation_error"
            raise Problem(code, None, dict(islice(self._found.items(), _MOST_FIELDS)))

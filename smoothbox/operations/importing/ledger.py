"""What became of each thing that a source has: counted, and those that were refused with their reasons."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Final, Literal, get_args

from msgspec import Struct

from smoothbox.contract.pulled import THINGS, Refused, Thing
from smoothbox.errors import Problem
from smoothbox.operations.importing.whole import Watch
from smoothbox.store.connection import Tx
from smoothbox.store.savepoint import savepoint

Outcome = Literal["created", "updated", "unchanged"]

_OUTCOMES: Final[tuple[str, ...]] = (*get_args(Outcome), "refused")
_MOST_REASONS: Final = 3
_LONGEST_REASON: Final = 500  # characters: it may repeat what it was sent


class Report(Struct, frozen=True):
    """How often what happened to which things, all that was refused, and whether the rest is written."""

    counts: Mapping[str, Mapping[str, int]]
    refused: Sequence[Refused]
    is_written: bool


class Ledger:
    """Filled in while a source is taken in. `watch` hears how many of all its things are done."""

    def __init__(self, tx: Tx, refused: Sequence[Refused], total: int, watch: Watch) -> None:
        self._tx = tx
        self._refused = list(refused)
        self._counts: Counter[tuple[Thing, str]] = Counter((each.what, "refused") for each in refused)
        self._total = total
        self._done = 0
        self._watch = watch

    def attempt(self, what: Thing, id_there: int, verb: Callable[[], Outcome]) -> None:
        """Do one thing and note what became of it; a Problem that it raises is a refusal, of which nothing stays."""
        try:
            with savepoint(self._tx):
                outcome = verb()
        except Problem as problem:
            self.refuse(what, id_there, problem)
        else:
            self.note(what, outcome)

    def note(self, what: Thing, outcome: Outcome) -> None:
        """Note that one thing is done."""
        self._counts[what, outcome] += 1
        self._advance()

    def refuse(self, what: Thing, id_there: int, problem: Problem) -> None:
        """Note that one thing is refused."""
        self._refused.append(Refused(what, id_there, reason_of(problem)))
        self._counts[what, "refused"] += 1
        self._advance()

    @property
    def has_refused(self) -> bool:
        """Whether anything was refused."""
        return bool(self._refused)

    def report(self, *, is_written: bool) -> Report:
        """What was noted."""
        counts = {many: {each: self._counts[what, each] for each in _OUTCOMES} for what, many in THINGS.items()}
        return Report(counts, tuple(self._refused), is_written)

    def _advance(self) -> None:
        self._done += 1
        self._watch(self._done, self._total)


def reason_of(problem: Problem) -> str:
    """What is wrong, in one line that a terminal may show: the fields with their messages, where it has any."""
    said = problem.details.items()
    listed = [f"{field}: {each}" for field, messages in said if isinstance(messages, list) for each in messages]
    text = " ".join(listed[:_MOST_REASONS]) or problem.message
    return "".join(each if each.isprintable() else " " for each in text[:_LONGEST_REASON])

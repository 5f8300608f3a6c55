"""What became of the rows of a table, and what is wrong with those that were refused."""

from collections.abc import Iterator
from typing import Literal

from msgspec import Struct

from smoothbox.errors import Problem
from smoothbox.operations.importing.headings import Heading

Outcome = Literal["added", "updated", "unchanged"]


class Refusal(Struct, frozen=True):
    """One thing that is wrong with a row: in which column, called as in the file and '' for the row as a whole."""

    row: int
    column: str
    error: str
    message: str


class Report(Struct, frozen=True):
    """How many rows there were, what became of them, and how many customers came in with bookings."""

    rows: int
    added: int
    updated: int
    unchanged: int
    customers_added: int
    refused: tuple[Refusal, ...]
    ignored_columns: tuple[str, ...]

    @property
    def refused_rows(self) -> int:
        """How many rows were refused; one may have several things wrong with it."""
        return len({each.row for each in self.refused})


def refusals(row: int, problem: Problem, head: Heading) -> Iterator[Refusal]:
    """What a Problem says of a row, column by column."""
    named = {field: messages for field, messages in problem.details.items() if isinstance(messages, list) and messages}
    for field, messages in named.items():
        column = head.shown(field.split("[")[0].replace(".", "_"))
        yield from (Refusal(row, column, problem.code, str(message)) for message in messages)
    if not named:
        yield Refusal(row, "", problem.code, problem.message)

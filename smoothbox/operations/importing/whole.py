"""An import as a whole: every row is read before the file is written to, then all of them are, in one transaction."""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Final, Generic, Protocol, TypeVar
from zoneinfo import ZoneInfo

from msgspec import Struct, structs

from smoothbox.errors import Problem
from smoothbox.operations.importing.headings import Heading
from smoothbox.operations.importing.report import Outcome, Refusal, Report, refusals
from smoothbox.operations.importing.table import Row, Table
from smoothbox.operations.times import business_zone
from smoothbox.store.connection import Tx
from smoothbox.store.savepoint import savepoint

R = TypeVar("R")
R_contra = TypeVar("R_contra", contravariant=True)
Watch = Callable[[int, int], None]
"""Hears how many of how many rows are done."""

_OFTEN: Final = 100  # rows, after which somebody may look


class Taker(Protocol[R_contra]):
    """What takes the rows of one kind in, within one transaction."""

    @property
    def customers_added(self) -> int:
        """How many customers came in along with something else."""

    def take(self, row: int, said: R_contra, /) -> Outcome:
        """Take one row in. Raises Problem."""


class Plan(Struct, Generic[R], frozen=True):
    """What a table says, row by row, as far as the rows are right; the others with what is wrong."""

    heading: Heading
    zone: ZoneInfo
    rows: Sequence[tuple[int, R]]
    refused: Sequence[Refusal]


class NotWrittenError(Exception):
    """Undoes what was written. `report` says what it was."""

    def __init__(self, report: Report) -> None:
        self.report = report
        super().__init__("nothing is to be written")


def plan(table: Table, zone: ZoneInfo, read: Callable[[Row], R], watch: Watch) -> Plan[R]:
    """Read every row of a table; `read` raises Problem for one that is not right."""
    rows: list[tuple[int, R]] = []
    refused: list[Refusal] = []
    for count, row in enumerate(table.rows, 1):
        try:
            _refuse_wider(row, table.heading)
            rows.append((row.number, read(row)))
        except Problem as problem:
            refused += refusals(row.number, problem, table.heading)
        _tell(watch, count, len(table.rows))
    return Plan(table.heading, zone, rows, refused)


def carry_out(
    tx: Tx, plan: Plan[R], taker: Callable[[Tx, ZoneInfo], Taker[R]], watch: Watch, *, dry_run: bool, skip_refused: bool
) -> Report:
    """Write a plan, and tell nobody of it: what it brings happened elsewhere.

    Raises NotWrittenError for a dry run, and where a row is refused that is not to be skipped; Problem 'conflict' where the
    zone of the business is no longer the one by which the rows were read.
    """
    if business_zone(tx) != plan.zone:
        raise Problem("conflict", "The time zone of the business was changed meanwhile; import the file again.")
    tx.origin = structs.replace(tx.origin, channel="import")
    hands, outcomes, refused = taker(tx, plan.zone), Counter[Outcome](), list(plan.refused)
    for count, (number, said) in enumerate(plan.rows, 1):
        try:
            with savepoint(tx):
                outcomes[hands.take(number, said)] += 1
        except Problem as problem:
            refused += refusals(number, problem, plan.heading)
        _tell(watch, count, len(plan.rows))
    report = _report(plan, outcomes, hands.customers_added, refused)
    if dry_run or (refused and not skip_refused):
        raise NotWrittenError(report)
    return report


def _refuse_wider(row: Row, head: Heading) -> None:
    if row.width > len(head.names):
        message = f"The row has {row.width} cells and the header {len(head.names)}; a quotation mark may be missing."
        raise Problem("validation_error", message)


def _report(plan: Plan[R], outcomes: Counter[Outcome], customers_added: int, refused: Sequence[Refusal]) -> Report:
    count = len(plan.rows) + len({each.row for each in plan.refused})
    in_order = tuple(sorted(refused, key=lambda each: each.row))
    kinds = (outcomes["added"], outcomes["updated"], outcomes["unchanged"])
    return Report(count, *kinds, customers_added, in_order, plan.heading.ignored)


def _tell(watch: Watch, done: int, total: int) -> None:
    if done % _OFTEN == 0 or done == total:
        watch(done, total)

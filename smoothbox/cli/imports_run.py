"""The run of an import: a table as it was named on the command line is read, judged, written, and spoken of."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial, update_wrapper
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import click

from smoothbox.cli import imports_outcome
from smoothbox.cli.places import refuse_place
from smoothbox.cli.tenant_data import TenantData
from smoothbox.errors import Problem
from smoothbox.operations.exporting.formats import MARK
from smoothbox.operations.importing import headings, table, whole
from smoothbox.operations.importing.columns import Column
from smoothbox.operations.importing.refused import refused_text
from smoothbox.operations.importing.table import DELIMITERS, ENCODINGS, Row, Table
from smoothbox.operations.importing.whole import NotWrittenError, Plan, Taker
from smoothbox.store.connection import Tx
from smoothbox.upkeep.outputs import put

R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class TableFile:
    """A file, and what was said of how to read it and what to do with it."""

    path: Path
    delimiter: str | None
    encoding: str | None
    dry_run: bool
    skip_refused: bool
    refused: Path | None

    def read(self, columns: Sequence[Column], *needs: tuple[str, ...]) -> Table:
        """Its rows. Raises Problem as `table.read` does, or 'validation_error' where none of the columns of a need is there."""
        found = table.read(self.path, columns, self.delimiter, self.encoding)
        for choices in needs:
            try:
                headings.require(found.heading, columns, *choices)
            except Problem as problem:
                raise Problem(problem.code, f"{self.path}, row 1: {problem.message}") from None
        return found

    def planned(self, data: TenantData, found: Table, zone: ZoneInfo, read_row: Callable[[Row], R]) -> Plan[R]:
        """What the rows say. Raises Problem 'conflict' or 'forbidden' where the refused ones are not to be written to."""
        if self.refused is not None:
            refuse_place(data.session.folder, self.refused)
        with data.session.out.watched("Reading") as watch:
            return whole.plan(found, zone, read_row, watch)

    def carry_out(self, data: TenantData, found: Table, said: Plan[R], taker: Callable[[Tx, ZoneInfo], Taker[R]]) -> None:
        """Write it and say what became of it. Raises Problem 'validation_error' where rows were refused and not skipped."""
        with data.session.out.watched("Writing") as watch:
            verb = partial(whole.carry_out, dry_run=self.dry_run, skip_refused=self.skip_refused)
            try:
                report, is_written = data.write(verb, said, taker, watch), True
            except NotWrittenError as undone:
                report, is_written = undone.report, False
        if self.refused is not None and report.refused:
            with put(self.refused) as file:
                file.write(MARK)
                file.writelines(refused_text(found, report))
        imports_outcome.say(data.session.out, report, is_written=is_written, dry_run=self.dry_run, kept=self.refused)
        if report.refused and not self.skip_refused:
            raise imports_outcome.refusal(self.path, report, is_shown=data.session.out.machine)


def of_table(command: Callable[..., Any]) -> Callable[..., Any]:
    """The argument FILE and what is said of every table; handed over behind the tenant's data."""

    def handed(
        data: TenantData,
        /,
        *,
        path: Path,
        delimiter: str | None,
        encoding: str | None,
        dry_run: bool,
        skip_refused: bool,
        refused: Path | None,
        **rest: Any,
    ) -> Any:
        said = TableFile(path, DELIMITERS.get(delimiter or ""), encoding, dry_run, skip_refused, refused)
        return command(data, said, **rest)

    made: Callable[..., Any] = update_wrapper(handed, command)
    to = click.Path(path_type=Path, dir_okay=False)
    for option in (
        click.option("--refused", type=to, metavar="FILE", help="Write the refused rows, each with what is wrong, to FILE."),
        click.option("--skip-refused", is_flag=True, help="Take in the rows that are right although others are refused."),
        click.option("--dry-run", is_flag=True, help="Only say what would become of each row."),
        click.option("--encoding", type=click.Choice(ENCODINGS), metavar="NAME", help=f"One of {', '.join(ENCODINGS)}."),
        click.option("--delimiter", type=click.Choice([*DELIMITERS]), help="What stands between cells.  [default: look]"),
        click.argument("path", type=click.Path(path_type=Path), metavar="FILE"),
    ):
        made = option(made)
    return made

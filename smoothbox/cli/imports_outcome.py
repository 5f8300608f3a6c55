"""What is said of an import: how many rows became what, and what is wrong with those that were refused."""

from pathlib import Path
from typing import Any, Final

import msgspec

from smoothbox.cli.output import Output
from smoothbox.errors import Problem
from smoothbox.operations.importing.report import Report

_MOST_SHOWN: Final = 30  # refusals; --json has them all


def say(out: Output, report: Report, *, is_written: bool, dry_run: bool, kept: Path | None) -> None:
    """The outcome, and what was left out; `kept` is the file that has the refused rows now."""
    out.done(_wire(report, is_written=is_written), _sentence(report, is_written=is_written))
    if report.ignored_columns:
        out.remark(f"Ignored columns: {', '.join(report.ignored_columns)}. See --columns.")
    if dry_run:
        out.remark("A dry run: nothing was written.")
    if report.refused and is_written:
        out.remark("\n".join(["Refused:", *_lines(report)]))
    if report.refused and kept is not None:
        out.remark(f"The refused rows are in {kept}. Put them right there, and import that file.")


def refusal(path: Path, report: Report, *, is_shown: bool) -> Problem:
    """For people with all that is wrong; a program has that in its answer already."""
    lines = [f"{path}: refused rows: {report.refused_rows}.", *([] if is_shown else _lines(report))]
    problem = Problem("validation_error", "\n".join(lines))
    problem.add_note("Correct these rows, or leave them out with --skip-refused. Nothing was written.")
    return problem


def _wire(report: Report, *, is_written: bool) -> dict[str, Any]:
    shown: dict[str, Any] = msgspec.to_builtins(report)
    return shown | {"refused_rows": report.refused_rows, "is_written": is_written}


def _sentence(report: Report, *, is_written: bool) -> str:
    counts = f"{report.added} added, {report.updated} updated, {report.unchanged} unchanged, {report.refused_rows} refused"
    along = f"; customers added with them: {report.customers_added}" if report.customers_added else ""
    return f"{report.rows} rows: {counts}{along}." if is_written else f"{report.rows} rows, none written: {counts}{along}."


def _lines(report: Report) -> list[str]:
    """What is wrong, row by row."""
    lines = [
        f"row {each.row}{f', {each.column}' if each.column else ''}: {each.message}" for each in report.refused[:_MOST_SHOWN]
    ]
    more = len(report.refused) - _MOST_SHOWN
    return [*lines, f"… and {more} more; with --json you see all of them."] if more > 0 else lines

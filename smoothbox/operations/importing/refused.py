"""The refused rows as a table of their own: put right there, it is imported like any other."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Final

from smoothbox.operations.exporting.formats import csv_line
from smoothbox.operations.importing.cells import unguarded
from smoothbox.operations.importing.report import Report
from smoothbox.operations.importing.table import Table

_ADDED: Final = ("Refused row", "Refused because")  # no import knows them, so it ignores them


def refused_text(found: Table, report: Report) -> Iterator[bytes]:
    """Each refused row with its number, what is wrong with it, and its cells as they stood there.

    With what stands between the cells there: the spreadsheet that wrote the file expects it.
    """
    reasons: defaultdict[int, list[str]] = defaultdict(list)
    for each in report.refused:
        reasons[each.row].append(f"{each.column}: {each.message}" if each.column else each.message)
    yield csv_line((*_ADDED, *found.heading.names), found.delimiter)
    for row in found.rows:
        if row.number in reasons:
            said = " ".join(reasons[row.number])
            yield csv_line((str(row.number), said, *map(unguarded, row.written)), found.delimiter)

"""`smoothbox export`: what a tenant has, for other programs and for people."""

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import IO, Final, Protocol, TypeVar

import click

from smoothbox.cli.places import refuse_place
from smoothbox.cli.session import hint
from smoothbox.cli.tenant_data import TenantData, of_tenant
from smoothbox.operations.calendars import calendar
from smoothbox.operations.exporting import contents
from smoothbox.operations.exporting.contents import CONTENTS, Item
from smoothbox.operations.exporting.formats import MARK, csv_text, json_text
from smoothbox.operations.exporting.window import Window, of_dates
from smoothbox.operations.times import business_zone
from smoothbox.store import business
from smoothbox.store.connection import Tx
from smoothbox.store.direct import Direct
from smoothbox.store.folder import open_tenant
from smoothbox.upkeep import outputs

FORMATS: Final = ("csv", "json", "ics")
_DATE: Final = click.DateTime(["%Y-%m-%d"])


class _Found(Protocol):
    @property
    def id(self) -> int: ...


T = TypeVar("T", bound=_Found)
Watch = Callable[[int, int], None]


@click.command("export")
@click.argument("what", type=click.Choice([*CONTENTS]), metavar="WHAT")
@of_tenant
@click.option("--format", "form", type=click.Choice(FORMATS), default="csv", show_default=True, help="ics is for bookings.")
@click.option("--output", type=click.Path(path_type=Path, dir_okay=False), help="A file to write.  [default: standard output]")
@click.option("--force", is_flag=True, help="Replace the file, if it is there.")
@click.option("--start-date", type=_DATE, metavar="DATE", help="Bookings that start on this date or later.")
@click.option("--end-date", type=_DATE, metavar="DATE", help="Bookings that start on this date or earlier.")
def export(
    data: TenantData,
    what: str,
    form: str,
    output: Path | None,
    force: bool,
    start_date: datetime | None,
    end_date: datetime | None,
) -> None:
    """Hand out what a tenant has, as CSV, JSON or a calendar.

    WHAT is customers, bookings, services or resources. JSON is an array of the objects as the API shows them, one a line.
    CSV has flat columns in UTF-8; of customers and bookings those that 'import' takes back, without the ids of this box. A
    cell that a spreadsheet would take for a formula has an apostrophe before it, which 'import' takes off again. ICS holds
    the bookings that have a time.

    It is read in short pieces beside a running server, so it keeps nobody waiting and takes no memory to speak of; what
    changes meanwhile is there as it was before, or as it is after. A file is whole under its name, or not there, and only
    its owner may read it.

    Example: smoothbox export bookings acme --live --start-date 2027-01-01 --output bookings.csv
    """
    first, last = (None if each is None else each.date() for each in (start_date, end_date))
    _refuse_nonsense(what, form, first, last)
    window = of_dates(first, last, data.read(business_zone))
    if output is None:
        _print(_pieces(data, what, form, window, lambda *_: None))
        return
    with hint("conflict", "Put --force to replace it."):
        refuse_place(data.session.folder, output, may_replace=force)
    with data.session.out.watched("Reading") as watch, outputs.put(output, may_replace=force) as file:
        count = _write(file, form, _pieces(data, what, form, window, watch))
    data.session.out.done({"path": str(output), "bytes": count}, f"Wrote {what} of '{data.tenant.slug}' to {output}.")


def _refuse_nonsense(what: str, form: str, first: date | None, last: date | None) -> None:
    ctx = click.get_current_context()
    if what != "bookings" and (form == "ics" or first or last):
        raise click.UsageError("ICS, --start-date and --end-date are for bookings.", ctx)
    if first and last and last < first:
        raise click.UsageError("--end-date lies before --start-date.", ctx)


def _pieces(data: TenantData, what: str, form: str, window: Window, watch: Watch) -> Iterator[bytes]:
    with open_tenant(data.session.folder, data.tenant.folder, data.mode, data.session.clock) as file:
        content = CONTENTS[what]
        if form == "ics":
            name = file.read(business.get).name
            yield from calendar(
                data.tenant.folder, data.mode, name, _all(file, contents.rows_after, content.greatest, window, watch)
            )
            return
        items: Iterator[Item] = _all(file, content.page, content.greatest, window, watch)
        yield from json_text(items) if form == "json" else csv_text(content.columns, items)


def _all(
    file: Direct, page: Callable[[Tx, int, Window], Sequence[T]], greatest: Callable[[Tx], int], window: Window, watch: Watch
) -> Iterator[T]:
    """Everything, in short reads; the ids tell how far it is."""
    last_id, newest = 0, file.read(greatest)
    while found := file.read(page, last_id, window):
        yield from found
        last_id = found[-1].id
        watch(last_id, newest)


def _write(file: IO[bytes], form: str, pieces: Iterator[bytes]) -> int:
    count = file.write(MARK) if form == "csv" else 0
    for piece in pieces:
        count += file.write(piece)
    return count


def _print(pieces: Iterator[bytes]) -> None:
    """To standard output, for as long as somebody reads it."""
    stdout = sys.stdout.buffer
    try:
        for piece in pieces:
            stdout.write(piece)
        stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # so that the end of the program finds it open

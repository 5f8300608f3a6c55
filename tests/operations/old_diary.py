"""A salon with nobody's data in it yet, and tables that another program wrote for it."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from smoothbox.contract.resources import NewResource
from smoothbox.contract.services import NewService
from smoothbox.operations import resources, services
from smoothbox.operations.importing import columns, whole
from smoothbox.operations.importing.bookings import Bookings, named_first
from smoothbox.operations.importing.cells import DateOrder
from smoothbox.operations.importing.customers import Customers, profile
from smoothbox.operations.importing.given import appointment
from smoothbox.operations.importing.report import Report
from smoothbox.operations.importing.table import read
from smoothbox.operations.importing.whole import NotWrittenError
from smoothbox.operations.times import business_zone
from smoothbox.parsing.shapes import shaped
from smoothbox.store.direct import Direct

ANN, BOB, ROOM = 1, 2, 3
CUT, MASSAGE, CLASS, WEDDING = 1, 2, 3, 4


def furnish(file: Direct) -> None:
    """Ann, Bob and a room; a haircut by one of them, a massage with the room, a class of Bob's, a wedding by hand."""
    for name, kind in (("Ann", "STAFF"), ("Bob", "STAFF"), ("Blue Room", "ROOM")):
        file.write(resources.create, NewResource(name, kind))
    file.write(services.create, NewService("Haircut", 30, price=2500, resource_ids=(ANN, BOB)))
    file.write(services.create, NewService("Massage", 60, price=6000, resource_groups=((ANN, BOB), (ROOM,))))
    file.write(services.create, NewService("Yoga class", 60, price=1000, capacity=3, resource_ids=(BOB,)))
    file.write(services.create, NewService("Wedding", 240, price=50000, requires_manual_scheduling=True, resource_ids=(ANN,)))


def write(path: Path, *lines: str) -> Path:
    """A file of these lines."""
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


def import_customers(file: Direct, path: Path, **how: bool) -> Report:
    """Raises NotWrittenError as the command meets it."""
    zone = file.read(business_zone)
    said = whole.plan(read(path, columns.CUSTOMERS), zone, partial(profile, shape=shaped, zone=zone), lambda *_: None)
    return _carried_out(file, said, Customers, **how)


def import_bookings(file: Direct, path: Path, dates: DateOrder | None = None, **how: bool) -> Report:
    zone = file.read(business_zone)
    reader = partial(appointment, shape=shaped, zone=zone, order=dates)
    said = named_first(whole.plan(read(path, columns.BOOKINGS), zone, reader, lambda *_: None))
    return _carried_out(file, said, Bookings, **how)


def refused(verb: Callable[..., Report], *args: Any, **how: Any) -> list[tuple[int, str, str]]:
    """(row, column, code) of each refusal of an import that is not written because of them."""
    try:
        report = verb(*args, **how)
    except NotWrittenError as undone:
        report = undone.report
        assert report.refused
        return [(each.row, each.column, each.error) for each in report.refused]
    raise AssertionError(f"it was written: {report}")


def _carried_out(file: Direct, said: Any, taker: Any, **how: bool) -> Report:
    return file.write(
        partial(whole.carry_out, **{"dry_run": False, "skip_refused": False, **how}), said, taker, lambda *_: None
    )

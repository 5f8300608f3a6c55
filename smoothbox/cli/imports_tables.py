"""`smoothbox import customers` and `smoothbox import bookings`: tables that other programs wrote."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Final, TypeVar

import click
import msgspec

from smoothbox.cli.imports_run import TableFile, of_table
from smoothbox.cli.output import table
from smoothbox.cli.session import Session
from smoothbox.cli.tenant_data import TenantData, of_tenant
from smoothbox.operations.importing import columns
from smoothbox.operations.importing.bookings import Bookings, named_first
from smoothbox.operations.importing.cells import DateOrder
from smoothbox.operations.importing.columns import Column
from smoothbox.operations.importing.customers import Customers, profile
from smoothbox.operations.importing.given import appointment
from smoothbox.operations.times import business_zone
from smoothbox.parsing.shapes import shaped

F = TypeVar("F", bound=Callable[..., Any])

_WHO: Final = ("customer_email", "customer_phone", "customer_external_id")


def _columns_of(known: Sequence[Column]) -> Callable[[F], F]:
    def show(ctx: click.Context, _: click.Parameter, is_asked: bool) -> None:
        if is_asked:
            rows = [(each.name, each.help, ", ".join(each.aliases)) for each in known]
            session = ctx.find_object(Session)
            assert session is not None  # noqa: S101 -- the group made it
            session.out.data(msgspec.to_builtins(known), table(("COLUMN", "WHAT IT HOLDS", "ALSO CALLED"), rows))
            ctx.exit()

    sentence = "List the columns that are known, and what other programs call them."
    return click.option("--columns", is_flag=True, is_eager=True, expose_value=False, callback=show, help=sentence)


@click.command()
@of_tenant
@of_table
@_columns_of(columns.CUSTOMERS)
def customers(data: TenantData, file: TableFile) -> None:
    """Take in customers from a CSV FILE that another program wrote.

    The first row names the columns; --columns lists the names that are known, others are ignored. The file is UTF-8, or
    UTF-16 as Excel marks it; another encoding has to be said.

    A row changes the customer with its external id, else the one with its e-mail address, else the one with its phone
    number and name; all others are added. Only cells that are filled in change somebody, so importing a file again changes
    nothing. A row that is not right is reported with its number, as a spreadsheet counts them, and then nothing is written,
    unless --skip-refused says so. Webhooks and the event feed hear nothing of an import.

    All is written in one transaction, for which other writers to this tenant wait, and so they do for a dry run: a second
    for 10 000 customers. A running server goes on reading; after 5 seconds it answers bookings of this tenant with 503 and
    Retry-After.

    Example: smoothbox import customers acme customers.csv --live --dry-run
    """
    found = file.read(columns.CUSTOMERS, ("email", "phone", "external_id"))
    zone = data.read(business_zone)
    said = file.planned(data, found, zone, partial(profile, shape=shaped, zone=zone))
    file.carry_out(data, found, said, Customers)


@click.command()
@of_tenant
@of_table
@click.option("--dates", type=click.Choice(["dmy", "mdy"]), help="What dates with slashes begin with: the day, or the month.")
@_columns_of(columns.BOOKINGS)
def bookings(data: TenantData, file: TableFile, dates: DateOrder | None) -> None:
    """Take in bookings from a CSV FILE that another program wrote.

    The first row names the columns; --columns lists the names that are known, others are ignored. Services and resources are
    named as they are here, or by their ids; customers by external id, else e-mail address, else phone number and name, and
    added where they are not known. Times carry their UTC offset or are those of the clocks at the business; one that the
    clocks skip or show twice, on a night when they change, is refused.

    What was agreed elsewhere is taken as it is: past, cancelled and completed bookings too, whatever the hours, the notice
    and the slots are. But nothing is booked twice: a row that takes time of a resource that another has is refused. A
    booking that is here already, by its external id, else by customer, service and start, stays as it is, so importing a
    file again changes nothing. A row that is not right is reported with its number, as a spreadsheet counts them, and then
    nothing is written, unless --skip-refused says so. Webhooks and the event feed hear nothing of an import.

    All is written in one transaction, for which other writers to this tenant wait, and so they do for a dry run: a second or
    two for 10 000 bookings. A running server goes on reading; after 5 seconds it answers bookings of this tenant with 503
    and Retry-After.

    Example: smoothbox import bookings acme appointments.csv --live --dates mdy --dry-run
    """
    found = file.read(columns.BOOKINGS, ("service",), ("start_time", "date"), _WHO)
    zone = data.read(business_zone)
    said = named_first(file.planned(data, found, zone, partial(appointment, shape=shaped, zone=zone, order=dates)))
    file.carry_out(data, found, said, Bookings)

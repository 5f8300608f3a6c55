"""`smoothbox import smoothschedule`: a business moves in from another box, over its API."""

from collections.abc import Mapping
from typing import IO, Any, Final

import click
import msgspec
from click.core import ParameterSource

from smoothbox.cli.output import table
from smoothbox.cli.session import hint
from smoothbox.cli.tenant_data import TenantData, of_tenant
from smoothbox.contract.pulled import Pulled
from smoothbox.errors import Problem
from smoothbox.operations.importing import smoothschedule as operation
from smoothbox.operations.importing.ledger import Report
from smoothbox.pulling.business import pull
from smoothbox.pulling.source import Source

_VARIABLE: Final = "SMOOTHSCHEDULE_TOKEN"
_LONGEST_TOKEN: Final = 4096
_MOST_SHOWN: Final = 20


@click.command()
@of_tenant
@click.option("--url", required=True, help="The business's address, such as https://acme.smoothschedule.com.")
@click.option(
    "--token-file", type=click.File("r", encoding="utf-8"), metavar="FILE", help="Holds a token of it; - reads it in."
)
@click.option("--token", envvar=_VARIABLE, help=f"The token. Others on this machine see it; rather set {_VARIABLE}.")
@click.option("--dry-run", is_flag=True, help="Do it all, say what came of it, and undo it.")
@click.option("--skip-refused", is_flag=True, help="Write the rest, where something cannot be taken over.")
@click.pass_context
def smoothschedule(
    ctx: click.Context,
    data: TenantData,
    url: str,
    token_file: IO[str] | None,
    token: str | None,
    dry_run: bool,
    skip_refused: bool,
) -> None:
    """Take over a business from SmoothSchedule, or from another smoothbox.

    It becomes that of the tenant SLUG, who is made before ('tenant create'). The business, its resources, services, customers
    and bookings are read over the API, then written in one transaction: all of it, or nothing. Bookings keep their state, time,
    price and notes, past ones too; the rules of booking do not judge them, but one whose time is taken here is refused, and so
    is what has no right shape. Where something is refused, nothing is written, unless --skip-refused says to leave that out.

    What was pulled is known by the id it has there ('smoothschedule:acme:123', the external_id of customers and bookings; one
    that it has there already goes into its metadata). So it can be repeated until the day of the move: only what changed there
    is changed here, and wins over what was changed here. What is here besides stays. A customer with the same e-mail address
    is the same customer.

    The token needs the scopes business:read, services:read, resources:read, customers:read and bookings:read, and for the time
    off and the special hours of resources resources:write. It comes from --token-file, --token, or the variable
    SMOOTHSCHEDULE_TOKEN. Webhooks are not told of what is imported. A server may run meanwhile; for the second or, with tens of
    thousands of bookings, the seconds of writing, others who write to this tenant wait or are told to try again.

    Example: smoothbox import smoothschedule acme --live --url https://acme.smoothschedule.com --token-file token.txt
    """
    source = Source(url, _token(ctx, data, token_file, token), data.session.clock, data.session.out.remark)
    with hint("unavailable", "Nothing was written. Run it again once the source answers."):
        pulled = pull(source, data.mode, data.session.out.watched)
    report = _taken_in(data, pulled, dry_run=dry_run, skip_refused=skip_refused)
    _say(data, pulled, report, dry_run=dry_run)
    if report.refused and not skip_refused:
        raise _failure(report)


def _token(ctx: click.Context, data: TenantData, file: IO[str] | None, token: str | None) -> str:
    """The token, from the one place that was said, else from the environment. Raises click.UsageError."""
    is_said = ctx.get_parameter_source("token") is ParameterSource.COMMANDLINE
    if file is not None and is_said:
        raise click.UsageError("Say either --token-file or --token.", ctx)
    if file is not None:
        return _read(file, ctx)
    if token is None:
        raise click.UsageError(f"Say where the token is: --token-file FILE, or the variable {_VARIABLE}.", ctx)
    if is_said:
        data.session.out.remark("The token shows in the list of processes, and may stay in the shell's history.")
    return token.strip()


def _read(file: IO[str], ctx: click.Context) -> str:
    try:
        return file.read(_LONGEST_TOKEN + 1).strip()
    except UnicodeDecodeError:
        raise click.UsageError("There is no token in that file.", ctx) from None


def _taken_in(data: TenantData, pulled: Pulled, *, dry_run: bool, skip_refused: bool) -> Report:
    session = data.session
    with session.out.watched("Writing") as watch:
        return operation.take_in(
            *(session.folder, session.clock, data.tenant, data.mode, pulled, watch), dry_run=dry_run, skip_refused=skip_refused
        )


def _say(data: TenantData, pulled: Pulled, report: Report, *, dry_run: bool) -> None:
    out = data.session.out
    out.data(_wire(pulled, report), _text(report))
    if pulled.resources and not pulled.tells_absences:
        out.remark(
            "The token lacks resources:write, and does not tell time off and special hours; those here stay as they are."
        )
    if dry_run:
        out.remark("A dry run: nothing was written.")
    elif report.is_written:
        out.next_step(data.session.command(f"tenant show {data.tenant.slug}"))


def _text(report: Report) -> str:
    rows = [(what, *each.values()) for what, each in report.counts.items()]
    lines = [table(("THING", "CREATED", "UPDATED", "UNCHANGED", "REFUSED"), rows)]
    lines += [f"Refused {each.what} {each.id}: {each.reason}" for each in report.refused[:_MOST_SHOWN]]
    if len(report.refused) > _MOST_SHOWN:
        lines.append(f"… and {len(report.refused) - _MOST_SHOWN} more; --json lists them all.")
    return "\n".join(lines)


def _wire(pulled: Pulled, report: Report) -> Mapping[str, Any]:
    refused = msgspec.to_builtins(report.refused)
    return {"source": pulled.name, "is_written": report.is_written, "counts": report.counts, "refused": refused}


def _failure(report: Report) -> Problem:
    number = len(report.refused)
    what = "One thing cannot be taken over" if number == 1 else f"{number} things cannot be taken over"
    problem = Problem("conflict", f"{what}, and nothing was written.")
    problem.add_note("Put them right at the source, or leave them out with --skip-refused.")
    return problem

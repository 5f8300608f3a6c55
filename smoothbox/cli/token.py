"""`smoothbox token …`."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click

from smoothbox.cli.address import base_url
from smoothbox.cli.duration import duration
from smoothbox.cli.output import facts, table
from smoothbox.cli.session import Session, hint
from smoothbox.cli.slugs import known_slugs
from smoothbox.clock import instant_text
from smoothbox.contract.first_calls import curl_line
from smoothbox.contract.scopes import NAMED_ONLY, ORDINARY, SCOPES
from smoothbox.operations import tokens
from smoothbox.operations.tokens import NewToken, TokenRequest
from smoothbox.store.box import Token
from smoothbox.store.direct import Direct


@click.command()
@click.argument("slug", shell_complete=known_slugs)
@click.option("--name", required=True, help="What the token is for, such as 'crm'.")
@click.option("--live", is_flag=True, help="For the business's real data.")
@click.option("--test", is_flag=True, help="For its sandbox.")
@click.option("--scopes", help="What it may do: scopes with commas between them; see 'token scopes'.")
@click.option("--all-scopes", is_flag=True, help=f"It may do everything but {', '.join(NAMED_ONLY)}.")
@click.option("--expires", type=duration, metavar="SPAN", help="Ends after this long, such as 90d.  [default: never]")
@click.option("--hourly", type=click.IntRange(1), help="Requests an hour.  [default: limits.hourly of the settings]")
@click.option("--burst", type=click.IntRange(1), help="Requests a minute.  [default: limits.burst of the settings]")
@click.pass_obj
def create(
    session: Session,
    slug: str,
    name: str,
    live: bool,
    test: bool,
    scopes: str | None,
    all_scopes: bool,
    expires: int | None,
    hourly: int | None,
    burst: int | None,
) -> None:
    """Make a token for the tenant SLUG.

    It is shown now and never again, with a call to try it by. It may do what its scopes say, on the live data or on the
    sandbox, and never both. Other tokens are left alone.

    Example: smoothbox token create acme --name website --live --scopes services:read,availability:read,bookings:write
    """
    if live == test:
        raise click.UsageError("Say either --live or --test.", click.get_current_context())
    if all_scopes == (scopes is not None):
        raise click.UsageError("Say either --scopes or --all-scopes.", click.get_current_context())
    wanted = ORDINARY if scopes is None else tuple(part.strip() for part in scopes.split(",") if part.strip())
    request = TokenRequest(name, "live" if live else "test", wanted, expires, hourly, burst)
    with _registry(session, "tenant list") as box, hint("validation_error", session.command("token scopes")):
        made = box.write(tokens.create, slug, request)
    _present(session, made)


@click.command("list")
@click.argument("slug", shell_complete=known_slugs)
@click.pass_obj
def list_(session: Session, slug: str) -> None:
    """List the tokens of a tenant.

    Those that have expired or were revoked are among them. The tokens themselves are not kept: their last four characters
    are, to tell them apart, and when each was last used.

    Example: smoothbox token list acme
    """
    with _registry(session, "tenant list") as box:
        found = box.read(tokens.list_of, slug)
    now = instant_text(session.clock.now())
    rows = [
        (each.id, each.name, each.mode, tokens.status(each, now), f"…{each.last_four}", each.expires_at, each.last_used_at)
        for each in found
    ]
    headings = ("ID", "NAME", "MODE", "STATUS", "ENDS IN", "EXPIRES", "LAST USED")
    session.out.data([_wire(each, now) for each in found], table(headings, rows))


@click.command()
@click.argument("token_id", metavar="ID", type=int)
@click.pass_obj
def show(session: Session, token_id: int) -> None:
    """Show a token: all but its secret.

    ID is the number that 'token list' says. Its scopes and its own limits, if it has any, are among what is shown.

    Example: smoothbox token show 3
    """
    with _registry(session, "token list SLUG") as box:
        found = box.read(tokens.show, token_id)
    wire = _wire(found, instant_text(session.clock.now()))
    session.out.data(wire, facts((wire | {"scopes": ", ".join(found.scopes)}).items()))


@click.command()
@click.argument("token_id", metavar="ID", type=int)
@click.option("--overlap", type=duration, metavar="SPAN", default="24h", show_default=True, help="The old one ends after this.")
@click.pass_obj
def rotate(session: Session, token_id: int, overlap: int) -> None:
    """Replace a token by a new one that may do the same.

    The new one is shown now and never again. For a while both work, so that programs can change over one by one; with an
    overlap of 0 the old one ends now. Name, scopes, limits and the day on which it expires are those of the old one.

    Example: smoothbox token rotate 3 --overlap 7d
    """
    with _registry(session, "token list SLUG") as box:
        made = box.write(tokens.rotate, token_id, overlap)
    _present(session, made)


@click.command()
@click.argument("token_id", metavar="ID", type=int)
@click.pass_obj
def revoke(session: Session, token_id: int) -> None:
    """End a token now.

    Asks nothing: a token that leaked is to end at once, and a new one is made quickly. What was done with it stays, and so do
    the other tokens. One that was revoked works never again.

    Example: smoothbox token revoke 3
    """
    with _registry(session, "token list SLUG") as box:
        ended = box.write(tokens.revoke, token_id)
    wire = _wire(ended, instant_text(session.clock.now()))
    session.out.done(wire, f"Token {ended.id} ('{ended.name}' of '{ended.tenant.slug}') is revoked.")


@click.command("scopes")
@click.pass_obj
def scopes_(session: Session) -> None:
    """List all scopes and what each allows.

    They are the same for every tenant, and need no box. Those that --all-scopes does not give have to be named.

    Example: smoothbox token scopes
    """
    listed = [{"scope": scope, "help": sentence} for scope, sentence in SCOPES.items()]
    session.out.data(listed, table(("SCOPE", "ALLOWS"), SCOPES.items()))


@contextmanager
def _registry(session: Session, helpful: str) -> Iterator[Direct]:
    """The registry; a thing that is not found there is looked for with the helpful command."""
    with session.box() as box, hint("not_found", session.command(helpful)):
        yield box


def _present(session: Session, made: NewToken) -> None:
    """Show a new token, the only time that it can be shown."""
    new = made.token
    value = {
        "id": new.id,
        "token": made.secret,
        "name": new.name,
        "mode": new.mode,
        "scopes": list(new.scopes),
        "expires_at": new.expires_at,
        "created_at": new.created_at,
    }
    session.out.data(value, made.secret)
    session.out.remark(f"Token {new.id} of '{new.tenant.slug}' ({new.mode}). It is shown only now: keep it safe.")
    if line := curl_line(base_url(session), made.secret, new.scopes):
        session.out.remark(f"Try it:\n  {line}")


def _wire(shown: Token, now: str) -> dict[str, Any]:
    return {
        "id": shown.id,
        "tenant": shown.tenant.slug,
        "name": shown.name,
        "mode": shown.mode,
        "status": tokens.status(shown, now),
        "scopes": list(shown.scopes),
        "last_four": shown.last_four,
        "hourly": shown.hourly,
        "burst": shown.burst,
        "created_at": shown.created_at,
        "expires_at": shown.expires_at,
        "revoked_at": shown.revoked_at,
        "last_used_at": shown.last_used_at,
    }

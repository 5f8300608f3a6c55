"""`smoothbox webhook listen`: a receiver, so that an integration can be tried on one machine."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Final
from urllib.parse import urlsplit

import click

from smoothbox.cli.received import Display
from smoothbox.cli.serve import announce
from smoothbox.cli.session import Session, hint
from smoothbox.cli.slugs import known_slugs
from smoothbox.cli.tenant_data import TenantData, said_mode
from smoothbox.cli.webhook_values import event_names, shaped, web_address
from smoothbox.contract.webhooks import EndpointWithSecret, NewEndpoint
from smoothbox.errors import Problem
from smoothbox.operations import demo, webhooks
from smoothbox.webhooks.addresses import AddressRules
from smoothbox.webhooks.verify import Keys, keys_of

_HOST: Final = "127.0.0.1"
_OWN_NAMES: Final = frozenset({_HOST, "localhost"})
_DESCRIPTION: Final = "smoothbox webhook listen"


@click.command()
@click.argument("slug", required=False, shell_complete=known_slugs)
@click.option("--live", is_flag=True, help="Of the business's real data; goes with SLUG.")
@click.option("--test", is_flag=True, help="Of its sandbox; goes with SLUG.")
@click.option("--events", type=event_names, metavar="NAMES", help="What to be told of, such as booking.*.  [default: *]")
@click.option("--port", type=click.IntRange(0, 65535), default=0, show_default=True, help="0 takes a free one.")
@click.option("--secret", "secrets", multiple=True, metavar="whsec_…", help="Verify with this; may be said several times.")
@click.option("--public-key", "public", multiple=True, metavar="whpk_…", help="Verify v1a signatures with this; as often.")
@click.option("--forward-to", type=web_address, metavar="URL", help="Pass each on to this, and answer what that answers.")
@click.option("--bodies", is_flag=True, help="Show the bodies too; so does -v before the command.")
@click.pass_obj
def listen(
    session: Session,
    slug: str | None,
    live: bool,
    test: bool,
    events: list[str] | None,
    port: int,
    secrets: tuple[str, ...],
    public: tuple[str, ...],
    forward_to: str | None,
    bodies: bool,
) -> None:
    """Receive deliveries on this machine, verify and show them, until Ctrl-C.

    With a SLUG it subscribes by itself: the tenant has a webhook more for as long as this runs, and the server of the box
    must be running to send anything. Without one it takes what comes, and verifies it with --secret or --public-key.
    Webhooks that are there already, and what they are sent, are left alone.

    Example: smoothbox webhook listen demo --test
    """
    from smoothbox.webhooks.listen import listen as take_deliveries  # noqa: PLC0415 -- tornado is not for every command

    keys = keys_of(secrets, public)
    _refuse_circle(port, forward_to)
    if slug is None:
        _refuse_without_slug(live or test or events is not None)
        known = partial(_open, keys)
    else:
        data = TenantData.of(session, slug, said_mode(live, test))
        _refuse_unreachable(session, slug)
        known = partial(_subscribed, data, events or ["*"], keys)
    display = Display(session.out, bodies=bodies or session.log_level == "debug", forwards=forward_to is not None)
    take_deliveries(port, known, display.show, session.clock, forward_to)


def _refuse_circle(port: int, forward_to: str | None) -> None:
    target = urlsplit(forward_to or "")
    if port and target.port == port and target.hostname in _OWN_NAMES:
        raise click.UsageError("--forward-to leads back here.", click.get_current_context())


def _refuse_without_slug(said: bool) -> None:
    if said:
        raise click.UsageError("--live, --test and --events go with a SLUG.", click.get_current_context())


def _refuse_unreachable(session: Session, slug: str) -> None:
    """Raises Problem 'url_not_allowed' where nothing would ever be sent here, as far as these settings tell.

    The demo tenant is served by `demo`, which allows it by itself.
    """
    allowed = session.settings().webhooks.allow_cidrs
    if slug == demo.SLUG or AddressRules(allowed).may_dial(_HOST):
        return
    problem = Problem("url_not_allowed", f"The settings let no delivery go to {_HOST}, where this would listen.")
    networks = (*allowed, f"{_HOST}/32")
    problem.add_note(
        f"Write [webhooks] allow_cidrs = {json.dumps(networks)} in smoothbox.toml,"
        f" or set SMOOTHBOX_WEBHOOKS_ALLOW_CIDRS={','.join(networks)}, and restart serve."
    )
    raise problem


@contextmanager
def _open(keys: Keys, url: str) -> Iterator[Keys]:
    """Take what comes."""
    announce(url)
    yield keys


@contextmanager
def _subscribed(data: TenantData, events: Sequence[str], keys: Keys, url: str) -> Iterator[Keys]:
    """A webhook of the tenant for the address, as long as this lasts. Raises Problem as `webhooks.create` does."""
    new = shaped({"url": url, "events": events, "description": _DESCRIPTION}, NewEndpoint)
    with hint("limit_exceeded", data.command("webhook list")):
        made = data.write(webhooks.create, new, data.vault)
    try:
        announce(url)
        _explain(data, made, events)
        own = keys_of([made.secret])
        yield Keys((*own.secrets, *keys.secrets), keys.public)
    finally:
        _unsubscribe(data, made.id)


def _explain(data: TenantData, made: EndpointWithSecret, events: Sequence[str]) -> None:
    out, server = data.session.out, data.session.folder.server()
    what = ", ".join(events) if "*" not in events else "everything"
    out.remark(f"Webhook {made.id} of '{data.tenant.slug}' ({data.mode}) delivers {what} here until Ctrl-C.")
    if server is None:
        out.remark(f"Only a running server sends; there is none now. Start it with: {data.session.command('serve')}")
    out.remark(f"To see one come: {data.command('webhook test', made.id)}")


def _unsubscribe(data: TenantData, endpoint_id: int) -> None:
    try:
        with hint("unavailable", data.command("webhook delete", endpoint_id)):
            data.write(webhooks.remove, endpoint_id)
    except Problem as problem:
        if problem.code != "not_found":  # somebody else was quicker
            raise

"""`smoothbox webhook …`."""

import asyncio
from typing import Any

import click
import msgspec

from smoothbox.cli.output import table
from smoothbox.cli.received import escaped
from smoothbox.cli.session import hint
from smoothbox.cli.tenant_data import TenantData, of_tenant
from smoothbox.cli.webhook_values import event_names, header, headers_of, overlap, shaped
from smoothbox.contract.listing import DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE, Condition, ListQuery, Order
from smoothbox.contract.webhooks import (
    DELIVERIES,
    DELIVERY_STATUSES,
    MOST_ENDPOINTS,
    EndpointWithSecret,
    NewEndpoint,
    Rotation,
)
from smoothbox.operations import deliveries as outbound
from smoothbox.operations import webhooks
from smoothbox.operations.webhook_bodies import checked

of_webhook = click.argument("endpoint_id", metavar="ID", type=int)


@click.command("list")
@of_tenant
def list_(data: TenantData) -> None:
    """List the webhooks of a tenant.

    Says which are switched off, and why, and when each last took a delivery. Their secrets are not shown.

    Example: smoothbox webhook list acme --live
    """
    everything = ListQuery((), (Order("id", descending=False),), MOST_ENDPOINTS)
    found = _wire(data.read(webhooks.list_page, everything).results)
    rows = [
        (
            each["id"],
            each["url"],
            ", ".join(each["events"]),
            _status(each),
            each["last_success_at"],
            escaped(each["description"]),
        )
        for each in found
    ]
    data.session.out.data(found, table(("ID", "URL", "EVENTS", "STATUS", "LAST SUCCESS", "DESCRIPTION"), rows))


@click.command()
@of_tenant
@click.option("--url", required=True, help="Where to deliver, such as https://example.com/hook.")
@click.option("--events", type=event_names, required=True, metavar="NAMES", help="With commas: names, booking.*, or *.")
@click.option("--description", default="", help="What it is for.")
@click.option("--ed25519", is_flag=True, help="Sign with an Ed25519 key too, whose public half anyone may have.")
@click.option(
    "--header",
    "headers",
    type=header,
    multiple=True,
    callback=headers_of,
    metavar="'NAME: VALUE'",
    help="A header of your own on each delivery; may be said several times. Never shown again.",
)
def create(data: TenantData, **fields: Any) -> None:
    """Have a tenant's events delivered to an address.

    The secret that signs them is shown now and never again. Nothing is sent yet: 'webhook test' does that, or the next
    event. What happened before is not delivered, and other webhooks are left alone.

    Example: smoothbox webhook create acme --live --url https://example.com/hook --events 'booking.*'
    """
    new = shaped(fields, NewEndpoint)
    checked(new)
    _admit(data, new.url)
    with hint("limit_exceeded", data.command("webhook list")):
        made = data.write(webhooks.create, new, data.vault)
    _present(data, made)
    data.session.out.next_step(data.command("webhook test", made.id))


@click.command()
@of_tenant
@of_webhook
def delete(data: TenantData, endpoint_id: int) -> None:
    """Remove a webhook with the record of its deliveries.

    Asks for the slug first, as this cannot be undone; --yes before the command stands for the answer. What waits to be
    delivered to it is sent no more. Other webhooks are left alone.

    Example: smoothbox --yes webhook delete acme 3 --live
    """
    with hint("not_found", data.command("webhook list")):
        found = _wire(data.read(webhooks.find, endpoint_id))
        data.session.confirm(data.tenant.slug, f"Deleting webhook {endpoint_id} of '{data.tenant.slug}'")
        data.write(webhooks.remove, endpoint_id)
    data.session.out.done(found | {"deleted": True}, f"Deleted webhook {endpoint_id} ({found['url']}).")


@click.command("test")
@of_tenant
@of_webhook
def test_(data: TenantData, endpoint_id: int) -> None:
    """Send a webhook a test now, also one that is disabled.

    It is an event of its own type, signed as all others are. A webhook that is disabled stays so, however the test goes.

    Example: smoothbox webhook test acme 3 --test
    """
    with hint("not_found", data.command("webhook list")):
        queued = _wire(data.write(outbound.ping, endpoint_id))
    _say_queued(data, queued, f"Queued a test of webhook {endpoint_id}: delivery {queued['id']}.")


@click.command("rotate-secret")
@of_tenant
@of_webhook
@click.option(
    "--overlap",
    type=overlap,
    metavar="SPAN",
    default="24h",
    show_default=True,
    help="So long the old secret signs beside the new one; 7d at most, 0 for not at all.",
)
def rotate_secret(data: TenantData, endpoint_id: int, overlap: int) -> None:
    """Replace the secret of a webhook.

    The new one is shown now and never again. For a while both sign each delivery, so that the receiver can change over in its
    own time. What else is said of the webhook, and a key for v1a signatures, stays as it is.

    Example: smoothbox webhook rotate-secret acme 3 --live --overlap 2d
    """
    with hint("not_found", data.command("webhook list")):
        made = data.write(webhooks.rotate, endpoint_id, Rotation(overlap), data.vault)
    _present(data, made)


@click.command()
@of_tenant
@of_webhook
@click.option("--status", "statuses", type=click.Choice(DELIVERY_STATUSES), multiple=True, help="Only these; repeatable.")
@click.option(
    "--limit",
    type=click.IntRange(1, MAX_PAGE_SIZE),
    default=DEFAULT_PAGE_SIZE,
    show_default=True,
    help="At most so many, the latest first.",
)
def deliveries(data: TenantData, endpoint_id: int, statuses: tuple[str, ...], limit: int) -> None:
    """List what was delivered to a webhook, and how that went.

    Says of each delivery how many attempts there were, how the last one ended, and when the next is due. The bodies are
    left out. Nothing is sent again by looking.

    Example: smoothbox webhook deliveries acme 3 --live --limit 20
    """
    conditions = (Condition(*DELIVERIES.parameters["status"], statuses),) if statuses else ()
    latest = (Order("sequence", descending=True), Order("id", descending=True))
    with hint("not_found", data.command("webhook list")):
        found = _wire(data.read(outbound.list_page, endpoint_id, ListQuery(conditions, latest, limit)).results)
    rows = [
        (each["id"], each["type"], each["status"], len(each["attempts"]), _last(each), each["next_attempt_at"])
        for each in found
    ]
    data.session.out.data(found, table(("ID", "TYPE", "STATUS", "ATTEMPTS", "LAST", "NEXT ATTEMPT"), rows))


@click.command()
@of_tenant
@of_webhook
@click.argument("delivery_id", type=int)
def redeliver(data: TenantData, endpoint_id: int, delivery_id: int) -> None:
    """Send a delivery once more, now.

    It has the same body and the same id, by which a receiver knows what it has had already, and a fresh signature. Other
    deliveries are left alone.

    Example: smoothbox webhook redeliver acme 3 117 --live
    """
    with hint("not_found", data.command("webhook deliveries", endpoint_id)):
        queued = _wire(data.write(outbound.redeliver, endpoint_id, delivery_id))
    _say_queued(data, queued, f"Queued delivery {delivery_id} of webhook {endpoint_id} once more.")


def _admit(data: TenantData, url: str) -> None:
    """Refuse an address that deliveries could not go to, as the API does. Raises Problem 'url_not_allowed'."""
    from smoothbox.webhooks.guard import Guard  # noqa: PLC0415 -- tornado is not for every command

    async def ask() -> None:
        guard = Guard(data.session.settings().webhooks)
        try:
            await guard.admit(url, data.mode)
        finally:
            guard.close()

    asyncio.run(ask())


def _present(data: TenantData, made: EndpointWithSecret) -> None:
    """Show a new secret, the only time that it can be shown."""
    out = data.session.out
    out.data(_wire(made), made.secret)
    out.remark(f"Webhook {made.id} of '{data.tenant.slug}' ({data.mode}). Its secret is shown only now: keep it safe.")
    if made.public_key is not None:
        out.remark(f"Its v1a signatures are verified with {made.public_key}")


def _say_queued(data: TenantData, queued: dict[str, Any], sentence: str) -> None:
    out = data.session.out
    out.done(queued, sentence)
    if data.session.folder.server() is None:
        out.remark(f"No server is running; it is sent once one does: {data.session.command('serve')}")
    out.next_step(data.command("webhook deliveries", queued["endpoint_id"]))


def _wire(shown: object) -> Any:
    """As the API shows it."""
    return msgspec.json.decode(msgspec.json.encode(shown))


def _status(endpoint: dict[str, Any]) -> str:
    if endpoint["is_active"]:
        return "active"
    reason = endpoint["disabled_reason"]
    return f"disabled ({reason})" if reason else "disabled"


def _last(delivery: dict[str, Any]) -> object:
    """How the last attempt went: its status code, or the error for which there is none."""
    if not delivery["attempts"]:
        return None
    last = delivery["attempts"][-1]
    return last["status_code"] or last["error"]

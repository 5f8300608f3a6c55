"""`smoothbox tenant feeds`: the addresses of a tenant's calendars."""

import click

from smoothbox.cli.address import page_url
from smoothbox.cli.output import table
from smoothbox.cli.tenant_data import TenantData, of_tenant
from smoothbox.keyring_file import load_keyring
from smoothbox.operations import feeds as verbs


@click.command()
@of_tenant
@click.option("--new-links", is_flag=True, help="Make new addresses; the old ones end at once.")
def feeds(data: TenantData, new_links: bool) -> None:
    """Show the addresses of the calendars of SLUG.

    There is one of the business, and one of each of its staff and rooms. Calendar programs subscribe to them. Whoever has an
    address can read the calendar, and nobody can write to it. Addresses stay the same until --new-links.

    Example: smoothbox tenant feeds acme --live
    """
    if new_links:
        data.write(verbs.new_links)
    session, keyring = data.session, load_keyring(data.session.folder.keyring)
    found = data.read(verbs.addresses, keyring, data.tenant.folder, data.mode)
    shown = [(each, f"{page_url(session)}/ical/{each.signed}/calendar.ics") for each in found]
    wire = [{"name": each.name, "resource_id": each.resource_id, "url": address} for each, address in shown]
    session.out.data(wire, table(("CALENDAR", "ADDRESS"), [(each.name, address) for each, address in shown]))

"""`smoothbox openapi`."""

import click

from smoothbox.cli.address import page_url
from smoothbox.cli.session import Session


@click.command()
@click.option("--url", help="Address of the server, such as https://book.example.com.  [default: that of this box]")
@click.pass_obj
def openapi(session: Session, url: str | None) -> None:
    """Print the OpenAPI document of the API.

    It is version 3.1, as /tenant-api/v1/openapi.json serves it, and needs no box. Generators make clients from it. The address
    that it names is --url, else the public_url of the settings, else where the box answers.

    Example: smoothbox openapi --url https://book.example.com > openapi.json
    """
    from smoothbox.api.openapi import encoded  # noqa: PLC0415 -- tornado is not for every command

    click.echo(encoded((url or page_url(session)).rstrip("/")))

"""`smoothbox demo`: the newcomer's first five minutes."""

from functools import partial
from pathlib import Path
from typing import Final

import click

from smoothbox.cli.address import curl_line
from smoothbox.cli.serve import announce, listening_options, serve_box
from smoothbox.cli.session import Session
from smoothbox.located_toml import load_toml
from smoothbox.operations import boxes, catalogue_file
from smoothbox.operations import demo as demo_tenant

_PACKAGED: Final = Path(__file__).with_name("demo.toml")
_OF_THE_CHECKOUT: Final = Path(__file__).parents[2] / "config" / "demo.toml"


@click.command()
@listening_options
@click.pass_obj
def demo(session: Session, host: str | None, port: int | None) -> None:
    """Make a demo tenant with bookings, print its tokens, and serve.

    Makes the box too, where there is none. Running it again keeps everything and makes no new tokens.
    """
    settings = session.settings({"server.host": host, "server.port": port})
    boxes.make(session.folder, session.clock)
    file = _PACKAGED if _PACKAGED.exists() else _OF_THE_CHECKOUT
    made = demo_tenant.settle(session.folder, session.clock, catalogue_file.parse(*load_toml(file), file))
    session.out.remark(f"{'Made' if made else 'Kept'} the tenant '{demo_tenant.SLUG}' in {session.folder.root}.")
    serve_box(session, settings, partial(_welcome, session))


def _welcome(session: Session, url: str) -> None:
    """Say where the box answers, and hand out the first tokens: only now, so that none is lost when the port is taken."""
    announce(url)
    with session.box() as box:
        new = box.write(demo_tenant.first_tokens)
    for each in new:
        click.echo(f"\n{each.token.mode}: {each.secret}\n  {curl_line(url, each.secret, each.token.scopes)}")
    if not new:
        another = session.command(f"token create {demo_tenant.SLUG} --name mine --test --all-scopes")
        session.out.remark(f"Its tokens were shown when they were made. For another: {another}")

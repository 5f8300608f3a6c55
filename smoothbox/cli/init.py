"""`smoothbox init`."""

import click

from smoothbox.cli.session import Session
from smoothbox.upkeep.boxes import make


@click.command()
@click.pass_obj
def init(session: Session) -> None:
    """Make a new box in the data folder.

    It consists of a registry and a keyring. Where there is a box already, nothing happens; files of others in the folder are
    left alone. The folder is made if it is not there, and is its owner's alone.

    Example: smoothbox --data-dir /var/lib/smoothbox init
    """
    made = make(session.folder, session.clock)
    root = session.folder.root
    session.out.done(
        {"data_dir": str(root), "created": made}, f"Made a box in {root}." if made else f"{root} holds a box already."
    )
    if made:
        session.out.next_step(
            session.command('tenant create SLUG --name "Your Business" --timezone Europe/Paris --currency EUR')
        )

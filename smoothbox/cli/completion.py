"""`smoothbox completion`."""

from typing import Final

import click
from click.shell_completion import get_completion_class

from smoothbox.cli.session import Session

_SHELLS: Final = ("bash", "zsh", "fish")
_PROGRAM: Final = "smoothbox"
_ASKS_BY: Final = "_SMOOTHBOX_COMPLETE"  # the variable under which Click makes this program answer a press of Tab


@click.command()
@click.argument("shell", type=click.Choice(_SHELLS))
@click.pass_obj
def completion(session: Session, shell: str) -> None:
    """Print what makes a shell complete commands, options and the slugs of tenants.

    Nothing is installed, and no file of the shell is changed: put it where the shell looks, and open a new one. It asks the
    smoothbox that is found in the PATH, and so knows what an upgrade brings.

    For bash (4.4 or later), have ~/.bashrc read it: source ~/.smoothbox.bash

    Example: smoothbox completion bash > ~/.smoothbox.bash

    For zsh, put it as _smoothbox into a folder of $fpath. If that is ~/.zfunc, write fpath=(~/.zfunc $fpath) before compinit in
    ~/.zshrc.

    Example: smoothbox completion zsh > ~/.zfunc/_smoothbox

    For fish, it has a place of its own, which fish looks into by itself.

    Example: smoothbox completion fish > ~/.config/fish/completions/smoothbox.fish
    """
    program = click.get_current_context().find_root().command
    script = _script(program, shell)
    session.out.data({"shell": shell, "script": script}, script.rstrip("\n"))


def _script(program: click.Command, shell: str) -> str:
    """Click's own, for it is Click that answers what the script asks; but fish is to show descriptions beyond a comma."""
    known = get_completion_class(shell)
    assert known is not None  # noqa: S101 -- Click has one for each of these
    return known(program, {}, _PROGRAM, _ASKS_BY).source().replace('split ","', 'split --max 1 ","')

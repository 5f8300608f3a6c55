"""The commands there are, each with its help sentence: a command's own module is imported only when it runs."""

from collections.abc import Mapping
from difflib import get_close_matches
from importlib import import_module
from typing import Final

import click

COMMANDS: Final[Mapping[str, str]] = {
    "init": "Make a new box in the data folder.",
    "demo": "Make a demo tenant with bookings, print its tokens, and serve.",
    "serve": "Answer requests until stopped.",
    "status": "Say what this box holds and whether it is being served.",
    "tenant": "Create, change and remove tenants, and apply their catalogues.",
    "token": "Create, rotate and revoke API tokens.",
    "user": "Let people open the console of a tenant.",
    "webhook": "Tell other programs of events: endpoints, their deliveries, and a receiver to try them with.",
    "openapi": "Print the OpenAPI document of the API.",
    "backup": "Make backups of the box, beside a running server, and look after them.",
    "litestream-config": "Print what Litestream needs to copy the box off this machine as it changes.",
    "config": "Show the settings and where each comes from.",
    "version": "Say which versions run here.",
}


_MODULES: Final[Mapping[str, str]] = {"import": "imports", "export": "exports"}  # where the name is no name of Python's


class LazyGroup(click.Group):
    """A group whose commands live in modules of their names, below this package."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 -- Click's own signature
        """Every command, in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """The command of this name, imported now."""
        if cmd_name not in COMMANDS:
            return None
        module = _MODULES.get(cmd_name, cmd_name.replace("-", "_"))
        command: click.Command = getattr(import_module(f"smoothbox.cli.{module}"), module)
        return command

    def resolve_command(self, ctx: click.Context, args: list[str]) -> tuple[str | None, click.Command | None, list[str]]:
        """As Click does it, but with the nearest command named: Click knows only those that are imported already."""
        if args[0] not in COMMANDS and (near := get_close_matches(args[0], COMMANDS, n=1)):
            raise click.UsageError(f"No such command '{args[0]}'. Did you mean '{near[0]}'?", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """The list in the help, from the table alone."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

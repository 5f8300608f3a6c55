"""The commands there are, each with its help sentence: a command's own module is imported only when it runs."""

from collections.abc import Mapping
from difflib import get_close_matches
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

import click

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

COMMANDS: Final[Mapping[str, str]] = {
    "init": "Make a new box in the data folder.",
    "demo": "Make a demo tenant with bookings, print its tokens, and serve.",
    "serve": "Answer requests until stopped.",
    "doctor": "Look whether the box is sound, and say for each thing that is not what helps.",
    "status": "Say what this box holds and whether it is being served.",
    "health": "Ask the running server whether it is ready for requests.",
    "tenant": "Create, change and remove tenants, and apply their catalogues.",
    "token": "Create, rotate and revoke API tokens.",
    "user": "Let people open the console of a tenant.",
    "webhook": "Tell other programs of events: endpoints, their deliveries, and a receiver to try them with.",
    "import": "Take in what other programs know: customers, and bookings past and to come.",
    "export": "Hand out what a tenant has, as CSV, JSON or a calendar.",
    "openapi": "Print the OpenAPI document of the API.",
    "backup": "Make backups of the box, beside a running server, and look after them.",
    "litestream-config": "Print what Litestream needs to copy the box off this machine as it changes.",
    "restore": "Put a box back from a backup, or one of its tenants.",
    "keys": "Show, replace and export the keys of the box.",
    "cert": "Make a certificate for HTTPS without a proxy, and show the one in use.",
    "service": "Have systemd run the box: print, install and remove its units.",
    "proxy": "Print what a proxy in front of the box is told.",
    "config": "Show the settings and where each comes from.",
    "completion": "Print what makes a shell complete commands, options and the slugs of tenants.",
    "version": "Say which versions run here.",
}

# Where a command lives, unless that is the module of its name with '_' for '-'.
MODULES: Final[Mapping[str, str]] = {
    "tenant": "groups",
    "token": "groups",
    "user": "groups",
    "webhook": "groups",
    "config": "groups",
    "import": "groups",
    "backup": "groups",
    "keys": "groups",
    "cert": "groups",
    "service": "groups",
    "proxy": "groups",
    "export": "exports",
}


class LazyGroup(click.Group):
    """A group of which a command is imported only when it runs.

    `table` is its commands in their order, with the sentence that each begins its help with; `modules` says where in this
    package they live, for those that do not live in `home`, or in the module of their name where there is no home.
    """

    def __init__(
        self, *args: Any, table: Mapping[str, str], modules: Mapping[str, str] | None = None, home: str = "", **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.table = table
        self._modules = modules or {}
        self._home = home

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 -- Click's own signature
        """Every command, in the order of the table."""
        return list(self.table)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """The command of this name, imported now."""
        if cmd_name not in self.table:
            return None
        module = self._modules.get(cmd_name) or self._home or cmd_name.replace("-", "_")
        declared = vars(import_module(f"smoothbox.cli.{module}")).values()
        return next(each for each in declared if isinstance(each, click.Command) and each.name == cmd_name)

    def resolve_command(self, ctx: click.Context, args: list[str]) -> tuple[str | None, click.Command | None, list[str]]:
        """As Click does it, but with the nearest command named: Click knows only those that are imported already.

        The help of a group, and what is wrong with its words, is said at once, before settings and box are looked for.
        """
        if ctx.resilient_parsing:  # a line that is still being typed
            return super().resolve_command(ctx, args)
        if args[0] not in self.table and (near := get_close_matches(args[0], self.table, n=1)):
            raise click.UsageError(f"No such command '{args[0]}'. Did you mean '{near[0]}'?", ctx)
        name, command, rest = super().resolve_command(ctx, args)
        if isinstance(command, click.Group):
            command.make_context(name, [*rest], parent=ctx)
        return name, command, rest

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """The list in the help, from the table alone."""
        with formatter.section("Commands"):
            formatter.write_dl(list(self.table.items()))

    def shell_complete(self, ctx: click.Context, incomplete: str) -> "list[CompletionItem[str]]":
        """The commands that begin so, from the table alone, or else options."""
        from click.shell_completion import CompletionItem  # noqa: PLC0415 -- only a shell asks

        found = [CompletionItem(name, help=said) for name, said in self.table.items() if name.startswith(incomplete)]
        return found + click.Command.shell_complete(self, ctx, incomplete)

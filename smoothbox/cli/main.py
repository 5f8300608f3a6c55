"""`smoothbox`: the global options, and the one place where a failure becomes an exit status."""

import os
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

import click

from smoothbox import __version__
from smoothbox.cli.commands import COMMANDS, MODULES, LazyGroup
from smoothbox.cli.exits import STATUSES, Failure, failure_of
from smoothbox.cli.formatter import HelpFormatter
from smoothbox.cli.output import Output, terminal_color

_EPILOG = "Exit codes: " + "; ".join(f"{status} {meaning}" for status, meaning in STATUSES.items()) + "."

click.Context.formatter_class = HelpFormatter  # of every command, also those in groups that are Click's own


class Root(LazyGroup):
    """The program itself: whatever its commands raise becomes a message and an exit status."""

    def main(self, args: Sequence[str] | None = None, *unused: Any, standalone_mode: bool = True, **extra: Any) -> NoReturn:  # noqa: ARG002
        """Run one command line and exit."""
        words = sys.argv[1:] if args is None else list(args)
        try:
            status = super().main(words, standalone_mode=False, **extra)
        except Exception as error:  # noqa: BLE001 -- the last one there is
            sys.exit(self._fail(error, words))
        sys.exit(status or 0)

    def _fail(self, error: Exception, words: Sequence[str]) -> int:
        """Say it in the manner that was asked for, also when the options themselves could not be read."""
        machine = self._wants_json(words)
        if isinstance(error, click.exceptions.NoArgsIsHelpError) and not machine:
            click.echo(error.format_message(), err=True)
            return 2
        failure = failure_of(error)
        if failure is None:
            failure = Failure("internal_error", f"{type(error).__name__}: {error}", "Add -v to see where it happened.", 1)
            if {"-v", "--verbose"} & set(words):
                traceback.print_exception(error)
        Output(machine, color=terminal_color("--no-color" in words)).fail(failure)
        return failure.status

    def _wants_json(self, words: Sequence[str]) -> bool:
        (option,) = (option for option in self.params if "--json" in option.opts)
        asked = option.resolve_envvar_value(click.Context(self)) or ""
        return "--json" in words or asked.lower() in {"1", "true", "t", "yes", "y", "on"}


@click.group(
    cls=Root,
    table=COMMANDS,
    modules=MODULES,
    epilog=_EPILOG,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.option("--config", type=click.Path(path_type=Path), metavar="FILE", envvar="SMOOTHBOX_CONFIG", help="Settings file.")
@click.option(
    "--data-dir",
    type=click.Path(path_type=Path),
    metavar="DIR",
    default=Path("data"),
    show_default=True,
    envvar="SMOOTHBOX_DATA_DIR",
    help="Folder that holds the box.",
)
@click.option("--json", "machine", is_flag=True, envvar="SMOOTHBOX_JSON", help="Answer and complain in JSON.")
@click.option("-q", "--quiet", is_flag=True, help="Say nothing but answers and errors.")
@click.option("-v", "--verbose", is_flag=True, help="Log everything; show where an internal error happened.")
@click.option("--no-color", is_flag=True, help="No colours; so does NO_COLOR.")
@click.option("--yes", is_flag=True, envvar="SMOOTHBOX_YES", help="Do what cannot be undone without asking.")
@click.version_option(__version__, message="%(prog)s %(version)s")
@click.pass_context
def root(
    ctx: click.Context,
    config: Path | None,
    data_dir: Path,
    machine: bool,
    quiet: bool,
    verbose: bool,
    no_color: bool,
    yes: bool,
) -> None:
    """A scheduling API as an appliance: one process, one folder of data, one command line.

    A new box takes three commands: init, tenant create, serve. To look around first: demo.

    Example: smoothbox --data-dir /tmp/try demo
    """
    from smoothbox.cli.session import Session  # noqa: PLC0415 -- help answers without it, and so at once

    color = terminal_color(no_color)
    ctx.color = color
    level = "debug" if verbose else "warning" if quiet else None
    ctx.obj = Session.open(data_dir, config, Output(machine, quiet, color), yes=yes, log_level=level)


def main() -> NoReturn:
    """The entry point: every file that the program makes belongs to its owner alone."""
    os.umask(0o077)
    root.main(prog_name="smoothbox")

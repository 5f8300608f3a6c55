"""What the global options amount to: the box that a command works on, and how it speaks."""

import shlex
import shutil
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import click

from smoothbox.cli.exits import MisconfiguredError
from smoothbox.cli.output import Output
from smoothbox.clock import Clock
from smoothbox.errors import Problem
from smoothbox.settings import FILE_NAME, Settings, load_settings
from smoothbox.store.direct import Direct
from smoothbox.store.folder import DataFolder, open_box


@dataclass(frozen=True, slots=True)
class Session:
    """One call of the program. `config` is the settings file, or None where there is none."""

    folder: DataFolder
    config: Path | None
    out: Output
    clock: Clock
    yes: bool
    log_level: str | None

    @classmethod
    def open(cls, data_dir: Path, config: Path | None, out: Output, *, yes: bool, log_level: str | None) -> "Session":
        """Look for the settings file where none was named: first in the data folder, then here."""
        return cls(DataFolder(data_dir), config or _nearby(data_dir), out, Clock(), yes, log_level)

    def at(self, data_dir: Path | None) -> "Session":
        """The same call of the program on the box of another folder; None is this one."""
        return self if data_dir is None else replace(self, folder=DataFolder(data_dir))

    def settings(self, flags: Mapping[str, Any] | None = None) -> Settings:
        """All settings, flags first. Raises MisconfiguredError."""
        try:
            return load_settings(self.config, flags={"log.level": self.log_level, **(flags or {})})
        except Problem as problem:
            raise MisconfiguredError(problem.message) from problem

    def reread(self, flags: Mapping[str, Any] | None = None) -> Settings:
        """As `settings`, by a server that runs: a settings file that is there by now counts too.

        Raises Problem 'validation_error'.
        """
        config = self.config or _nearby(self.folder.root)
        return load_settings(config, flags={"log.level": self.log_level, **(flags or {})})

    def require_box(self) -> None:
        """Raises Problem 'not_found' where `init` has not been."""
        if not self.folder.exists():
            elsewhere = "If it is elsewhere, say where by --data-dir or SMOOTHBOX_DATA_DIR; the hint makes a new one."
            problem = Problem("not_found", f"There is no box in {self.folder.root}. {elsewhere}")
            problem.add_note(self.command("init"))
            raise problem

    @contextmanager
    def box(self) -> Iterator[Direct]:
        """The registry. Raises Problem 'not_found' where `init` has not been."""
        self.require_box()
        with open_box(self.folder, self.clock) as registry:
            yield registry

    def command(self, rest: str) -> str:
        """A command line of this program that works on this box, ready to be pasted."""
        return f"{_program()} --data-dir {shlex.quote(str(self.folder.root))} {rest}"

    def confirm(self, name: str, deed: str, *, but: str = "cannot be undone") -> None:
        """Let a person type the name before a deed that they might regret; --yes stands for that.

        Raises click.UsageError where nobody can be asked, Problem 'forbidden' when another name was typed.
        """
        if self.yes:
            return
        if not sys.stdin.isatty():
            error = click.UsageError(f"{deed} {but}, and there is no terminal to ask on.", click.get_current_context())
            error.add_note("Put --yes before the command to do it unasked.")
            raise error
        typed = click.prompt(f"{deed} {but}. Type '{name}' to go on", default="", show_default=False, err=True)
        if typed != name:
            raise Problem("forbidden", f"That is not '{name}'; nothing was done.")


def _nearby(data_dir: Path) -> Path | None:
    return next((path for path in settings_places(data_dir) if path.is_file()), None)


def settings_places(data_dir: Path) -> tuple[Path, ...]:
    """Where a settings file is looked for, in this order."""
    return data_dir / FILE_NAME, Path(FILE_NAME)


def _program() -> str:
    """How this program is called from here: by its name where the shell finds it, else as it was called just now."""
    called = Path(sys.argv[0])
    if called.name != "smoothbox" or shutil.which("smoothbox") == str(called.absolute()):
        return "smoothbox"
    return shlex.quote(str(called))


@contextmanager
def hint(code: str, command: str) -> Iterator[None]:
    """Add the command that helps to a Problem of this code."""
    try:
        yield
    except Problem as problem:
        if problem.code == code:
            problem.add_note(command)
        raise

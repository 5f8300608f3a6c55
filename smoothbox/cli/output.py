"""What a command says: data on standard output, all else on standard error."""

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

import click

from smoothbox.cli.exits import Failure

_KILO: Final = 1000


@dataclass(frozen=True, slots=True)
class Output:
    """Speaks to people, or to programs when `machine` is set; `quiet` leaves out what is neither data nor an error.

    `color` is False for none, None for where it goes to a terminal.
    """

    machine: bool = False
    quiet: bool = False
    color: bool | None = None

    def data(self, value: Any, text: str) -> None:
        """The answer of a command: a value for programs, a text for people."""
        click.echo(json.dumps(value, indent=2, ensure_ascii=False) if self.machine else text, color=self.color)

    def done(self, value: Any, sentence: str) -> None:
        """The end of a command that changed something: the value for programs, a remark for people."""
        if self.machine:
            self.data(value, sentence)
        else:
            self.remark(sentence)

    def remark(self, text: str) -> None:
        """Something good to know for people, and no part of the answer."""
        if not self.quiet and not self.machine:
            click.echo(text, err=True, color=self.color)

    @contextmanager
    def watched(self, label: str) -> Iterator[Callable[[int, int], None]]:
        """For work that tells how many of how many are done: a bar, on a terminal that takes its escape sequences."""
        is_hidden = self.machine or self.quiet or self.color is False or not sys.stderr.isatty()
        with click.progressbar(length=0, label=label, hidden=is_hidden, show_pos=True, file=sys.stderr) as bar:

            def watch(done: int, total: int) -> None:
                bar.length = total
                bar.update(done - bar.pos)

            yield watch

    def next_step(self, command: str) -> None:
        """A command that would probably be run next."""
        self.remark(f"Next: {click.style(command, bold=True)}")

    def fail(self, failure: Failure) -> None:
        """Say what went wrong."""
        if self.machine:
            said = {"error": failure.error, "message": failure.message, "hint": failure.hint}
            click.echo(json.dumps(said, indent=2, ensure_ascii=False), err=True, color=self.color)
            return
        click.echo(click.style("Error: ", fg="red") + failure.message, err=True, color=self.color)
        if failure.hint:
            click.echo(f"Hint: {failure.hint}", err=True, color=self.color)


def terminal_color(unwanted: bool) -> bool | None:
    """The `color` of an Output: none where it is unwanted, or where the environment says so."""
    from smoothbox.settings import may_use_color  # noqa: PLC0415 -- help answers without it, and so at once

    return None if not unwanted and may_use_color() else False


def size_text(count: int) -> str:
    """A number of bytes as people read it."""
    size, units = float(count), ["bytes", "kB", "MB", "GB"]
    while size >= _KILO and len(units) > 1:
        size, units = size / _KILO, units[1:]
    return f"{size:.0f} {units[0]}" if units[0] == "bytes" else f"{size:.1f} {units[0]}"


def table(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Aligned columns under headings; None shows as a dash."""
    texts = [[*map(_cell, row)] for row in rows]
    if not texts:
        return "none"
    widths = [max(map(len, column)) for column in zip(headings, *texts, strict=True)]
    heading, *lines = [_line(row, widths) for row in (headings, *texts)]
    return "\n".join((click.style(heading, bold=True), *lines))


def facts(pairs: Iterable[tuple[str, object]]) -> str:
    """Names and values, one below the other."""
    listed = [(name, _cell(value)) for name, value in pairs]
    width = max(len(name) for name, _ in listed)
    return "\n".join(f"{name.ljust(width)}  {value}" for name, value in listed)


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    return "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip()


def _cell(value: object) -> str:
    return "-" if value is None or value == "" else str(value)

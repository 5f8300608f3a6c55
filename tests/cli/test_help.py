"""What the program says of itself: complete, of one form, true, and at once."""

import inspect
import shlex
import subprocess
import sys
from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path
from typing import Final

import click
import pytest

from smoothbox.cli.commands import COMMANDS, LazyGroup
from smoothbox.cli.exits import STATUSES
from smoothbox.cli.formatter import EXAMPLE
from smoothbox.cli.main import root
from tests.cli.conftest import Smoothbox
from tests.cli.process import CHECKOUT

Words = tuple[str, ...]

SERVER: Final = {"tornado", "aiosqlite", "cryptography", "asyncio"}
BOX: Final = {"sqlite3", "msgspec", "smoothbox.store", "smoothbox.operations", "smoothbox.settings", "smoothbox.cli.session"}


def every_command(group: click.Group = root, words: Words = ()) -> dict[Words, click.Command]:
    """All commands and groups there are, by the words that call them."""
    found: dict[Words, click.Command] = {}
    for name in group.list_commands(click.Context(group)):
        command = group.get_command(click.Context(group), name)
        assert command is not None
        found[*words, name] = command
        if isinstance(command, click.Group):
            found |= every_command(command, (*words, name))
    return found


ALL: Final = {(): root} | every_command()
GROUPS: Final = {words: command for words, command in ALL.items() if isinstance(command, click.Group)}
LAZY: Final = {words: command for words, command in GROUPS.items() if isinstance(command, LazyGroup)}


def of(chosen: Iterable[Words]) -> pytest.MarkDecorator:
    """A test that is run for each of these."""
    return pytest.mark.parametrize("words", chosen, ids=lambda words: " ".join(("smoothbox", *words)))


each_command = of(ALL)


def paragraphs(words: Words) -> list[str]:
    """The help as its author wrote it."""
    return inspect.cleandoc(ALL[words].help or "").split("\n\n")


def examples(words: Words) -> list[str]:
    """The command lines that it shows."""
    lines = (line for paragraph in paragraphs(words) for line in paragraph.splitlines())
    return [line.removeprefix(EXAMPLE) for line in lines if line.startswith(EXAMPLE)]


def called_by(line: str) -> Words:
    """Which command a line calls; the files it names are made here. Raises click.UsageError where Click would refuse it."""
    program, *rest = shlex.split(line)
    assert program == "smoothbox"
    rest = rest[: next((at for at, word in enumerate(rest) if word in {">", "|"}), len(rest))]
    for word in rest:
        if Path(word).suffix and Path(word).name == word:
            Path(word).touch()
    called: list[str] = []
    with ExitStack() as contexts:
        context = contexts.enter_context(root.make_context("smoothbox", rest))
        while isinstance(context.command, click.Group):
            name, command, rest = context.command.resolve_command(context, [*context._protected_args, *context.args])
            assert name is not None
            assert command is not None
            called.append(name)
            context = contexts.enter_context(command.make_context(name, rest, parent=context))
    return tuple(called)


def modules_after(*words: str) -> set[str]:
    """What a fresh process has imported once it has answered."""
    code = f"""\
import sys
from smoothbox.cli.main import root
try: root.main({list(words)!r}, prog_name="smoothbox")
except SystemExit as end: assert not end.code, end.code
print(*sys.modules, file=sys.stderr)"""
    ended = subprocess.run([sys.executable, "-c", code], cwd=CHECKOUT, capture_output=True, text=True, check=True)
    return set(ended.stderr.split())


def test_help_names_every_command_and_every_exit_status(bare: Smoothbox) -> None:
    said = " ".join(bare.done("--help").out.split())
    for word in (*COMMANDS, *COMMANDS.values(), *(f"{status} {meaning}" for status, meaning in STATUSES.items())):
        assert word in said


@of(LAZY)
def test_the_table_of_a_group_says_what_each_command_says_of_itself(words: Words) -> None:
    for name, sentence in LAZY[words].table.items():
        command = ALL[*words, name]
        assert command.name == name
        assert (command.help or "").startswith(sentence)


@each_command
def test_every_command_explains_itself_and_its_options(bare: Smoothbox, words: Words) -> None:
    said = bare.done(*words, "--help").out
    assert said.startswith(f"Usage: smoothbox {' '.join(words)}")
    assert all(option.help for option in ALL[words].params if isinstance(option, click.Option))


@each_command
def test_every_command_says_what_it_does_then_what_there_is_to_know_of_it_then_an_example(words: Words) -> None:
    summary, *rest, last = paragraphs(words)
    assert summary.endswith((".", "?"))
    assert rest, "It does not say what it leaves alone."
    assert last.startswith(EXAMPLE)


@each_command
@pytest.mark.usefixtures("bare")
def test_every_example_is_a_command_line_of_that_command_which_click_takes(words: Words) -> None:
    for line in examples(words):
        assert called_by(line)[: len(words)] == words, line


def test_an_example_with_an_option_that_is_not_there_would_be_found() -> None:
    assert called_by("smoothbox --json tenant list > tenants.json") == ("tenant", "list")
    for line in ("smoothbox tenant list --jsn", "smoothbox tenant lst", "smoothbox tenant show"):
        with pytest.raises(click.UsageError):
            called_by(line)


@pytest.mark.parametrize("columns", [78, 98])
@each_command
def test_help_breaks_lines_where_one_can_read_on(words: Words, columns: int) -> None:
    lines = click.Context(ALL[words], info_name=" ".join(("smoothbox", *words)), terminal_width=columns).get_help().split("\n")
    whole = [f"  {EXAMPLE}{line}" for line in examples(words)]
    assert set(whole) <= set(lines)
    for line in lines:
        assert line in whole or len(line) <= columns
        assert not line.endswith(("-", "\b"))


@of(GROUPS)
def test_help_on_a_group_imports_neither_a_server_nor_cryptography(words: Words) -> None:
    assert not SERVER & modules_after(*words, "--help")


@of(LAZY)
def test_help_on_a_group_with_a_table_imports_nothing_that_belongs_to_a_box(words: Words) -> None:
    assert not BOX & modules_after(*words, "--help")

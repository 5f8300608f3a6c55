"""Completion, asked as shells ask: by the script that the program prints, run in the real shell."""

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.cli.conftest import Smoothbox
from tests.cli.process import CHECKOUT

BASH = """\
source {script}
COMP_WORDS=({words}); COMP_CWORD={last}
{function} smoothbox
printf '%s\\n' "${{COMPREPLY[@]}}"
"""
FISH = "source {script}\ncomplete -C {line!r}\n"
ZSH = """\
compdef() {{ }}
_describe() {{ print -rl -- $completions_with_descriptions }}
compadd() {{ print -rl -- $completions }}
source {script}
words=({words}); CURRENT=$(({last} + 1))
{function} || true  # it ends with a condition
"""


@dataclass(frozen=True)
class Shells:
    """Shells in which `smoothbox` is this checkout."""

    smoothbox: Smoothbox
    folder: Path

    def offered(self, line: str, shell: str = "bash") -> list[str]:
        """What a press of Tab at the end of a line offers."""
        path = self.folder / f"completion.{shell}"
        path.write_text(self.smoothbox.done("completion", shell).out)
        *words, last = line.split(" ")
        asked = {"bash": BASH, "zsh": ZSH, "fish": FISH}[shell].format(
            script=path, words=" ".join([*words, last or "''"]), last=len(words), line=line, function="_smoothbox_completion"
        )
        said = self.run([shell, *(["--norc"] if shell == "bash" else ["-f"] if shell == "zsh" else []), "-c", asked])
        return said.split("\n")[:-1] if said.strip() else []

    def run(self, command: list[str], extra: Mapping[str, str] | None = None) -> str:
        """What it prints; nothing may be complained of."""
        environment = os.environ | {"PATH": f"{self.folder}:{os.environ['PATH']}", "HOME": str(self.folder)} | (extra or {})
        ended = subprocess.run(
            command, cwd=self.folder, env=environment, capture_output=True, text=True, timeout=60, check=True
        )
        assert ended.stderr == ""
        return ended.stdout


@pytest.fixture
def shells(smoothbox: Smoothbox, tmp_path: Path) -> Shells:
    folder = tmp_path / "home"
    folder.mkdir()
    program = folder / "smoothbox"
    program.write_text(f'#!/bin/sh\nPYTHONPATH={CHECKOUT} exec {sys.executable} -m smoothbox "$@"\n')
    program.chmod(0o755)
    (folder / "data").symlink_to(smoothbox.data_dir)
    return Shells(smoothbox, folder)


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("smoothbox te", ["tenant"]),
        ("smoothbox token r", ["rotate", "revoke"]),
        ("smoothbox tenant create acme --na", ["--name"]),
        ("smoothbox completion ", ["bash", "zsh", "fish"]),
        ("smoothbox tenant show ", ["acme", "rival"]),
        ("smoothbox tenant migrate acme r", ["rival"]),
        ("smoothbox webhook list a", ["acme"]),
        ("smoothbox --data-dir ~/data token create r", ["rival"]),
        ("smoothbox tenant create a", []),
        ("smoothbox tenant rename acme a", []),
        ("smoothbox tennant show a", []),
    ],
)
def test_bash_completes_commands_options_choices_and_slugs(shells: Shells, line: str, offered: list[str]) -> None:
    assert shells.offered(line) == offered


@pytest.mark.skipif(shutil.which("fish") is None, reason="no fish here")
def test_fish_completes_with_whole_descriptions(shells: Shells) -> None:
    assert shells.offered("smoothbox te", "fish") == [
        "tenant\tCreate, change and remove tenants, and apply their catalogues.",
    ]
    assert shells.offered("smoothbox tenant show r", "fish") == ["rival\tRival"]


@pytest.mark.skipif(shutil.which("zsh") is None, reason="no zsh here")
def test_zsh_completes_with_descriptions(shells: Shells) -> None:
    assert shells.offered("smoothbox tenant s", "zsh") == ["show:Show a tenant and how much its files hold."]
    assert shells.offered("smoothbox tenant show r", "zsh") == ["rival:Rival"]


def test_a_press_of_tab_where_there_is_no_sound_box_offers_nothing_and_says_nothing(shells: Shells) -> None:
    assert shells.offered("smoothbox --data-dir nowhere tenant show ") == []
    assert not (shells.folder / "nowhere").exists()
    broken = shells.folder / "broken"
    broken.mkdir()
    subprocess.run(["sh", "-c", "echo no database > box.db"], cwd=broken, check=True)  # this process may not open it
    assert shells.offered("smoothbox --data-dir broken tenant show ") == []


def test_a_press_of_tab_brings_no_registry_up_to_date(shells: Shells) -> None:
    registry = sqlite3.connect(shells.folder / "data" / "box.db")
    registry.execute("PRAGMA user_version = 1")
    before = sorted(shells.smoothbox.data_dir.iterdir())
    assert shells.offered("smoothbox tenant show a") == ["acme"]
    assert registry.execute("PRAGMA user_version").fetchone() == (1,)
    registry.close()
    assert sorted(shells.smoothbox.data_dir.iterdir()) == before


def test_completing_a_command_imports_none(shells: Shells) -> None:
    code = """\
import atexit, sys
atexit.register(lambda: print(*sys.modules))
from smoothbox.cli.main import main
main()"""
    asked = {"_SMOOTHBOX_COMPLETE": "bash_complete", "COMP_WORDS": "smoothbox tenant ", "COMP_CWORD": "2"}
    said = shells.run([sys.executable, "-c", code], asked | {"PYTHONPATH": str(CHECKOUT)}).split()
    assert "plain,show" in said
    assert "smoothbox.cli.groups" in said
    assert not {"smoothbox.cli.tenant", "smoothbox.cli.session", "smoothbox.store", "click.testing"} & set(said)


def test_the_script_comes_as_json_too(bare: Smoothbox) -> None:
    answer = bare.json("completion", "bash")
    assert answer["shell"] == "bash"
    assert answer["script"].startswith("_smoothbox_completion() {")

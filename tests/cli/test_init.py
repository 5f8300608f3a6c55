"""`smoothbox init`."""

import json
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Smoothbox
from tests.cli.process import run


def test_it_makes_a_box_and_says_what_to_do_next(bare: Smoothbox) -> None:
    ended = bare.done("init")
    assert ended.err.startswith(f"Made a box in {bare.data_dir}.\nNext: smoothbox --data-dir {bare.data_dir} tenant create")
    assert {path.name for path in bare.data_dir.iterdir()} >= {"box.db", "keyring"}


def test_again_it_changes_nothing_and_says_so(bare: Smoothbox) -> None:
    assert bare.json("init")["created"] is True
    keyring = (bare.data_dir / "keyring").read_bytes()
    assert bare.json("init")["created"] is False
    assert bare.done("init").err == f"{bare.data_dir} holds a box already.\n"
    assert (bare.data_dir / "keyring").read_bytes() == keyring


def test_an_init_that_was_killed_is_finished_by_the_next(bare: Smoothbox) -> None:
    bare.done("init")
    keyring = (bare.data_dir / "keyring").read_bytes()
    (bare.data_dir / "box.db").unlink()
    assert bare.json("init")["created"] is True
    assert (bare.data_dir / "keyring").read_bytes() == keyring


def test_a_box_that_lost_its_keyring_is_not_given_another(bare: Smoothbox) -> None:
    bare.done("init")
    (bare.data_dir / "keyring").unlink()
    ended = bare("init")
    assert ended.status == 1
    assert "put it back from where you keep it" in ended.err
    assert not (bare.data_dir / "keyring").exists()


def test_all_that_it_makes_belongs_to_its_owner_alone(tmp_path: Path) -> None:
    data = ("--data-dir", str(tmp_path / "data"))
    assert run(*data, "init").returncode == 0
    assert run(*data, "tenant", "create", "acme", "--name", "A", "--timezone", "UTC", "--currency", "EUR").returncode == 0
    made = [tmp_path / "data", *(tmp_path / "data").rglob("*")]
    assert len(made) > 5
    for path in made:
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path


@pytest.mark.parametrize("words", [("tenant", "list"), ("status",), ("serve",), ("token", "list", "acme")])
def test_every_other_command_names_init_where_there_is_no_box(bare: Smoothbox, words: tuple[str, ...]) -> None:
    ended = bare("--json", *words)
    assert ended.status == 4
    assert ended.complaint == {
        "error": "not_found",
        "message": f"There is no box in {bare.data_dir}. "
        "If it is elsewhere, say where by --data-dir or SMOOTHBOX_DATA_DIR; the hint makes a new one.",
        "hint": f"smoothbox --data-dir {bare.data_dir} init",
    }
    assert not bare.data_dir.exists()


def test_a_box_of_a_newer_program_is_refused(smoothbox: Smoothbox) -> None:
    code = f"import sqlite3; sqlite3.connect({str(smoothbox.data_dir / 'box.db')!r}).execute('PRAGMA user_version = 99')"
    subprocess.run([sys.executable, "-c", code], check=True)
    ended = smoothbox("--json", "tenant", "list")
    assert ended.status == 1
    assert "newer smoothbox" in ended.complaint["message"]
    assert json.loads(ended.err)["error"] == "unavailable"


def test_a_box_that_is_no_database_is_refused(bare: Smoothbox) -> None:
    bare.done("init")
    (bare.data_dir / "other").write_bytes(b"no database at all" * 1000)
    (bare.data_dir / "other").replace(bare.data_dir / "box.db")
    ended = bare("tenant", "list")
    assert ended.status == 1
    assert f"{bare.data_dir / 'box.db'} cannot be opened" in ended.err

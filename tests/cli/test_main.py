"""What all commands have in common: JSON, usage errors, exit statuses. Their help: test_help.py."""

import json
from pathlib import Path

import pytest

from smoothbox.cli import tenant
from smoothbox.cli.exits import STATUS_OF_CODE, STATUSES
from smoothbox.errors import SENTENCES, Problem
from tests.cli.conftest import Smoothbox
from tests.cli.process import run


def test_without_a_command_it_shows_the_help_and_ends_2(bare: Smoothbox) -> None:
    nothing = run()
    assert (nothing.returncode, nothing.stdout) == (2, "")
    assert nothing.stderr.startswith("Usage: smoothbox")
    assert bare("tenant").err.startswith("Usage: smoothbox tenant")
    assert bare("--json", "tenant").complaint["error"] == "usage"


@pytest.mark.parametrize(
    ("words", "message", "hint"),
    [
        (("tenat",), "No such command 'tenat'. Did you mean 'tenant'?", "smoothbox --help"),
        (("--yess", "status"), "No such option '--yess'. Did you mean '--yes'?", "smoothbox --help"),
        (("tenant", "show"), "Missing argument 'SLUG'.", "smoothbox tenant show --help"),
        (("status", "--json"), "No such option '--json'.", "--json stands before the command: smoothbox --json …"),
    ],
)
def test_a_usage_error_says_what_would_be_right_also_in_json(
    bare: Smoothbox, words: tuple[str, ...], message: str, hint: str
) -> None:
    ended = bare("--json", *words)
    assert ended.status == 2
    assert ended.complaint == {"error": "usage", "message": message, "hint": hint}
    if "--json" not in words:
        assert bare(*words).err == f"Error: {message}\nHint: {hint}\n"


def test_a_variable_asks_for_json_too(bare: Smoothbox) -> None:
    assert bare("nonsense", env={"SMOOTHBOX_JSON": "1"}).complaint["error"] == "usage"


def test_every_error_code_has_an_exit_status_that_the_help_lists() -> None:
    assert set(STATUS_OF_CODE) == set(SENTENCES)
    assert set(STATUS_OF_CODE.values()) <= set(STATUSES)


def test_a_defect_is_said_in_one_line_and_shown_whole_with_v(smoothbox: Smoothbox, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("a bug")

    monkeypatch.setattr(tenant.tenants, "list_all", broken)
    ended = smoothbox("--json", "tenant", "list")
    assert ended.status == 1
    assert ended.complaint["error"] == "internal_error"
    assert ended.complaint["message"] == "RuntimeError: a bug"
    assert "Traceback" not in smoothbox("tenant", "list").err
    assert "Traceback" in smoothbox("-v", "tenant", "list").err


def test_an_interrupt_ends_130(smoothbox: Smoothbox, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(tenant.tenants, "list_all", interrupted)
    ended = smoothbox("tenant", "list")
    assert (ended.status, ended.err.strip()) == (130, "Error: Interrupted.")


def test_a_folder_that_cannot_be_made_is_named(bare: Smoothbox, tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file")
    ended = bare("init")
    assert ended.status == 1
    assert str(tmp_path / "data") in ended.err
    assert "Traceback" not in ended.err


def test_quiet_says_nothing_but_answers_and_errors(smoothbox: Smoothbox) -> None:
    ended = smoothbox.done("-q", "tenant", "disable", "acme")
    assert (ended.out, ended.err) == ("", "")
    assert smoothbox("-q", "tenant", "show", "nobody").err.startswith("Error: ")


def test_json_says_nothing_on_standard_error_unless_it_fails(smoothbox: Smoothbox) -> None:
    for words in (("status",), ("token", "create", "acme", "--name", "n", "--test", "--all-scopes"), ("tenant", "list")):
        ended = smoothbox.done("--json", *words)
        json.loads(ended.out)
        assert ended.err == ""


def test_a_failure_of_the_files_keeps_its_sentence(smoothbox: Smoothbox, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise Problem("unavailable", details={"retry_after": 1})

    monkeypatch.setattr(tenant.tenants, "list_all", full)
    ended = smoothbox("tenant", "list")
    assert (ended.status, ended.err) == (1, f"Error: {SENTENCES['unavailable']}\n")

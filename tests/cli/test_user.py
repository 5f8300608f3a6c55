"""`smoothbox user …`: who may open a console, by link or by password."""

import os
import pty
import subprocess

import pytest

from smoothbox.operations import passwords, people
from smoothbox.store.folder import DataFolder, open_box
from smoothbox.store.people import Person
from tests.box import StillClock
from tests.cli.conftest import Smoothbox
from tests.cli.process import PROGRAM

PASSWORD = "correct horse battery"


def person(smoothbox: Smoothbox, name: str) -> Person:
    with open_box(DataFolder(smoothbox.data_dir), StillClock()) as registry:
        return registry.read(people.find, name)


def piped(smoothbox: Smoothbox, given: str, *words: str) -> subprocess.CompletedProcess[str]:
    command = [*PROGRAM, "--data-dir", str(smoothbox.data_dir), *words]
    return subprocess.run(command, input=given, capture_output=True, text=True, timeout=60, check=False)


def typed_when_asked(prompts: list[bytes], *words: str) -> bytes:
    """Run a command on a terminal that forgets what is typed before it asks; all that the terminal showed."""
    ours, theirs = pty.openpty()
    shown = b""
    with subprocess.Popen([*PROGRAM, *words], stdin=theirs, stdout=theirs, stderr=theirs) as process:
        os.close(theirs)
        for prompt in prompts:
            while prompt not in shown:
                shown += os.read(ours, 1024)
            os.write(ours, f"{PASSWORD}\n".encode())
        assert process.wait(timeout=60) == 0
    os.close(ours)
    return shown


def test_somebody_is_let_in_by_link(smoothbox: Smoothbox) -> None:
    assert smoothbox.json("user", "create", "acme", "Jane")["has_password"] is False
    made = smoothbox.json("user", "login-link", "jane", "--lasts", "1h")
    assert made["url"].startswith("http://127.0.0.1:8080/console/login/")
    assert made["seconds"] == 3600
    assert smoothbox.json("user", "login-link", "jane")["url"] != made["url"]


def test_links_carry_the_address_that_the_settings_name(smoothbox: Smoothbox, monkeypatch: pytest.MonkeyPatch) -> None:
    smoothbox.json("user", "create", "acme", "Jane")
    monkeypatch.setenv("SMOOTHBOX_SERVER_PUBLIC_URL", "https://book.example.com/")
    assert smoothbox.json("user", "login-link", "jane")["url"].startswith("https://book.example.com/console/login/")


def test_a_name_is_used_once_on_a_box_in_any_case(smoothbox: Smoothbox) -> None:
    smoothbox.done("user", "create", "acme", "Jane")
    refused = smoothbox("--json", "user", "create", "rival", " JANE ")
    assert refused.status == 5
    assert refused.complaint["error"] == "conflict"


@pytest.mark.parametrize("name", ["", "  ", "x" * 101, "a\nb"])
def test_a_name_is_something_to_read(smoothbox: Smoothbox, name: str) -> None:
    assert smoothbox("--json", "user", "create", "acme", name).status == 2


def test_whom_nobody_knows_is_said_with_the_command_that_helps(smoothbox: Smoothbox) -> None:
    refused = smoothbox("user", "login-link", "nobody")
    assert refused.status == 4
    assert "user list" in refused.err


def test_a_password_is_typed_twice_or_comes_as_a_line(smoothbox: Smoothbox) -> None:
    words = ("--data-dir", str(smoothbox.data_dir), "user", "create", "acme", "Jane", "--password")
    shown = typed_when_asked([b"Password: ", b"Repeat for confirmation: "], *words)
    assert PASSWORD.encode() not in shown
    assert passwords.matches(PASSWORD, person(smoothbox, "jane").password)
    assert piped(smoothbox, "another long one\n", "user", "set-password", "jane").returncode == 0
    assert passwords.matches("another long one", person(smoothbox, "jane").password)


def test_a_password_is_kept_as_argon2id_alone(smoothbox: Smoothbox) -> None:
    piped(smoothbox, PASSWORD + "\n", "user", "create", "acme", "Jane", "--password")
    kept = person(smoothbox, "jane").password
    assert kept is not None
    assert kept.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert PASSWORD not in kept


def test_a_short_password_is_refused_and_nobody_is_made(smoothbox: Smoothbox) -> None:
    refused = piped(smoothbox, "short\n", "user", "create", "acme", "Jane", "--password")
    assert refused.returncode == 2
    assert "10 to 200 characters" in refused.stderr
    assert smoothbox.json("user", "list", "acme") == []


def test_a_password_can_be_taken_away(smoothbox: Smoothbox) -> None:
    piped(smoothbox, PASSWORD + "\n", "user", "create", "acme", "Jane", "--password")
    assert smoothbox.json("user", "set-password", "jane", "--none")["has_password"] is False


def test_who_is_removed_is_gone_and_the_name_is_free(smoothbox: Smoothbox) -> None:
    smoothbox.done("user", "create", "acme", "Jane")
    smoothbox.done("user", "remove", "jane")
    assert smoothbox.json("user", "list", "acme") == []
    smoothbox.done("user", "create", "rival", "Jane")
    assert [each["name"] for each in smoothbox.json("user", "list", "rival")] == ["Jane"]

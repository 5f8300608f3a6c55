"""What `smoothbox doctor` finds of the data folder as a tree of files."""

import os
import subprocess
import time
from pathlib import Path

import pytest

from tests.cli.conftest import Smoothbox
from tests.cli.doctor.planting import examined, in_shell, mended, plants, the_one
from tests.cli.process import serving

HOURS = 3600


@plants("permissions")
@pytest.mark.parametrize(
    ("name", "wrong", "right"),
    [
        ("keyring", 0o644, 0o600),
        ("tls/key.pem", 0o640, 0o600),
        ("tenants/acme/live.db", 0o660, 0o600),
        ("tenants/acme", 0o755, 0o700),
        (".", 0o750, 0o700),
    ],
)
def test_what_others_get_at_is_closed_to_them(smoothbox: Smoothbox, name: str, wrong: int, right: int) -> None:
    smoothbox.done("cert", "create")
    path = smoothbox.data_dir / name
    path.chmod(wrong)
    found = the_one(smoothbox, "permissions")
    assert (found["where"], found["message"]) == (str(path), f"Its mode is {wrong:04o}.")
    mended(smoothbox, "permissions")
    assert path.stat().st_mode & 0o777 == right


def test_the_settings_and_files_of_others_may_be_open(smoothbox: Smoothbox) -> None:
    (smoothbox.data_dir / "smoothbox.toml").write_text("[log]\nlevel = 'info'\n")
    (smoothbox.data_dir / "smoothbox.toml").chmod(0o644)
    (smoothbox.data_dir / "lost+found").mkdir(0o755)
    assert examined(smoothbox) == []


@plants("owner")
@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_what_belongs_to_another_user_is_given_to_the_one_who_has_the_folder(smoothbox: Smoothbox) -> None:
    path = smoothbox.data_dir / "tenants" / "acme" / "test.db"
    os.chown(path, 65534, 65534)
    found = the_one(smoothbox, "owner")
    assert (found["where"], "It belongs to user 65534" in found["message"]) == (str(path), True)
    in_shell(found, "chown")
    assert examined(smoothbox) == []


@plants("leftover")
@pytest.mark.parametrize(
    "name",
    [".12ab.unfinished/live.db", "tenants/.12ab.unfinished/live.db", "backups/.2027-01-04T08-00-00Z.unfinished/box.sqlite"],
)
def test_what_an_interrupted_command_left_is_removed_once_it_is_old(smoothbox: Smoothbox, name: str) -> None:
    file = smoothbox.data_dir / name
    file.parent.mkdir(parents=True, mode=0o700)
    (smoothbox.data_dir / "backups").mkdir(exist_ok=True)
    for folder in (file.parent, file.parent.parent):
        folder.chmod(0o700)
    subprocess.run(["/bin/sh", "-c", 'umask 077; : > "$0"', str(file)], check=True)
    assert examined(smoothbox) == []  # somebody may be at work
    grow_old(file.parent)
    assert examined(smoothbox) == []  # on a long file
    grow_old(file)
    found = the_one(smoothbox, "leftover")
    assert found["where"] == str(file.parent)
    mended(smoothbox, "leftover")
    assert not file.parent.exists()


@pytest.mark.parametrize("name", ["keyring.new", "serve.tmp", ".box.unfinished", "tenants/acme/.live.sqlite.1a.unfinished"])
def test_single_files_are_left_behind_too(smoothbox: Smoothbox, name: str) -> None:
    path = smoothbox.data_dir / name
    path.touch(0o600)
    grow_old(path)
    assert the_one(smoothbox, "leftover")["where"] == str(path)
    mended(smoothbox, "leftover")


def grow_old(path: Path) -> None:
    os.utime(path, (time.time() - 2 * HOURS,) * 2)


@plants("serve_stale")
@pytest.mark.parametrize("pid", [2**22, os.getpid()], ids=["a pid that nobody has", "a pid that another program has by now"])
def test_a_server_that_was_killed_is_forgotten(smoothbox: Smoothbox, pid: int) -> None:
    announcement = smoothbox.data_dir / "serve.json"
    announcement.touch(0o600)
    announcement.write_text(f'{{"pid": {pid}, "url": "http://127.0.0.1:8080"}}\n')
    assert the_one(smoothbox, "serve_stale")["where"] == str(announcement)
    assert smoothbox.json("status")["running"] is False
    mended(smoothbox, "serve_stale")
    assert not announcement.exists()


def test_one_that_was_really_killed_is_too(smoothbox: Smoothbox) -> None:
    with serving("--data-dir", str(smoothbox.data_dir), "serve", "--port", "0") as (process, _):
        assert examined(smoothbox) == []
        process.kill()
        process.wait(timeout=60)
        the_one(smoothbox, "serve_stale")
        mended(smoothbox, "serve_stale")

"""`smoothbox backup`: made beside writers, listed, read again, and removed when they are old."""

import json
import os
import shutil
import sqlite3
import threading
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from smoothbox.store.copies import checksum
from smoothbox.store.folder import hold_lock
from tests.cli.conftest import Smoothbox


@pytest.fixture
def made(smoothbox: Smoothbox) -> Path:
    """A backup of a box with two tenants."""
    return Path(smoothbox.json("backup", "create")["path"])


def files_in(backup: Path) -> list[str]:
    return sorted(str(path.relative_to(backup)) for path in backup.rglob("*") if path.is_file())


def manifest_of(backup: Path) -> dict[str, Any]:
    return json.loads((backup / "manifest.json").read_bytes())


def rewrite(backup: Path, **changes: Any) -> None:
    (backup / "manifest.json").write_text(json.dumps(manifest_of(backup) | changes))


def test_a_backup_has_every_file_and_says_what_each_is(smoothbox: Smoothbox, made: Path) -> None:
    assert made.parent == smoothbox.data_dir / "backups"
    tenants = [f"tenants/{slug}/{mode}.sqlite" for slug in ("acme", "rival") for mode in ("live", "test")]
    assert files_in(made) == ["box.sqlite", "manifest.json", *tenants]
    said = manifest_of(made)
    assert said["tenants"] == {"acme": "acme", "rival": "rival"}
    assert {each["path"]: each["sha256"] for each in said["files"]} == {
        name: checksum(made / name) for name in files_in(made) if name != "manifest.json"
    }
    assert said["files"][0]["counts"] == {"services": 0, "resources": 0, "customers": 0, "bookings": 0}


def test_the_keyring_is_left_out_unless_it_is_asked_for(smoothbox: Smoothbox) -> None:
    plain = smoothbox.done("backup", "create")
    assert "The keyring is not in it" in plain.err
    asked = smoothbox.json("backup", "create", "--with-keyring")
    assert asked["keyring"] is True
    copied = Path(asked["path"]) / "keyring"
    assert copied.read_bytes() == (smoothbox.data_dir / "keyring").read_bytes()


def test_two_backups_of_one_second_have_two_names_in_their_order(smoothbox: Smoothbox) -> None:
    names = [smoothbox.json("backup", "create")["name"] for _ in range(3)]
    assert len(set(names)) == 3
    assert [each["name"] for each in smoothbox.json("backup", "list")] == names[::-1]


def test_a_backup_beside_a_writer_is_of_one_moment(smoothbox: Smoothbox) -> None:
    path = smoothbox.data_dir / "tenants" / "acme" / "live.db"
    stop = threading.Event()

    def write() -> None:
        with closing(sqlite3.connect(path, isolation_level=None, timeout=10)) as file:
            number = 0
            while not stop.is_set():
                number += 1
                file.execute("BEGIN IMMEDIATE")
                for _ in range(2):  # two rows a commit: no copy has an odd number
                    file.execute("INSERT INTO series (recurrence, created_at) VALUES (?, '')", (str(number),))
                file.execute("COMMIT")

    thread = threading.Thread(target=write)
    thread.start()
    try:
        paths = [Path(smoothbox.json("backup", "create")["path"]) for _ in range(5)]
    finally:
        stop.set()
        thread.join()
    counts = []
    for backup in paths:
        with closing(sqlite3.connect(backup / "tenants/acme/live.sqlite")) as file:
            counts.append(file.execute("SELECT count(*) FROM series").fetchone()[0])
        assert smoothbox.json("backup", "verify", str(backup))["sound"] is True
    assert counts == sorted(counts)
    assert not any(count % 2 for count in counts)
    assert counts[-1] > 0


def test_a_file_that_cannot_be_copied_is_named_and_the_others_are_there(smoothbox: Smoothbox) -> None:
    (smoothbox.data_dir / "tenants" / "acme" / "live.db").unlink()
    ended = smoothbox("--json", "backup", "create")
    assert ended.status == 1
    assert "acme/live: " in ended.complaint["message"]
    assert "is missing" in ended.complaint["message"]
    (listed,) = smoothbox.json("backup", "list")
    assert listed["complete"] is False
    assert "tenants/rival/live.sqlite" in files_in(Path(listed["path"]))
    refused = smoothbox("backup", "verify")
    assert refused.status == 4
    assert "no complete backup" in refused.err


def test_a_sound_backup_is_said_to_be_sound(smoothbox: Smoothbox, made: Path) -> None:
    assert f"{made} is sound: all 5 files" in smoothbox.done("backup", "verify").err
    assert smoothbox.json("backup", "verify", made.name)["sound"] is True


def tear(backup: Path) -> None:
    path = backup / "tenants/acme/live.sqlite"
    path.write_bytes(path.read_bytes()[:-4096])


def flip(backup: Path) -> None:
    path = backup / "tenants/acme/live.sqlite"
    data = bytearray(path.read_bytes())
    data[5000] ^= 1
    path.write_bytes(data)


def lose(backup: Path) -> None:
    (backup / "tenants/acme/live.sqlite").unlink()


def link_elsewhere(backup: Path) -> None:
    path = backup / "tenants/acme/live.sqlite"
    path.rename(backup.parent / "elsewhere.sqlite")
    path.symlink_to(backup.parent / "elsewhere.sqlite")


@pytest.mark.parametrize(
    ("harm", "said"), [(tear, "checksum"), (flip, "checksum"), (lose, "missing"), (link_elsewhere, "missing")]
)
def test_a_backup_that_was_harmed_names_the_file(smoothbox: Smoothbox, made: Path, harm: Any, said: str) -> None:
    harm(made)
    ended = smoothbox("backup", "verify", made.name)
    assert ended.status == 1
    assert said in ended.err
    assert "tenants/acme/live.sqlite" in ended.err


def test_a_manifest_that_is_torn_foreign_or_sly_is_refused(smoothbox: Smoothbox, made: Path) -> None:
    whole = (made / "manifest.json").read_bytes()
    entry = manifest_of(made)["files"][0]
    outside = [entry | {"path": "../../../etc/passwd"}]
    sly = [entry | {"folder": "..", "path": "tenants/../live.sqlite"}]
    for text, said in (
        (whole[: len(whole) // 2], "is damaged"),
        (b"\xff\xfe", "is damaged"),
        (json.dumps(manifest_of(made) | {"format": 2}).encode(), "newer smoothbox"),
        (json.dumps(manifest_of(made) | {"files": outside}).encode(), "strange file"),
        (json.dumps(manifest_of(made) | {"files": sly}).encode(), "strange file"),
    ):
        (made / "manifest.json").write_bytes(text)
        ended = smoothbox("backup", "verify", made.name)
        assert ended.status == 1
        assert said in ended.err
    assert smoothbox.json("backup", "list")[0]["damage"]
    assert "damaged" in smoothbox.done("backup", "list").out


def test_old_ones_are_removed_and_those_that_are_not_complete_save_none(smoothbox: Smoothbox) -> None:
    names = [smoothbox.json("backup", "create")["name"] for _ in range(4)]
    rewrite(smoothbox.data_dir / "backups" / names[3], missing=[{"folder": "acme", "mode": "live", "reason": ""}])
    removed = smoothbox.json("backup", "prune", "--keep", "2")
    assert [Path(path).name for path in removed] == [names[0]]
    assert [each["name"] for each in smoothbox.json("backup", "list")] == [names[3], names[2], names[1]]
    assert smoothbox.json("backup", "prune", "--keep", "2") == []


def test_a_backup_that_was_killed_leaves_nothing_that_counts(smoothbox: Smoothbox, made: Path) -> None:
    left = made.parent / ".2020-01-01T00-00-00Z.unfinished"
    shutil.copytree(made, left)
    assert len(smoothbox.json("backup", "list")) == 1
    smoothbox.done("backup", "create")
    assert not left.exists()


def test_two_at_a_time_are_refused(smoothbox: Smoothbox, made: Path) -> None:
    with hold_lock(made.parent / ".lock", "test"):
        ended = smoothbox("backup", "create")
    assert ended.status == 5
    assert f"Another backup is being made in {made.parent}: pid {os.getpid()}" in ended.err


def test_without_a_box_and_without_backups_it_says_so(bare: Smoothbox) -> None:
    assert bare("backup", "create").status == 4
    assert bare.json("backup", "list") == []
    assert bare("backup", "verify").status == 4


def test_the_directory_may_be_set_and_may_be_said(smoothbox: Smoothbox, tmp_path: Path) -> None:
    (smoothbox.data_dir / "smoothbox.toml").write_text(f'[backup]\ndirectory = "{tmp_path / "set"}"\n')
    assert Path(smoothbox.json("backup", "create")["path"]).parent == tmp_path / "set"
    said = smoothbox.json("backup", "create", "--directory", str(tmp_path / "said"))
    assert Path(said["path"]).parent == tmp_path / "said"

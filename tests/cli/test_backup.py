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
from smoothbox.store.folder import DataFolder, hold_lock
from smoothbox.upkeep.backups import _Copying
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
        (json.dumps(manifest_of(made) | {"files": [entry | {"size": 10**400}]}).encode(), "is damaged"),
        (json.dumps(manifest_of(made) | {"files": [entry | {"size": -1}]}).encode(), "is damaged"),
        (json.dumps(manifest_of(made) | {"x": None}).encode().replace(b"null", b"[" * 100_000), "is damaged"),
        (b" " * (64 * 2**20) + whole, "far too long"),
    ):
        (made / "manifest.json").write_bytes(text)
        ended = smoothbox("backup", "verify", made.name)
        assert ended.status == 1
        assert said in ended.err
    assert smoothbox.json("backup", "list")[0]["damage"]
    assert "damaged" in smoothbox.done("backup", "list").out


def test_a_manifest_tells_of_each_file_once(smoothbox: Smoothbox, made: Path, tmp_path: Path) -> None:
    """One that is left out would not be read by 'verify', nor missed by anybody."""
    whole = manifest_of(made)
    without_box = [each for each in whole["files"] if each["path"] != "box.sqlite"]
    missing = [{"folder": "acme", "mode": "live", "reason": "and yet there"}]
    for changes, said in (
        ({"files": without_box}, "box.sqlite"),
        ({"files": whole["files"][1:]}, "tenants/acme/live.sqlite"),
        ({"files": [*whole["files"], whole["files"][0]]}, "tenants/acme/live.sqlite"),
        ({"missing": missing}, "tenants/acme/live.sqlite"),
        ({"tenants": {"acme": "acme"}}, "tenants/rival/live.sqlite"),
    ):
        rewrite(made, **(whole | changes))
        for words in (("backup", "verify", made.name), ("restore", str(made), "--data-dir", str(tmp_path / "new"))):
            ended = smoothbox(*words)
            assert (ended.status, said in ended.err) == (1, True), ended.err
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("name", ["manifest.json", "box.sqlite", "tenants/acme/live.sqlite"])
def test_a_pipe_in_the_place_of_a_file_is_not_waited_for(smoothbox: Smoothbox, made: Path, name: str) -> None:
    (made / name).unlink()
    os.mkfifo(made / name)
    ended = smoothbox("backup", "verify", made.name)
    assert (ended.status, name in ended.err) == (1, True)
    smoothbox.done("backup", "list")


def test_a_view_in_the_place_of_a_table_is_not_counted(smoothbox: Smoothbox, made: Path) -> None:
    path = made / "tenants/acme/live.sqlite"
    with closing(sqlite3.connect(path, isolation_level=None)) as file:
        file.execute("CREATE VIEW endless AS WITH RECURSIVE r (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM r) SELECT x FROM r")
    files = manifest_of(made)["files"]
    files[0] |= {"sha256": checksum(path), "size": path.stat().st_size}
    rewrite(made, files=files)
    ended = smoothbox("backup", "verify", made.name)
    assert (ended.status, "live.sqlite is not as smoothbox makes its files: endless" in ended.err) == (1, True)


def test_odd_names_beside_backups_are_left_alone(smoothbox: Smoothbox, made: Path, tmp_path: Path) -> None:
    for name in ("2026-13-45T99-99-99Z", "2020-01-01T00-00-00Z.old", "notes"):
        (made.parent / name).mkdir()
    (made.parent / "2020-01-01T00-00-00Z").write_text("a file")
    (made.parent / ".photos.unfinished").mkdir()
    kept = tmp_path / "elsewhere"
    kept.mkdir()
    (made.parent / "2020-01-02T00-00-00Z").symlink_to(kept)
    (made.parent / "2020-01-03T00-00-00Z").mkdir()
    before = {path.name for path in made.parent.iterdir()}
    assert [each["name"] for each in smoothbox.json("backup", "list")][1:] == ["2020-01-03T00-00-00Z", "2020-01-02T00-00-00Z"]
    removed = smoothbox.json("backup", "prune", "--keep", "1")
    smoothbox.done("backup", "create")
    assert [Path(path).name for path in removed] == ["2020-01-02T00-00-00Z"]
    assert before - {path.name for path in made.parent.iterdir()} == {"2020-01-02T00-00-00Z"}
    assert kept.is_dir()


def test_what_a_wrong_clock_has_named_does_not_outlive_what_is_made_today(smoothbox: Smoothbox, made: Path) -> None:
    for name in ("2099-01-01T00-00-00Z", "2099-01-02T00-00-00Z"):
        shutil.copytree(made, made.parent / name)
    removed = smoothbox.json("backup", "prune", "--keep", "2")
    assert [Path(path).name for path in removed] == ["2099-01-01T00-00-00Z"]
    assert made.exists()


def test_a_tenant_that_is_deleted_meanwhile_leaves_nothing_in_the_backup(
    smoothbox: Smoothbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    watched = _Copying._copy_of

    def copied(copying: _Copying, slugs: dict[str, str]) -> None:
        watched(copying, slugs)
        with closing(sqlite3.connect(smoothbox.data_dir / "box.db")) as box:
            box.execute("UPDATE tenant SET status = 'DELETED' WHERE slug = 'acme'")
            box.commit()

    monkeypatch.setattr(_Copying, "_copy_of", copied)
    made = Path(smoothbox.json("backup", "create")["path"])
    assert files_in(made) == ["box.sqlite", "manifest.json", "tenants/rival/live.sqlite", "tenants/rival/test.sqlite"]
    smoothbox.done("backup", "verify", made.name)


def test_it_is_not_put_among_the_files_of_the_tenants(smoothbox: Smoothbox) -> None:
    refused = smoothbox("backup", "create", "--directory", str(smoothbox.data_dir / "tenants" / "acme"))
    assert (refused.status, "keep backups elsewhere" in refused.err) == (5, True)


def test_keys_are_not_replaced_while_a_backup_takes_them_along(smoothbox: Smoothbox) -> None:
    """Else what was sealed with the old ones would lie beside the new ones."""
    folder = DataFolder(smoothbox.data_dir)
    with folder.keys_kept():
        smoothbox.done("backup", "create", "--with-keyring")
        assert smoothbox("keys", "rotate").status == 5
    with folder.keys_replaced():
        assert smoothbox("backup", "create", "--with-keyring").status == 5
        smoothbox.done("backup", "create")


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

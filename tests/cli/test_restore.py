"""`smoothbox restore`: a whole box, or one tenant of it, and backups that cannot be relied on."""

import shlex
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from smoothbox.clock import Clock
from smoothbox.ids import Mode
from smoothbox.keyring_file import load_keyring
from smoothbox.store import fence
from smoothbox.store.copies import checksum
from smoothbox.store.folder import DataFolder, hold_folder, open_tenant
from smoothbox.upkeep import restoring
from tests.cli.conftest import Smoothbox
from tests.cli.test_backup import flip, lose, manifest_of, rewrite, tear
from tests.cli.test_tenant_migrate import make_old


@pytest.fixture
def furnished(smoothbox: Smoothbox, catalogue: Path) -> Smoothbox:
    """The box with a catalogue, a token, a person and a webhook of acme, and one token of rival."""
    smoothbox.done("tenant", "apply", "acme", str(catalogue))
    for slug in ("acme", "rival"):
        smoothbox.done("token", "create", slug, "--name", f"{slug} crm", "--live", "--all-scopes")
    smoothbox.done("user", "create", "acme", "jane@example.com")
    smoothbox.done("webhook", "create", "acme", "--url", "https://example.com/hook", "--events", "booking.*", "--live")
    return smoothbox


@pytest.fixture
def backup(furnished: Smoothbox) -> Path:
    return Path(furnished.json("backup", "create")["path"])


def secret_in(data_dir: Path, folder: str, mode: Mode = "live") -> str:
    """The secret of the first webhook, opened with the keyring of the box."""
    keyring = load_keyring(data_dir / "keyring")
    with open_tenant(DataFolder(data_dir), folder, mode, Clock()) as data:
        sealed = data.read(lambda tx: tx.value("SELECT secret FROM endpoint ORDER BY id LIMIT 1"))
    return keyring.vault(folder, mode).open(sealed, "endpoint/1/secret").decode()


def marks(data_dir: Path) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(data_dir / "box.db")) as box:
        return box.execute("SELECT tenant_id, mode, due_at FROM data_file ORDER BY 1, 2").fetchall()


def dump(path: Path) -> str:
    """All that a database holds, in an order that does not depend on how it came there."""
    with closing(sqlite3.connect(path)) as file:
        return "\n".join(sorted(file.iterdump()))


def everything_in(folder: Path) -> dict[str, str]:
    """Each file with its checksum; of databases what they hold, for their bytes are SQLite's own."""
    found = {}
    for path in sorted(folder.rglob("*")):
        if path.suffix == ".db":
            found[str(path)] = dump(path)
        elif path.is_file() and path.name != "box.db-journal":
            found[str(path)] = checksum(path)
    return found


def test_a_whole_box_is_put_into_an_empty_folder(furnished: Smoothbox, backup: Path, tmp_path: Path) -> None:
    restored = Smoothbox(tmp_path / "new")
    said = furnished.json("restore", str(backup), "--data-dir", str(restored.data_dir))
    assert (said["tenants"], said["keyring"]) == (["acme", "rival"], False)
    for words in (("tenant", "list"), ("token", "list", "acme"), ("user", "list", "acme"), ("tenant", "show", "acme")):
        assert restored.json(*words) == furnished.json(*words)
    for mode in ("live", "test"):
        name = f"tenants/acme/{mode}.db"
        assert dump(furnished.data_dir / name) == dump(restored.data_dir / name)
    assert {path.name for path in restored.data_dir.iterdir()} - {"box.db-journal"} == {"box.db", "tenants"}


def test_the_server_will_look_at_every_restored_file(furnished: Smoothbox, backup: Path, tmp_path: Path) -> None:
    furnished.done("restore", str(backup), "--data-dir", str(tmp_path / "new"))
    assert [(mode, due) for _, mode, due in marks(tmp_path / "new")] == [("live", 0), ("test", 0)] * 2


def test_without_the_keyring_it_says_what_to_do_and_with_it_secrets_open(
    furnished: Smoothbox, backup: Path, tmp_path: Path
) -> None:
    without = furnished.done("restore", str(backup), "--data-dir", str(tmp_path / "a"))
    assert f"Copy yours to {tmp_path / 'a' / 'keyring'}" in without.err
    (tmp_path / "b").mkdir()
    furnished.done("keys", "export", "--output", str(tmp_path / "b" / "keyring"))
    furnished.done("restore", str(backup), "--data-dir", str(tmp_path / "b"))
    assert secret_in(tmp_path / "b", "acme") == secret_in(furnished.data_dir, "acme")
    whole = furnished.json("backup", "create", "--with-keyring")["path"]
    furnished.done("restore", whole, "--data-dir", str(tmp_path / "c"))
    assert secret_in(tmp_path / "c", "acme") == secret_in(furnished.data_dir, "acme")


def test_a_keyring_that_lies_there_stays_and_that_it_is_another_is_said(furnished: Smoothbox, tmp_path: Path) -> None:
    whole = furnished.json("backup", "create", "--with-keyring")["path"]
    for name, is_another in (("a", False), ("b", True)):
        (tmp_path / name).mkdir()
        furnished.done("keys", "export", "--output", str(tmp_path / name / "keyring"))
        own = (tmp_path / name / "keyring").read_bytes()
        said = furnished.done("restore", whole, "--data-dir", str(tmp_path / name))
        assert ("The keyring that lay there stays; that of the backup is another one" in said.err) is is_another
        assert (tmp_path / name / "keyring").read_bytes() == own
        furnished.done("keys", "rotate")


def test_a_damaged_file_is_replaced_too(furnished: Smoothbox, backup: Path, tmp_path: Path) -> None:
    (tmp_path / "text").write_text("no database" * 1000)
    (tmp_path / "text").replace(furnished.data_dir / "tenants/acme/live.db")
    furnished.done("--yes", "restore", str(backup), "--tenant", "acme", "--replace")
    assert secret_in(furnished.data_dir, "acme")


def test_a_dry_run_writes_nothing(furnished: Smoothbox, backup: Path, tmp_path: Path) -> None:
    said = furnished.done("restore", str(backup), "--data-dir", str(tmp_path / "new"), "--dry-run")
    assert "is sound, and would be restored" in said.err
    assert not (tmp_path / "new").exists()
    before = everything_in(furnished.data_dir)
    furnished.done("restore", str(backup), "--tenant", "acme", "--as", "again", "--dry-run")
    assert everything_in(furnished.data_dir) == before


def test_a_folder_that_is_not_empty_is_left_alone(furnished: Smoothbox, backup: Path, tmp_path: Path) -> None:
    refused = furnished("restore", str(backup))
    assert refused.status == 5
    assert "There is a box in" in refused.err
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "letter.txt").touch()
    refused = furnished("restore", str(backup), "--data-dir", str(tmp_path / "full"))
    assert (refused.status, "letter.txt" in refused.err) == (5, True)


@pytest.mark.parametrize("harm", [tear, flip, lose])
def test_a_backup_that_cannot_be_relied_on_is_refused_whole(
    furnished: Smoothbox, backup: Path, tmp_path: Path, harm: Any
) -> None:
    harm(backup)
    before = everything_in(furnished.data_dir)
    for words in (
        ("--data-dir", str(tmp_path / "new")),
        ("--tenant", "acme", "--as", "again"),
        ("--tenant", "rival", "--as", "r"),
    ):
        ended = furnished("restore", str(backup), *words)
        assert ended.status == 1
        assert "tenants/acme/live.sqlite" in ended.err
        assert "nothing was written" in ended.err
    assert not (tmp_path / "new").exists()
    assert everything_in(furnished.data_dir) == before


def test_what_is_no_backup_is_not_found(furnished: Smoothbox, tmp_path: Path) -> None:
    assert furnished("restore", str(tmp_path)).status == 4
    assert furnished("restore", str(tmp_path / "nothing")).status == 4


def test_a_failure_on_the_way_leaves_an_empty_folder(
    furnished: Smoothbox, backup: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device", "box")

    monkeypatch.setattr("smoothbox.upkeep.restoring.open_direct", full)
    ended = furnished("restore", str(backup), "--data-dir", str(tmp_path / "new"))
    assert (ended.status, "No space left" in ended.err) == (1, True)
    assert list((tmp_path / "new").iterdir()) == []
    monkeypatch.undo()
    furnished.done("restore", str(backup), "--data-dir", str(tmp_path / "new"))


def test_what_a_restore_left_that_was_killed_is_in_nobodys_way(furnished: Smoothbox, backup: Path, tmp_path: Path) -> None:
    new = tmp_path / "new"
    (new / "tenants" / "acme").mkdir(parents=True)
    (new / "half").write_text("half")
    (new / "half").rename(new / "tenants" / "acme" / "live.db")
    refused = furnished("restore", str(backup), "--data-dir", str(new))
    assert (refused.status, "tenants" in refused.err) == (5, True)  # of a box that lost its registry, for all we know
    for name in (".box.unfinished", ".box.unfinished-journal", "..box.unfinished.0a1b2c3d.unfinished"):
        (new / name).write_text("half")
    furnished.done("restore", str(backup), "--data-dir", str(new))
    assert dump(new / "tenants/acme/live.db") == dump(furnished.data_dir / "tenants/acme/live.db")
    assert {path.name for path in new.iterdir()} - {"box.db-journal"} == {"box.db", "tenants"}


def test_two_do_not_restore_into_one_folder_at_once(furnished: Smoothbox, backup: Path, tmp_path: Path) -> None:
    (tmp_path / "new").mkdir()
    with hold_folder(tmp_path / "new", ""):
        assert furnished("restore", str(backup), "--data-dir", str(tmp_path / "new")).status == 5
    assert list((tmp_path / "new").iterdir()) == []


def test_a_backup_of_a_newer_program_is_refused_by_name(furnished: Smoothbox, backup: Path, tmp_path: Path) -> None:
    files = manifest_of(backup)["files"]
    files[0]["schema"] = 999
    rewrite(backup, files=files)
    refused = furnished("restore", str(backup), "--data-dir", str(tmp_path / "new"))
    assert refused.status == 1
    assert f"{backup / files[0]['path']} is of schema 999, written by a newer smoothbox" in refused.err
    assert not (tmp_path / "new").exists()


def test_a_tenant_that_was_resumed_while_the_backup_was_made_is_not_half_paused(furnished: Smoothbox, tmp_path: Path) -> None:
    """Its files are copied before the registry."""
    furnished.done("tenant", "pause", "rival")
    with open_tenant(DataFolder(furnished.data_dir), "acme", "live", Clock()) as data:
        data.write(fence.put_up)
    made = furnished.json("backup", "create")["path"]
    furnished.done("restore", made, "--data-dir", str(tmp_path / "new"))
    for slug, is_up in (("acme", False), ("rival", True)):
        with open_tenant(DataFolder(tmp_path / "new"), slug, "live", Clock()) as data:
            assert data.read(fence.is_up) is is_up


def test_a_paused_tenant_is_still_paused_when_it_is_put_back(furnished: Smoothbox, backup: Path) -> None:
    furnished.done("tenant", "pause", "acme")
    furnished.done("--yes", "restore", str(backup), "--tenant", "acme", "--replace")
    with open_tenant(DataFolder(furnished.data_dir), "acme", "live", Clock()) as data:
        assert data.read(fence.is_up)
    furnished.done("tenant", "resume", "acme")


def test_an_incomplete_backup_gives_what_it_has_and_says_what_it_has_not(smoothbox: Smoothbox, tmp_path: Path) -> None:
    (smoothbox.data_dir / "tenants" / "acme" / "live.db").unlink()
    smoothbox("backup", "create")
    (listed,) = smoothbox.json("backup", "list")
    said = smoothbox.done("restore", listed["path"], "--data-dir", str(tmp_path / "new"))
    assert "Not in the backup: acme/live" in said.err
    assert (tmp_path / "new" / "tenants" / "rival" / "live.db").exists()
    refused = smoothbox("restore", listed["path"], "--tenant", "acme", "--as", "again")
    assert (refused.status, "does not hold all files of 'acme'" in refused.err) == (1, True)


def test_one_tenant_comes_back_beside_the_others_after_it_was_deleted(furnished: Smoothbox, backup: Path) -> None:
    secret, shown = secret_in(furnished.data_dir, "acme"), furnished.json("tenant", "show", "acme")
    rival = everything_in(furnished.data_dir / "tenants" / "rival")
    furnished.done("--yes", "tenant", "delete", "acme")
    said = furnished.json("restore", str(backup), "--tenant", "acme")
    assert said | {"secrets": 1, "secrets_lost": 0, "tokens": 1, "people": 1, "tokens_left": [], "people_left": []} == said
    assert [each["status"] for each in furnished.json("token", "list", "acme")] == ["active"]
    assert [each["name"] for each in furnished.json("user", "list", "acme")] == ["jane@example.com"]
    again = furnished.json("tenant", "show", "acme")
    assert again | {"created_at": ""} == shown | {"created_at": ""}
    assert secret_in(furnished.data_dir, "acme.2") == secret
    assert everything_in(furnished.data_dir / "tenants" / "rival") == rival


def test_tokens_and_people_that_the_box_has_already_stay_where_they_are(furnished: Smoothbox, backup: Path) -> None:
    said = furnished.json("restore", str(backup), "--tenant", "acme", "--as", "yesterday")
    assert (said["tokens"], said["tokens_left"], said["people_left"]) == (0, ["acme crm"], ["jane@example.com"])
    assert len(furnished.json("token", "list", "acme")) == 1
    assert furnished.json("token", "list", "yesterday") == []


def test_a_taken_slug_is_refused_with_the_way_out(furnished: Smoothbox, backup: Path) -> None:
    before = everything_in(furnished.data_dir)
    refused = furnished("restore", str(backup), "--tenant", "acme")
    assert refused.status == 5
    assert "--as ANOTHER-SLUG" in refused.err
    assert furnished("restore", str(backup), "--tenant", "nobody").status == 4
    assert furnished("restore", str(backup), "--tenant", "acme", "--as", "No Slug").status == 2
    assert everything_in(furnished.data_dir) == before


def test_a_tenant_is_put_back_in_its_place_and_what_it_had_is_kept(furnished: Smoothbox, backup: Path) -> None:
    furnished.done("--yes", "tenant", "apply", "acme", str(_other_catalogue(furnished)))
    furnished.done("token", "create", "acme", "--name", "newer", "--live", "--all-scopes")
    assert furnished("restore", str(backup), "--tenant", "acme", "--replace").status == 2  # nobody can be asked
    said = furnished.json("--yes", "restore", str(backup), "--tenant", "acme", "--replace")
    with open_tenant(DataFolder(furnished.data_dir), "acme", "live", Clock()) as data:
        assert data.read(lambda tx: tx.value("SELECT name FROM business")) == "Acme Barbers"
    with closing(sqlite3.connect(Path(said["replaced"]) / "live.db")) as kept:
        assert kept.execute("SELECT name FROM business").fetchone() == ("Other",)
    assert [each["name"] for each in furnished.json("token", "list", "acme")] == ["acme crm", "newer"]
    assert secret_in(furnished.data_dir, "acme")


def test_it_is_put_back_twice_in_one_second_and_after_its_folder_was_lost(furnished: Smoothbox, backup: Path) -> None:
    words = ("--yes", "restore", str(backup), "--tenant", "acme", "--replace")
    kept = [furnished.json(*words)["replaced"] for _ in range(2)]
    assert len(set(kept)) == 2
    shutil.rmtree(furnished.data_dir / "tenants" / "acme")
    furnished.done(*words)
    assert secret_in(furnished.data_dir, "acme")


def test_what_was_in_the_log_of_a_file_stays_with_the_file_that_is_put_aside(furnished: Smoothbox, backup: Path) -> None:
    path = furnished.data_dir / "tenants/acme/live.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as killed:
        killed.execute("PRAGMA wal_autocheckpoint = 0")
        killed.execute("UPDATE business SET name = 'In the log'")
        subprocess.run(["cp", "-r", str(path.parent), str(path.parent.with_name("left"))], check=True)
    shutil.rmtree(path.parent)
    path.parent.with_name("left").rename(path.parent)
    assert path.with_name("live.db-wal").stat().st_size
    said = furnished.json("--yes", "restore", str(backup), "--tenant", "acme", "--replace")
    with closing(sqlite3.connect(Path(said["replaced"]) / "live.db")) as kept:
        assert kept.execute("SELECT name FROM business").fetchone() == ("In the log",)


def test_a_tenant_that_is_deleted_meanwhile_is_not_put_back(
    furnished: Smoothbox, backup: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = restoring.open_tenant

    def delete_and_open(folder: DataFolder, *rest: Any) -> Any:
        with closing(sqlite3.connect(folder.box)) as box:
            box.execute("UPDATE tenant SET status = 'DELETED' WHERE slug = 'acme'")
            box.commit()
        shutil.rmtree(folder.tenant("acme"), ignore_errors=True)
        return original(folder, *rest)

    monkeypatch.setattr(restoring, "open_tenant", delete_and_open)
    refused = furnished("--yes", "restore", str(backup), "--tenant", "acme", "--replace")
    assert refused.status == 4
    assert [path.name for path in (furnished.data_dir / "tenants").iterdir()] == ["rival"]


def test_the_way_out_can_be_pasted_whatever_the_path_is_called(furnished: Smoothbox, backup: Path) -> None:
    odd = backup.rename(backup.with_name("my box's"))
    refused = furnished("restore", str(odd), "--tenant", "acme")
    _, words = refused.err.split("Hint: smoothbox ")
    assert shlex.split(words)[3] == str(odd)


def _other_catalogue(smoothbox: Smoothbox) -> Path:
    path = smoothbox.data_dir / "other.toml"
    path.write_text('[business]\nname = "Other"\ntimezone = "UTC"\ncurrency = "EUR"\n')
    return path


def test_nothing_is_replaced_under_a_server(furnished: Smoothbox, backup: Path) -> None:
    before = everything_in(furnished.data_dir)
    with DataFolder(furnished.data_dir).without_server():
        refused = furnished("--yes", "restore", str(backup), "--tenant", "acme", "--replace")
    assert (refused.status, "A server has this data folder" in refused.err) == (5, True)
    assert {**everything_in(furnished.data_dir), **before} == everything_in(furnished.data_dir)


def test_a_backup_of_an_older_program_is_brought_up_to_date(furnished: Smoothbox, backup: Path, tmp_path: Path) -> None:
    old = backup / "tenants/acme/live.sqlite"
    make_old(tmp_path / "old.db", 1)
    (tmp_path / "old.db").replace(old)
    files = manifest_of(backup)["files"]
    for entry in files:
        if entry["path"] == "tenants/acme/live.sqlite":
            entry |= {"sha256": checksum(old), "size": old.stat().st_size, "schema": 1}
    rewrite(backup, files=files)
    furnished.done("restore", str(backup), "--tenant", "acme", "--as", "older")
    assert furnished.json("tenant", "migrate", "older") == {"up_to_date": 2, "migrated": 0, "failed": []}
    assert sorted(path.name for path in (furnished.data_dir / "tenants/older").iterdir()) == ["live.db", "test.db"]


def test_a_slip_of_options_is_told(furnished: Smoothbox, backup: Path) -> None:
    for words in (("--as", "x"), ("--replace",), ("--tenant", "acme", "--as", "x", "--replace")):
        assert furnished("restore", str(backup), *words).status == 2

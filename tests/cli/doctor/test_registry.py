"""What `smoothbox doctor` finds of the registry, the keyring, and the tenants as a whole."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from smoothbox.store.migrate import BOX, migrations
from tests.cli.conftest import Smoothbox
from tests.cli.doctor.planting import data_file, examined, follow, in_shell, mended, opened, plants, the_one

NEWEST = len(migrations(BOX))
LONG_AGO = "2026-01-01T00:00:00.000000Z"


def registry(box: Smoothbox) -> Path:
    return box.data_dir / "box.db"


def overwritten(path: Path, at: int, length: int, *, filling: bytes = b"\xa5") -> None:
    """Bytes of a database that nobody has open, overwritten: under another name, since this process opens none."""
    other = path.with_suffix(".bytes")
    path.rename(other)
    data = bytearray(other.read_bytes())
    data[at : at + length] = filling * len(data[at : at + length])
    other.write_bytes(data)
    other.rename(path)


@plants("keyring_missing")
def test_a_lost_keyring_comes_back_from_a_backup_that_has_it(smoothbox: Smoothbox) -> None:
    smoothbox.done("backup", "create", "--with-keyring")
    smoothbox.done("backup", "create")
    keyring = smoothbox.data_dir / "keyring"
    before = keyring.read_bytes()
    keyring.unlink()
    found = the_one(smoothbox, "keyring_missing")
    assert found["where"] == str(keyring)
    in_shell(found, "install")
    assert keyring.read_bytes() == before
    assert examined(smoothbox) == []


def test_without_one_a_new_keyring_is_made(smoothbox: Smoothbox) -> None:
    (smoothbox.data_dir / "keyring").unlink()
    found = the_one(smoothbox, "keyring_missing")
    assert found["fix"].startswith("Put it back from where you keep it")
    follow(smoothbox, found)
    assert examined(smoothbox) == []


@plants("keyring_broken")
@pytest.mark.parametrize(
    "content", ["", "{", '{"keys": []}', '{"keys": [{"id": "1", "created_at": "", "aes256": "", "ed25519": ""}]}']
)
def test_a_keyring_that_is_none_is_moved_away_first(smoothbox: Smoothbox, content: str) -> None:
    keyring = smoothbox.data_dir / "keyring"
    keyring.write_text(content)
    found = the_one(smoothbox, "keyring_broken")
    assert (found["where"], "no keyring" in found["message"]) == (str(keyring), True)
    in_shell(found, "mv ")
    assert keyring.with_name("keyring.broken").read_text() == content
    assert examined(smoothbox) == []


def test_a_keyring_that_cannot_be_read_is_not_called_broken(smoothbox: Smoothbox) -> None:
    keyring = smoothbox.data_dir / "keyring"
    keyring.unlink()
    keyring.mkdir()
    found = the_one(smoothbox, "unread")
    assert (found["where"], "mv " in found["fix"]) == (str(keyring), False)


def lose(path: Path) -> None:
    path.unlink()


def empty(path: Path) -> None:
    other = path.with_suffix(".bytes")
    path.unlink()
    other.touch(0o600)
    other.rename(path)


def scribble(path: Path) -> None:
    overwritten(path, 4096, 4096)


def replace(path: Path) -> None:
    overwritten(path, 0, 100)


def confuse(path: Path) -> None:
    """A database of somebody else."""
    path.unlink()
    with opened(path) as file:
        file.execute("CREATE TABLE letter (id)")
        file.execute("PRAGMA user_version = 1")
    path.chmod(0o600)


Harm = Callable[[Path], None]
HARMS = [lose, empty, scribble, replace, confuse]


@plants("registry_damaged")
@pytest.mark.parametrize("harm", HARMS)
def test_a_lost_registry_comes_back_and_the_tenants_keep_what_they_have(smoothbox: Smoothbox, harm: Harm) -> None:
    smoothbox.done("backup", "create")
    with opened(data_file(smoothbox)) as file:
        file.execute("UPDATE business SET name = 'since the backup'")
    harm(registry(smoothbox))
    found = the_one(smoothbox, "registry_damaged")
    assert found["where"] == str(registry(smoothbox))
    in_shell(found, "mkdir" if harm is not lose else "install")
    assert examined(smoothbox) == []
    assert smoothbox.json("tenant", "show", "acme")["slug"] == "acme"
    with opened(data_file(smoothbox)) as file:
        assert file.execute("SELECT name FROM business").fetchone() == ("since the backup",)


def test_without_a_backup_nothing_is_promised(smoothbox: Smoothbox) -> None:
    lose(registry(smoothbox))
    found = the_one(smoothbox, "registry_damaged")
    assert found["command"] is None
    assert "No complete backup" in found["fix"]


@plants("registry_behind")
def test_a_registry_of_an_older_program_is_brought_up_to_date(smoothbox: Smoothbox) -> None:
    grow_older(registry(smoothbox))
    found = the_one(smoothbox, "registry_behind")
    assert found["message"] == f"It is of schema {NEWEST - 1}, the program's is {NEWEST}."
    mended(smoothbox, "registry_behind")
    assert registry(smoothbox).with_name(f"box.schema-{NEWEST - 1}.sqlite").exists()


def grow_older(path: Path) -> None:
    """The registry as the program before this one had it."""
    with opened(path) as file:
        file.execute("ALTER TABLE tenant DROP COLUMN paused_at")
        file.execute("DELETE FROM schema_migration WHERE number = 4")
        file.execute("PRAGMA user_version = 3")


@plants("registry_ahead")
def test_a_registry_of_a_newer_program_goes_back_to_its_snapshot(smoothbox: Smoothbox) -> None:
    grow_older(registry(smoothbox))
    mended(smoothbox, "registry_behind")
    with opened(registry(smoothbox)) as file:
        file.execute(f"PRAGMA user_version = {NEWEST + 1}")
    found = the_one(smoothbox, "registry_ahead")
    assert found["message"] == f"It is of schema {NEWEST + 1}, the program's is {NEWEST}."
    assert "snapshot" in found["fix"]
    registry(smoothbox).with_name(f"box.schema-{NEWEST - 1}.sqlite").rename(registry(smoothbox))
    mended(smoothbox, "registry_behind")


@plants("folder_unknown")
def test_a_folder_that_no_tenant_has_may_be_removed(smoothbox: Smoothbox) -> None:
    stranger = smoothbox.data_dir / "tenants" / "stranger"
    subprocess.run(["cp", "-rp", smoothbox.data_dir / "tenants" / "acme", stranger], check=True)
    found = the_one(smoothbox, "folder_unknown")
    assert (found["where"], found["message"]) == (str(stranger), "The registry has never heard of it.")
    in_shell(found, "rm -r")
    assert examined(smoothbox) == []


def test_of_a_tenant_that_was_deleted_it_says_so(smoothbox: Smoothbox, tmp_path: Path) -> None:
    folder = smoothbox.data_dir / "tenants" / "rival"
    subprocess.run(["cp", "-rp", folder, tmp_path / "kept"], check=True)
    smoothbox.done("--yes", "tenant", "delete", "rival")
    (tmp_path / "kept").rename(folder)  # as if it had been interrupted
    assert the_one(smoothbox, "folder_unknown")["message"] == "Its tenant was deleted."


@plants("paused")
def test_a_tenant_that_was_left_paused_is_found_after_an_hour(smoothbox: Smoothbox) -> None:
    smoothbox.done("tenant", "pause", "acme")
    assert examined(smoothbox) == []
    with opened(registry(smoothbox)) as file:
        file.execute("UPDATE tenant SET paused_at = ? WHERE slug = 'acme'", (LONG_AGO,))
    found = the_one(smoothbox, "paused")
    assert (found["where"], LONG_AGO in found["message"]) == ("acme", True)
    follow(smoothbox, found)
    assert examined(smoothbox) == []

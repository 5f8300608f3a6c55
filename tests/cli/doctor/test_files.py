"""What `smoothbox doctor` finds of data files as files: gone, blank, damaged, locked, of another schema."""

from pathlib import Path

import pytest

from smoothbox.store import connection
from smoothbox.store.migrate import TENANT, migrations
from tests.cli.conftest import Smoothbox
from tests.cli.doctor.planting import Found, data_file, examined, follow, furnish, mended, opened, plants, the_one
from tests.cli.doctor.test_registry import HARMS, Harm, confuse, empty, lose, overwritten
from tests.cli.process import serving
from tests.cli.test_tenant_migrate import make_old, schema_of

NEWEST = len(migrations(TENANT))
CODES = {lose: "file_missing", empty: "file_blank", confuse: "file_blank"}


@pytest.fixture
def backed_up(smoothbox: Smoothbox) -> Smoothbox:
    """A box with a backup, of which there is also one that is not complete, and newer."""
    furnish(smoothbox)
    smoothbox.done("backup", "create")
    return smoothbox


def restored(box: Smoothbox, code: str, path: Path) -> Found:
    """Found, put back from the backup by the command that was offered, and gone."""
    found = the_one(box, code)
    assert found["where"] == str(path)
    (backup,) = (box.data_dir / "backups").glob("2*")
    assert f"restore {backup} --tenant acme --replace" in found["command"]
    follow(box, found)
    assert examined(box) == []
    assert schema_of(path)[0] == NEWEST
    return found


@plants("file_missing", "file_blank", "file_damaged")
@pytest.mark.parametrize("harm", HARMS)
def test_a_file_that_is_lost_comes_back_from_the_newest_backup(backed_up: Smoothbox, harm: Harm) -> None:
    path = data_file(backed_up)
    harm(path)
    restored(backed_up, CODES.get(harm, "file_damaged"), path)


def test_a_torn_file_is_damaged(backed_up: Smoothbox) -> None:
    path = data_file(backed_up, "test")
    other = path.with_suffix(".bytes")
    path.rename(other)
    other.write_bytes(other.read_bytes()[: 20 * 4096 + 100])
    other.rename(path)
    restored(backed_up, "file_damaged", path)


@pytest.mark.parametrize("words", [(), ("--quick",)])
def test_every_page_may_be_the_damaged_one(backed_up: Smoothbox, words: tuple[str, ...]) -> None:
    path = data_file(backed_up)
    size = path.stat().st_size
    for page in (1, 5, size // 4096 // 2, size // 4096 - 1):
        overwritten(path, page * 4096, 512)
        assert the_one(backed_up, "file_damaged", *words)["where"] == str(path)


def test_a_row_that_refers_to_nothing_is_damage(backed_up: Smoothbox) -> None:
    path = data_file(backed_up)
    with opened(path) as file:
        file.execute("INSERT INTO time_off (resource_id, start_at, end_at) VALUES (77, 0, 60)")
    found = restored(backed_up, "file_damaged", path)
    assert "row 1 of time_off refers to a resource that is not there" in found["message"]


def test_a_file_of_another_kind_is_none_of_a_tenant(backed_up: Smoothbox) -> None:
    path = data_file(backed_up)
    (backed_up.data_dir / "box.db").rename(path)
    (backed_up.data_dir / "box.db").hardlink_to(path)
    assert the_one(backed_up, "file_blank")["where"] == str(path)


def test_without_a_backup_nothing_is_promised(smoothbox: Smoothbox) -> None:
    lose(data_file(smoothbox))
    found = the_one(smoothbox, "file_missing")
    assert (found["command"], "No complete backup" in found["fix"]) == (None, True)


@plants("unread")
@pytest.mark.parametrize("name", ["box.db", "tenants/acme/live.db"])
def test_a_file_that_somebody_keeps_locked_is_not_called_damaged(
    smoothbox: Smoothbox, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    smoothbox.done("backup", "create")
    monkeypatch.setattr(connection, "BUSY_TIMEOUT_MS", 100)
    with opened(smoothbox.data_dir / name) as file:
        file.execute("PRAGMA locking_mode = EXCLUSIVE")
        file.execute("BEGIN EXCLUSIVE")
        file.execute("CREATE TABLE x (y)")
        found = the_one(smoothbox, "unread")
        assert (found["where"], "is locked" in found["message"]) == (str(smoothbox.data_dir / name), True)
        assert "restore" not in found["fix"]
        file.execute("ROLLBACK")
    assert examined(smoothbox) == []


@plants("schema_behind")
def test_a_file_of_an_older_schema_is_brought_up_to_date(smoothbox: Smoothbox) -> None:
    make_old(data_file(smoothbox), 1)
    data_file(smoothbox).chmod(0o600)
    found = the_one(smoothbox, "schema_behind")
    assert (found["where"], found["severity"]) == (str(data_file(smoothbox)), "warning")
    assert found["message"] == f"It is of schema 1, the program's is {NEWEST}."
    mended(smoothbox, "schema_behind")
    assert schema_of(data_file(smoothbox)) == (NEWEST, "acme live")


def test_beside_a_server_that_is_left_to_the_server(smoothbox: Smoothbox) -> None:
    make_old(data_file(smoothbox), 1)
    data_file(smoothbox).chmod(0o600)
    with serving("--data-dir", str(smoothbox.data_dir), "serve", "--port", "0"):
        assert the_one(smoothbox, "schema_behind", "--fix")["fixable"] is False
    assert schema_of(data_file(smoothbox)) == (1, "acme live")


@plants("schema_ahead")
def test_a_file_of_a_newer_program_goes_back_to_its_snapshot(smoothbox: Smoothbox) -> None:
    path = data_file(smoothbox)
    make_old(path, NEWEST - 1)
    path.chmod(0o600)
    mended(smoothbox, "schema_behind")
    with opened(path) as file:
        file.execute(f"PRAGMA user_version = {NEWEST + 1}")
    found = the_one(smoothbox, "schema_ahead")
    assert (found["where"], found["message"]) == (str(path), f"It is of schema {NEWEST + 1}, the program's is {NEWEST}.")
    assert "live.schema-*.sqlite" in found["fix"]
    path.with_name(f"live.schema-{NEWEST - 1}.sqlite").rename(path)
    mended(smoothbox, "schema_behind")

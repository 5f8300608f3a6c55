"""`smoothbox doctor`: how it speaks, to people and to programs. What it finds is in the files beside this one."""

import sqlite3
from pathlib import Path

import pytest

from smoothbox.upkeep.doctor.findings import KINDS
from tests.cli.conftest import Smoothbox
from tests.cli.doctor import test_bookings, test_files, test_folder, test_machine, test_registry, test_webhooks  # noqa: F401
from tests.cli.doctor.planting import PLANTED, book, data_file, examined, furnish, judged, opened, unguarded
from tests.cli.process import run, run_on_terminal
from tests.cli.test_tenant_migrate import make_old

MINUTE = 60


def test_every_kind_of_finding_is_planted_by_some_test() -> None:
    assert KINDS.keys() == PLANTED


def test_a_box_without_fault_is_said_to_be_sound(smoothbox: Smoothbox) -> None:
    furnish(smoothbox)
    assert examined(smoothbox) == []
    ended = smoothbox("doctor")
    assert ended.status == 0
    assert "The box is sound." in ended.out
    assert "problem" not in ended.out


def test_a_box_without_tenants_is_sound_too(bare: Smoothbox) -> None:
    bare.done("init")
    assert examined(bare) == []


def test_where_there_is_no_box_it_says_how_to_make_one(bare: Smoothbox) -> None:
    ended = bare("doctor")
    assert ended.status == 4
    assert f"smoothbox --data-dir {bare.data_dir} init" in ended.err


def test_each_finding_has_the_same_fields(smoothbox: Smoothbox) -> None:
    smoothbox.data_dir.chmod(0o755)
    said = smoothbox("--json", "doctor").answer
    assert said.keys() == {"problems", "warnings", "findings", "fixed"}
    assert said["fixed"] == []
    for finding in said["findings"]:
        assert finding.keys() == {"code", "severity", "where", "message", "fix", "command", "fixable"}
    (found,) = (each for each in said["findings"] if each["code"] == "permissions")
    assert found == {
        "code": "permissions",
        "severity": "problem",
        "where": str(smoothbox.data_dir),
        "message": "Its mode is 0755.",
        "fix": f"smoothbox --data-dir {smoothbox.data_dir} doctor --fix",
        "command": f"smoothbox --data-dir {smoothbox.data_dir} doctor --fix",
        "fixable": True,
    }


def test_people_are_told_what_where_and_what_helps(smoothbox: Smoothbox) -> None:
    (smoothbox.data_dir / "keyring").chmod(0o644)
    ended = smoothbox("doctor")
    assert ended.status == 1
    *_, what, where, helps, end = ended.out.splitlines()
    assert what == "problem  Others than the owner may read or change what is in the data folder."
    assert where == f"         {smoothbox.data_dir / 'keyring'}: Its mode is 0644."
    assert helps == f"         → smoothbox --data-dir {smoothbox.data_dir} doctor --fix"
    assert end.startswith("The box is not sound: problems 1,")
    ended = smoothbox("doctor", "--fix")
    assert ended.status == 0
    assert "fixed    Others than the owner" in ended.out
    assert "The box is sound." in ended.out


def test_warnings_alone_are_no_failure(smoothbox: Smoothbox) -> None:
    (smoothbox.data_dir / "tenants" / "stranger").mkdir()
    ended = smoothbox("doctor")
    assert ended.status == 0
    assert "warning  A folder holds data files that no tenant has." in ended.out
    assert "The box is sound. Warnings: " in ended.out


def test_one_tenant_alone_can_be_looked_at(smoothbox: Smoothbox) -> None:
    data_file(smoothbox).unlink()
    assert examined(smoothbox, "--tenant", "rival") == []
    assert [each["code"] for each in examined(smoothbox, "--tenant", "acme", "--tenant", "acme")] == ["file_missing"]
    ended = smoothbox("--json", "doctor", "--tenant", "nobody")
    assert ended.status == 4
    assert "There is no tenant 'nobody'." in ended.complaint["message"]
    assert ended.complaint["hint"] == f"smoothbox --data-dir {smoothbox.data_dir} tenant list"


def test_a_quick_look_leaves_out_what_takes_long(smoothbox: Smoothbox) -> None:
    furnish(smoothbox)
    with opened(data_file(smoothbox)) as file:  # an index of something else than it says
        file.execute("PRAGMA writable_schema = ON")
        file.execute("UPDATE sqlite_schema SET sql = replace(sql, '(name_key)', '(category)') WHERE name = 'service_name'")
    assert examined(smoothbox, "--quick") == []
    assert [each["code"] for each in examined(smoothbox)] == ["file_damaged"]


def test_what_could_not_be_put_right_is_said(smoothbox: Smoothbox) -> None:
    make_old(data_file(smoothbox), 1)
    with opened(data_file(smoothbox)) as file:
        file.execute("CREATE TABLE endpoint (id INTEGER)")
    smoothbox.data_dir.chmod(0o755)
    ended = smoothbox("doctor", "--fix")
    assert f"Could not be mended: {data_file(smoothbox)}: table endpoint already exists" in ended.err
    assert "fixed    Others than the owner" in ended.out
    assert "warning  A data file is of an older schema." in ended.out


def test_a_bar_shows_how_far_it_is_on_a_terminal_only(smoothbox: Smoothbox) -> None:
    words = ("--data-dir", str(smoothbox.data_dir), "doctor")
    status, shown = run_on_terminal("", *words, environment={"TERM": "xterm"})
    assert status == 0
    assert "Looking" in shown
    assert "2/2" in shown
    assert run(*words).stderr == ""


SLY = "Ann\x1b[2J\r\nproblem  all is lost\x9b31m\u202e"


def test_what_is_in_the_files_does_not_steer_the_terminal(smoothbox: Smoothbox) -> None:
    furnish(smoothbox)
    with unguarded(data_file(smoothbox)) as file:
        book(smoothbox, 0)
        book(smoothbox, 10 * MINUTE)
        file.execute("UPDATE resource SET name = ?", (SLY,))
    (found,) = examined(smoothbox)
    assert SLY in found["message"]
    shown = smoothbox("doctor").out
    assert not any(sly in shown for sly in ("\x1b", "\r", "\x9b", "\u202e", "\nproblem  all"))
    assert "\\u001b[2J" in shown


def test_text_that_is_none_is_shown_all_the_same(smoothbox: Smoothbox) -> None:
    furnish(smoothbox)
    with unguarded(data_file(smoothbox)) as file:
        book(smoothbox, 0)
        book(smoothbox, 10 * MINUTE)
        file.execute("UPDATE resource SET name = CAST(x'ff41' AS TEXT)")
    (found,) = examined(smoothbox)
    assert (found["code"], "\ufffdA at 1970-01-01T00:10Z" in found["message"]) == ("overlap", True)


@pytest.mark.parametrize("name", ["box.db", "tenants/acme/live.db"])
def test_the_tables_of_litestream_are_no_fault(smoothbox: Smoothbox, name: str) -> None:
    path: Path = smoothbox.data_dir / name
    with opened(path) as file:
        assert file.execute("PRAGMA journal_mode = WAL").fetchone() == ("wal",)
        file.execute("CREATE TABLE _litestream_seq (id INTEGER PRIMARY KEY, seq INTEGER)")
        file.execute("CREATE TABLE _litestream_lock (id INTEGER)")
        file.execute("INSERT INTO _litestream_seq VALUES (1, 1)")
    assert examined(smoothbox) == []
    with opened(path) as file, pytest.raises(sqlite3.OperationalError, match="already exists"):
        file.execute("CREATE TABLE _litestream_lock (id INTEGER)")


def test_a_file_that_was_cut_off_from_its_writer_is_read_with_its_log(smoothbox: Smoothbox) -> None:
    with opened(data_file(smoothbox)) as file:
        file.execute("INSERT INTO series (recurrence, created_at) VALUES ('', '')")
        assert data_file(smoothbox).with_name("live.db-wal").stat().st_size
        assert judged(smoothbox("--json", "doctor")) == []

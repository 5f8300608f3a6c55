"""`smoothbox tenant migrate`: real files of older schemas, some of them broken, without a server and beside one."""

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest

from smoothbox.clock import Clock
from smoothbox.ids import Mode
from smoothbox.store import connection as plain
from smoothbox.store.connection import connect
from smoothbox.store.migrate import BOX, TENANT, migrate, migrations
from smoothbox.store.upgrade import upgrade
from tests.cli.conftest import Ended, Smoothbox
from tests.cli.process import run, run_on_terminal, serving

STAMP = "2026-12-01T09:00:00.000000Z"
NEWEST = len(migrations(TENANT))
Break = Callable[[Path], None]


def path_of(smoothbox: Smoothbox, slug: str, mode: Mode = "live") -> Path:
    return smoothbox.data_dir / "tenants" / slug / f"{mode}.db"


def all_paths(smoothbox: Smoothbox) -> list[Path]:
    return [path_of(smoothbox, slug, mode) for slug in ("acme", "rival") for mode in ("live", "test")]


def make_old(path: Path, schema: int) -> None:
    """A file as the program of that schema left it, in the place of the one that is there."""
    path.unlink(missing_ok=True)
    with closing(connect(path, "create", journal=TENANT.journal)) as file:
        for step in migrations(TENANT)[:schema]:
            for statement in step.statements:
                file.execute(statement)
            file.execute("INSERT INTO schema_migration VALUES (?, ?, ?)", (step.number, step.name, STAMP))
        file.execute(f"PRAGMA user_version = {schema}")
        file.execute(f"PRAGMA application_id = {TENANT.application_id}")
        columns = "id, name, timezone, currency, hours, created_at, updated_at"
        name = f"{path.parent.name} {path.stem}"
        file.execute(f"INSERT INTO business ({columns}) VALUES (1, ?, 'UTC', 'EUR', '[]', ?, ?)", (name, STAMP, STAMP))


def schema_of(path: Path) -> tuple[int, str]:
    """The schema of a file, and the name of its business."""
    with closing(sqlite3.connect(path)) as file:
        return file.execute("PRAGMA user_version").fetchone()[0], file.execute("SELECT name FROM business").fetchone()[0]


@pytest.fixture
def old_box(smoothbox: Smoothbox) -> Smoothbox:
    """A box whose data files are of schema 1 and of the one before the newest."""
    for path in all_paths(smoothbox):
        make_old(path, 1 if path.stem == "test" else NEWEST - 1)
    return smoothbox


def counts(ended: Ended) -> tuple[int, int, int]:
    return ended.answer["up_to_date"], ended.answer["migrated"], len(ended.answer["failed"])


def lose(path: Path) -> None:
    path.unlink()


def empty(path: Path) -> None:
    path.with_suffix(".new").write_bytes(b"")
    path.with_suffix(".new").replace(path)


def scribble(path: Path) -> None:
    path.with_suffix(".new").write_bytes(b"it only lies where a database should be" * 1000)
    path.with_suffix(".new").replace(path)


def tear(path: Path) -> None:
    """Leave the head of the file, and nothing of the rest."""
    path.rename(path.with_suffix(".torn"))
    torn = path.with_suffix(".torn").read_bytes()
    path.with_suffix(".torn").write_bytes(torn[:4096] + b"\xff" * (len(torn) - 4096))
    path.with_suffix(".torn").rename(path)


def come_from_the_future(path: Path) -> None:
    with closing(sqlite3.connect(path)) as file:
        file.execute("PRAGMA user_version = 999")


def be_foreign(path: Path) -> None:
    with closing(sqlite3.connect(path)) as file:
        file.execute("PRAGMA application_id = 1")


def be_a_registry(path: Path) -> None:
    path.unlink()
    with closing(connect(path, "create", journal=BOX.journal)) as file:
        migrate(file, BOX, 0.0)


def claim_the_last_migration(path: Path) -> None:
    """A record of it is there, and nothing of what it makes: it fails at its end."""
    with closing(sqlite3.connect(path)) as file:
        file.execute("INSERT INTO schema_migration VALUES (?, '', ?)", (NEWEST, STAMP))
        file.commit()


BREAKS: tuple[tuple[Break, str], ...] = (
    (lose, "is missing"),
    (empty, "is empty"),
    (scribble, "file is not a database"),
    (tear, "malformed"),
    (come_from_the_future, "schema 999, written by a newer smoothbox"),
    (be_foreign, "not a smoothbox tenant file"),
    (be_a_registry, "not a smoothbox tenant file"),
    (claim_the_last_migration, "UNIQUE constraint failed: schema_migration.number"),
)


def test_all_files_of_all_tenants_are_brought_up_to_date_and_keep_what_they_hold(old_box: Smoothbox) -> None:
    assert old_box.json("tenant", "migrate", "--all") == {"up_to_date": 0, "migrated": 4, "failed": []}
    found = [schema_of(path) for path in all_paths(old_box)]
    assert found == [(NEWEST, "acme live"), (NEWEST, "acme test"), (NEWEST, "rival live"), (NEWEST, "rival test")]


def test_the_second_time_all_are_up_to_date(old_box: Smoothbox) -> None:
    old_box.done("tenant", "migrate", "--all")
    before = [path.stat().st_mtime_ns for path in all_paths(old_box)]
    assert old_box.json("tenant", "migrate", "--all") == {"up_to_date": 4, "migrated": 0, "failed": []}
    assert [path.stat().st_mtime_ns for path in all_paths(old_box)] == before


def test_people_are_told_how_many_there_were(old_box: Smoothbox) -> None:
    make_old(path_of(old_box, "acme"), NEWEST)
    ended = old_box.done("tenant", "migrate", "--all")
    assert (ended.out, ended.err) == ("", "Data files: 3 migrated, 1 up to date already.\n")
    assert old_box.done("--quiet", "tenant", "migrate", "--all").err == ""


def test_only_the_tenants_that_are_named_are_migrated(old_box: Smoothbox) -> None:
    assert old_box.json("tenant", "migrate", "rival", "rival")["migrated"] == 2
    assert [schema_of(path)[0] for path in all_paths(old_box)] == [NEWEST - 1, 1, NEWEST, NEWEST]
    assert old_box.json("tenant", "migrate", "acme", "rival") == {"up_to_date": 2, "migrated": 2, "failed": []}


def test_an_unknown_tenant_is_not_found_before_anything_is_migrated(old_box: Smoothbox) -> None:
    ended = old_box("--json", "tenant", "migrate", "acme", "acne")
    assert (ended.status, ended.out) == (4, "")
    assert ended.complaint["message"] == "There is no tenant 'acne'."
    assert ended.complaint["hint"].endswith("tenant list")
    assert schema_of(path_of(old_box, "acme"))[0] == NEWEST - 1


@pytest.mark.parametrize("words", [(), ("acme", "--all")])
def test_either_slugs_or_all_are_to_be_said(old_box: Smoothbox, words: tuple[str, ...]) -> None:
    ended = old_box("tenant", "migrate", *words)
    assert (ended.status, ended.out) == (2, "")
    assert "Say either the SLUGs of tenants or --all." in ended.err


def test_a_box_without_tenants_has_nothing_to_migrate(bare: Smoothbox) -> None:
    bare.done("init")
    assert bare.json("tenant", "migrate", "--all") == {"up_to_date": 0, "migrated": 0, "failed": []}


def test_a_disabled_tenant_is_migrated_and_a_deleted_one_is_not(old_box: Smoothbox) -> None:
    old_box.done("tenant", "disable", "acme")
    old_box.done("--yes", "tenant", "delete", "rival")
    path_of(old_box, "rival").parent.mkdir()
    for mode in ("live", "test"):  # as a deletion leaves them that was killed
        make_old(path_of(old_box, "rival", mode), 1)
    assert old_box.json("tenant", "migrate", "--all")["migrated"] == 2
    assert [schema_of(path)[0] for path in all_paths(old_box)] == [NEWEST, NEWEST, 1, 1]


@pytest.mark.parametrize(("damage", "reason"), BREAKS, ids=lambda each: getattr(each, "__name__", ""))
def test_a_broken_file_is_named_and_keeps_no_other_from_its_turn(old_box: Smoothbox, damage: Break, reason: str) -> None:
    broken = path_of(old_box, "acme")
    damage(broken)
    for migrated, up_to_date in ((3, 0), (0, 3)):  # and the same once more
        ended = old_box("--json", "tenant", "migrate", "--all")
        assert ended.status == 1
        assert counts(ended) == (up_to_date, migrated, 1)
        (failed,) = ended.answer["failed"]
        assert (failed["tenant"], failed["mode"], failed["path"]) == ("acme", "live", str(broken))
        assert reason in failed["reason"]
        assert ended.complaint["error"] == "unavailable"
        assert ended.complaint["message"].startswith("1 of 4 data files could not be brought up to date:")
    assert [schema_of(path)[0] for path in all_paths(old_box)[1:]] == [NEWEST] * 3


def test_people_see_each_broken_file_with_its_reason_also_when_they_want_quiet(old_box: Smoothbox) -> None:
    lose(path_of(old_box, "acme", "test"))
    come_from_the_future(path_of(old_box, "rival"))
    ended = old_box("--quiet", "tenant", "migrate", "--all")
    assert (ended.status, ended.out) == (1, "")
    assert ended.err.splitlines() == [
        "Error: 2 of 4 data files could not be brought up to date:",
        f"{path_of(old_box, 'acme', 'test')}: The file is missing; put it back from a backup.",
        f"{path_of(old_box, 'rival')}: A data file is of schema 999, written by a newer smoothbox; upgrade first.",
    ]
    assert "Data files: 0 migrated, 2 up to date already, 2 failed.\n" in old_box("tenant", "migrate", "--all").err


def test_a_file_that_fails_is_left_as_it_was(old_box: Smoothbox) -> None:
    broken = path_of(old_box, "acme", "test")  # of schema 1: all migrations work but the last
    claim_the_last_migration(broken)
    assert old_box("tenant", "migrate", "acme").status == 1
    assert schema_of(broken) == (1, "acme test")
    assert not broken.with_name("test.db-wal").exists()


def test_a_lost_file_is_not_replaced_by_an_empty_one(old_box: Smoothbox) -> None:
    lose(path_of(old_box, "acme"))
    old_box("tenant", "migrate", "acme")
    assert not path_of(old_box, "acme").exists()


@contextmanager
def written(path: Path) -> Iterator[None]:
    """Somebody else is in the middle of writing to it."""
    with closing(connect(path, "write", journal=TENANT.journal)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


def test_a_file_that_somebody_writes_to_all_the_time_fails_alone(old_box: Smoothbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plain, "_COMMON", (*plain._COMMON, "PRAGMA busy_timeout = 50"))
    with written(path_of(old_box, "acme")):
        ended = old_box("--json", "tenant", "migrate", "--all")
    assert counts(ended) == (0, 3, 1)
    assert ended.answer["failed"][0]["reason"] == "database is locked"
    assert old_box.json("tenant", "migrate", "--all") == {"up_to_date": 3, "migrated": 1, "failed": []}


def test_the_registry_is_free_and_one_file_is_open_while_it_works(old_box: Smoothbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """Others could write to box.db at any moment, and a tenant that is deleted meanwhile is no failure."""
    seen: list[str] = []

    def migrated(file: sqlite3.Connection, *rest: Any) -> int:
        opened = [row[2] for row in file.execute("PRAGMA database_list").fetchall()]
        seen.extend(opened)
        with closing(sqlite3.connect(old_box.data_dir / "box.db", timeout=0)) as registry:
            registry.execute("BEGIN EXCLUSIVE")
            registry.execute("UPDATE tenant SET status = 'DELETED' WHERE slug = 'rival'")
            registry.execute("COMMIT")
        for mode in ("live", "test"):
            path_of(old_box, "rival", mode).unlink(missing_ok=True)
        return migrate(file, *rest)

    monkeypatch.setattr("smoothbox.store.upgrade.migrate", migrated)
    assert old_box.json("tenant", "migrate", "--all") == {"up_to_date": 0, "migrated": 2, "failed": []}
    assert seen == [str(path_of(old_box, "acme")), str(path_of(old_box, "acme", "test"))]


def test_what_is_interrupted_goes_on_where_it_was(old_box: Smoothbox, monkeypatch: pytest.MonkeyPatch) -> None:
    turns: list[Path] = []

    def interrupted(path: Path, clock: Clock) -> int:
        turns.append(path)
        if len(turns) == 3:
            raise KeyboardInterrupt
        return upgrade(path, clock)

    with monkeypatch.context() as patched:
        patched.setattr("smoothbox.upkeep.migration.upgrade", interrupted)
        assert old_box("tenant", "migrate", "--all").status == 130
    assert turns == all_paths(old_box)[:3]
    assert old_box.json("tenant", "migrate", "--all") == {"up_to_date": 2, "migrated": 2, "failed": []}


def business(url: str, token: str) -> str:
    headers = {"Authorization": f"Bearer {token}"}
    with urlopen(Request(f"{url}/tenant-api/v1/business/", headers=headers), timeout=20) as answer:
        name: str = json.load(answer)["name"]
        return name


def test_beside_a_running_server_those_that_it_has_open_are_up_to_date_and_the_others_follow(old_box: Smoothbox) -> None:
    tokens = {
        (slug, mode): old_box.json("token", "create", slug, "--name", "crm", f"--{mode}", "--all-scopes")["token"]
        for slug in ("acme", "rival")
        for mode in ("live", "test")
    }
    with serving("--data-dir", str(old_box.data_dir), "serve", "--port", "0") as (process, url):
        assert business(url, tokens["acme", "live"]) == "acme live"
        ended = run("--data-dir", str(old_box.data_dir), "--json", "tenant", "migrate", "--all")
        assert json.loads(ended.stdout) == {"up_to_date": 1, "migrated": 3, "failed": []}
        again = run("--data-dir", str(old_box.data_dir), "--json", "tenant", "migrate", "--all")
        assert json.loads(again.stdout) == {"up_to_date": 4, "migrated": 0, "failed": []}
        assert [business(url, tokens[key]) for key in tokens] == ["acme live", "acme test", "rival live", "rival test"]
        assert process.poll() is None
    assert [schema_of(path)[0] for path in all_paths(old_box)] == [NEWEST] * 4


@pytest.mark.parametrize(
    ("words", "environment", "is_shown"),
    [
        ((), {"TERM": "xterm"}, True),
        (("--quiet",), {"TERM": "xterm"}, False),
        (("--json",), {"TERM": "xterm"}, False),
        (("--no-color",), {"TERM": "xterm"}, False),
        ((), {"TERM": "dumb"}, False),
    ],
)
def test_a_terminal_shows_how_far_it_is(
    old_box: Smoothbox, words: tuple[str, ...], environment: dict[str, str], is_shown: bool
) -> None:
    command = ("--data-dir", str(old_box.data_dir), *words, "tenant", "migrate", "--all")
    status, shown = run_on_terminal("", *command, environment=environment)
    assert status == 0
    assert ("Migrating" in shown and "4/4" in shown) is is_shown
    assert ("\x1b[" in shown) is is_shown


def test_its_help_has_an_example(bare: Smoothbox) -> None:
    said = bare.done("tenant", "migrate", "--help").out
    assert "smoothbox --data-dir /var/lib/smoothbox tenant migrate --all" in said

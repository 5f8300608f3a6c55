"""An upgrade that does not get to its end: every file is of one schema or the other, and the next attempt finishes."""

import random
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.cli.process import CHECKOUT, run
from tests.cli.test_tenant_migrate import make_old
from tests.disks import small_disk
from tests.process.server import PATIENCE, until
from tests.upgrade.conftest import NEWEST, Kept, schema_of, unpack

ROUNDS = 8
AMPLE = 65536  # KiB
_MIGRATE = """\
import sys
from smoothbox.cli import main, tenant, tenant_migrate
from smoothbox.upkeep import migration
print("ready", flush=True)
sys.stdin.readline()
sys.argv = ["smoothbox", "--data-dir", sys.argv[1], "tenant", "migrate", "--all"]
main.main()"""


@contextmanager
def migrating(data: Path) -> Iterator["subprocess.Popen[str]"]:
    """`tenant migrate --all`, all imported, at the moment at which it begins."""
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    with subprocess.Popen([sys.executable, "-c", _MIGRATE, str(data)], cwd=CHECKOUT, text=True, **pipes) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        process.stdout.readline()
        process.stdin.write("\n")
        process.stdin.flush()
        yield process


@dataclass(frozen=True)
class Judge:
    """Says of a data file whether it is whole; `models` are what files of each schema look like."""

    workshop: Path
    models: dict[int, list[Any]] = field(default_factory=dict)

    def schemas(self, kept: Kept) -> list[int]:
        """The schema of each data file, which is exactly of that schema, and holds all that it held."""
        return [self._schema(kept, path) for path in kept.paths]

    def _schema(self, kept: Kept, path: Path) -> int:
        schema = schema_of(path)
        with closing(sqlite3.connect(path)) as file:
            assert file.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            assert file.execute("SELECT count(*) FROM booking").fetchone() == (bookings(kept, path),)
            assert file.execute("SELECT max(number), count(*) FROM schema_migration").fetchone() == (schema, schema)
            assert structure(file) == self._model(schema)
        if schema > kept.schema:
            assert schema_of(path.with_name(f"{path.stem}.schema-{kept.schema}.sqlite")) == kept.schema
        return schema

    def _model(self, schema: int) -> list[Any]:
        if schema not in self.models:
            make_old(self.workshop / "model.db", schema)
            with closing(sqlite3.connect(self.workshop / "model.db")) as file:
                self.models[schema] = structure(file)
        return self.models[schema]


def structure(file: sqlite3.Connection) -> list[Any]:
    """Every table, index and trigger."""
    return sorted(file.execute("SELECT type, name, tbl_name, sql FROM sqlite_master"), key=repr)


def bookings(kept: Kept, path: Path) -> int:
    """How many there were."""
    return len(kept.answers[f"{path.parent.name} {path.stem}"]["bookings"])


def has_snapshots(data: Path, count: int) -> bool:
    return len(list(data.glob("tenants/*/*.sqlite"))) >= count


@pytest.fixture
def judge(tmp_path: Path) -> Judge:
    return Judge(tmp_path)


@pytest.fixture
def lasts(kept: Kept) -> float:
    """How long the whole upgrade takes, in seconds."""
    with migrating(kept.data) as process:
        began = time.monotonic()
        process.wait(PATIENCE)
        return time.monotonic() - began


def test_a_kill_at_any_moment_leaves_whole_files_and_the_next_run_finishes(
    archive: Path, tmp_path: Path, judge: Judge, lasts: float
) -> None:
    chance = random.Random(archive.stem)
    halves = 0
    for number in range(ROUNDS):
        kept = unpack(archive, tmp_path / str(number))
        with migrating(kept.data) as process:
            if number % 2:
                until(partial(has_snapshots, kept.data, 2 + number // 4))
            else:
                time.sleep(chance.uniform(0, lasts))
            process.kill()
        found = judge.schemas(kept)
        halves += min(found) < NEWEST and max(found) > kept.schema
        ended = run("--data-dir", str(kept.data), "tenant", "migrate", "--all")
        assert ended.returncode == 0, ended.stderr
        assert set(judge.schemas(kept)) == {NEWEST}
    assert halves, "every kill came too early or too late: this test has said nothing"


@contextmanager
def disk_of_any_size(path: Path) -> Iterator[Callable[[int], None]]:
    """A disk of its own at `path`; what is yielded gives it another size, in KiB."""
    with small_disk(path, AMPLE):
        yield lambda size: subprocess.run(["mount", "-o", f"remount,size={size}k", path], check=True)


def test_on_a_disk_that_is_too_small_files_stay_as_they_are_until_there_is_room(
    archive: Path, tmp_path: Path, judge: Judge
) -> None:
    with disk_of_any_size(tmp_path / "disk") as resize:
        kept = unpack(archive, tmp_path / "disk")
        size = sum(path.stat().st_blocks // 2 for path in kept.data.rglob("*") if path.is_file())
        seen, said = [], ""
        for spare in range(96, 8192, 200):
            resize(size + spare)
            ended = run("--data-dir", str(kept.data), "tenant", "migrate", "--all")
            said += ended.stderr
            resize(AMPLE)  # SQLite needs a little room to read
            seen.append(judge.schemas(kept))
            assert not list(kept.data.rglob("*.unfinished"))
            if not ended.returncode:
                break
        assert set(seen[0]) == {kept.schema}
        assert set(seen[-1]) == {NEWEST}
        assert "has no room, and nothing was written." in said  # there was no room for a snapshot
        assert "database or disk is full" in said  # nor, elsewhere, for the migration after it

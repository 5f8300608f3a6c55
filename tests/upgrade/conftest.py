"""Data folders of older programs, as those programs left them; `keep.py` makes the zips and says how."""

import json
import sqlite3
import zipfile
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from smoothbox.ids import MODES, Mode
from smoothbox.store.migrate import BOX, TENANT, migrations

ZIPS = sorted(Path(__file__).parent.glob("schema-*.zip"))
NEWEST = migrations(TENANT)[-1].number
NEWEST_BOX = migrations(BOX)[-1].number
SLUGS = ("demo", "rival")


@dataclass(frozen=True)
class Kept:
    """An older box, unpacked: the schemas of its files, its tokens by tenant and mode, and what the older program answered.

    `at` is when that was; `told` are the requests that had a key, each with its answer.
    """

    data: Path
    box_schema: int
    schema: int
    at: str
    tokens: Mapping[str, str]
    secret: str
    told: list[dict[str, Any]]
    answers: Mapping[str, Mapping[str, Any]]

    def path(self, slug: str, mode: Mode = "live") -> Path:
        """A data file."""
        return self.data / "tenants" / slug / f"{mode}.db"

    @property
    def paths(self) -> list[Path]:
        """All data files of tenants."""
        return [self.path(slug, mode) for slug in SLUGS for mode in MODES]


def unpack(archive: Path, target: Path) -> Kept:
    """The older box in a folder of its own; only its owner may read it, as the older program had it."""
    with zipfile.ZipFile(archive) as packed:
        expected = json.loads(packed.read("expected.json"))
        for name in packed.namelist():
            if name.startswith("data/"):
                _put(packed.read(name), target / name)
    schema = int(archive.stem.removeprefix("schema-"))
    return Kept(target / "data", schema_of(target / "data" / "box.db"), schema, **expected)


def schema_of(path: Path) -> int:
    """The schema that a file says it is of."""
    with closing(sqlite3.connect(path)) as file:
        schema: int = file.execute("PRAGMA user_version").fetchone()[0]
        return schema


def _put(content: bytes, path: Path) -> None:
    for folder in reversed(path.parents):
        folder.mkdir(mode=0o700, exist_ok=True)
    unnamed = path.with_name(f"{path.name}.new")  # nothing but SQLite opens a database file
    unnamed.touch(mode=0o600)
    unnamed.write_bytes(content)
    unnamed.rename(path)


@pytest.fixture(params=ZIPS, ids=lambda path: path.stem)
def archive(request: pytest.FixtureRequest) -> Path:
    """Each of the older boxes in turn."""
    path: Path = request.param
    return path


@pytest.fixture
def kept(archive: Path, tmp_path: Path) -> Kept:
    """Each of the older boxes in turn, unpacked."""
    return unpack(archive, tmp_path)

"""The command line in this process, in a folder of its own."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from smoothbox.cli.main import root

CATALOGUE = """\
[business]
name = "Acme Barbers"
timezone = "America/New_York"
currency = "USD"
[business.hours]
monday = ["09:00-12:00", "13:00-17:00"]
[[resource]]
key = "ann"
name = "Ann"
type = "STAFF"
[[service]]
key = "cut"
name = "Haircut"
duration = 30
price = 2500
resources = ["ann"]
"""


@dataclass(frozen=True)
class Ended:
    """How a command ended, and what it said where."""

    status: int
    out: str
    err: str

    @property
    def answer(self) -> Any:
        """Standard output as JSON."""
        return json.loads(self.out)

    @property
    def complaint(self) -> Any:
        """Standard error as JSON."""
        return json.loads(self.err)


@dataclass(frozen=True)
class Smoothbox:
    """`smoothbox --data-dir DIR …`, off a terminal."""

    data_dir: Path

    def __call__(self, *words: str, env: Mapping[str, str] | None = None) -> Ended:
        result = CliRunner(env=env).invoke(root, ["--data-dir", str(self.data_dir), *words], prog_name="smoothbox")
        return Ended(result.exit_code, result.stdout, result.stderr)

    def done(self, *words: str) -> Ended:
        """Run what must succeed."""
        ended = self(*words)
        assert ended.status == 0, ended.err
        return ended

    def json(self, *words: str) -> Any:
        """Run what must succeed, for its answer."""
        return self.done("--json", *words).answer


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Smoothbox:
    """The program in a place where there is no box."""
    monkeypatch.chdir(tmp_path)
    return Smoothbox(tmp_path / "data")


@pytest.fixture
def smoothbox(bare: Smoothbox) -> Smoothbox:
    """The program beside a box with the tenants acme and rival."""
    bare.done("init")
    for slug in ("acme", "rival"):
        bare.done("tenant", "create", slug, "--name", slug.title(), "--timezone", "America/New_York", "--currency", "USD")
    return bare


@pytest.fixture
def catalogue(tmp_path: Path) -> Path:
    """A catalogue file without a mistake."""
    path = tmp_path / "acme.toml"
    path.write_text(CATALOGUE, "utf-8")
    return path

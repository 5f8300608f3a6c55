"""A box is copied off its machine by Litestream while it is written to, lost, and brought back as the README says."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import datetime
from http.client import HTTPException
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pytest

from tests.process.server import Server, call, make_box, smoothbox, until
from tests.process.test_main_job import CATALOGUE, wish

BINARIES = Path(sys.executable).parent
LITESTREAM = BINARIES / "litestream"
LANES = 4
FILES = ("box.db", *(f"tenants/{slug}/{mode}.db" for slug in ("acme", "rival") for mode in ("live", "test")))

Ledger = dict[int, int]
"""The slot of each booking that was acknowledged, by the booking's id."""


@pytest.fixture
def replica() -> Iterator[Path]:
    """A folder that this process never walks through: Litestream names folders in it as the files are named."""
    made = Path(tempfile.mkdtemp())
    yield made / "replica"
    subprocess.run(["rm", "-rf", str(made)], check=True)


class Litestream:
    """`litestream replicate` on the configuration that the box prints, under the umask that it asks for."""

    def __init__(self, data: Path, replica: Path) -> None:
        self._data = data
        self._log = replica.with_suffix(".log")
        config = replica.with_suffix(".yml")
        config.write_text(smoothbox(data, "litestream-config", "--replica", str(replica)).stdout, "utf-8")
        with self._log.open("w") as log:
            command = [str(LITESTREAM), "replicate", "-config", str(config)]
            self._process = subprocess.Popen(command, stdout=log, stderr=log, umask=0o077)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.kill()

    def kill(self) -> None:
        """SIGKILL, if it still runs."""
        self._process.kill()
        self._process.wait(20)

    def has(self, path: Path) -> bool:
        """Whether it looks after this file."""
        return str(path) in self._ask("list")

    def sync(self, path: Path) -> None:
        """Return once everything that was committed to this file until now is in the replica."""
        until(lambda: self.has(path))
        assert "replica_txid" in self._ask("sync", "-wait", str(path))

    def complaints(self) -> list[str]:
        """What it could not cope with; a file that was locked for a while it tries again."""
        lines = [line for line in self._log.read_text().splitlines() if "level=WARN" in line or "level=ERROR" in line]
        return [line for line in lines if "SQLITE_BUSY" not in line]

    def _ask(self, word: str, *rest: str) -> str:
        command = [str(LITESTREAM), word, "-socket", str(self._data / "litestream.sock"), *rest]
        return subprocess.run(command, capture_output=True, text=True, timeout=40, check=False).stdout


def restore(data: Path, replica: Path) -> None:
    """The commands of `litestream-config --help`, as they are pasted into a shell."""
    script = f"""
        set -e
        (umask 077; litestream restore -o {data}/box.db file://{replica}/box.db)
        {sys.executable} -m smoothbox --data-dir {data} litestream-config --replica file://{replica} --restore | sh
    """
    paths = f"{BINARIES}:{os.environ['PATH']}"
    done = subprocess.run(["sh", "-c", script], env={**os.environ, "PATH": paths}, stderr=subprocess.PIPE, check=False)
    assert done.returncode == 0, done.stderr


def book_until_it_dies(url: str, token: str, slots: Iterator[int], ledger: Ledger) -> None:
    for slot in slots:
        try:
            status, booking = call(url, token, "POST", "bookings/", wish(slot))
        except OSError:
            return
        except (HTTPException, ValueError):  # cut short within an answer
            return
        assert status == 201, booking
        ledger[booking["id"]] = slot


def make_rival(data: Path) -> str:
    """Another tenant, made beside the running server; a token of it."""
    smoothbox(data, "tenant", "create", "rival", "--name", "Rival", "--timezone", "America/New_York", "--currency", "USD")
    smoothbox(data, "tenant", "apply", "rival", str(data / "catalogue.toml"))
    made = smoothbox(data, "--json", "token", "create", "rival", "--name", "t", "--live", "--all-scopes")
    token: str = json.loads(made.stdout)["token"]
    return token


def every_booking(url: str, token: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    page = "bookings/?page_size=100"
    while page:
        _, listed = call(url, token, "GET", page)
        found += listed["results"]
        page = (listed["next"] or "").partition("/v1/")[2]
    return found


def start_of(booking: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(booking["start_time"])


def integrity(path: Path) -> str:
    with closing(sqlite3.connect(path)) as file:
        found: str = file.execute("PRAGMA integrity_check").fetchone()[0]
        return found


def lost_under_load(data: Path, replica: Path, token: str) -> tuple[Ledger, str]:
    """Serve, copy and book until both processes are killed: what was acknowledged before the last sync, and a rival's token."""
    ledger: Ledger = {}
    live = data / "tenants" / "acme" / "live.db"
    with (
        ThreadPoolExecutor(LANES) as clients,
        Server(data, tenants_checkpoint_pages="0") as server,
        Litestream(data, replica) as litestream,
    ):
        size = live.stat().st_size
        for lane in range(LANES):
            slots = iter(range(10_000 * lane, 10_000 * (lane + 1)))
            clients.submit(book_until_it_dies, server.url, token, slots, ledger)
        rival = make_rival(data)
        assert call(server.url, rival, "POST", "bookings/", wish(7))[0] == 201
        until(lambda: live.stat().st_size > size)  # Litestream has emptied its log, for the server does not
        until(lambda: len(ledger) >= 300)
        certain = dict(ledger)
        for name in FILES:
            litestream.sync(data / name)
        until(lambda: len(ledger) >= len(certain) + 50)
        litestream.kill()
        server.kill()
    assert litestream.complaints() == []
    return certain, rival


def test_every_booking_acknowledged_before_the_last_sync_comes_back_once(tmp_path: Path, replica: Path) -> None:
    data, restored = tmp_path / "data", tmp_path / "restored"
    token = make_box(data, CATALOGUE)
    certain, rival = lost_under_load(data, replica, token)
    restore(restored, replica)
    shutil.copy(data / "keyring", restored)
    files = {str(path.relative_to(restored)): path for path in restored.rglob("*.db")}
    assert sorted(files) == sorted(FILES)
    for path in files.values():
        assert path.stat().st_mode & 0o777 == 0o600
        assert integrity(path) == "ok"
    with Server(restored) as server:
        found = every_booking(server.url, token)
        wanted = {booking: datetime.fromisoformat(str(wish(slot)["start_time"])) for booking, slot in certain.items()}
        assert wanted.items() <= {each["id"]: start_of(each) for each in found}.items()
        assert len(found) == len({start_of(each) for each in found})
        assert len(every_booking(server.url, rival)) == 1
        taken = next(iter(certain.values()))
        assert call(server.url, token, "POST", "bookings/", wish(taken))[1]["error"] == "slot_unavailable"
        assert call(server.url, token, "POST", "bookings/", wish(50_000))[0] == 201

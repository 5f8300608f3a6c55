"""Tables come in and go out beside a server that takes bookings: whole or not at all, and nobody waits for long."""

import csv
import json
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.process.ledger import CATALOGUE, STAFF, Ledger
from tests.process.server import Server, call, make_box, smoothbox, until

MANY = 4000
SOME = 200_000  # bytes of what is not committed yet
PATIENCE = 5.0  # seconds that a booking may wait for an import of this size on a slow machine


def write_customers(path: Path) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        rows = ([f"c{number}", f"Ava {number}", f"ava{number}@example.com"] for number in range(MANY))
        csv.writer(file).writerows([["ID", "Name", "Email"], *rows])
    return path


def write_bookings(path: Path) -> Path:
    """What was done in the years before, half an hour each; nobody can book there any more."""
    begin = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=700)
    with path.open("w", newline="", encoding="utf-8") as file:
        written = csv.writer(file)
        written.writerow(["ID", "Start", "Service", "Staff", "Email", "Status"])
        for number in range(MANY):
            start = begin + timedelta(minutes=30 * (number // len(STAFF)))
            who, email = STAFF[number % len(STAFF)], f"ava{number}@example.com"
            written.writerow([f"b{number}", start.isoformat(), "Cut", who, email, "Completed" if number % 2 else "Confirmed"])
    return path


def held(data: Path) -> dict[str, int]:
    found: dict[str, int] = json.loads(smoothbox(data, "--json", "tenant", "show", "acme").stdout)["live"]
    return found


def test_who_books_meanwhile_waits_a_moment_and_loses_nothing(tmp_path: Path) -> None:
    data = tmp_path / "data"
    token = make_box(data, CATALOGUE)
    tables = {"customers": write_customers(tmp_path / "c.csv"), "bookings": write_bookings(tmp_path / "b.csv")}
    with Server(data) as server:
        ledger = Ledger(lambda: server.url, token)
        with ledger.growing():
            until(lambda: len(ledger) > 20)
            for what, path in tables.items():
                said: Any = json.loads(smoothbox(data, "--json", "import", what, "acme", "--live", str(path)).stdout)
                assert (said["added"], said["is_written"]) == (MANY, True)
            out = tmp_path / "out.json"
            smoothbox(data, "export", "bookings", "acme", "--live", "--format", "json", "--output", str(out))
            told = len(ledger)
            until(lambda: len(ledger) > told)
        assert ledger.surprises == []
        assert ledger.longest_wait < PATIENCE
        exported = {each["external_id"] for each in json.loads(out.read_bytes())}
        assert {f"b{number}" for number in range(MANY)} < exported
        known = {id_ for id_ in ledger.kept() if id_ in ledger.told()}
        assert known == set(ledger.told())
        assert call(server.url, token, "GET", "bookings/?external_id=b7")[1]["results"][0]["source"] == "import"
        assert held(data)["bookings"] == MANY + len(known)


def test_an_import_that_is_killed_while_it_writes_leaves_nothing_and_may_be_done_again(tmp_path: Path) -> None:
    data = tmp_path / "data"
    make_box(data, CATALOGUE)
    path = write_customers(tmp_path / "c.csv")
    words = [sys.executable, "-m", "smoothbox", "--data-dir", str(data), "import", "customers", "acme", "--live", str(path)]
    log = data / "tenants" / "acme" / "live.db-wal"
    with subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        until(lambda: process.poll() is not None or (log.exists() and log.stat().st_size > SOME))
        process.send_signal(signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL
    assert log.stat().st_size > SOME  # half of it is there
    assert held(data)["customers"] == 0
    smoothbox(data, "import", "customers", "acme", "--live", str(path))
    assert held(data)["customers"] == MANY

"""The data folder is lost under a server that takes bookings, and comes back from a backup."""

import json
import shutil
from pathlib import Path

from tests.process.ledger import CATALOGUE, STAFF, Ledger
from tests.process.server import Server, make_box, smoothbox, until

Bookings = dict[int, tuple[str, int]]


def test_a_box_comes_back_with_every_booking_that_was_acknowledged_before_its_backup(tmp_path: Path) -> None:
    data, elsewhere = tmp_path / "data", tmp_path / "elsewhere"
    token = make_box(data, CATALOGUE)
    smoothbox(data, "keys", "export", "--output", str(tmp_path / "keyring"))
    with Server(data) as server:
        ledger = Ledger(lambda: server.url, token)
        with ledger.growing():
            until(lambda: len(ledger) > 50)
            before = ledger.told()
            made = json.loads(smoothbox(data, "--json", "backup", "create", "--directory", str(elsewhere)).stdout)
            after = ledger.told()
            until(lambda: len(ledger) > len(after) + 20)
            server.kill()
            ledger.stopping.set()
        shutil.rmtree(data)
    data.mkdir(0o700)
    shutil.copy(tmp_path / "keyring", data / "keyring")
    smoothbox(data, "restore", made["path"])
    assert json.loads(smoothbox(data, "--json", "doctor").stdout)["problems"] == 0
    with Server(data) as restored:
        kept = Ledger(lambda: restored.url, token).kept()
        assert before.items() <= kept.items()  # all that was told before the backup began
        assert kept.items() <= ledger.told().items() | kept_without_answer(kept, after)
        with Ledger(lambda: restored.url, token).growing():  # and it goes on
            until(lambda: len(kept) < len(Ledger(lambda: restored.url, token).kept()))


def kept_without_answer(kept: Bookings, after: Bookings) -> set[tuple[int, tuple[str, int]]]:
    """Those in the backup whose answer was under way when it was made: at most one of each client."""
    under_way = kept.items() - after.items()
    assert len(under_way) <= len(STAFF)
    return under_way

"""The doctor beside a real server under load: it finds a sound box sound, and keeps nobody waiting."""

import json
import subprocess
import sys
from pathlib import Path

from tests.process.ledger import CATALOGUE, Ledger
from tests.process.server import Server, make_box, until

LONGEST = 2.0  # seconds that a booking may take beside it, on a machine that has other things to do


def test_a_box_is_sound_while_it_is_written_to_and_no_booking_waits_for_the_doctor(tmp_path: Path) -> None:
    data = tmp_path / "data"
    token = make_box(data, CATALOGUE)
    with Server(data) as server:
        ledger = Ledger(lambda: server.url, token)
        with ledger.growing():
            until(lambda: len(ledger) > 50)
            for _ in range(5):
                before = len(ledger)
                done = subprocess.run(
                    [sys.executable, "-m", "smoothbox", "--data-dir", str(data), "--json", "doctor"],
                    capture_output=True,
                    text=True,
                    timeout=60,
                    check=False,
                )
                said = json.loads(done.stdout)
                assert (done.returncode, said["problems"]) == (0, 0), said
                assert {each["code"] for each in said["findings"]} <= {"sqlite_affected"}
                assert len(ledger) > before
    assert ledger.longest_wait < LONGEST

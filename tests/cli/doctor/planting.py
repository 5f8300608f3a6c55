"""A box for the doctor: what is planted in it, what is found, and the help that was offered followed to the letter."""

import os
import shlex
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, TypeVar

from smoothbox.clock import Clock
from smoothbox.ids import Mode
from smoothbox.store.folder import DataFolder, open_tenant
from smoothbox.upkeep.doctor.findings import KINDS
from tests.bench.seeding import note, people_of, service_named
from tests.cli.conftest import Ended, Smoothbox

Test = TypeVar("Test", bound=Callable[..., object])
Found = dict[str, Any]

PLANTED: set[str] = set()
"""Every kind of finding that some test plants."""

_DAY = 86400
MONDAY = (int(time.time()) // _DAY + 3) // 7 * 7 * _DAY + 4 * _DAY  # the next one that is not today, at 00:00 UTC
CUT, CLASS = 1, 2  # services: for one, and for five
ANN, BOB = 1, 2

FURNITURE = """\
[business]
name = "Acme Barbers"
timezone = "UTC"
currency = "USD"
[business.hours]
monday = ["00:00-24:00"]
[[resource]]
key = "ann"
name = "Ann"
type = "STAFF"
[[resource]]
key = "bob"
name = "Bob"
type = "STAFF"
[[service]]
key = "cut"
name = "Haircut"
duration = 30
price = 2500
resources = ["ann", "bob"]
[[service]]
key = "class"
name = "Class"
duration = 60
price = 2500
capacity = 5
resources = ["ann"]
"""


def plants(*codes: str) -> Callable[[Test], Test]:
    """Says which kinds of findings a test plants for real."""
    assert KINDS.keys() >= set(codes)
    PLANTED.update(codes)
    return lambda test: test


def data_file(box: Smoothbox, mode: Mode = "live", slug: str = "acme") -> Path:
    return box.data_dir / "tenants" / slug / f"{mode}.db"


def examined(box: Smoothbox, *words: str) -> list[Found]:
    """All that the doctor finds, but what this machine's SQLite deserves; it has changed nothing, and ended as it should."""
    before = traces(box.data_dir)
    found = judged(box("--json", "doctor", *words))
    assert traces(box.data_dir) == before
    return found


def judged(ended: Ended) -> list[Found]:
    """The findings of an answer that is sound in itself."""
    said = ended.answer
    severities = [each["severity"] for each in said["findings"]]
    assert [KINDS[each["code"]][0] for each in said["findings"]] == severities
    assert (said["problems"], said["warnings"]) == (severities.count("problem"), severities.count("warning"))
    assert ended.status == (1 if said["problems"] else 0)
    assert all(each["fix"] for each in said["findings"])
    return [each for each in said["findings"] if each["code"] != "sqlite_affected"]


def the_one(box: Smoothbox, code: str, *words: str) -> Found:
    """What the doctor finds, where that is one thing of this kind and nothing else."""
    found = examined(box, *words)
    assert [each["code"] for each in found] == [code], found
    return found[0]


def mended(box: Smoothbox, *codes: str) -> None:
    """Have everything put right, which finds nothing more afterwards."""
    ended = box("--json", "doctor", "--fix")
    assert [each["code"] for each in ended.answer["fixed"]] == [*codes]
    assert judged(ended) == []
    assert examined(box) == []


def follow(box: Smoothbox, finding: Found) -> None:
    """Run the command that was offered."""
    program, option, folder, *words = shlex.split(finding["command"])
    assert (program, option, folder) == ("smoothbox", "--data-dir", str(box.data_dir))
    assert finding["fix"].endswith(finding["command"])
    box.done("--yes", *words)


def in_shell(finding: Found, begin: str) -> None:
    """Paste what was offered into a shell, from where it begins."""
    line = finding["fix"][finding["fix"].index(begin) :]
    path = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    done = subprocess.run(["/bin/sh", "-ec", line], env=path, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, (line, done.stderr)


def traces(root: Path) -> str:
    """What is in the folder: modes, owners and contents; not what SQLite keeps beside an open file."""
    shown = "-printf '%p %m %U ' -type f -exec md5sum {} ';' , -type d -print"
    command = f"find . ! -name '*-shm' ! -name '*-wal' ! -name box.db-journal {shown}"
    return subprocess.run(["/bin/sh", "-c", command], cwd=root, capture_output=True, text=True, check=False).stdout


@contextmanager
def opened(path: Path) -> Iterator[sqlite3.Connection]:
    """A database in the hands of somebody who knows no rules; what is done is kept."""
    with closing(sqlite3.connect(path, isolation_level=None)) as file:
        yield file


@contextmanager
def unguarded(path: Path) -> Iterator[sqlite3.Connection]:
    """The same, without the triggers that keep bookings apart, which are back in the end."""
    with opened(path) as file:
        guards = file.execute("SELECT name, sql FROM sqlite_schema WHERE name LIKE 'allocation_no_overlap%'").fetchall()
        assert len(guards) == 2
        for name, _ in guards:
            file.execute(f"DROP TRIGGER {name}")
        yield file
        for _, sql in guards:
            file.execute(sql)


def furnish(box: Smoothbox) -> None:
    """Give acme two people, a service for one and a class for five."""
    path = box.data_dir.parent / "furniture.toml"
    path.write_text(FURNITURE, "utf-8")
    box.done("tenant", "apply", "acme", str(path))


def book(box: Smoothbox, start: int, service: int = CUT, resource: int = ANN, status: str = "SCHEDULED") -> int:
    """One booking of acme, as the program writes it; its id."""
    with open_tenant(DataFolder(box.data_dir), "acme", "live", Clock()) as file:
        person = people_of(file, 1)[0]
        file.write(lambda tx: note(tx, service_named(tx, service), person, (start, resource), status))
        number: int = file.read(lambda tx: tx.value("SELECT max(id) FROM booking"))
        return number


def in_process(box: Smoothbox, before: str, env: Mapping[str, str] | None = None) -> Ended:
    """`--json doctor` in a process of its own, of which a shell has set something before."""
    command = shlex.join([sys.executable, "-m", "smoothbox", "--data-dir", str(box.data_dir), "--json", "doctor"])
    line = ["/bin/bash", "-ec", f"{before}\nexec {command}"]
    environment = {**os.environ, **(env or {})}
    done = subprocess.run(line, env=environment, capture_output=True, text=True, timeout=60, check=False)
    return Ended(done.returncode, done.stdout, done.stderr)

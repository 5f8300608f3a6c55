"""What ails a data file as a file: whether it is there, whole, ours, and of this program's schema."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial

from smoothbox.errors import Problem
from smoothbox.keyring import Keyring
from smoothbox.store import soundness
from smoothbox.store.direct import Direct, open_to_look
from smoothbox.store.migrate import TENANT, newest
from smoothbox.store.upgrade import upgrade
from smoothbox.upkeep.doctor import contents, outbound
from smoothbox.upkeep.doctor.case import FIX, DataFile
from smoothbox.upkeep.doctor.findings import Finding
from smoothbox.upkeep.doctor.registry import unread


@dataclass(slots=True)
class Looked:
    """What one data file is like. `latest` is the latest instant it knows of, '' for none."""

    findings: list[Finding] = field(default_factory=list)
    latest: str = ""


def look(file: DataFile, keys: Keyring | None) -> Looked:
    """Everything about one data file. Without the keys nothing is said of its secrets."""
    if not file.path.exists():
        return Looked([file.lost("file_missing", "It is not there.")])
    found = Looked()
    try:
        with open_to_look(file.path, file.case.clock) as looked:
            found.findings += _whole(file, looked)
            if not found.findings:
                found.findings += contents.look(file, looked, keys)
                found.findings += outbound.look(file, looked)
                found.latest = looked.read(soundness.latest_stamp) or ""
    except Problem as problem:
        damaged = problem.details.get("damaged")
        found.findings.append(file.lost("file_damaged", problem.message) if damaged else unread(str(file.path), problem))
    return found


def _whole(file: DataFile, looked: Direct) -> Iterator[Finding]:
    schema, mark = looked.read(soundness.identity)
    ours = newest(TENANT)
    if not TENANT.has(schema, mark):
        yield file.lost("file_blank", "Nobody may write to it, or it passes for an empty business.")
    elif schema > ours:
        advice = "Use the newer program again, or put the snapshot in its place that was made before the upgrade"
        advice += f" ({file.path.stem}.schema-*.sqlite beside it), while no server runs."
        yield file.finding("schema_ahead", f"It is of schema {schema}, the program's is {ours}.", advice)
    elif damage := looked.read(partial(soundness.damage, quick=file.case.is_quick)):
        yield file.lost("file_damaged", f"{damage[0]}{f' (and {len(damage) - 1} more)' if damage[1:] else ''}.")
    elif schema < ours:
        yield _behind(file, f"It is of schema {schema}, the program's is {ours}.")


def _behind(file: DataFile, message: str) -> Finding:
    if file.case.server is not None:
        advice = "The server brings it up to date when it opens it. If the server is older than this program, start it anew."
        return file.finding("schema_behind", message, advice)
    return Finding("schema_behind", str(file.path), message, command=FIX, mend=partial(upgrade, file.path, file.case.clock))

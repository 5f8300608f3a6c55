"""Which schema each file of a box is of, and so what this program would make of it. Looks, and changes nothing."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from smoothbox.clock import Clock
from smoothbox.errors import Problem
from smoothbox.ids import MODES, Mode
from smoothbox.store import box, soundness
from smoothbox.store.direct import Direct, open_to_look
from smoothbox.store.folder import DataFolder
from smoothbox.store.migrate import BOX, TENANT, Kind, newest
from smoothbox.upkeep.backups import Watch

State = Literal["current", "behind", "ahead", "unusable"]

_FOREIGN: Final = "It is empty, or none of ours."


@dataclass(frozen=True, slots=True)
class Found:
    """A file, the schema that it says it is of, and the newest that this program knows; the tenant's slug and mode.

    The registry has neither. `reason` says why a file cannot be used at all; then its schema may be unknown.
    """

    path: Path
    kind: Kind
    schema: int | None = None
    tenant: str | None = None
    mode: Mode | None = None
    reason: str = ""

    @property
    def newest(self) -> int:
        """The schema of this program."""
        return newest(self.kind)

    @property
    def state(self) -> State:
        """What it amounts to."""
        if self.reason or self.schema is None:
            return "unusable"
        if self.schema == self.newest:
            return "current"
        return "behind" if self.schema < self.newest else "ahead"


def check(folder: DataFolder, clock: Clock, watch: Watch) -> list[Found]:
    """The registry, then both files of each tenant, beside a server that may be running; `watch` hears how far it is.

    A registry that cannot be used, or is of a newer schema, is all that is looked at: no tenant is served without it.
    """
    registry, slugs = _registry(folder, clock)
    found, count = [registry], 1 + len(slugs) * len(MODES)
    watch(1, count)
    for tenant_folder, slug in slugs.items():
        for mode in MODES:
            found.append(_tenant_file(folder.tenant_file(tenant_folder, mode), clock, slug, mode))
            watch(len(found), count)
    return found


def _registry(folder: DataFolder, clock: Clock) -> tuple[Found, dict[str, str]]:
    """The registry, and the slugs of its tenants by folder where it can be used."""
    try:
        with open_to_look(folder.box, clock) as looked:
            schema, reason = _judged(looked, BOX)
            found = Found(folder.box, BOX, schema, reason=reason)
            can_be_read = found.state in {"current", "behind"}
            return found, looked.read(box.slugs) if can_be_read else {}
    except Problem as problem:
        return Found(folder.box, BOX, reason=problem.message), {}


def _tenant_file(path: Path, clock: Clock, slug: str, mode: Mode) -> Found:
    if not path.exists():
        return Found(path, TENANT, None, slug, mode, "It is missing.")
    try:
        with open_to_look(path, clock) as looked:
            schema, reason = _judged(looked, TENANT)
            return Found(path, TENANT, schema, slug, mode, reason)
    except Problem as problem:
        return Found(path, TENANT, None, slug, mode, problem.message)


def _judged(looked: Direct, kind: Kind) -> tuple[int, str]:
    """The schema of a file, and why it cannot be used."""
    schema, mark = looked.read(soundness.identity)
    return schema, "" if kind.has(schema, mark) else _FOREIGN

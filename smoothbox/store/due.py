"""When data files have something to do by themselves: asked of one file, and kept of all in the registry.

While the server writes to a file the registry says 0, "look at it": so neither a crash nor a write of the command line can
leave a file that is due and forgotten. Once the file is closed the registry says exactly when.
"""

from typing import Final

from msgspec import Struct

from smoothbox.ids import Mode
from smoothbox.store.box import TENANT, Tenant
from smoothbox.store.connection import Tx

LONGEST_WAIT: Final = 14 * 86400.0
"""Seconds. No wait is longer: what is due later than that was reckoned by a clock that was wrong, and is due now."""

_MOST: Final = 5000  # at a time; more than ever are open
_AT_ONCE: Final = 1.0  # of a closed file, to tell it from one that is written to


class DueFile(Struct, frozen=True):
    """A data file to be looked at: one that is written to now (`due_at` is 0), or that was closed and is due.

    `changes` counts what others than the server queued, `attended` what it looked after.
    """

    tenant: Tenant
    mode: Mode
    due_at: float
    changes: int
    attended: int


def is_due(at: float, now: float) -> bool:
    """Whether what was reckoned to be due at one instant is due at another (Unix seconds)."""
    return not now < at <= now + LONGEST_WAIT


def next_due(tx: Tx) -> float | None:
    """When this data file is due: for its next delivery, or for the first hold that ends. Unix seconds; None is never.

    What is being sent is due as well: when nobody is sending it, it was cut short.
    """
    due_at: float | None = tx.value(
        "SELECT min(at) FROM ("
        " SELECT min(expires_at) AS at FROM hold"
        " UNION ALL SELECT max(paused_until, (SELECT min(due_at) FROM delivery INDEXED BY delivery_due"
        " WHERE endpoint_id = endpoint.id AND status = 'pending')) FROM endpoint"
        " UNION ALL SELECT 0 FROM delivery WHERE status = 'sending')"
    )
    return due_at


def mark(tx: Tx, tenant_id: int, mode: Mode) -> None:
    """In the registry: the server writes to this file from now on."""
    tx.run(
        "INSERT INTO data_file (tenant_id, mode, due_at) VALUES (?, ?, 0) ON CONFLICT DO UPDATE SET due_at = 0",
        *(tenant_id, mode),
    )


def note_change(tx: Tx, tenant_id: int, mode: Mode) -> None:
    """In the registry: somebody else than the server has queued something in this file."""
    tx.run(
        "INSERT INTO data_file (tenant_id, mode, due_at, changes) VALUES (?, ?, 0, 1)"
        " ON CONFLICT DO UPDATE SET due_at = 0, changes = changes + 1",
        *(tenant_id, mode),
    )


def attended(tx: Tx, tenant_id: int, mode: Mode, changes: int) -> None:
    """In the registry: the server has looked after so many changes by others."""
    tx.run("UPDATE data_file SET attended = ? WHERE tenant_id = ? AND mode = ?", changes, tenant_id, mode)


def settle(tx: Tx, tenant_id: int, mode: Mode, due_at: float | None) -> None:
    """In the registry: this file is closed, and due then; or marked still, where somebody wrote to it meanwhile."""
    tx.run(
        "UPDATE data_file SET due_at = iif(changes = attended, ?, 0) WHERE tenant_id = ? AND mode = ?",
        *(None if due_at is None else max(due_at, _AT_ONCE), tenant_id, mode),
    )


def known(tx: Tx, tenant_id: int, mode: Mode) -> float | None:
    """From the registry: when it says that this file is due; None is never."""
    due_at: float | None = tx.value("SELECT due_at FROM data_file WHERE tenant_id = ? AND mode = ?", tenant_id, mode)
    return due_at


def files(tx: Tx) -> list[DueFile]:
    """From the registry: the files that are marked, and those due by now for longest, of tenants that are active."""
    rows = tx.all(
        f"SELECT {TENANT}, mode, due_at, changes, attended"
        " FROM data_file INDEXED BY data_file_due JOIN tenant ON tenant.id = tenant_id"
        " WHERE (due_at <= ? OR due_at > ?) AND status = 'ACTIVE' AND paused_at IS NULL ORDER BY due_at, tenant.id LIMIT ?",
        *(tx.now, tx.now + LONGEST_WAIT, _MOST),
    )
    return [DueFile(Tenant(*row[:6]), *row[6:]) for row in rows]

"""Everything that may be found: a closed list, each with what it means."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Literal

Severity = Literal["problem", "warning"]

KINDS: Final[Mapping[str, tuple[Severity, str]]] = {
    "sqlite_affected": ("warning", "This SQLite may damage a file that two programs write at the same moment."),
    "disk_unwritable": ("problem", "The data folder cannot be written to."),
    "disk_low": ("problem", "The disk of the data folder is nearly full."),
    "descriptors": ("warning", "The server may open fewer files than its settings want."),
    "permissions": ("problem", "Others than the owner may read or change what is in the data folder."),
    "owner": ("problem", "Something in the data folder belongs to another user than the folder."),
    "leftover": ("warning", "A command that was interrupted has left something behind."),
    "serve_stale": ("warning", "serve.json names a server that runs no more."),
    "clock": ("problem", "The clock of this machine is wrong, or was."),
    "keyring_missing": ("problem", "The keys of the box are not there, and no server starts without them."),
    "keyring_broken": ("problem", "The keyring cannot be read, and no server starts without it."),
    "registry_damaged": ("problem", "The registry, box.db, is lost, damaged or none."),
    "registry_behind": ("warning", "The registry is of an older schema."),
    "registry_ahead": ("problem", "The registry was written by a newer program."),
    "unread": ("problem", "A file of the box could not be looked into."),
    "file_missing": ("problem", "A data file of a tenant is not there."),
    "file_blank": ("problem", "A data file is empty, or is no file of a tenant."),
    "file_damaged": ("problem", "A data file is damaged."),
    "schema_behind": ("warning", "A data file is of an older schema."),
    "schema_ahead": ("problem", "A data file was written by a newer program."),
    "folder_unknown": ("warning", "A folder holds data files that no tenant has."),
    "overlap": ("problem", "Two have the same resource at the same time."),
    "overfull": ("problem", "A session has more people than it takes."),
    "unplaced": ("problem", "A booking does not occupy what it should."),
    "time_kept": ("problem", "Bookings that do not take place occupy time."),
    "secret_unreadable": ("problem", "A webhook's secrets do not open with the keys of this box."),
    "paused": ("warning", "A tenant has been paused for a move for over an hour."),
    "deliveries_forgotten": ("problem", "Something is due in a data file, and no server would look into it."),
    "deliveries_stuck": ("problem", "Deliveries have been due for over an hour while a server runs."),
    "endpoint_disabled": ("warning", "A webhook was disabled because it failed."),
    "backup_old": ("warning", "There is no complete backup of the last days."),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it should be.

    What helps is said by `advice`, by `command` (words after `smoothbox`), or by the one and then the other. `mend` does it
    where it is safe to be done unasked; it raises Problem or OSError.
    """

    code: str
    where: str
    message: str
    advice: str = ""
    command: str = ""
    mend: Callable[[], object] | None = None

    @property
    def severity(self) -> Severity:
        """How bad it is."""
        return KINDS[self.code][0]

"""The box that is looked at, and what every look at it needs."""

import shlex
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

from smoothbox.clock import Clock
from smoothbox.ids import Mode
from smoothbox.settings import Settings
from smoothbox.store.box import Tenant
from smoothbox.store.folder import DataFolder, Serving
from smoothbox.upkeep import backups
from smoothbox.upkeep.backups import Backup
from smoothbox.upkeep.doctor.findings import Finding

HOUR: Final = 3600.0
FIX: Final = "doctor --fix"


@dataclass(frozen=True)
class Case:
    """One visit. A quick one leaves out what takes long."""

    folder: DataFolder
    settings: Settings
    clock: Clock
    is_quick: bool = False

    @cached_property
    def server(self) -> Serving | None:
        """Who serves the folder, if anybody does."""
        return self.folder.server()

    @property
    def backup_home(self) -> Path:
        """Where backups are kept."""
        return backups.home(self.folder, self.settings.backup.directory)

    @cached_property
    def backups(self) -> list[Backup]:
        """Those that are complete, the newest first."""
        try:
            found = backups.all_in(self.backup_home)
        except OSError:  # a folder that cannot be read has none for us
            return []
        return [each for each in found if each.is_complete]


@dataclass(frozen=True, slots=True)
class DataFile:
    """One data file of a tenant."""

    case: Case
    tenant: Tenant
    mode: Mode

    @property
    def path(self) -> Path:
        """Where it lies."""
        return self.case.folder.tenant_file(self.tenant.folder, self.mode)

    def finding(self, code: str, message: str, advice: str = "", command: str = "") -> Finding:
        """Something about this file that it takes a person to put right."""
        return Finding(code, str(self.path), message, advice, command)

    def lost(self, code: str, message: str) -> Finding:
        """Something about this file that a backup helps against."""
        for each in self.case.backups:
            if each.manifest and each.manifest.of(self.tenant.folder):
                command = f"restore {shlex.quote(str(each.path))} --tenant {self.tenant.slug} --replace"
                advice = f"Stop the server, and put the tenant back as it was at {each.manifest.created_at}:"
                return self.finding(code, message, advice, command)
        advice = f"No complete backup in {self.case.backup_home} has it; put a sound copy in its place while no server runs."
        return self.finding(code, message, advice)

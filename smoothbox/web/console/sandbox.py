"""Settings → API → Sandbox: what it is, what it holds, and how it begins anew."""

import asyncio
from collections.abc import Mapping

from smoothbox.ids import Mode
from smoothbox.operations import sandbox
from smoothbox.store.census import counts
from smoothbox.web.console.api_settings import ROOT, ApiPage, Confirmation, Question


class Sandbox(ApiPage):
    """The sandbox as it is, beside live."""

    part = "sandbox"

    async def see(self) -> None:
        """Show it."""
        self.show("console/sandbox.html", live=await self._held("live"), test=await self._held("test"))

    async def _held(self, mode: Mode) -> Mapping[str, int]:
        async with self.means.files.use(self.person.tenant, mode) as file:
            return await file.read(counts)


class SandboxReset(Confirmation):
    """The sandbox as the catalogue of live, and nothing else."""

    part = "sandbox"

    async def question(self) -> Question:
        """Asked before it is emptied."""
        text = "Its bookings, customers and events go for good. Services, staff, rooms and hours become those of live."
        return Question("Reset the sandbox?", text, "Reset the sandbox", f"{ROOT}sandbox/")

    async def do(self) -> tuple[str, str]:
        """Empty and refill it: file by file, in a thread, as the command line does beside a running server."""
        await asyncio.to_thread(sandbox.reset, self.means.folder, self.person.tenant.folder, self.means.clock)
        return f"{ROOT}sandbox/", "The sandbox holds the catalogue of live, and nothing else."

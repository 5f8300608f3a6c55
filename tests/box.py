"""A real box for tests: real files, a real socket, a clock that stands still, and always two tenants."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from io import StringIO
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlencode

from tornado.httpclient import AsyncHTTPClient, HTTPRequest

from smoothbox.app import App
from smoothbox.clock import Clock
from smoothbox.contract.scopes import SCOPES
from smoothbox.ids import Mode
from smoothbox.located_toml import load_toml
from smoothbox.logs import AccessLog
from smoothbox.operations import tenancy, tenants, tokens
from smoothbox.operations.catalogue_file import parse
from smoothbox.operations.tokens import TokenRequest
from smoothbox.settings import Settings
from smoothbox.store.folder import DataFolder, open_box
from smoothbox.upkeep import boxes

NOON = "2027-01-04T12:00:00.000000Z"  # a Monday; 07:00 in New York

CATALOGUE = """
[business]
name = "Acme Barbers"
timezone = "America/New_York"
currency = "USD"
slot_interval = 30
cancellation_window_hours = 24
[business.hours]
monday = ["09:00-12:00", "13:00-17:00"]
tuesday = ["09:00-12:00", "13:00-17:00"]
wednesday = ["09:00-17:00"]
thursday = ["09:00-17:00"]
friday = ["22:00-02:00"]
[[closure]]
date = "2027-01-06"
name = "Inventory"
[[resource]]
key = "ann"
name = "Ann"
type = "STAFF"
[[resource.time_off]]
start = "2027-01-12T00:00"
end = "2027-01-13T00:00"
[[resource]]
key = "bob"
name = "Bob"
type = "STAFF"
[[resource.exception]]
date = "2027-01-05"
hours = ["10:00-11:00"]
[[resource]]
key = "room"
name = "Blue Room"
type = "ROOM"
[[service]]
key = "cut"
name = "Haircut"
duration = 30
price = 2500
resources = ["ann", "bob"]
display_order = 1
[[service]]
key = "colour"
name = "Colour"
duration = 60
price = 8000
buffer_after = 30
resources = ["ann"]
display_order = 2
[[service]]
key = "advice"
name = "Advice"
duration = 15
variable_pricing = true
min_notice = 120
max_advance_days = 10
resources = ["bob"]
display_order = 3
[[service]]
key = "wedding"
name = "Wedding"
duration = 240
price = 50000
requires_manual_scheduling = true
resources = ["ann", "room"]
display_order = 4
"""


class StillClock(Clock):
    """Moves only when told to."""

    def __init__(self, text: str = NOON) -> None:
        self.at = datetime.fromisoformat(text).timestamp()
        self.passed = 1000.0

    def now(self) -> float:
        return self.at

    def elapsed(self) -> float:
        return self.passed

    def advance(self, seconds: float) -> None:
        """Let time pass, or set the wall clock back; what has elapsed only grows."""
        self.at += seconds
        self.passed += max(seconds, 0.0)


@dataclass(frozen=True)
class Answer:
    """A response, its body parsed."""

    status: int
    headers: Mapping[str, str]
    body: Any

    @property
    def code(self) -> str:
        """The error code."""
        code: str = self.body["error"]
        return code


@dataclass
class Client:
    """Speaks to a box with one token."""

    url: str
    token: str | None
    headers: dict[str, str] = field(default_factory=dict)

    async def get(self, path: str, **query: Any) -> Answer:
        return await self.send("GET", f"{path}?{urlencode(query, doseq=True)}" if query else path)

    async def post(self, path: str, body: Any = None) -> Answer:
        return await self.send("POST", path, body)

    async def patch(self, path: str, body: Any) -> Answer:
        return await self.send("PATCH", path, body)

    async def delete(self, path: str) -> Answer:
        return await self.send("DELETE", path)

    async def send(
        self, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None, raw: bytes | None = None
    ) -> Answer:
        """Send JSON, or raw bytes; a path that begins with '/' is taken whole."""
        url = path if path.startswith("http") else self.url + (path if path.startswith("/") else f"/tenant-api/v1/{path}")
        sent = raw if raw is not None else json.dumps(body).encode() if body is not None else None
        own = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        if sent is not None:
            own["Content-Type"] = "application/json"
        request = HTTPRequest(
            url,
            method=method,
            body=sent,
            headers={**own, **self.headers, **(headers or {})},
            allow_nonstandard_methods=True,
            follow_redirects=False,
            request_timeout=20,
        )
        response = await AsyncHTTPClient().fetch(request, raise_error=False)
        if response.code == 599:
            raise response.rethrow() or AssertionError("no answer")
        is_json = response.headers.get("Content-Type") == "application/json" and response.body
        return Answer(response.code, response.headers, json.loads(response.body) if is_json else None)


def settle(folder: DataFolder, clock: Clock, slug: str, catalogue: str) -> None:
    """One more business, with its catalogue in both modes, as the command line makes it."""
    tenancy.settle(folder, clock, tenancy.NewTenant(slug, slug.title(), "America/New_York", "USD"))
    apply(folder, clock, slug, catalogue)


def apply(folder: DataFolder, clock: Clock, slug: str, catalogue: str) -> None:
    """Apply a catalogue to both modes, as the command line does."""
    file = folder.root / "catalogue.toml"
    file.write_text(catalogue, "utf-8")
    with open_box(folder, clock) as registry:
        tenant = registry.read(tenants.find, slug)
    tenancy.apply_catalogue(folder, clock, tenant, ("live", "test"), parse(*load_toml(file), file))


class RunningBox:
    """A box with the tenants acme and rival, both with the same catalogue in both modes."""

    def __init__(self, root: Path, clock: Clock, settings: Settings, catalogue: str = CATALOGUE) -> None:
        self.folder = DataFolder(root)
        self.clock = clock
        self.settings = settings
        if not self.folder.exists():
            boxes.make(self.folder, clock)
            for slug in ("acme", "rival"):
                settle(self.folder, clock, slug, catalogue)
        self.log = StringIO()
        self.app = App(self.folder, settings, clock, AccessLog(self.log))
        self.url = ""

    def add_tenant(self, slug: str) -> None:
        """One more business."""
        new = tenancy.NewTenant(slug, slug.title(), "America/New_York", "USD")
        tenancy.settle(self.folder, self.clock, new)

    def apply(self, slug: str, catalogue: str) -> None:
        """Apply a catalogue to both modes, as the command line does."""
        apply(self.folder, self.clock, slug, catalogue)

    def set_status(self, slug: str, status: Literal["ACTIVE", "DISABLED"]) -> None:
        """Disable or enable a tenant, as the command line does."""
        with open_box(self.folder, self.clock) as registry:
            registry.write(tenants.set_status, slug, status)

    def token(self, slug: str = "acme", mode: Mode = "live", scopes: tuple[str, ...] = tuple(SCOPES), **more: Any) -> str:
        """A fresh token, made beside the running server."""
        request = TokenRequest("test", mode, scopes, **more)
        with open_box(self.folder, self.clock) as registry:
            return registry.write(tokens.create, slug, request).secret

    def client(self, slug: str = "acme", mode: Mode = "live", scopes: tuple[str, ...] = tuple(SCOPES), **more: Any) -> Client:
        """A client with a fresh token."""
        return Client(self.url, self.token(slug, mode, scopes, **more))

    def start(self, loop: Any) -> None:
        """Listen on a free port."""
        self.url = loop.run_sync(self.app.start)

    def stop(self, loop: Any) -> None:
        """Stop, and let the clients' sockets go."""
        loop.run_sync(self.app.stop)
        loop.run_sync(_breathe)


async def _breathe() -> None:
    AsyncHTTPClient().close()
    await asyncio.sleep(0)

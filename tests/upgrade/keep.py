"""Makes a zip like those beside it: the data folder of an older program as that program left it, and what it answered.

    git worktree add /tmp/old COMMIT
    .venv/bin/python tests/upgrade/keep.py /tmp/old tests/upgrade/schema-N.zip
    git worktree remove /tmp/old

It runs the checkout it is given, speaks to it over HTTP alone, and needs nothing but the standard library, so that it works
with every version. Whatever a version has learnt to keep is furnished here before its folder is made; what an older one does
not know is then left out by hand. No token in it ends.
"""

import json
import os
import signal
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

SCOPES = (
    "services:read,resources:read,availability:read,bookings:read,bookings:write,customers:read,customers:write,"
    "business:read,webhooks:manage,services:write,resources:write,business:write"
)
SECRET = "whsec_b2xkIGJveGVzIHNpZ24gd2l0aCB3aGF0IHRoZXkga25ldw=="
LISTS = ("bookings", "customers", "services", "resources", "webhooks", "events")


@dataclass(frozen=True)
class Program:
    """A checkout of the older program, with a data folder."""

    checkout: Path
    data: Path

    def start(self, *words: str) -> "subprocess.Popen[str]":
        """One command under way; `-m` finds what lies in the working directory first."""
        command = [sys.executable, "-m", "smoothbox", "--data-dir", str(self.data), *words]
        environment = {**os.environ, "SMOOTHBOX_LOG_FILE": str(self.data.with_name("log"))}
        return subprocess.Popen(command, cwd=self.checkout, env=environment, stdout=subprocess.PIPE, text=True)

    def run(self, *words: str) -> Any:
        """What a command answers in JSON."""
        process = self.start("--json", *words)
        said, _ = process.communicate(timeout=60)
        assert process.returncode == 0, words
        return json.loads(said)

    def token(self, slug: str, mode: str) -> str:
        """A token of every scope, without narrow limits."""
        limits = ("--hourly", "1000000", "--burst", "1000000")
        made = self.run("token", "create", slug, "--name", "kept", f"--{mode}", "--scopes", SCOPES, *limits)
        token: str = made["token"]
        return token

    @contextmanager
    def serving(self) -> Iterator[str]:
        """Its address, with a demo tenant; in the end it is stopped as a service is."""
        process = self.start("demo", "--port", "0")
        assert process.stdout is not None
        url = next(line for line in process.stdout if line.startswith("listening on ")).split()[-1]
        try:
            yield url
        finally:
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=60)
        assert process.returncode == 0


@dataclass
class Client:
    """Speaks with one token. `told` are the requests that had a key, each with the answer to it."""

    url: str
    token: str
    told: list[dict[str, Any]] = field(default_factory=list)

    def send(self, method: str, path: str, body: Any = None, key: str | None = None) -> Any:
        """The body of an answer, which must be a good one."""
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        sent = None if body is None else json.dumps(body).encode()
        named = {"Idempotency-Key": key} if key else {}
        try:
            with urlopen(
                Request(f"{self.url}/tenant-api/v1/{path}", sent, headers | named, method=method), timeout=20
            ) as answer:
                status, said = answer.status, answer.read().decode()
        except HTTPError as error:
            raise AssertionError(f"{method} {path}: {error.read().decode()}") from error
        if key:
            self.told.append({"path": path, "key": key, "body": body, "status": status, "answer": said})
        return json.loads(said or "null")

    def all(self, path: str) -> list[Any]:
        """Every row of a list."""
        page = self.send("GET", f"{path}/?page_size=100")
        assert not page["next"], path
        rows: list[Any] = page["results"]
        return rows

    def slots(self, service_id: int) -> list[str]:
        """When a service is free in the next days."""
        first = datetime.now(UTC).date() + timedelta(days=3)
        query = f"service_id={service_id}&start_date={first}&end_date={first + timedelta(days=10)}"
        return [slot["start_time"] for day in self.send("GET", f"availability/?{query}")["days"] for slot in day["slots"]]


def customers(client: Client) -> list[int]:
    """People whose names are a test of every program; one of them is blocked."""
    names = (("Jürgen 🧔", "Müller-Lüdenscheidt"), ('Bobby "Tables"', "O'Brien'); DROP TABLE booking;--"), ("李", "小龍"))
    ids: list[int] = []
    for number, (first, last) in enumerate(names):
        own = {"first_name": first, "last_name": last, "phone": f"+49 30 55500{number}", "external_id": f"crm-{number}"}
        more = {"tags": ["früh", "vip"], "metadata": {"größe": "1,80 m"}, "notes": "Line one.\nLine two."}
        ids.append(client.send("POST", "customers/", own | more, f"customer-{number}")["id"])
    client.send("PATCH", f"customers/{ids[2]}/", {"status": "BLOCKED"})
    return ids


def bookings(client: Client, people: list[int]) -> None:
    """One in every status, one that was moved, a series, a session of two parties, one with a person and a room, a hold."""
    services = {each["name"]: each["id"] for each in client.all("services")}
    cut, free = services["Haircut"], iter(client.slots(services["Haircut"])[::7])
    ann, bob, _ = people

    def book(service: str, start: str | None, customer: int = ann, **more: Any) -> int:
        body = {"service_id": services[service], "start_time": start, "customer_id": customer, **more}
        made: int = client.send("POST", "bookings/", body)["id"]
        return made

    for status in ("SCHEDULED", "CONFIRMED", "COMPLETED", "NO_SHOW"):
        made = book("Haircut", next(free), notes=f"To be {status}.", metadata={"status": status})
        client.send("PATCH", f"bookings/{made}/", {"status": status})
    client.send("POST", f"bookings/{book('Haircut', next(free), bob)}/cancel/", {"reason": 'Has a "cold".'})
    client.send("PATCH", f"bookings/{book('Haircut', next(free), bob)}/", {"start_time": next(free)})
    book("Wedding Styling", None, notes="In June.")
    weekly = {"service_id": cut, "start_time": next(free), "customer_id": ann, "recurrence": "FREQ=WEEKLY;COUNT=3"}
    client.send("POST", "bookings/", weekly, "a-series")
    class_at = client.slots(services["Braiding Class"])[0]
    book("Braiding Class", class_at, ann, party_size=2)
    book("Braiding Class", class_at, bob, party_size=2)
    ritual = {
        "service_id": services["Scalp Ritual"],
        "start_time": client.slots(services["Scalp Ritual"])[0],
        "customer_id": bob,
    }
    client.send("POST", "bookings/", ritual | {"external_id": "crm-ritual"}, "a-booking")
    client.send("POST", "holds/", {"service_id": cut, "start_time": next(free), "ttl_seconds": 1800}, "a-hold")


def webhooks(client: Client, receiver: str) -> None:
    """One that nobody answers, with a secret and a header of its own; one that is told; one whose receiver is gone."""
    own = {"url": "http://127.0.0.1:9999/hook", "secret": SECRET, "headers": {"X-Own": "kept-1"}}
    client.send("POST", "webhooks/", own | {"events": ["*"], "description": "Nobody answers."}, "a-webhook")
    client.send("POST", "webhooks/", {"url": f"{receiver}/well", "events": ["booking.*"], "ed25519": True}, "another-webhook")
    client.send("POST", "webhooks/", {"url": f"{receiver}/gone", "events": ["customer.*"]})


@contextmanager
def receiving() -> Iterator[str]:
    """A receiver of deliveries that answers 200, and 410 at /gone; its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(410 if self.path == "/gone" else 200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


def answers(client: Client) -> dict[str, Any]:
    """All that the API shows."""
    shown: dict[str, Any] = {name: client.all(name) for name in LISTS}
    shown["business"] = client.send("GET", "business/")
    for each in shown["webhooks"]:
        path = f"webhooks/{each['id']}/deliveries"
        shown[path] = client.all(path)
    return shown


def keep(program: Program) -> dict[str, Any]:
    """Furnish a data folder and stop; what a newer program must say of it."""
    with program.serving() as url, receiving() as receiver:
        program.run("tenant", "create", "rival", "--name", "Rival", "--timezone", "Europe/Berlin", "--currency", "EUR")
        tokens = {f"{slug} {mode}": program.token(slug, mode) for slug in ("demo", "rival") for mode in ("live", "test")}
        live = Client(url, tokens["demo live"])
        webhooks(live, receiver)
        bookings(live, customers(live))
        Client(url, tokens["rival live"]).send("POST", "customers/", {"first_name": "Råger", "email": "r@example.com"})
        time.sleep(8)  # some deliveries are made, and some are to be tried again
        shown = {name: answers(Client(url, token)) for name, token in tokens.items()}
    return {"at": datetime.now(UTC).isoformat(), "tokens": tokens, "secret": SECRET, "told": live.told, "answers": shown}


def main(checkout: Path, target: Path) -> None:
    """Make the zip."""
    os.umask(0o077)
    with TemporaryDirectory() as temporary:
        program = Program(checkout.absolute(), Path(temporary, "data"))
        expected = keep(program)
        files = [path for path in sorted(program.data.rglob("*")) if path.is_file() and path.name != "serve.lock"]
        assert not [path for path in files if path.name.endswith(("-wal", "-shm"))], files
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
            for path in files:
                archive.write(path, Path("data", path.relative_to(program.data)))
            archive.writestr("expected.json", json.dumps(expected, indent=1, ensure_ascii=False))


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))

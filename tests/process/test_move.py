"""A tenant moves from one box to another behind one proxy, while its clients go on booking."""

import asyncio
import json
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.process.ledger import CATALOGUE, Ledger
from tests.process.receiver import receiving
from tests.process.server import Server, exchange, make_box, smoothbox, until

HOST = "acme.example.test"


class Proxy:
    """Looks the tenant's box up in a map, by the host that a request names, as nginx and Caddy do."""

    def __init__(self) -> None:
        self.boxes: dict[str, str] = {}
        self._relays: set[asyncio.Task[None]] = set()  # of one whose client has left, asyncio holds no reference
        self.url = ""

    @contextmanager
    def running(self) -> Iterator["Proxy"]:
        """Serve in a thread of its own."""
        ready = threading.Event()
        thread = threading.Thread(target=lambda: asyncio.run(self._serve(ready)))
        thread.start()
        ready.wait()
        try:
            yield self
        finally:
            self._loop.call_soon_threadsafe(self._stopped.set)
            thread.join()

    async def _serve(self, ready: threading.Event) -> None:
        self._loop, self._stopped = asyncio.get_running_loop(), asyncio.Event()
        server = await asyncio.start_server(self._let_in, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        ready.set()
        async with server:
            await self._stopped.wait()
        await asyncio.sleep(0.05)  # whoever was let in just now has become a task
        for relay in self._relays:
            relay.cancel()
        await asyncio.gather(*self._relays, return_exceptions=True)

    async def _let_in(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        relay = asyncio.create_task(self._relay(reader, writer))
        self._relays.add(relay)
        relay.add_done_callback(self._relays.discard)

    async def _relay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with closing(writer), suppress(OSError, asyncio.IncompleteReadError):
            head = await reader.readuntil(b"\r\n\r\n")
            lines = head.decode("latin-1").split("\r\n")
            (host,) = (line.partition(":")[2].strip() for line in lines if line.lower().startswith("host:"))
            (length,) = [line.partition(":")[2] for line in lines if line.lower().startswith("content-length:")] or ["0"]
            there = urlsplit(self.boxes[host])
            from_box, to_box = await asyncio.open_connection(there.hostname, there.port)
            with closing(to_box):
                to_box.write(head + await reader.readexactly(int(length)))
                while piece := await from_box.read(65536):
                    writer.write(piece)
                    await writer.drain()


@pytest.mark.slow
def test_a_move_under_load_loses_nothing_and_books_nothing_twice(tmp_path: Path) -> None:
    old_home, new_home = tmp_path / "old", tmp_path / "new"
    token = make_box(old_home, CATALOGUE)
    smoothbox(new_home, "init")
    settings = {"server_base_domain": "example.test", "webhooks_allow_cidrs": "127.0.0.1/32"}
    with (
        Server(old_home, **settings) as old,
        Server(new_home, **settings) as new,
        receiving() as receiver,
        Proxy().running() as proxy,
    ):
        proxy.boxes[HOST] = old.url
        ledger = Ledger(lambda: proxy.url, token, {"Host": HOST})
        subscription = {"url": receiver.url, "events": ["booking.created"]}
        assert exchange(proxy.url, token, "POST", "webhooks/", subscription, ledger.headers)[0] == 201
        with ledger.growing():
            until(lambda: len(ledger) > 60)
            since = time.monotonic()
            smoothbox(old_home, "tenant", "pause", "acme")
            before = len(ledger)
            packed = smoothbox(old_home, "--json", "tenant", "export", "acme", "--output", str(tmp_path / "acme.smoothbox"))
            key = json.loads(packed.stdout)["key"]
            smoothbox(new_home, "tenant", "import", str(tmp_path / "acme.smoothbox"), "--key", key)
            proxy.boxes[HOST] = new.url
            took = time.monotonic() - since
            until(lambda: len(ledger) > before + 60)
        assert not ledger.surprises
        assert ledger.refusals
        assert set(ledger.refusals) <= {(503, "5"), (503, "1")}
        assert ledger.longest_wait < took + 10
        assert ledger.kept() == ledger.told()
        until(lambda: {each["data"]["object"]["id"] for each in receiver.events} == ledger.told().keys())
        smoothbox(old_home, "--yes", "tenant", "delete", "acme")
        assert ledger.kept() == ledger.told()

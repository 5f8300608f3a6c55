"""A disk that fills up or breaks under a server: it says so, keeps its word, and goes on when the disk does."""

import errno
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.disks import fill, small_disk
from tests.faults.preload import built, needs_a_compiler
from tests.faults.scripted import Answer, answered
from tests.faults.servers import PreloadedServer
from tests.process.ledger import CATALOGUE
from tests.process.server import call, make_box, smoothbox, until


@dataclass
class Shop:
    """A server, and a client that adds customers, each with a key."""

    server: PreloadedServer
    token: str
    number: int = 0

    def add(self, number: int | None = None) -> tuple[Answer, bool]:
        """Add the customer of this number, or one more."""
        if number is None:
            self.number += 1
            number = self.number
        return answered(self.server.url, self.token, "POST", "customers/", {"phone": f"+49301{number:06}"}, f"key-{number}")

    def names(self) -> int:
        """How many customers it says there are."""
        status, page = call(self.server.url, self.token, "GET", "customers/?page_size=1")
        assert status == 200, page
        count: int = page["count"]
        return count


class Switch:
    """What makes calls of the server fail, while it is on."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def on(self, call: str, error: int) -> None:
        self._path.write_text(f"{call} {error}\n")

    def off(self) -> None:
        self._path.unlink()


@pytest.fixture
def switch(tmp_path: Path) -> Switch:
    return Switch(tmp_path / "switch")


@pytest.fixture
def shop(tmp_path: Path, switch: Switch) -> Iterator[Shop]:
    """A shop on a disk that can be made to fail."""
    data = tmp_path / "data"
    token = make_box(data, CATALOGUE)
    library, path = str(built("failing", tmp_path)), str(tmp_path / "switch")
    preload = {"LD_PRELOAD": library, "FAILING_ROOT": str(data), "FAILING_SWITCH": path}
    shop = Shop(PreloadedServer(data, preload), token)
    yield shop
    assert shop.server.terminate() == 0
    assert smoothbox(data, "doctor").returncode == 0


@needs_a_compiler
@pytest.mark.parametrize(
    ("calls", "error", "status"),
    [
        ("fdatasync", errno.EIO, 503),
        ("pwrite64", errno.EIO, 503),
        ("pwrite64", errno.ENOSPC, 507),
        ("pwrite64", errno.EROFS, 503),
    ],
)
def test_what_the_disk_refuses_is_not_acknowledged_and_is_done_once_when_it_takes_it_again(
    shop: Shop, switch: Switch, calls: str, error: int, status: int
) -> None:
    kept = [shop.add()[0] for _ in range(3)]
    switch.on(calls, error)
    for _ in range(3):
        (refused, said), _ = shop.add(4)
        assert (refused, said["details"].get("retry_after", 1) >= 1) == (status, True), said
        assert shop.names() == 3  # who reads is not disturbed
    switch.off()
    until(lambda: shop.add(4)[0][0] == 201)
    assert shop.names() == 4
    for number, answer in enumerate(kept, 1):
        assert shop.add(number) == (answer, True)
    shop.server.kill()  # and all of it is on the disk, not only in memory
    shop.server = PreloadedServer(shop.server.data, {})
    assert shop.names() == 4


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own, of 4 MB."""
    with small_disk(tmp_path / "disk", 4096) as place:
        yield place


def test_on_a_disk_that_is_really_full_reads_go_on_and_writes_when_there_is_room_again(small: Path) -> None:
    token = make_box(small / "data", CATALOGUE)
    with PreloadedServer(small / "data", {}) as server:
        shop = Shop(server, token)
        kept = [shop.add()[0] for _ in range(3)]
        filling = fill(small)
        said: list[Any] = []
        until(lambda: said.append(shop.add()) or said[-1][0][0] != 201)  # what is in the log already may still fit
        assert said[-1][0][0] == 507, said[-1]
        acknowledged = 3 + sum(answer[0] == 201 for answer, _ in said)
        assert shop.names() == acknowledged
        filling.unlink()
        until(lambda: shop.add()[0][0] == 201)
        assert shop.names() == acknowledged + 1
        assert [shop.add(number) for number in (1, 2, 3)] == [(answer, True) for answer in kept]
        assert server.terminate() == 0
    assert smoothbox(small / "data", "--json", "doctor").returncode in {0, 1}  # a disk of 4 MB is nearly full

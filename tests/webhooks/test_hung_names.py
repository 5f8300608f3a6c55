"""Names that take for ever to look up: they run out of time, and keep nobody and nothing else waiting."""

import asyncio
import socket
import subprocess
import sys
import threading
import time

import pytest

from smoothbox.webhooks.guard import Guard

from .network import Network
from .receivers import OK, listening, scripted
from .senders import CONNECT, HERE, claim, rules, sender

pytestmark = pytest.mark.gen_test


@pytest.fixture
def network(monkeypatch: pytest.MonkeyPatch) -> Network:
    """Names of this machine."""
    made = Network(monkeypatch)
    made.name("here.example", "127.0.0.1")
    return made


class Hung:
    """A look-up that ends when it is let go, with this outcome."""

    def __init__(self, *addresses: str) -> None:
        self._addresses = addresses
        self._go = threading.Event()
        self.asked = 0

    def __call__(self) -> tuple[str, ...]:
        self.asked += 1
        self._go.wait(10)
        if not self._addresses:
            raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")
        return self._addresses

    async def let_go(self) -> None:
        self._go.set()
        while threads():  # noqa: ASYNC110 -- they have no event to tell
            await asyncio.sleep(0.001)
        await asyncio.sleep(CONNECT / 4)  # until whoever waited for it has been told


@pytest.fixture
def hung(network: Network) -> Hung:
    """What becomes of the name hung.example."""
    made = Hung()
    network.name_that("hung.example", made)
    return made


def threads() -> int:
    return sum(thread.name == "resolver" for thread in threading.enumerate())


async def test_a_name_that_hangs_runs_out_of_time(network: Network, hung: Hung) -> None:
    async with sender(timeout=5.0) as box:
        outcome = await box.attempt(claim("http://hung.example/"))
        assert (outcome.status_code, outcome.error) == (None, "timeout")
        assert CONNECT * 900 < outcome.duration_ms < CONNECT * 1000 + 300
        await hung.let_go()  # and what it fails with later is not written to the log


async def test_a_name_that_leads_inside_too_late_is_not_written_to_the_log(network: Network) -> None:
    late = Hung("10.0.0.1")
    network.name_that("late.example", late)
    async with sender() as box:
        assert (await box.attempt(claim("http://late.example/"))).error == "timeout"
        await late.let_go()
    assert network.dialled == []


async def test_a_name_that_hangs_keeps_no_other_waiting(network: Network, hung: Hung) -> None:
    async with listening(scripted(OK)) as receiver, sender(connect_timeout=5.0, timeout=5.0) as box:
        urls = [f"http://{name}:{port}/" for name in ("hung.example", "HUNG.example") for port in range(9000, 9020)]
        waiting = [asyncio.create_task(box.attempt(claim(url))) for url in urls]
        while not hung.asked:  # noqa: ASYNC110 -- in a thread
            await asyncio.sleep(0.001)
        begin = time.monotonic()
        for host in ("127.0.0.1", "localhost", "here.example"):
            assert (await box.attempt(claim(receiver.url(host)))).status_code == 200, host
        assert (await box.attempt(claim("http://unknown.example/"))).error == "dns_error"
        assert time.monotonic() - begin < 2.0
        assert hung.asked == 1
        await hung.let_go()
        assert {each.error for each in await asyncio.gather(*waiting)} == {"dns_error"}


async def test_who_waited_for_a_name_is_told_of_his_own_port(network: Network) -> None:
    late = Hung("127.0.0.1")
    network.name_that("late.example", late)
    async with listening(scripted(OK)) as one, listening(scripted(OK)) as two, sender(connect_timeout=5.0) as box:
        waiting = [asyncio.create_task(box.attempt(claim(each.url("late.example")))) for each in (one, two, one)]
        await asyncio.sleep(0.02)
        await late.let_go()
        assert {each.status_code for each in await asyncio.gather(*waiting)} == {200}
        assert (one.hits, two.hits, late.asked) == (2, 1, 1)


async def test_who_goes_away_takes_nobody_along(network: Network) -> None:
    late, guard = Hung("127.0.0.1"), Guard(rules(allow_cidrs=HERE))
    network.name_that("late.example", late)
    gone, patient = (asyncio.create_task(guard.resolve("late.example", port)) for port in (80, 443))
    await asyncio.sleep(0.01)
    gone.cancel()
    await asyncio.sleep(0)
    await late.let_go()
    assert await patient == [(socket.AF_INET, ("127.0.0.1", 443))]


async def test_a_name_is_asked_for_anew_after_it_hung(network: Network, hung: Hung) -> None:
    async with listening(scripted(OK)) as receiver, sender() as box:
        assert (await box.attempt(claim(receiver.url("hung.example")))).error == "timeout"
        await hung.let_go()
        network.name("hung.example", "127.0.0.1")
        assert (await box.attempt(claim(receiver.url("hung.example")))).status_code == 200


async def test_a_hung_name_is_subscribed_in_time(network: Network, hung: Hung) -> None:
    guard, begin = Guard(rules()), time.monotonic()
    await guard.admit("https://hung.example/", "live")
    assert time.monotonic() - begin < CONNECT + 1.0
    await hung.let_go()
    guard.close()


ENDING = """
import asyncio, socket, threading
from smoothbox.settings import Webhooks
from smoothbox.webhooks.guard import Guard

def hang(*arguments, flags=0):
    if flags:
        raise socket.gaierror()
    threading.Event().wait(30)

async def main():
    guard = Guard(Webhooks(connect_timeout=0.1))
    await guard.admit("https://hung.example/", "test")
    guard.close()

socket.getaddrinfo = hang
asyncio.run(main())
"""


async def test_a_name_that_hangs_does_not_keep_the_box_from_ending() -> None:
    ended = await asyncio.to_thread(
        subprocess.run, [sys.executable, "-c", ENDING], capture_output=True, timeout=10, check=False
    )
    assert (ended.returncode, ended.stderr) == (0, b"")


async def test_who_subscribes_to_names_that_hang_takes_no_look_up_away_from_deliveries(network: Network) -> None:
    hung = Hung("9.9.9.9")
    for number in range(30):
        network.name_that(f"slow{number}.example", hung)
    guard = Guard(rules())
    admissions = [asyncio.ensure_future(guard.admit(f"https://slow{number}.example/", "live")) for number in range(30)]
    await asyncio.sleep(0.05)
    assert threads() == 4
    refused = [each for each in admissions if each.done()]
    assert {each.exception().code for each in refused} == {"unavailable"}  # type: ignore[union-attr]
    assert len(refused) == 14
    async with listening(scripted(OK)) as receiver, sender() as ready:
        outcome = await ready.attempt(claim(receiver.url("here.example")))
        assert outcome.status_code == 200
    await hung.let_go()
    await asyncio.gather(*admissions, return_exceptions=True)
    while threads():  # noqa: ASYNC110 -- they have no event to tell
        await asyncio.sleep(0.001)
    await guard.admit("https://slow1.example/", "live")
    guard.close()

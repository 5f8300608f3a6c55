"""Answers that are kept in memory never differ from what a fresh look at the data would say."""

import asyncio
import json
import random
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace

import pytest
from tornado.ioloop import IOLoop

from smoothbox.api.kept import KeptAnswers, Key
from smoothbox.api.messages import Response
from smoothbox.api.routes import ROUTES
from smoothbox.contract.customers import CustomerChange
from smoothbox.contract.services import ServiceChange
from smoothbox.ids import Mode
from smoothbox.logs import Visit
from smoothbox.operations import customers, services, tenancy, tenants
from smoothbox.settings import Settings
from smoothbox.store.connection import Tx
from smoothbox.store.folder import open_box
from tests.box import CATALOGUE, Answer, Client, RunningBox, StillClock

from .acme import ANN, CUT, book, on, wish
from .wire import dial, head

KEPT = [pattern for pattern, methods in ROUTES.items() if "GET" in methods and methods["GET"].is_kept]
PATHS = [pattern.replace("<id>", "1") for pattern in KEPT]
ENOUGH = 4  # requests after which an answer is kept: one to see the file, one to look at it, one to be asked again


@pytest.fixture
def api(box: RunningBox, io_loop: IOLoop) -> Client:
    """A client of a business in which there is one of everything, every answer of which is kept."""
    client = box.client()
    io_loop.run_sync(lambda: book(client))
    io_loop.run_sync(lambda: warm(client))
    return client


async def warm(api: Client) -> None:
    for path in PATHS:
        for _ in range(ENOUGH):
            assert (await api.get(path)).status == 200, path


async def assert_fresh(api: Client, paths: list[str] = PATHS) -> None:
    """What is answered is what somebody gets who comes by a name of the box that nobody used before, and so kept nothing."""
    other = Client(api.url, api.token, {"Host": f"fresh-{random.randrange(10**9)}.test"})
    for path in paths:
        here, fresh = await api.get(path), await other.get(path)
        assert here.status == fresh.status == 200, path
        assert here.body == relocated(fresh, other.headers["Host"], api.url), path


async def assert_lists_agree(api: Client) -> None:
    """What lists show, each of whose rows is kept too, is what the objects themselves show, which are read each time."""
    for room in ("services", "resources", "bookings", "customers"):
        for order in ("id", "-id"):
            for row in (await api.get(f"{room}/", ordering=order)).body["results"]:
                alone = await Client(api.url, api.token, {"Host": f"alone-{random.randrange(10**9)}.test"}).get(
                    f"{room}/{row['id']}/"
                )
                assert row.items() <= alone.body.items()


def relocated(answer: Answer, host: str, url: str) -> object:
    """The body with its links as they are at the other name."""
    return json.loads(json.dumps(answer.body).replace(f"http://{host}", url))


def beside(box: RunningBox, verb: Callable[..., object], *args: object, slug: str = "acme", mode: Mode = "live") -> None:
    """What a command does while the server runs."""
    with open_box(box.folder, box.clock) as registry:
        tenant = registry.read(tenants.find, slug)
    tenancy.write_beside(box.folder, box.clock, tenant, mode, verb, *args)


def rename_all(tx: Tx) -> None:
    for table in ("business", "service", "resource"):
        tx.run(f"UPDATE {table} SET name = name || ' of another'")


def by_another_program(box: RunningBox, sql: str, after: str = "pass") -> int:
    """A commit by a process that knows nothing of smoothbox; how it ended."""
    path = box.folder.tenant_file("acme", "live")
    script = f"import os, sqlite3; c = sqlite3.connect({str(path)!r}); c.execute({sql!r}); c.commit(); {after}"
    return subprocess.run([sys.executable, "-c", script], check=False, timeout=20).returncode


@pytest.mark.gen_test
async def test_what_is_asked_again_is_not_read_again(box: RunningBox, api: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    for room in ("services", "bookings", "customers"):
        monkeypatch.setattr(f"smoothbox.operations.{room}.find", lambda *_: pytest.fail("was read again"))
        monkeypatch.setattr(f"smoothbox.operations.{room}.list_page", lambda *_: pytest.fail("was read again"))
        for path in (f"{room}/", f"{room}/1/"):
            assert (await api.get(path)).status == 200


@pytest.mark.gen_test
@pytest.mark.parametrize("path", PATHS)
async def test_what_is_known_is_not_sent_again(api: Client, path: str) -> None:
    tag = (await api.get(path)).headers["ETag"]
    for method in ("GET", "HEAD"):
        answer = await api.send(method, path, headers={"If-None-Match": tag})
        assert (answer.status, answer.body, answer.headers["ETag"]) == (304, None, tag)
    assert (await api.send("HEAD", path)).status == 200
    assert (await api.get(path)).body


@pytest.mark.gen_test
async def test_each_answer_has_headers_of_its_own(api: Client) -> None:
    first, second = await api.get("services/"), await api.get("services/")
    assert first.headers["X-Request-Id"] != second.headers["X-Request-Id"]
    left = [int(answer.headers["X-RateLimit-Remaining"]) for answer in (first, second)]
    assert left[0] == left[1] + 1
    assert first.headers["ETag"] == second.headers["ETag"]


@pytest.mark.gen_test
async def test_the_next_read_shows_what_was_written(api: Client) -> None:
    for path, change in (
        ("services/1/", {"name": "Trim"}),
        ("resources/1/", {"name": "Anna"}),
        ("customers/1/", {"notes": "early bird"}),
        ("bookings/1/", {"notes": "window seat"}),
        ("business/", {"name": "Acme & Sons"}),
    ):
        written = await api.patch(path, change)
        assert (written.status, (await api.get(path)).body) == (200, written.body)
        await assert_fresh(api)
    assert (await api.post("bookings/1/cancel/", {})).status == 200
    await assert_fresh(api)
    assert (await api.delete("services/2/")).status == 204
    await assert_fresh(api)


@pytest.mark.gen_test
async def test_the_next_read_shows_what_a_command_wrote(box: RunningBox, api: Client) -> None:
    beside(box, customers.change, 1, CustomerChange(notes="by telephone"))
    assert (await api.get("customers/1/")).body["notes"] == "by telephone"
    await assert_fresh(api)
    await warm(api)
    box.apply("acme", CATALOGUE.replace("Haircut", "Cut and go").replace("America/New_York", "America/Chicago"))
    assert (await api.get("services/1/")).body["name"] == "Cut and go"
    assert (await api.get("bookings/1/")).body["timezone"] == "America/Chicago"
    await assert_fresh(api)


@pytest.mark.gen_test
async def test_a_command_that_queues_nothing_is_seen_too(box: RunningBox, api: Client) -> None:
    def quietly(tx: Tx) -> None:
        tx.run("UPDATE service SET name = 'Quiet' WHERE id = 1")

    beside(box, quietly)
    assert (await api.get("services/1/")).body["name"] == "Quiet"


@pytest.mark.gen_test
@pytest.mark.parametrize("after", ["pass", f"os.kill(os.getpid(), {signal.SIGKILL})"])
async def test_any_program_that_commits_is_seen_even_one_that_is_killed_right_after(
    box: RunningBox, api: Client, after: str
) -> None:
    assert by_another_program(box, "UPDATE service SET name = 'Foreign' WHERE id = 1", after) in {0, -signal.SIGKILL}
    assert (await api.get("services/1/")).body["name"] == "Foreign"
    assert (await api.get("services/", id__in=1)).body["results"][0]["name"] == "Foreign"
    await assert_fresh(api)
    await assert_lists_agree(api)


@pytest.mark.gen_test
async def test_what_is_refused_or_rolled_back_changes_no_answer(box: RunningBox, api: Client) -> None:
    before = [(await api.get(path)).body for path in PATHS]
    assert (await api.post("bookings/", wish(resource_id=ANN))).status == 409
    assert (await api.patch("services/1/", {"duration": -1})).status == 400

    def fail(tx: Tx) -> None:
        tx.run("UPDATE service SET name = 'Never'")
        raise LookupError

    with pytest.raises(LookupError):
        beside(box, fail)
    assert [(await api.get(path)).body for path in PATHS] == before
    await assert_fresh(api)


@pytest.mark.gen_test
@pytest.mark.parametrize("path", PATHS)
async def test_nobody_gets_the_answer_of_another(box: RunningBox, api: Client, path: str) -> None:
    mine = (await api.get(path)).body
    beside(box, rename_all, slug="rival")
    beside(box, rename_all, mode="test")
    for stranger in (box.client("rival"), box.client("acme", "test")):
        for _ in range(ENOUGH):
            answer = await stranger.get(path)
            assert answer.body != mine
            if answer.status == 200:
                await assert_fresh(stranger, [path])
    assert (await api.get(path)).body == mine


@pytest.mark.gen_test
@pytest.mark.parametrize("pattern", KEPT)
async def test_who_may_not_read_it_does_not_though_it_is_kept(box: RunningBox, api: Client, pattern: str) -> None:
    scope = ROUTES[pattern]["GET"].scope
    others = tuple(each for each in ("services:read", "resources:read", "bookings:read", "customers:read") if each != scope)
    answer = await box.client(scopes=others).get(pattern.replace("<id>", "1"))
    assert (answer.status, answer.code) == (403, "insufficient_scope")
    assert (await box.client("acme", scopes=(scope,)).get(pattern.replace("<id>", "1"))).status == 200


@pytest.mark.gen_test
async def test_who_sees_less_sees_less_though_the_whole_is_kept(box: RunningBox, api: Client) -> None:
    narrow = box.client(scopes=("business:read",))
    for _ in range(ENOUGH):
        await assert_fresh(narrow, ["business/"])
        await assert_fresh(api, ["business/"])


@pytest.mark.gen_test
async def test_a_revoked_token_gets_nothing_though_it_is_kept(box: RunningBox, api: Client) -> None:
    box.set_status("acme", "DISABLED")
    assert (await api.get("services/")).code == "tenant_disabled"


@pytest.mark.gen_test
async def test_a_business_that_is_renamed_shows_its_new_name(box: RunningBox, api: Client) -> None:
    assert (await api.get("business/")).body["subdomain"] == "acme"
    with open_box(box.folder, box.clock) as registry:
        registry.write(tenants.rename, "acme", "acme-two")
    assert (await api.get("business/")).body["subdomain"] == "acme-two"
    await assert_fresh(api)


@pytest.mark.gen_test
async def test_links_lead_to_where_the_request_came_by(api: Client) -> None:
    for name in ("one.test", "two.test"):
        client = Client(api.url, api.token, {"Host": name})
        for _ in range(ENOUGH):
            answer = await client.get("services/", page_size=1)
            assert answer.body["next"].startswith(f"http://{name}/")


@pytest.mark.gen_test
@pytest.mark.parametrize("path", PATHS)
async def test_no_answer_that_is_kept_depends_on_the_time(clock: StillClock, api: Client, path: str) -> None:
    kept = (await api.get(path)).body
    clock.advance(400 * 86400)
    fresh = Client(api.url, api.token, {"Host": "later.test"})
    assert relocated(await fresh.get(path), "later.test", api.url) == kept


@pytest.mark.gen_test
async def test_what_depends_on_the_time_is_not_kept(clock: StillClock, api: Client) -> None:
    question = {"service_id": CUT, "date": "2027-01-05"}
    for _ in range(ENOUGH):
        early = await api.get("availability/", **question)
    clock.advance(24 * 3600 + 3 * 3600)  # Tuesday at ten
    late = await api.get("availability/", **question)
    assert "ETag" not in late.headers
    assert len(late.body["days"][0]["slots"]) < len(early.body["days"][0]["slots"])


@pytest.mark.gen_test
async def test_nobody_reads_what_is_older_than_an_acknowledged_write(api: Client) -> None:
    """Readers and a writer at once: whoever begins to read after an answer sees what it acknowledged, and never goes back."""
    written, stop = 0, False

    async def write() -> None:
        nonlocal written, stop
        for number in range(1, 120):
            assert (await api.patch("services/1/", {"display_order": number})).status == 200
            written = number
        stop = True

    async def read(path: str, pick: Callable[[Answer], int]) -> int:
        seen = times = 0
        while not stop:
            least = max(seen, written)
            seen = pick(await api.get(path))
            assert seen >= least
            times += 1
        return times

    one, many = (lambda answer: answer.body["display_order"]), (lambda answer: answer.body["results"][0]["display_order"])
    await api.patch("services/1/", {"display_order": 0})
    readers = [("services/1/", one), ("services/1/", one), ("services/?id__in=1", many), ("services/?id__in=1", many)]
    times = await asyncio.gather(write(), *(read(*reader) for reader in readers))
    assert min(times[1:]) > 10


@pytest.mark.slow
@pytest.mark.gen_test(timeout=60)
async def test_after_any_step_every_answer_is_as_a_fresh_one(box: RunningBox, api: Client) -> None:
    chance, rival = random.Random(7), box.client("rival")
    steps: list[Callable[[], object]] = [
        lambda: api.patch("services/1/", {"name": f"Cut {chance.random()}"}),
        lambda: api.post("bookings/", wish(start_time=on("05", f"{chance.randrange(9, 17):02}:00"), resource_id=ANN)),
        lambda: api.post(f"bookings/{chance.randrange(1, 9)}/cancel/", {}),
        lambda: api.patch("customers/1/", {"notes": str(chance.random())}),
        lambda: api.patch("business/", {"slot_interval": chance.choice([10, 15, 30])}),
        lambda: rival.patch("services/1/", {"name": f"Rival {chance.random()}"}),
        lambda: beside(box, services.change, 1, ServiceChange(description=str(chance.random()))),
        lambda: by_another_program(box, f"UPDATE resource SET name = 'R{chance.random()}' WHERE id = 1"),
        lambda: api.post("customers/", {"phone": str(chance.randrange(10**6))}),
    ]
    for _ in range(30):
        done = chance.choice(steps)()
        if asyncio.iscoroutine(done):
            await done
        for path in PATHS:
            await api.get(path)
        await assert_fresh(api, chance.sample(PATHS, 4))
        await assert_fresh(rival, ["services/"])
        await assert_lists_agree(chance.choice([api, rival]))


@pytest.mark.gen_test
async def test_of_requests_sent_ahead_each_sees_what_was_committed_before_it_is_taken_up(
    box: RunningBox, api: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Kept answers leave at once, so the second request is taken up in the turn of the loop that the first was answered in."""
    note, names = box.app._front.access.note, iter(["one", "two", "three"])

    def commit_and_note(visit: Visit) -> None:
        beside(box, lambda tx, name: tx.run("UPDATE service SET name = ? WHERE id = 1", name), next(names))
        note(visit)

    monkeypatch.setattr(box.app._front.access, "note", commit_and_note)
    line = await dial(api.url)
    await line.send(head(api, "GET", "services/1/") * 3)
    seen = [(await line.answer()).body["name"] for _ in range(3)]
    assert seen == ["Haircut", "one", "two"]
    await line.close()


class TestWithOneFileOpen:
    """A file that is closed and opened again may have changed meanwhile, and SQLite's counter begins anew."""

    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return replace(settings, tenants=replace(settings.tenants, max_open=1))

    @pytest.mark.gen_test
    async def test_what_changed_while_it_was_closed_is_seen(self, box: RunningBox, api: Client) -> None:
        rival = box.client("rival")
        for number in range(5):
            for _ in range(number + 1):
                await api.get("services/1/")
            assert (await rival.get("services/1/")).status == 200
            for step in range(number + 1):
                name = f"{number}-{step}"
                beside(box, lambda tx, name: tx.run("UPDATE service SET name = ? WHERE id = 1", name), name)
            for _ in range(ENOUGH):
                assert (await api.get("services/1/")).body["name"] == name


class TestWithNothingKept:
    """A box whose owner wants no memory spent."""

    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return replace(settings, server=replace(settings.server, kept_answers_mb=0))

    @pytest.mark.gen_test
    async def test_everything_is_read_anew(self, box: RunningBox, api: Client) -> None:
        await assert_fresh(api)
        assert len(box.app.kept) == 0


def key(name: str) -> Key:
    return (1, "live", (), "acme", "http://localhost", name, "")


def test_memory_is_bounded_by_bytes_and_the_longest_unused_leave_first():
    kept, state = KeptAnswers(100_000), object()
    for number in range(40):
        for _ in range(2):
            kept.keep(key(str(number)), state, Response(200, b"x" * 4000))
        assert kept.find(key("0"), state) is not None
        assert kept.size <= 100_000
    assert kept.find(key("1"), state) is None
    assert kept.find(key("39"), state) is not None
    assert 10 < len(kept) < 25


def test_one_answer_may_not_push_out_the_others():
    kept, state = KeptAnswers(100_000), object()
    for _ in range(2):
        kept.keep(key("huge"), state, Response(200, b"x" * 30_000))
    assert (len(kept), kept.size) == (0, 0)


def test_an_answer_is_kept_when_it_is_asked_for_again_and_replaced_by_a_newer_one():
    kept, old, new = KeptAnswers(100_000), object(), object()
    kept.keep(key("a"), old, Response(200, b"old"))
    assert kept.find(key("a"), old) is None
    kept.keep(key("a"), old, Response(200, b"old"))
    found = kept.find(key("a"), old)
    assert found is not None
    assert (found.body, kept.find(key("a"), new), kept.find(key("a"), None)) == (b"old", None, None)
    kept.keep(key("a"), new, Response(200, b"new"))
    found = kept.find(key("a"), new)
    assert found is not None
    assert (found.body, len(kept)) == (b"new", 1)


def test_of_a_file_that_has_changed_nothing_stays_and_of_the_others_all():
    kept, old, new, other = KeptAnswers(100_000), object(), object(), object()
    rival = (2, *key("a")[1:])
    for _ in range(2):
        for name in "abc":
            kept.keep(key(name), old, Response(200, b"acme"))
        kept.keep(rival, other, Response(200, b"rival"))
    assert len(kept) == 4
    assert kept.find(key("a"), new) is None
    found = kept.find(rival, other)
    assert found is not None
    assert (len(kept), found.body) == (1, b"rival")
    assert kept.find(key("b"), old) is None
    kept.keep(rival, new, Response(200, b"new"))
    assert (len(kept), kept.find(rival, other)) == (1, None)
    assert (len(kept), kept.size, kept._files) == (0, 0, {})


def test_what_was_asked_for_is_forgotten_after_a_while():
    kept, state = KeptAnswers(1_000_000), object()
    for number in range(20_000):
        kept.keep(key(str(number)), state, Response(200, b"x"))
    assert len(kept) == 0
    assert len(kept._asked) <= 4096

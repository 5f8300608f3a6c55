"""The quiet sweep: what is over goes by itself, and a file in which nothing is due is not written to."""

from typing import Any

import pytest

from smoothbox.operations import housekeeping
from smoothbox.operations.idempotency import DAY
from smoothbox.store.connection import Tx
from smoothbox.store.folder import open_tenant
from tests.api.acme import ANN, CUT, TEN
from tests.box import Client, RunningBox, StillClock

pytestmark = pytest.mark.gen_test

KEEP_DAYS = 30.0


def counts(box: RunningBox) -> list[Any]:
    """Holds, what they occupy, and kept answers."""

    def query(tx: Tx) -> list[Any]:
        return [tx.value(f"SELECT count(*) FROM {table}") for table in ("hold", "allocation", "idempotency")]

    with open_tenant(box.folder, "acme", "live", box.clock) as file:
        return file.read(query)


async def hold(api: Client, key: str = "") -> None:
    headers = {"Idempotency-Key": key} if key else {}
    body = {"service_id": CUT, "start_time": TEN, "resource_id": ANN}
    assert (await api.send("POST", "holds/", body, headers)).status == 201


async def tidied(box: RunningBox) -> int:
    """Sweep as the box does; how many files were written to."""
    written: list[str] = []

    async def errand(file: Any) -> None:
        if await file.read(housekeeping.is_due, KEEP_DAYS):
            written.append(str(file.path))
            await file.write(housekeeping.tidy, KEEP_DAYS)

    await box.app.files.for_each_open(errand)
    return len(written)


async def test_a_hold_that_is_over_goes_and_a_live_one_stays(box: RunningBox, api: Client, clock: StillClock) -> None:
    await hold(api)
    assert await tidied(box) == 0
    assert counts(box) == [1, 1, 0]
    clock.advance(300)
    assert await tidied(box) == 1
    assert counts(box) == [0, 0, 0]
    assert await tidied(box) == 0


async def test_an_answer_goes_after_its_day(box: RunningBox, api: Client, clock: StillClock) -> None:
    await hold(api, key="once")
    clock.advance(DAY)
    await tidied(box)
    assert counts(box)[2] == 1
    clock.advance(1)
    await tidied(box)
    assert counts(box) == [0, 0, 0]


async def test_a_sweep_keeps_no_idle_file_open(box: RunningBox, api: Client, clock: StillClock) -> None:
    await hold(api)
    clock.advance(301)
    await tidied(box)
    await box.app.files.close_idle()
    assert len(box.app.files) == 0
    assert await tidied(box) == 0


async def test_the_box_sweeps_by_itself(
    box: RunningBox, api: Client, clock: StillClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    await hold(api)
    clock.advance(300)
    await box.app.files.for_each_open(box.app._tidy)
    assert counts(box) == [0, 0, 0]


async def test_what_ails_one_file_keeps_no_other_from_its_turn(
    box: RunningBox, api: Client, caplog: pytest.LogCaptureFixture
) -> None:
    await api.get("business/")
    await box.client("rival").get("business/")
    visited: list[Any] = []

    async def errand(file: Any) -> None:
        visited.append(file)
        raise ValueError("sick")

    await box.app.files.for_each_open(errand)
    assert len(set(visited)) == 2
    assert [record.getMessage().endswith("failed") for record in caplog.records] == [True, True]
    caplog.clear()

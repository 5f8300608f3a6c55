"""The writer alone, in one process: 64 who wait, with group commit and one by one. Prints one line of JSON.

Run by slow_disk.py as `python -m tests.bench.writer FOLDER ROUNDS SECONDS`, with or without a slower fsync.
"""

import asyncio
import json
import os
import statistics
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from smoothbox.clock import Clock
from smoothbox.store.connection import Tx
from smoothbox.store.database import Database
from smoothbox.store.migrate import TENANT

WAITING = 64


def prepare(tx: Tx) -> None:
    tx.run("CREATE TABLE bench (id INTEGER PRIMARY KEY, who INTEGER NOT NULL, at REAL NOT NULL, note TEXT NOT NULL)")
    tx.run("CREATE INDEX bench_who ON bench (who, at)")


def insert(tx: Tx, who: int) -> int:
    return tx.insert("INSERT INTO bench (who, at, note) VALUES (?, ?, ?)", who, tx.now, "a row about as long as a note")


def count(tx: Tx) -> int:
    return int(tx.value("SELECT count(*) FROM bench"))


async def round_of(write: Callable[[int], Awaitable[Any]], seconds: float) -> list[float]:
    """Let 64 write one after another's commit for that long; the latency of each write, in ms."""
    took: list[float] = []
    deadline = time.perf_counter() + seconds

    async def one(who: int) -> None:
        while (began := time.perf_counter()) < deadline:
            await write(who)
            took.append((time.perf_counter() - began) * 1000)

    await asyncio.gather(*(one(who) for who in range(WAITING)))
    return took


async def measure(folder: Path, rounds: int, seconds: float) -> dict[str, object]:
    """Interleave both ways; raises when the file does not hold exactly what was acknowledged."""
    path = folder / "writer.db"
    path.touch()  # Database opens files that are there
    database, turn = Database(path, TENANT, Clock()), asyncio.Lock()
    await database.open()

    async def together(who: int) -> int:
        return await database.write(insert, who)

    async def alone(who: int) -> int:
        async with turn:
            return await database.write(insert, who)

    seen: dict[str, list[dict[str, float]]] = {"together": [], "alone": []}
    try:
        await database.write(prepare)
        written = 0
        for _ in range(rounds):
            for name, way in (("together", together), ("alone", alone)):
                began = time.perf_counter()
                took = await round_of(way, seconds)
                written += len(took)
                seen[name].append(_figures(took, time.perf_counter() - began))
        if (found := await database.read(count)) != written:
            raise RuntimeError(f"{written} writes were acknowledged and {found} are in the file")
    finally:
        await database.close()
    return {"fsync_ms": fsync_ms(folder), **seen}


def _figures(took: list[float], seconds: float) -> dict[str, float]:
    parts = statistics.quantiles(took, n=100)
    return {"rate": len(took) / seconds, "p50_ms": parts[49], "p99_ms": parts[98]}


def fsync_ms(folder: Path) -> float:
    """The median time of an fsync after a small write."""
    took = []
    with (folder / "fsync").open("wb", buffering=0) as file:
        for _ in range(20):
            file.write(b"x" * 4096)
            began = time.perf_counter()
            os.fsync(file.fileno())
            took.append((time.perf_counter() - began) * 1000)
    return statistics.median(took)


if __name__ == "__main__":
    figures = asyncio.run(measure(Path(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])))
    sys.stdout.write(json.dumps(figures) + "\n")

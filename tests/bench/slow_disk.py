"""The writer on a disk whose fsync takes a millisecond longer: what group commit is worth where it matters."""

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.bench.processes import BenchError, Cores, busy_seconds, on_core
from tests.bench.rows import Figures, Goal, Row
from tests.bench.shim import NoShimError, build, slower

GOAL = Goal(">=", 8)
SLOWER_US = 1000
ROUND_SECONDS = 0.75
TITLE = "writer, 64 wait, +1 ms fsync: group commit : one by one"


def measure(folder: Path, rounds: int, cores: Cores) -> tuple[list[Row], list[str]]:
    """The ratio of the two ways, round by round."""
    return [_row(folder, rounds, cores)], []


def _row(folder: Path, rounds: int, cores: Cores) -> Row:
    try:
        seen = _run(folder, rounds, cores, slower(build(folder), SLOWER_US))
    except NoShimError as error:
        return Row("writer", TITLE, GOAL, gap=str(error))
    except BenchError as error:  # the other rows are worth seeing all the same
        return Row("writer", TITLE, GOAL, complaint=str(error))
    if seen["fsync_ms"] < SLOWER_US / 1000:
        return Row("writer", TITLE, GOAL, gap="preloading slow_fsync.so had no effect here")
    figures = [
        Figures(group["rate"], group["rate"] / alone["rate"], group["p50_ms"], group["p99_ms"], None, seen["others"])
        for group, alone in zip(seen["together"], seen["alone"], strict=True)
    ]
    return Row("writer", TITLE, GOAL, figures)


def _run(folder: Path, rounds: int, cores: Cores, slowed: Mapping[str, str]) -> dict[str, Any]:
    place = folder / "writer"
    place.mkdir()
    command = [sys.executable, "-m", "tests.bench.writer", str(place), str(rounds), str(ROUND_SECONDS)]
    began, before = time.monotonic(), _others(cores)
    with on_core(cores.server):
        run = subprocess.run(
            command,
            capture_output=True,
            text=True,
            env={**os.environ, **slowed},
            timeout=60 + 4 * rounds * ROUND_SECONDS,
            check=False,
        )
    if run.returncode:
        raise BenchError(f"the writer failed:\n{run.stderr[-400:]}")
    return {**json.loads(run.stdout), "others": max(0.0, (_others(cores) - before) / (time.monotonic() - began))}


def _others(cores: Cores) -> float:
    """CPU seconds that others have used so far on our cores."""
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (busy_seconds(cores) or 0.0) - ended.ru_utime - ended.ru_stime

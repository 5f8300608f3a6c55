"""Bare Tornado and boxes, in turn, round after round: rates as ratios to bare Tornado, and p99 as a ratio to p50."""

import statistics
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from tests.bench.box import Box
from tests.bench.load import CONNECTIONS, Sample, put_load
from tests.bench.parts import Part, ask
from tests.bench.processes import BenchError, Cores, Server, running
from tests.bench.rows import Figures, Goal, Row

ROUND_SECONDS = 3
WARM_SECONDS = 1


@dataclass(frozen=True, slots=True)
class Lane:
    """A part on a box."""

    part: Part
    box: Box


@dataclass(frozen=True, slots=True)
class Seen:
    """One round: bare Tornado, then each of the lanes."""

    bare: Sample
    lanes: Sequence[Sample]


@contextmanager
def bare_tornado(folder: Path, cores: Cores) -> Iterator[Server]:
    """The yardstick."""
    with running("bare", [sys.executable, "-m", "tests.bench.bare"], core=cores.server, folder=folder) as server:
        yield server


def compared(bare: Server, lanes: Sequence[Lane], rounds: int, cores: Cores) -> list[Row]:
    """The row of bare Tornado, then one or two of each lane."""
    warm = _round(bare, lanes, WARM_SECONDS, cores)
    for lane, sample in zip(lanes, warm.lanes, strict=True):
        if sample.complaint:
            raise BenchError(f"{lane.part.name}: {sample.complaint}")
    seen = [_round(bare, lanes, ROUND_SECONDS, cores) for _ in range(rounds)]
    yardstick = _rows(Part("bare", "bare Tornado, 195 bytes", None), [(each.bare, each.bare) for each in seen])
    pairs = zip(*([(sample, each.bare) for sample in each.lanes] for each in seen), strict=True)
    return yardstick + [row for lane, here in zip(lanes, pairs, strict=True) for row in _rows(lane.part, here)]


def _round(bare: Server, lanes: Sequence[Lane], seconds: int, cores: Cores) -> Seen:
    sample = put_load(bare, "bare.lua", [], clients=CONNECTIONS, seconds=seconds, cores=cores)
    if sample.complaint:
        raise BenchError(f"bare Tornado itself: {sample.complaint}; this machine is too busy to measure on")
    return Seen(sample, [ask(lane.box, lane.part, seconds, cores) for lane in lanes])


def _rows(part: Part, seen: Sequence[tuple[Sample, Sample]]) -> list[Row]:
    """How fast it is beside bare Tornado, and where that is to be judged how even."""
    samples = [here for here, _ in seen]
    complaint = "; ".join({here.complaint: None for here in samples if here.complaint})
    size = statistics.median(here.bytes_each for here in samples) / 1000
    row = Row(part.name, f"{part.title} ({size:.1f} kB)", part.goal, [_rate(*pair) for pair in seen], complaint)
    return [row] if part.tail is None else [row, _tail_row(part.name, part.tail, seen)]


def _tail_row(name: str, goal: Goal, seen: Sequence[tuple[Sample, Sample]]) -> Row:
    """How even it is; a machine on which bare Tornado is not even says nothing against it."""
    row = Row(f"{name}-p99", "  its p99 : p50", goal, [_tail(here) for here, _ in seen])
    usual = statistics.median(_tail(bare).ratio for _, bare in seen)
    if row.verdict != "MISSED" or goal.holds_for(usual):
        return row
    return replace(row, gap=f"bare Tornado's own p99 is {usual:.1f} times its p50 here")


def _rate(here: Sample, bare: Sample) -> Figures:
    others = max(here.others, bare.others)
    return Figures(here.rate, here.rate / max(bare.rate, 1.0), here.p50_ms, here.p99_ms, here.cpu_us, others)


def _tail(here: Sample) -> Figures:
    return Figures(None, here.p99_ms / max(here.p50_ms, 0.001), here.p50_ms, here.p99_ms, None, here.others)

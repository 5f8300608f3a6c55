"""What a run found: one row for each part, its ratio, its spread and whether the goal holds."""

import operator
import statistics
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from operator import attrgetter
from typing import Literal

CALM = 0.15
"""Others may use so much of a core during a round; more, and its rates say nothing."""


_HOLDS = {">=": operator.ge, "<=": operator.le}
_TEXTS = {
    "ratio": "{} {:g}",
    "rate": "{} {:,.0f}/s",
    "p50_ms": "p50 {} {:,.0f}",
    "p99_ms": "p99 {} {:,.0f}",
    "cpu_us": "CPU {} {:,.0f}",
    "memory_mb": "{} {:,.0f} MB",
}


@dataclass(frozen=True, slots=True)
class Goal:
    """What the median of a figure is to reach, or not to exceed."""

    sign: Literal[">=", "<="]
    bound: float
    figure: Literal["ratio", "rate", "p50_ms", "p99_ms", "cpu_us", "memory_mb"] = "ratio"

    @property
    def text(self) -> str:
        """As the table shows it."""
        return _TEXTS[self.figure].format(self.sign, self.bound)

    def holds_for(self, value: float) -> bool:
        """Whether a median is good enough."""
        return bool(_HOLDS[self.sign](value, self.bound))


@dataclass(frozen=True, slots=True)
class Figures:
    """One round of one part; CPU is of the server, in µs per request, `others` what they took of one core meanwhile.

    None is what there is no sense in, or what was not measured.
    """

    rate: float | None
    ratio: float
    p50_ms: float | None
    p99_ms: float | None
    cpu_us: float | None = None
    others: float = 0.0
    memory_mb: float | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One part over all rounds; where half of them were calm, only those count.

    A complaint says what was wrong with the answers, a gap why there are no figures.
    """

    name: str
    title: str
    goal: Goal | None = None
    rounds: list[Figures] = field(default_factory=list)
    complaint: str = ""
    gap: str = ""

    @property
    def calm(self) -> list[Figures]:
        """The rounds in which others left the cores to us; none when they were fewer than half."""
        calm = [one for one in self.rounds if one.others <= CALM]
        return calm if 2 * len(calm) >= len(self.rounds) else []

    @property
    def ratio(self) -> float:
        """The median of the rounds' ratios: each is taken within its round, so that slow drift cancels out."""
        return statistics.median(one.ratio for one in self.calm or self.rounds)

    @property
    def verdict(self) -> str:
        """`ok`, `MISSED`, `WRONG`, `disturbed` or `not measured`; empty where there is no goal.

        Others can only make CPU dearer: where little was used, it does not matter whether they disturbed.
        """
        if self.complaint:
            return "WRONG"
        if self.gap:
            return "not measured"
        if self.goal is None:
            return ""
        found = self.median(attrgetter(self.goal.figure))
        if found is None:
            return "not measured"
        holds = self.goal.holds_for(found)
        if not self.calm and not (holds and self.goal.figure == "cpu_us"):
            return "disturbed"
        return "ok" if holds else "MISSED"

    def median(self, pick: Callable[[Figures], float | None]) -> float | None:
        """The median over the rounds of one figure."""
        found = [value for one in self.calm or self.rounds if (value := pick(one)) is not None]
        return statistics.median(found) if found else None


def holds(rows: Sequence[Row]) -> bool:
    """Whether every goal that could be measured holds; one that was disturbed does not count as held."""
    return all(row.verdict not in {"MISSED", "WRONG", "disturbed"} for row in rows)


def as_text(rows: Sequence[Row]) -> str:
    """The table for people."""
    head = ("row", "req/s", "ratio", "min-max", "p50 ms", "p99 ms", "CPU µs", "others", "goal", "")
    lines = [head, *(_cells(row) for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    text = "\n".join(_aligned(line, widths) for line in lines)
    remarks = [f"{row.name}: {row.complaint or row.gap}" for row in rows if row.complaint or row.gap]
    return "\n".join([text, *remarks])


def as_data(row: Row) -> dict[str, object]:
    """The row for programs."""
    names = ("rate", "ratio", "p50_ms", "p99_ms", "cpu_us", "memory_mb")
    medians = {name: row.median(attrgetter(name)) for name in names}
    return {**asdict(row), "median": medians, "verdict": row.verdict}


def _cells(row: Row) -> tuple[str, ...]:
    goal = "" if row.goal is None else row.goal.text
    if not row.rounds:
        return (row.title, "", "", "", "", "", "", "", goal, row.verdict)
    ratios = [one.ratio for one in row.calm or row.rounds]
    return (
        row.title,
        _number(row.median(attrgetter("rate")), ",.0f"),
        f"{row.ratio:.2f}",
        f"{min(ratios):.2f}-{max(ratios):.2f}",
        _number(row.median(attrgetter("p50_ms")), ".2f"),
        _number(row.median(attrgetter("p99_ms")), ".2f"),
        _number(row.median(attrgetter("cpu_us")), ".0f"),
        f"{100 * max(one.others for one in row.calm or row.rounds):.0f} %",
        goal,
        row.verdict,
    )


def _number(value: float | None, form: str) -> str:
    return "" if value is None else format(value, form)


def _aligned(cells: Sequence[str], widths: Sequence[int]) -> str:
    first, *rest = (
        cell.ljust(width) if not n else cell.rjust(width) for n, (cell, width) in enumerate(zip(cells, widths, strict=True))
    )
    return "  ".join([first, *rest]).rstrip()

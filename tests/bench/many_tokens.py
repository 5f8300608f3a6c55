"""What a token costs that is not in memory: the registry keeps 10,000, and here are 20,000 of as many tenants as there are.

Each asks for what its scopes do not allow: it is known and weighed as any other, and no data file is opened.
"""

from collections.abc import Sequence
from pathlib import Path

from tests.bench.in_turn import Turns
from tests.bench.load import Sample
from tests.bench.processes import Cores, resident_mb
from tests.bench.rows import Figures, Row
from tests.bench.serving import serving
from tests.bench.starts import MOST

KEPT = 9_000
"""So many stay in memory while they are used in turn; twice as many, in turn, are all read from the file."""


def measure(data: Path, strangers: Turns, rounds: int, cores: Cores) -> list[Row]:
    """Tokens in memory, tokens that are not as a ratio to them, and the memory that they take."""
    few, seen = strangers.first(KEPT), []
    with serving(data, cores.server) as server:
        few.first(1).ask(server, 1, cores)
        before = resident_mb(server.pid) or 1.0
        few.ask(server, KEPT, cores)
        after = resident_mb(server.pid) or 1.0
        for _ in range(min(rounds, MOST)):
            few.ask(server, KEPT, cores)
            kept = few.ask(server, KEPT, cores)
            seen.append((kept, strangers.ask(server, len(strangers.callers), cores)))
    title = f"memory with {KEPT:,} tokens : 1 token, {after:.1f} MB"
    return [
        row("tenants-tokens", f"403, one of {KEPT:,} tokens in memory", [(kept, kept) for kept, _ in seen]),
        row("tenants-tokens-read", f"403, one of {len(strangers.callers):,} tokens : in memory, CPU", seen),
        Row("tenants-tokens-memory", title, None, [Figures(None, after / before, None, None, memory_mb=after)]),
    ]


def row(name: str, title: str, seen: Sequence[tuple[Sample, Sample]]) -> Row:
    """The second of each pair; its ratio is that of its CPU to the first one's."""
    complaint = "; ".join({here.complaint: None for _, here in seen if here.complaint})
    return Row(name, title, None, [_compared(*pair) for pair in seen], complaint)


def _compared(cheap: Sample, dear: Sample) -> Figures:
    ratio = (dear.cpu_us or 0.0) / max(cheap.cpu_us or 0.0, 1.0)
    return Figures(dear.rate, ratio, dear.p50_ms, dear.p99_ms, dear.cpu_us, max(cheap.others, dear.others))

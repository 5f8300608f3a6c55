"""The rows of webhooks, each compared with the same server in the same run."""

from pathlib import Path

from tests.bench import deliveries, hanging
from tests.bench.load import find_wrk
from tests.bench.processes import Cores
from tests.bench.rows import Row


def measure(folder: Path, rounds: int, cores: Cores) -> tuple[list[Row], list[str]]:
    """The rows, and remarks for people."""
    find_wrk()
    rows, remarks = [], []
    for part in (deliveries, hanging):
        place = folder / part.__name__.rpartition(".")[2]
        place.mkdir()
        more, said = part.measure(place, rounds, cores)
        rows += more
        remarks += said
    return rows, remarks

"""The figures of the box in the text format of Prometheus (https://prometheus.io/docs/instrumenting/exposition_formats/).

No label says whose a figure is: a box may have ten thousand tenants, and who they are is nobody's business here.
"""

import platform
from collections.abc import Iterator
from itertools import accumulate
from math import inf
from typing import Final

from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector
from prometheus_client.utils import floatToGoString

from smoothbox import __version__
from smoothbox.api.figures import Sources
from smoothbox.api.tally import BOUNDS
from smoothbox.store.connection import SQLITE_VERSION

_EDGES: Final = tuple(map(floatToGoString, (*BOUNDS, inf)))


def page(sources: Sources) -> tuple[str, bytes]:
    """What the figures are now: content type and text."""
    registry = CollectorRegistry()
    registry.register(_Figures(sources))
    ProcessCollector(registry=registry)
    return CONTENT_TYPE_LATEST, generate_latest(registry)


class _Figures(Collector):
    def __init__(self, sources: Sources) -> None:
        self._sources = sources

    def collect(self) -> Iterator[Metric]:
        """All that is ours."""
        yield _build()
        yield from self._requests()
        yield from self._refusals()
        yield from self._files()
        yield from self._deliveries()
        jumps = self._sources.clock_jumps()
        yield CounterMetricFamily("smoothbox_clock_jumps", "Jumps of the wall clock by more than two seconds.", jumps)

    def _requests(self) -> Iterator[Metric]:
        labels = ("method", "route", "status")
        answered = CounterMetricFamily("smoothbox_requests", "Requests answered.", labels=labels)
        for (method, route, status), cell in self._sources.tally.kinds():
            answered.add_metric((method, route, str(status)), cell.total)
        yield answered
        took = HistogramMetricFamily("smoothbox_request_seconds", "Time from head to answer.", labels=labels[:2])
        for kind, cell in self._sources.tally.by_route().items():
            up_to = map(float, accumulate(cell.counts))
            took.add_metric(kind, [*zip(_EDGES, up_to, strict=True)], cell.seconds)
        yield took
        yield _gauge("smoothbox_requests_in_flight", "Requests that are being answered.", self._sources.in_flight())

    def _refusals(self) -> Iterator[Metric]:
        limited = CounterMetricFamily("smoothbox_rate_limited", "Requests refused by a limit.", labels=("limit",))
        for name, count in self._sources.limits.refused.items():
            limited.add_metric((name,), count)
        limited.add_metric(("failed_auth",), self._sources.failures.refused)
        yield limited

    def _files(self) -> Iterator[Metric]:
        waiting = [*self._sources.files.waiting_writes()]
        yield _gauge("smoothbox_open_data_files", "Data files of tenants that are open.", len(self._sources.files))
        yield _gauge("smoothbox_writes_waiting", "Writes that wait for their data file.", sum(waiting))
        yield _gauge("smoothbox_longest_write_queue", "Writes that wait for the busiest data file.", max(waiting, default=0))
        yield _gauge("smoothbox_registry_writes_waiting", "Writes that wait for the registry.", self._sources.registry.waiting)

    def _deliveries(self) -> Iterator[Metric]:
        deliveries = self._sources.deliveries
        made = CounterMetricFamily(
            "smoothbox_webhook_attempts", "Attempts, by what followed and how they went.", labels=("outcome", "answer")
        )
        for kind, count in deliveries.attempts.items():
            made.add_metric(kind, count)
        yield made
        yield _gauge("smoothbox_webhook_attempts_under_way", "Attempts that are being made.", deliveries.under_way)
        yield _gauge("smoothbox_webhook_files_waiting", "Data files with deliveries that wait for a turn.", deliveries.waiting)


def _build() -> Metric:
    said = {"version": __version__, "python": platform.python_version(), "sqlite": SQLITE_VERSION}
    build = GaugeMetricFamily("smoothbox_build_info", "What runs here.", labels=[*said])
    build.add_metric([*said.values()], 1)
    return build


def _gauge(name: str, text: str, value: float) -> Metric:
    return GaugeMetricFamily(name, text, value)

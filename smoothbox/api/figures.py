"""Where the figures of the box are kept, for whoever shows them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from smoothbox.api.limits import FailureLimits, RateLimits
from smoothbox.api.tally import Tally
from smoothbox.store.registry import Registry
from smoothbox.store.tenants import TenantFiles


class Deliveries(Protocol):
    """What sends webhooks: attempts made by what followed and what was answered, under way, and files that wait for a turn."""

    @property
    def attempts(self) -> Mapping[tuple[str, str], int]: ...  # noqa: D102 -- the class says it
    @property
    def under_way(self) -> int: ...  # noqa: D102
    @property
    def waiting(self) -> int: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class Sources:
    """Where the figures are, each looked at when it is asked for."""

    tally: Tally
    limits: RateLimits
    failures: FailureLimits
    files: TenantFiles
    registry: Registry
    deliveries: Deliveries
    in_flight: Callable[[], int]
    clock_jumps: Callable[[], int]

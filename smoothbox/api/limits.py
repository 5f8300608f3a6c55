"""Rate limits: token buckets in memory.

A bucket refills continuously; one that nobody used for its whole period is full again, so it is dropped: memory is bounded
by the keys used within the last hour.
"""

import math
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from msgspec import Struct

from smoothbox.clock import Clock
from smoothbox.errors import Problem

HOUR: Final = 3600.0
MINUTE: Final = 60.0
_MOST_ADDRESSES: Final = 50_000
_DUST: Final = 1e-6
"""What adding up floats may leave behind: so much of a request or of a second counts as nothing."""


@dataclass(slots=True)
class _Pair:
    hourly: float
    burst: float
    at: float


class Quota(Struct, frozen=True, gc=False):
    """What a token may spend: requests an hour, and a minute."""

    hourly: int
    burst: int


class Verdict(Struct, frozen=True, gc=False):
    """Whether a request may pass (None) or how long it has to wait (seconds), and the headers that say so."""

    retry_after: int | None
    headers: Mapping[str, str]


class RateLimits:
    """Two buckets for each key, an hourly and a minute's one; a request takes one of both or of neither."""

    def __init__(self, clock: Clock) -> None:
        self.refused = {"hour": 0, "burst": 0}  # how many requests, by the bucket that was empty
        self._clock = clock
        self._pairs: OrderedDict[int, _Pair] = OrderedDict()

    def __len__(self) -> int:
        return len(self._pairs)

    def take(self, key: int, quota: Quota) -> Verdict:
        """Spend one request of this key's quota."""
        now = self._clock.elapsed()
        pair = self._refilled(key, quota, now)
        if pair.hourly < 1 - _DUST:
            return self._verdict(quota, "hour", quota.hourly, pair.hourly, HOUR)
        if pair.burst < 1 - _DUST:
            return self._verdict(quota, "burst", quota.burst, pair.burst, MINUTE)
        pair.hourly -= 1
        pair.burst -= 1
        return self._verdict(quota, "hour", quota.hourly, pair.hourly, HOUR, passed=True)

    def _refilled(self, key: int, quota: Quota, now: float) -> _Pair:
        pair = self._pairs.get(key)
        if pair is None:
            self._drop_full(now)
            pair = self._pairs[key] = _Pair(float(quota.hourly), float(quota.burst), now)
            return pair
        passed = now - pair.at
        pair.hourly = _refilled(pair.hourly, passed, quota.hourly, HOUR)
        pair.burst = _refilled(pair.burst, passed, quota.burst, MINUTE)
        pair.at = now
        self._pairs.move_to_end(key)
        return pair

    def _drop_full(self, now: float) -> None:
        while self._pairs and next(iter(self._pairs.values())).at <= now - HOUR:
            self._pairs.popitem(last=False)

    def _verdict(self, quota: Quota, name: str, limit: int, level: float, period: float, *, passed: bool = False) -> Verdict:
        if not passed:
            self.refused[name] += 1
        until_full = (limit - level) * period / limit
        headers = {
            "X-RateLimit-Limit": str(limit),
            "X-RateLimit-Remaining": str(int(level + _DUST)),
            "X-RateLimit-Reset": str(_ceil(self._clock.now() + until_full)),
            "RateLimit-Policy": f'"hour";q={quota.hourly};w=3600, "burst";q={quota.burst};w=60',
            "RateLimit": f'"{name}";r={int(level + _DUST)};t={_ceil(until_full)}',
        }
        return Verdict(None if passed else _wait(level, limit, period), headers)


class FailureLimits:
    """How often a client address may fail to authenticate; only failures are counted and only they are refused."""

    def __init__(self, clock: Clock, a_minute: int) -> None:
        self.a_minute = a_minute
        self.refused = 0
        self._clock = clock
        self._levels: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._levels)

    def count(self, address: str) -> None:
        """Note a failure. Raises Problem 'rate_limited' when this address has had its share."""
        now = self._clock.elapsed()
        level, at = self._levels.pop(address, (float(self.a_minute), now))
        level = _refilled(level, now - at, self.a_minute, MINUTE)
        self._levels[address] = (max(level - 1, 0.0) if level >= 1 - _DUST else level, now)
        self._drop_full(now)
        if level < 1 - _DUST:
            self.refused += 1
            wait = _wait(level, self.a_minute, MINUTE)
            raise Problem("rate_limited", "Too many failed authentications from this address.", {"retry_after": wait})

    def _drop_full(self, now: float) -> None:
        while self._levels and (len(self._levels) > _MOST_ADDRESSES or next(iter(self._levels.values()))[1] <= now - MINUTE):
            self._levels.popitem(last=False)


def _refilled(level: float, passed: float, limit: int, period: float) -> float:
    return min(limit, level + passed * limit / period)


def _wait(level: float, limit: int, period: float) -> int:
    """Whole seconds, at least one, until the bucket holds a request again."""
    return max(1, _ceil((1 - level) * period / limit))


def _ceil(seconds: float) -> int:
    return math.ceil(seconds - _DUST)

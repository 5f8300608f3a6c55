"""How an endpoint's failures are judged: paused after a few in a row, disabled after days of nothing else. Pure."""

from typing import Final

from msgspec import structs

from smoothbox.settings import Webhooks
from smoothbox.store.endpoints import Health

LONGEST_PAUSE: Final = 900.0
"""Seconds."""

_DAY: Final = 86400
_LEAST_FAILURES: Final = 10  # before an endpoint is disabled


def after_failure(health: Health, now: float, rules: Webhooks) -> Health:
    """The health of an endpoint after one more failed attempt.

    Five failures in a row pause it for a minute; after each pause one attempt is made, and if that fails too the next pause
    is twice as long, up to a quarter of an hour. What fails during a pause was begun before it and counts for nothing new.
    """
    counted = structs.replace(health, failures=health.failures + 1, failing_since=health.failing_since or now)
    if now < health.paused_until:
        return counted
    strikes = health.strikes + 1
    beyond = strikes - rules.breaker_after
    pause = min(rules.breaker_pause * 2 ** min(beyond, 30), LONGEST_PAUSE) if beyond >= 0 else 0.0
    return structs.replace(counted, strikes=strikes, paused_until=now + pause if pause else 0.0)


def has_failed_for_days(health: Health, now: float, rules: Webhooks) -> bool:
    """Whether an endpoint is to be disabled: nothing but failures since days ago, and enough of them."""
    since = health.failing_since
    return since is not None and health.failures >= _LEAST_FAILURES and now - since >= rules.disable_after_days * _DAY

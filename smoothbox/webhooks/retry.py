"""What follows from the outcome of an attempt. Pure: settings, jitter and the count of attempts are handed in."""

from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Final

from smoothbox.ids import Mode
from smoothbox.operations.outbox import Outcome, Step
from smoothbox.settings import Webhooks

_GONE: Final = 410
_OVERLOADED: Final = frozenset({429, 502, 504})
_LONGEST_RETRY_AFTER: Final = 6 * 3600.0
_DIGITS: Final = 9


def next_step(outcome: Outcome, used: int, mode: Mode, rules: Webhooks, spread: float) -> Step:
    """The step after an attempt, of which `used` scheduled ones were made before; `spread` is the factor of jitter.

    Any 2xx is success. A receiver that is overloaded or silent is left alone for a minute at least, and what it asks for in
    Retry-After is granted up to six hours.
    """
    if outcome.status_code is not None and outcome.status_code // 100 == 2:  # noqa: PLR2004 -- as in 2xx
        return Step("succeeded")
    if outcome.status_code == _GONE:
        return Step("gone")
    attempts = len(rules.retry_schedule) if mode == "live" else min(rules.sandbox_attempts, len(rules.retry_schedule))
    if used + 1 >= attempts:
        return Step("failed")
    delay = rules.retry_schedule[used + 1] * spread
    if outcome.status_code in _OVERLOADED or outcome.error == "timeout":
        delay = max(delay, rules.overload_floor)
    return Step("retry", max(delay, min(outcome.retry_after or 0.0, _LONGEST_RETRY_AFTER)))


def parse_retry_after(text: str | None, now: float) -> float | None:
    """The seconds that a Retry-After header asks for, as a number or as an HTTP date; None for nonsense."""
    if text is None or not text.isascii():
        return None
    text = text.strip()
    if text.isdigit():
        return float(text) if len(text) <= _DIGITS else None
    try:
        moment = parsedate_to_datetime(text)
        if moment.tzinfo is None:  # as in asctime's form: an HTTP date is in UTC, wherever the box stands
            moment = moment.replace(tzinfo=UTC)
        return max(moment.timestamp() - now, 0.0)
    except (ValueError, TypeError, OverflowError, OSError):
        return None

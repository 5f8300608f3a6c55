"""How the pages about deliveries word what they show."""

from collections.abc import Mapping
from typing import Final

from smoothbox.contract.webhooks import Attempt, AttemptError, DeliveryStatus, Trigger
from smoothbox.web import wording

BADGES: Final[Mapping[DeliveryStatus, str]] = {"pending": "wait", "sending": "mark", "succeeded": "good", "failed": "bad"}
"""Of each status the class of its badge."""

TRIGGERS: Final[Mapping[Trigger, str]] = {
    "auto": "by the schedule",
    "manual": "sent again by hand",
    "ping": "a test",
    "recover": "recovered",
}
"""Why an attempt was made."""

_ERRORS: Final[Mapping[AttemptError, str]] = {
    "dns_error": "The name did not resolve",
    "blocked_address": "It leads to an internal address",
    "connect_failed": "Nobody took the connection",
    "tls_error": "Its certificate is not good",
    "timeout": "It took too long",
    "closed": "The connection ended too early",
    "interrupted": "The box ended meanwhile",
}


def outcome(attempt: Attempt) -> str:
    """The status code of an answer, or why there is none."""
    return str(attempt.status_code) if attempt.error is None else _ERRORS[attempt.error]


def second(text: str, zone: str) -> str:
    """An instant to the second: Mon 30 Nov 2026, 10:00:07."""
    return f"{wording.instant(text, zone)}{text[16:19]}"

"""How a command ends: its exit status, and what is said when it fails."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import click

from smoothbox.errors import SENTENCES, Problem

STATUSES: Final[Mapping[int, str]] = {
    0: "done",
    1: "failure",
    2: "usage: the command or what it was given is not right",
    3: "configuration: a setting is not right",
    4: "not found",
    5: "conflict with what exists already",
    6: "refused",
    7: "server not reachable, or not ready",
    130: "interrupted",
}

_CODES: Final[Mapping[int, tuple[str, ...]]] = {
    1: ("internal_error", "unavailable", "storage_full", "rate_limited"),
    2: (
        *("validation_error", "invalid_json", "invalid_parameter", "invalid_cursor", "invalid_idempotency_key"),
        *("outside_availability", "not_on_slot_grid", "in_past", "too_soon", "too_far_ahead", "resource_not_eligible"),
        *("nonexistent_local_time", "ambiguous_local_time"),
        *("method_not_allowed", "payload_too_large", "unsupported_media_type"),
    ),
    4: ("not_found", "link_expired"),
    5: (
        *("conflict", "slot_unavailable", "invalid_status_transition", "duplicate_customer", "cancellation_window_passed"),
        *("idempotency_in_progress", "idempotency_key_reused", "precondition_failed", "endpoint_disabled", "limit_exceeded"),
    ),
    6: (
        *("authentication_required", "invalid_token", "insufficient_scope"),
        *("forbidden", "tenant_disabled", "customer_blocked", "url_not_allowed"),
    ),
}
STATUS_OF_CODE: Final[Mapping[str, int]] = {code: status for status, codes in _CODES.items() for code in codes}


class MisconfiguredError(Exception):
    """A settings file, or a variable that stands for a setting, cannot be used."""


class UnreachableError(Exception):
    """The server that was asked does not answer, or answers that it is not ready."""


@dataclass(frozen=True, slots=True)
class Failure:
    """What is said of a failure: an error word to branch on, a sentence, and what to do next ('' where nothing helps)."""

    error: str
    message: str
    hint: str
    status: int


def failure_of(error: BaseException) -> Failure | None:
    """What to say of an exception; None for one that nobody foresaw."""
    hint = " ".join(getattr(error, "__notes__", ()))
    failure = None
    match error:
        case Problem():
            failure = Failure(error.code, _message(error), hint, STATUS_OF_CODE[error.code])
        case MisconfiguredError():
            failure = Failure("configuration", str(error), hint, 3)
        case UnreachableError():
            failure = Failure("unreachable", str(error), hint, 7)
        case click.exceptions.NoArgsIsHelpError():
            failure = Failure("usage", "Name a command.", _usage_hint(error), 2)
        case click.UsageError():
            failure = Failure("usage", error.format_message(), hint or _usage_hint(error), 2)
        case click.ClickException():
            failure = Failure("failure", error.format_message(), hint, error.exit_code)
        case click.Abort():
            failure = Failure("interrupted", "Interrupted.", hint, 130)
        case OSError(filename=filename, strerror=reason):
            failure = Failure("failure", f"{reason or error}{f': {filename}' if filename else ''}", hint, 1)
    return failure


def _message(problem: Problem) -> str:
    """The problem's own sentence; where it only points to the details, those."""
    if problem.message != SENTENCES[problem.code]:
        return problem.message
    by_field = ((field, messages) for field, messages in problem.details.items() if isinstance(messages, list))
    return "\n".join(f"{field}: {message}" for field, messages in by_field for message in messages) or problem.message


def _usage_hint(error: click.UsageError) -> str:
    if error.ctx is None:
        return "smoothbox --help"
    global_options = [name for option in error.ctx.find_root().command.params for name in option.opts]
    if isinstance(error, click.NoSuchOption) and error.option_name in global_options:
        return f"{error.option_name} stands before the command: smoothbox {error.option_name} …"
    return f"{error.ctx.command_path} --help"

"""What people and programs see of deliveries that came in. Nothing of them may steer a terminal, whoever sent them."""

from collections import deque
from typing import Final

import click
import msgspec

from smoothbox.cli.output import Output
from smoothbox.contract.events import LARGEST_BODY
from smoothbox.webhooks.received import Received
from smoothbox.webhooks.verify import NO_KEYS

_REMEMBERED: Final = 1000  # ids, to tell a retry from something new
_LONGEST: Final = 60
_MOST_SHOWN: Final = 256 * 1024  # characters of a body
_TYPE_WIDTH: Final = 19


class Display:
    """Prints each delivery: one line and perhaps its body for people, one line of JSON for programs."""

    def __init__(self, out: Output, *, bodies: bool, forwards: bool) -> None:
        self._out = out
        self._bodies = bodies
        self._forwards = forwards
        self._seen: deque[str] = deque(maxlen=_REMEMBERED)

    def show(self, delivery: Received) -> None:
        """Print one. Raises OSError where nobody reads it any more."""
        if self._out.machine:
            click.echo(escaped(msgspec.json.encode(delivery).decode()))
            return
        text = self._line(delivery)
        if self._bodies:
            text += f"\n{_indented(bytes(delivery.body))}"
        click.echo(text, color=self._out.color)

    def _line(self, delivery: Received) -> str:
        parts = [
            f"{delivery.received_at[11:19]}Z",
            _brief(delivery.type).ljust(_TYPE_WIDTH),
            _brief(delivery.id),
            "-" if delivery.sequence is None else f"#{delivery.sequence}",
            _verdict(delivery),
            self._repetition(delivery),
            self._forwarding(delivery),
        ]
        return "  ".join(part for part in parts if part)

    def _repetition(self, delivery: Received) -> str:
        """Whether this came before: a retry or a redelivery goes by the same id."""
        if delivery.id is None:
            return ""
        self._seen.append(delivery.id)
        times = self._seen.count(delivery.id)
        return f"(came {times} times)" if times > 1 else ""

    def _forwarding(self, delivery: Received) -> str:
        if not self._forwards:
            return ""
        return f"forwarded: {delivery.forwarded_status or 'no answer'}"


def escaped(text: str) -> str:
    r"""The text with all that is not printable written as JSON does it, such as \u001b."""
    if text.isprintable():
        return text
    return "".join(each if each.isprintable() else _unit_names(each) for each in text)


def _unit_names(character: str) -> str:
    units = character.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at : at + 2].hex()}" for at in range(0, len(units), 2))


def _brief(text: str | None) -> str:
    if not text:
        return "-"
    return escaped(text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…")


def _verdict(delivery: Received) -> str:
    if delivery.reason is None:
        return click.style("verified", fg="green")
    if delivery.reason == NO_KEYS:
        return click.style(f"not verified: {NO_KEYS}", fg="yellow")
    return click.style(f"NOT VERIFIED: {escaped(delivery.reason)}", fg="red")


def _indented(body: bytes) -> str:
    """JSON for people; one that no box would send stays on its line, for its indentation could be without end."""
    text = (msgspec.json.format(body, indent=2) if len(body) <= LARGEST_BODY else body).decode()
    cut = text if len(text) <= _MOST_SHOWN else f"{text[:_MOST_SHOWN]}…"
    return "\n".join(f"    {escaped(line)}" for line in cut.split("\n"))

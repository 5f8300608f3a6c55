"""What the options of `smoothbox webhook` take, as people type it."""

from typing import Any, TypeVar
from urllib.parse import urlsplit

import click
import msgspec
from msgspec import Struct

from smoothbox.cli.duration import duration
from smoothbox.contract.webhooks import LONGEST_OVERLAP
from smoothbox.errors import Problem

S = TypeVar("S", bound=Struct)


def event_names(text: str) -> list[str]:
    """The names with commas between them. Raises click.BadParameter where there is none."""
    names = [part.strip() for part in text.split(",") if part.strip()]
    if not names:
        raise click.BadParameter("Name at least one event, or * for all.")
    return names


def header(text: str) -> tuple[str, str]:
    """Name and value of a header. Raises click.BadParameter for what is none."""
    name, colon, value = text.partition(":")
    if not colon or not name.strip():
        raise click.BadParameter(f"'{text}' is no header; write it as 'Name: value'.")
    return name.strip(), value.strip()


def headers_of(_: click.Context, __: click.Parameter, pairs: tuple[tuple[str, str], ...]) -> dict[str, str]:
    """The headers by name. Raises click.BadParameter for one that was said twice."""
    found: dict[str, str] = {}
    for name, value in pairs:
        if name in found:
            raise click.BadParameter(f"'{name}' was said twice.")
        found[name] = value
    return found


def overlap(text: str) -> int:
    """Seconds of a span of at most seven days. Raises click.BadParameter."""
    seconds = duration(text)
    if seconds > LONGEST_OVERLAP:
        raise click.BadParameter(f"'{text}' is longer than seven days.")
    return seconds


def web_address(text: str) -> str:
    """An address that begins with http:// or https:// and names a host. Raises click.BadParameter."""
    try:
        parts = urlsplit(text)
        is_good = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_good = False
    if not is_good or not text.isprintable() or " " in text:
        raise click.BadParameter(f"'{text}' is no address; write it as http://127.0.0.1:3000/hook.")
    return text


def shaped(fields: dict[str, Any], shape: type[S]) -> S:
    """The fields as a body of the API. Raises Problem 'validation_error' for the first that is too long or too many."""
    try:
        return msgspec.convert(fields, shape)
    except msgspec.ValidationError as error:
        message, _, place = str(error).replace("`", "").partition(" - at ")
        raise Problem("validation_error", f"{place.replace('$.', '')}: {message}.") from None

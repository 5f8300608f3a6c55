"""Times as people and programs write them, to seconds and back."""

import re
from datetime import UTC, date, datetime
from functools import cache, lru_cache
from importlib import resources
from typing import Final
from zoneinfo import ZoneInfo

from smoothbox.errors import Problem, invalid
from smoothbox.scheduling.hours import local_date, occurrences
from smoothbox.store import business
from smoothbox.store.connection import Tx

_RFC3339: Final = re.compile(r"(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?)([Zz]|[+-]\d\d:\d\d)?")
EARLIEST: Final = 1900
LATEST: Final = 2999


@lru_cache(maxsize=1024)  # a body is checked on the loop, and read again by the verb
def parse_time(text: str) -> datetime:
    """An RFC 3339 time; seconds may be absent. Aware in UTC where it had an offset, else naive.

    Raises ValueError with a sentence that says what would be right.
    """
    match = _RFC3339.fullmatch(text)
    if match is None:
        raise ValueError(_what_is_wrong(text))
    try:
        moment = datetime.fromisoformat(f"{match[1]}T{match[2]}{(match[3] or '').upper()}")
    except ValueError:
        raise ValueError(f"'{text}' is not a real date and time.") from None
    if not EARLIEST <= moment.year <= LATEST:
        raise ValueError(f"The year must lie between {EARLIEST} and {LATEST}.")
    return moment.astimezone(UTC) if moment.tzinfo else moment


def parse_start(text: str, zone: ZoneInfo, field: str) -> int:
    """The UTC second of a time in a body; a naive one is the local time of the business.

    Raises Problem: 'validation_error', or 'nonexistent_local_time' / 'ambiguous_local_time' on a DST night.
    """
    try:
        moment = parse_time(text)
    except ValueError as error:
        raise invalid(field, str(error)) from None
    if moment.microsecond:
        raise invalid(field, "Send whole seconds.")
    return int(moment.timestamp()) if moment.tzinfo else local_second(moment, zone, field)


def local_second(wall: datetime, zone: ZoneInfo, field: str) -> int:
    """The UTC second at which clocks in the zone show this time.

    Raises Problem 'nonexistent_local_time' or 'ambiguous_local_time'.
    """
    seconds = occurrences(wall, zone)
    if len(seconds) == 1:
        return seconds[0]
    shown = wall.isoformat(timespec="minutes")
    if not seconds:
        message = f"{shown} does not exist in {zone.key}: the clocks skip it. Send the time with its UTC offset."
        raise Problem("nonexistent_local_time", None, {field: [message]})
    options = " or ".join(wall_text(second, zone) for second in seconds)
    message = f"{shown} happens twice in {zone.key}: send {options}."
    raise Problem("ambiguous_local_time", None, {field: [message]})


@lru_cache(maxsize=4096)  # the same slots are shown again and again
def wall_text(second: int, zone: ZoneInfo) -> str:
    """A UTC second as RFC 3339 with the zone's offset."""
    return datetime.fromtimestamp(second, zone).isoformat()


@lru_cache(maxsize=256)
def zone_named(name: str) -> ZoneInfo:
    """The zone of an IANA name. Raises Problem 'validation_error' for an unknown one, with the field 'timezone'."""
    if name not in zone_names():
        raise invalid("timezone", f"There is no time zone '{name[:64]}'; use a name such as Europe/Paris.")
    return ZoneInfo(name)


def business_zone(tx: Tx) -> ZoneInfo:
    """The zone of the business."""
    return zone_named(business.timezone(tx))


def today(tx: Tx) -> date:
    """The date that clocks show at the business now."""
    return local_date(int(tx.now), business_zone(tx))


@cache
def zone_names() -> frozenset[str]:
    """The names of tzdata's own list: they mean the same on every host, whatever zones it brings itself."""
    names = (resources.files("tzdata") / "zones").read_text("utf-8").split()
    return frozenset(names) - {"Factory"}  # which stands for 'not set'


def _what_is_wrong(text: str) -> str:
    if re.fullmatch(r".*\d \d\d:\d\d", text) and "T" in text:
        return "The '+' of the UTC offset arrived as a blank; write it as %2B in a query."
    return "Use RFC 3339, as 2027-05-04T09:30:00+02:00 or 2027-05-04T07:30:00Z."

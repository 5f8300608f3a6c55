"""What is written in the cells of a table, read the way people and programs write it. All raise ValueError with advice."""

import re
from collections.abc import Mapping
from typing import Any, Final, Literal, TypeVar

import msgspec

from smoothbox.scheduling.lifecycle import Status

T = TypeVar("T")
DateOrder = Literal["dmy", "mdy"]
"""Which number comes first in a date with slashes: the day, or the month."""

_LONGEST: Final = 80  # characters of anything that is no prose
_GUARDED: Final = re.compile(r"'+[=+\-@\t\r]")
_RISKY: Final = re.compile(r"'*[=+\-@\t\r]")
_NUMBER: Final = re.compile(r"[+-][\d ().\-/]*", re.ASCII)
_ISO: Final = re.compile(r"(\d{4})[-/](\d\d?)[-/](\d\d?)", re.ASCII)
_DOTS: Final = re.compile(r"(\d\d?)\.(\d\d?)\.(\d{4})", re.ASCII)
_SLASHES: Final = re.compile(r"(\d\d?)/(\d\d?)/(\d{4})", re.ASCII)
_WORDS: Final = re.compile(r"([A-Za-z]{3,9})\.? (\d\d?)(?:st|nd|rd|th)?,? (\d{4})", re.ASCII)
_CLOCK: Final = re.compile(
    r"(\d\d?)(?::(\d\d))?(?::(\d\d)(?:[.,]0{1,6})?)? ?([AaPp])?\.?(?(4)[Mm]\.?) ?(Z|z|UTC|GMT|[+-]\d\d:?\d\d)?", re.ASCII
)
_DAY_AND_CLOCK: Final = re.compile(r"(.*?\d{1,4})(?:,? at |,? |[Tt])(\d\d?[: AaPp].*)")
_PLAIN_MINUTES: Final = re.compile(r"(\d{1,5})(?:[.,]0+)? ?(?:m|min|mins|minutes?|minuten)?\.?", re.ASCII | re.IGNORECASE)
_HOURS_AND_MINUTES: Final = re.compile(r"(\d{1,3}):(\d\d)(?::00)?", re.ASCII)
_SPELT: Final = re.compile(
    r"(\d{1,3})(?:[.,](5|25|50|75))? ?(?:h|hrs?|hours?|std\.?|stunden?)"
    r"(?: ?(\d{1,2}) ?(?:m|min|mins|minutes?|minuten)?)?\.?",
    re.ASCII | re.IGNORECASE,
)
_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_PARTS: Final[Mapping[str | None, int]] = {None: 0, "25": 15, "5": 30, "50": 30, "75": 45}

STATUS_WORDS: Final[Mapping[Status, tuple[str, ...]]] = {
    "SCHEDULED": ("booked", "active", "accepted", "new", "open", "upcoming", "reserved", "approved", "geplant", "gebucht"),
    "CONFIRMED": ("checked in", "arrived", "bestätigt", "confirmé", "confirmada"),
    "COMPLETED": ("complete", "done", "finished", "closed", "fulfilled", "paid", "checked out", "attended", "abgeschlossen"),
    "CANCELLED": (
        *("canceled", "declined", "rejected", "deleted", "void", "storniert", "abgesagt", "annulé", "cancelada"),
        *("cancelled by customer", "canceled by customer", "cancelled by client", "canceled by client"),
        *("cancelled by seller", "cancelled by business", "late cancelled", "late cancellation"),
    ),
    "NO_SHOW": ("noshow", "missed", "did not come", "absent", "nicht erschienen"),
    "PENDING": ("requested", "request", "unconfirmed", "tentative", "waiting", "angefragt"),
}
_STATUSES: Final[Mapping[str, Status]] = {
    word: status for status, words in STATUS_WORDS.items() for word in (status.lower().replace("_", " "), *words)
}


def guarded(text: str) -> str:
    """A text that no spreadsheet takes for a formula: an apostrophe stands before what begins like one and is no number."""
    return f"'{text}" if _RISKY.match(text) and not _NUMBER.fullmatch(text) else text


def unguarded(text: str) -> str:
    """The text before it was guarded."""
    return text[1:] if _GUARDED.match(text) else text


def whole_name(text: str) -> tuple[str, str]:
    """First and last name of a whole one: the last word is the last name, or what stands before a comma."""
    if "," in text:
        last, first = text.split(",", 1)
        return " ".join(first.split()), " ".join(last.split())
    first, _, last = " ".join(text.split()).rpartition(" ")
    return (first, last) if first else (last, "")


def tags(text: str) -> list[str]:
    """Tags, each once."""
    if text.startswith("["):
        return _json(text, list, 'Write tags with commas between them, or as a JSON list: ["one", "two"].')
    return list(dict.fromkeys(tag for part in re.split("[,;]", text) if (tag := part.strip())))


def facts(text: str) -> dict[str, Any]:
    """Facts by name."""
    return _json(text, dict, 'Write metadata as a JSON object: {"name": "value"}.')


def whole_number(text: str) -> int:
    """A whole number, also as a spreadsheet writes it: 2 or 2.0."""
    if not re.fullmatch(r"\d{1,9}([.,]0+)?", text, re.ASCII):
        raise ValueError(f"'{_short(text)}' is not a whole number.")
    return int(re.split("[.,]", text)[0])


def minutes(text: str) -> int:
    """A span of time."""
    if match := _PLAIN_MINUTES.fullmatch(text[:_LONGEST]):
        return int(match[1])
    if match := _HOURS_AND_MINUTES.fullmatch(text[:_LONGEST]):
        return int(match[1]) * 60 + int(match[2])
    if match := _SPELT.fullmatch(text[:_LONGEST]):
        return int(match[1]) * 60 + _PARTS[match[2]] + int(match[3] or 0)
    raise ValueError(f"'{_short(text)}' is not a span of time; write minutes, such as 45, or 1:30.")


def cents(text: str) -> int:
    """An amount of money as people write it, its currency aside, in hundredths."""
    number = re.sub(r"[^\d.,\-']", "", text[:_LONGEST], flags=re.ASCII).rstrip("-.,").replace("'", "")
    if match := re.fullmatch(r"(\d{1,3}(?:[.,]\d{3})*|\d{1,9})[.,](\d{1,2})", number):
        return int(re.sub("[.,]", "", match[1])) * 100 + int(match[2].ljust(2, "0"))
    if re.fullmatch(r"\d{1,9}", number):
        return int(number) * 100
    raise ValueError(f"'{_short(text)}' may be read in two ways, or is no amount; write it as 1234.00.")


def status(text: str) -> Status:
    """The status that a word stands for."""
    found = _STATUSES.get(re.sub(r"[\W_]+", " ", text[:_LONGEST].casefold()).strip())
    if found is None:
        raise ValueError(f"'{_short(text)}' is no status; write {', '.join(STATUS_WORDS)}.")
    return found


def moment(text: str, day: str, order: DateOrder | None) -> str:
    """A time in RFC 3339, without an offset where none is written; a time of day alone is of the day beside it."""
    text = " ".join(text[: 2 * _LONGEST].split())
    if len(text) > _LONGEST:
        raise ValueError("This is no time.")
    if clock := _CLOCK.fullmatch(text):
        if not day:
            raise ValueError(f"'{text}' has no date; write 2027-05-04T09:30, or add a column 'date'.")
        return f"{date_text(' '.join(day[:_LONGEST].split()), order)}{_clock(clock, text)}"
    parts = _DAY_AND_CLOCK.fullmatch(text)
    clock = _CLOCK.fullmatch(parts[2]) if parts else None
    if parts is None or clock is None:
        raise ValueError(f"'{text}' is no time; write it as 2027-05-04T09:30, or with its offset: 2027-05-04T09:30:00-04:00.")
    return f"{date_text(parts[1], order)}{_clock(clock, text)}"


def date_text(text: str, order: DateOrder | None) -> str:
    """A date as ISO 8601 has it. One with slashes needs to be told which number comes first."""
    if match := _ISO.fullmatch(text):
        year, month, day = match.groups()
    elif match := _DOTS.fullmatch(text):
        day, month, year = match.groups()
    elif match := _SLASHES.fullmatch(text):
        if order is None:
            raise ValueError(f"'{text}' may begin with the month or with the day; say --dates mdy or --dates dmy.")
        (day, month), year = match.groups()[:2] if order == "dmy" else match.groups()[1::-1], match[3]
    elif (match := _WORDS.fullmatch(text)) and match[1][:3].casefold() in _MONTHS:
        day, month, year = match[2], str(_MONTHS.index(match[1][:3].casefold()) + 1), match[3]
    else:
        raise ValueError(f"'{_short(text)}' is no date; write it as 2027-05-04.")
    return f"{year}-{int(month):02}-{int(day):02}"


def _clock(match: re.Match[str], text: str) -> str:
    hour, minute, second, half, offset = match.groups()
    if minute is None and half is None:
        raise ValueError(f"'{text}' has no minutes; write 09:30.")
    count = int(hour)
    if half:
        if not 1 <= count <= 12:  # noqa: PLR2004 -- as clocks have it
            raise ValueError(f"'{text}' is no time of day; write 09:30.")
        count = count % 12 + (12 if half in "Pp" else 0)
    zone = "" if offset is None else "Z" if offset[0] not in "+-" else f"{offset[:3]}:{offset[-2:]}"
    return f"T{count:02}:{minute or '00'}:{second or '00'}{zone}"


def _json(text: str, kind: type[T], advice: str) -> T:
    try:
        found = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError):
        raise ValueError(advice) from None
    if not isinstance(found, kind):
        raise ValueError(advice)  # noqa: TRY004 -- as of every cell
    return found


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "…"

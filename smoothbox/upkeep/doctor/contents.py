"""What ails that which a data file holds: bookings and the time they occupy, and what is sealed."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Final

from smoothbox.keyring import Keyring
from smoothbox.scheduling.lifecycle import BLOCKING
from smoothbox.store import soundness
from smoothbox.store.direct import Direct, open_direct
from smoothbox.store.migrate import TENANT
from smoothbox.store.soundness import Overfull
from smoothbox.upkeep import resealing
from smoothbox.upkeep.doctor.case import FIX, DataFile
from smoothbox.upkeep.doctor.findings import Finding

_NAMED: Final = 10  # of many alike
_WHERE: Final = "in the console or by the API"


def look(file: DataFile, looked: Direct, keys: Keyring | None) -> Iterator[Finding]:
    """Everything about bookings and secrets."""
    yield from _crowding(file, looked)
    yield from _places(file, looked)
    if keys is not None:
        yield from _secrets(file, looked, keys)


def _crowding(file: DataFile, looked: Direct) -> Iterator[Finding]:
    for clash in looked.read(soundness.clashes):
        who = _names([clash.first, clash.second])
        message = f"{who} have {clash.resource} at {_text(clash.start)}."
        yield file.finding("overlap", message, f"Move or cancel one of them, {_WHERE}; a hold ends by itself.")
    for each in looked.read(soundness.overfull):
        yield _overfull(file, each)


def _overfull(file: DataFile, each: Overfull) -> Finding:
    who = f"{each.resource} at {_text(each.start)}: {_names(each.bookings)}."
    if each.capacity == 1:
        advice = f"Move or cancel all but one of them, {_WHERE}; a hold ends by itself."
        return file.finding("overlap", f"More than one have {who}", advice)
    message = f"{each.seats} people where {each.capacity} have room, with {who}"
    return file.finding("overfull", message, f"Move or cancel as many of them as are too many, {_WHERE}.")


def _places(file: DataFile, looked: Direct) -> Iterator[Finding]:
    for booking_id in looked.read(soundness.unplaced, BLOCKING):
        message = f"Booking {booking_id} is to take place, and others can have its time."
        yield file.finding("unplaced", message, f"Cancel it and book it again, {_WHERE}.")
    if kept := looked.read(soundness.strays, BLOCKING):
        mend = partial(_release, file)
        yield Finding("time_kept", str(file.path), f"{_names(kept)}.", command=FIX, mend=mend)


def _release(file: DataFile) -> None:
    with open_direct(file.path, TENANT, file.case.clock) as data:
        data.write(soundness.release_strays, BLOCKING)


def _secrets(file: DataFile, looked: Direct, keys: Keyring) -> Iterator[Finding]:
    for webhook, columns in looked.read(resealing.unreadable, keys.vault(file.tenant.folder, file.mode)).items():
        message = f"Of webhook {webhook}: {', '.join(columns)}."
        advice = "If this is not the keyring that the box had, put that back (see 'keys export'). If it is lost,"
        if not {"secret", "old_secrets"} & set(columns):
            yield file.finding("secret_unreadable", message, f"{advice} set them anew, {_WHERE}, or delete the webhook.")
            continue
        command = f"webhook rotate-secret {file.tenant.slug} {webhook} --{file.mode}"
        yield file.finding("secret_unreadable", message, f"{advice} give it a new secret, and tell its receiver:", command)


def _names(bookings: Sequence[int | None]) -> str:
    """Bookings by their ids; None is a hold."""
    names = ["a hold" if each is None else f"booking {each}" for each in bookings]
    more = [f"{len(names) - _NAMED} more"] if names[_NAMED:] else []
    *some, last = names[:_NAMED] + more
    text = f"{', '.join(some)} and {last}" if some else last
    return text[0].upper() + text[1:]


def _text(second: int) -> str:
    return f"{datetime.fromtimestamp(second, UTC):%Y-%m-%dT%H:%MZ}"

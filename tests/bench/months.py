"""Two businesses, weekdays from nine to five, whose month is asked for: one as most are, one as large as they come."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from smoothbox.scheduling.hours import instant
from tests.bench.seeding import Slot, fill
from tests.bench.tenants import ZONE, live_file, settle, token

MONTH = 31
MINUTES = 30  # the length of an appointment, and from one slot to the next
OPENING, CLOSING = 9, 17
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday")


@dataclass(frozen=True, slots=True)
class Diary:
    """How many people, and how many bookings on which days, counted from the first of the month that is asked for."""

    resources: int
    bookings: int
    days: range


DIARIES = {"month": Diary(10, 2_000, range(MONTH)), "month-50": Diary(50, 100_000, range(-167, 198))}


def prepare(data: Path, name: str) -> list[str]:
    """Make one of the businesses and fill its diaries; returns what month.lua wants to know."""
    diary, first = DIARIES[name], datetime.now(UTC).date() + timedelta(days=2)
    settle(data, name, _catalogue(diary.resources))
    with live_file(data, name) as file:
        service_id = file.read(lambda tx: tx.value("SELECT id FROM service"))
        resources = [row[0] for row in file.read(lambda tx: tx.all("SELECT id FROM resource ORDER BY id"))]
        days = [first + timedelta(days=offset) for offset in diary.days]
        slots = list(_slots(days, resources))
        fill(file, service_id, sorted(random.Random(1).sample(slots, diary.bookings)))
    return [token(data, name), str(service_id), str(first), str(first + timedelta(days=MONTH - 1))]


def _slots(days: Sequence[date], resources: Sequence[int]) -> Iterator[Slot]:
    zone = ZoneInfo(ZONE)
    for day in days:
        if day.weekday() < len(WEEKDAYS):
            opening = instant(datetime.combine(day, time(OPENING)), zone)
            starts = range(opening, opening + (CLOSING - OPENING) * 3600, MINUTES * 60)
            yield from ((start, resource_id) for start in starts for resource_id in resources)


def _catalogue(resources: int) -> str:
    hours = "".join(f'{day} = ["{OPENING:02}:00-{CLOSING}:00"]\n' for day in WEEKDAYS)
    business = f'[business]\nname = "Acme"\ntimezone = "{ZONE}"\ncurrency = "USD"\nslot_interval = {MINUTES}\nmin_notice = 0\n'
    people = [f'[[resource]]\nkey = "r{n}"\nname = "Resource {n}"\ntype = "STAFF"\n' for n in range(resources)]
    every = ", ".join(f'"r{n}"' for n in range(resources))
    service = f'[[service]]\nkey = "s"\nname = "Service"\nduration = {MINUTES}\nprice = 1000\nresources = [{every}]\n'
    return "\n".join([f"{business}[business.hours]\n{hours}", *people, service])

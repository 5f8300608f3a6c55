"""What hypothesis draws for this room: weeks, bookings and questions, most of them around nights when clocks change."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from dateutil.rrule import DAILY, MONTHLY, WEEKLY
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from smoothbox.scheduling.availability import Session, Terms
from smoothbox.scheduling.hours import Hours, WallInterval
from smoothbox.scheduling.recurrence import Rule

from .model import Question

STEADY = settings(
    derandomize=True,
    database=None,
    deadline=None,
    max_examples=150,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
"""The same examples on every run and every machine, without a clock."""

ZONES = [
    ZoneInfo(name)
    for name in (
        *("America/New_York", "America/St_Johns", "America/Havana", "America/Nuuk", "America/Santiago"),
        *("Europe/Dublin", "Europe/Berlin", "Africa/Casablanca", "Africa/Cairo", "Asia/Beirut", "Asia/Kathmandu"),
        *("Australia/Lord_Howe", "Pacific/Chatham", "Pacific/Apia", "Pacific/Kiritimati", "Pacific/Pago_Pago"),
        *("Antarctica/Troll", "Atlantic/Azores", "UTC"),
    )
]
DAY = timedelta(days=1)


def nights_of_change(zone: ZoneInfo) -> list[date]:
    """The dates of 2026 and 2027 on which the zone's offset changes before the next noon."""
    noons = [datetime(2026, 1, 1, 12, tzinfo=zone) + number * DAY for number in range(730)]
    return [noon.date() for noon in noons if noon.utcoffset() != (noon - DAY).utcoffset()]


NIGHTS = [(zone, night) for zone in ZONES for night in nights_of_change(zone)]
SKIPPED_DATES = [
    (ZoneInfo("Pacific/Apia"), date(2011, 12, 30)),
    (ZoneInfo("Pacific/Kwajalein"), date(1993, 8, 21)),
]

zones = st.sampled_from(ZONES)
long_before = st.integers(-5 * 86400, -3 * 86400)
special_minutes = st.sampled_from([0, 30, 60, 90, 120, 135, 150, 180, 240, 540, 720, 750, 1020, 1320, 1380, 1410])
opening_minutes = special_minutes | st.integers(0, 1439)
closing_minutes = special_minutes | st.integers(0, 1440) | st.just(1440)
wall_intervals = st.builds(WallInterval, opening_minutes, closing_minutes)
touching = st.lists(opening_minutes, min_size=3, max_size=4, unique=True).map(
    lambda minutes: tuple(WallInterval(a, b) for a, b in zip(sorted(minutes), sorted(minutes)[1:], strict=False))
)
day_hours = st.lists(wall_intervals, max_size=3).map(tuple) | touching | st.sampled_from([(), (WallInterval(0, 1440),)])
daily = day_hours.filter(bool).map(lambda it: dict.fromkeys(range(7), it))
weeks = st.one_of(daily, daily, st.dictionaries(st.integers(0, 6), day_hours, min_size=3))
places = st.one_of(
    st.sampled_from(NIGHTS),
    st.sampled_from(NIGHTS),
    st.sampled_from(SKIPPED_DATES),
    st.tuples(zones, st.dates(date(2026, 1, 1), date(2027, 12, 31))),
)
lengths = st.sampled_from([5, 15, 20, 30, 45, 60, 90, 120]) | st.integers(1, 180)
buffers = st.just(0) | st.integers(0, 90)
terms = st.builds(
    lambda duration, step, before, after, notice, advance, capacity: Terms(
        60 * duration, 60 * step, 60 * before, 60 * after, 60 * notice, advance, capacity
    ),
    *(lengths, st.sampled_from([10, 15, 30, 45, 60, 90]) | st.integers(7, 120), buffers, buffers),
    *(st.just(0) | st.integers(0, 3000), st.just(365) | st.integers(1, 5), st.integers(1, 4)),
)
parties = st.just(1) | st.integers(1, 5)


@st.composite
def spans(draw: st.DrawFn, around: date, fewest: int = 0) -> list[tuple[int, int]]:
    """A few stretches of minutes, from the evening before this UTC date to the evening after."""
    origin = int(datetime.combine(around, datetime.min.time(), UTC).timestamp())
    starts = draw(st.lists(st.integers(-900, 2800).map(lambda n: origin + n * 60), min_size=fewest, max_size=4))
    return [(start, start + 60 * draw(st.integers(1, 400))) for start in starts]


@st.composite
def open_sessions(draw: st.DrawFn, starts: st.SearchStrategy[int], lengths: st.SearchStrategy[int]) -> list[Session]:
    """A few sessions, no two at one time; how long they are and how full owes nothing to any service."""
    chosen = draw(st.lists(starts, max_size=3, unique=True))
    return [Session(start, start + draw(lengths), draw(st.integers(0, 5))) for start in chosen]


def ranges(sessions: list[Session], margin: int) -> list[tuple[int, int]]:
    """What sessions block, each with a buffer on both sides."""
    return [(start - margin, end + margin) for start, end, _ in sessions]


@st.composite
def questions(draw: st.DrawFn) -> Question:
    """Any mixture of the rules, around one date."""
    home, day = draw(places)
    near = st.integers(-2, 2).map(lambda number: day + number * DAY)
    now = datetime.combine(day, datetime.min.time(), UTC).timestamp()
    first = day - draw(st.integers(0, 1)) * DAY
    half_hours = st.integers(-30, 93).map(lambda n: int(now) + n * 1800)
    running = draw(st.just([]) | open_sessions(half_hours, lengths.map(lambda n: n * 60)))
    forming = draw(st.just([]) | open_sessions(half_hours, lengths.map(lambda n: n * 60)))
    forming = [each for each in forming if each.start not in {start for start, _, _ in running}]
    return Question(
        hours=Hours(draw(st.just(home) | zones), draw(weeks), draw(st.dictionaries(near, day_hours, max_size=2))),
        terms=draw(terms),
        first=first,
        last=first + draw(st.integers(0, 1)) * DAY,
        asked_in=draw(st.just(home) | zones),
        business=draw(st.just(home) | zones),
        now=now + draw(st.one_of(long_before, long_before, st.floats(-2 * 86400, 43200))),
        closures=draw(st.just([]) | st.lists(near, max_size=2)),
        time_off=draw(st.just([]) | spans(day)),
        busy=draw(spans(day, fewest=1)) + ranges(running, 60 * draw(buffers)),
        held=draw(st.just([]) | spans(day)) + ranges(forming, 60 * draw(buffers)),
        sessions=running + forming,
        party=draw(parties),
    )


@st.composite
def questions_of_seconds(draw: st.DrawFn) -> Question:
    """Appointments, absences and bookings of odd seconds in a few minutes around noon: the edges of every comparison."""
    noon, day = 720, date(2027, 1, 5)
    opening, length = draw(st.integers(noon - 2, noon + 2)), draw(st.integers(1, 5))
    small, none = st.integers(1, 12) | st.integers(1, 90), st.integers(0, 20)
    second = st.integers(-200, 400).map(lambda n: int(datetime(2027, 1, 5, 12, tzinfo=UTC).timestamp()) + n)
    stretch = st.tuples(second, small).map(lambda pair: (pair[0], pair[0] + pair[1]))
    walls = (WallInterval(opening, opening + length), *draw(st.lists(st.just(WallInterval(noon, noon + 3)), max_size=1)))
    running = draw(st.just([]) | open_sessions(second, small))
    return Question(
        hours=Hours(ZoneInfo("UTC"), exceptions={day: walls}),
        terms=draw(st.builds(Terms, small, small, none, none, none, capacity=st.integers(1, 3))),
        first=day,
        last=day,
        asked_in=ZoneInfo("UTC"),
        business=ZoneInfo("UTC"),
        now=draw(second) + draw(st.just(-1000) | st.sampled_from([0, 0.25])),
        time_off=draw(st.lists(stretch, max_size=2)),
        busy=draw(st.lists(stretch, max_size=2)) + ranges(running, draw(none)),
        held=draw(st.lists(stretch, max_size=2)),
        sessions=running,
        party=draw(parties),
        tick=1,
    )


@st.composite
def rules(draw: st.DrawFn) -> Rule:
    """A few recurrences a week, a month or a year, with a near end."""
    frequency = draw(st.sampled_from([DAILY, WEEKLY, MONTHLY]))
    ordinal = st.sampled_from([None, None, 1, 2, 3, 4, 5, -1, -2, -5]) if frequency == MONTHLY else st.none()
    days = draw(st.lists(st.tuples(st.integers(0, 6), ordinal), max_size=3))
    end = {"count": draw(st.integers(1, 9))}
    if draw(st.booleans()):
        end = {"until": date(2027, 1, 1) + draw(st.integers(0, 400)) * DAY}
    return Rule(frequency, draw(st.integers(1, 4)), days=tuple(days), **end)

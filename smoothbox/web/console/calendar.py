"""The calendar: a day by resource, a week by day, and the same as a plain table."""

from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from smoothbox.operations import days
from smoothbox.operations.days import Plan, Visit
from smoothbox.operations.times import today
from smoothbox.scheduling.hours import local_date
from smoothbox.web.asked import day, whole_number
from smoothbox.web.console.calendar_grid import day_grid
from smoothbox.web.console.desk import ConsolePage
from smoothbox.web.wording import monday_of

VIEWS: Final = ("day", "week", "agenda")
_MOST_COLUMNS: Final = 40
_DAYS: Final = {"day": 1, "week": 7, "agenda": 7}


class Calendar(ConsolePage):
    """Some days, in one of three views. On a narrow screen the day is shown as the agenda: a grid would not fit."""

    section = "calendar"

    async def see(self) -> None:
        """Show it."""
        view = self.get_query_argument("view", "day")
        view = view if view in VIEWS else "day"
        now = await self.read(today)
        wanted, resource_id = self._wanted(now), whole_number("resource_id", self.get_query_argument("resource_id", ""))
        first = wanted if view == "day" else monday_of(wanted)
        plan = await self.read(days.plan, first, first + timedelta(days=_DAYS[view] - 1))
        people = [each for each in plan.presences if resource_id in {0, each.id}]
        columns = people[:_MOST_COLUMNS]
        self.show(
            "console/calendar.html",
            view=view,
            plan=plan,
            wanted=wanted,
            today=now,
            resource_id=resource_id,
            grid=day_grid(plan, plan.window, columns) if view == "day" else None,
            left_out=len(people) - len(columns) if view == "day" else 0,
            agenda=_agenda(plan, {each.id for each in people}, first, is_narrowed=resource_id != 0),
            before=wanted - timedelta(days=_DAYS[view]),
            after=wanted + timedelta(days=_DAYS[view]),
            clock=_Clock(plan.zone),
            names={each.id: each.name for each in plan.presences},
        )

    def _wanted(self, now: date) -> date:
        text = self.get_query_argument("date", "")
        if not text:
            return now
        return min(max(day("date", text), date(1901, 1, 1)), date(2998, 1, 1))  # a week before and after are dates too


class _Clock:
    """What clocks in a zone show."""

    def __init__(self, zone: str) -> None:
        self._zone = ZoneInfo(zone)

    def __call__(self, second: int) -> str:
        return datetime.fromtimestamp(second, self._zone).strftime("%H:%M")


def _agenda(plan: Plan, ids: set[int], first: date, *, is_narrowed: bool) -> list[tuple[date, list[Visit]]]:
    """Each day with what starts on it, or runs into the first."""
    zone = ZoneInfo(plan.zone)
    found: dict[date, list[Visit]] = {first + timedelta(days=number): [] for number in range((plan.last - first).days + 1)}
    for visit in plan.visits:
        if not is_narrowed or ids & set(visit.resource_ids):
            found[max(first, local_date(visit.start, zone))].append(visit)
    return list(found.items())

"""The question for free times, parsed from a query string."""

from datetime import date
from typing import Final

from smoothbox.contract.availability import MAX_DAYS, PARAMETERS
from smoothbox.contract.fields import MAX_PARTY
from smoothbox.errors import Problem
from smoothbox.operations.availability import Question
from smoothbox.operations.times import zone_named
from smoothbox.parsing.parameters import Problems, parse_date, parse_integer, parse_pairs

_MOST_RESOURCES: Final = 200


def parse_question(query: str, owner: int) -> Question:
    """What is asked by the owner of holds. Raises Problem 'invalid_parameter' naming everything that is wrong."""
    pairs, problems = parse_pairs(query), Problems()
    for name, values in pairs.items():
        if name not in PARAMETERS:
            problems.add(name, f"There is no such parameter here; allowed are {', '.join(PARAMETERS)}.")
        elif len(values) > 1 and name != "resource_id":
            problems.add(name, "Send this parameter once.")
    first, last = _dates(pairs, problems)
    question = {
        "service_id": problems.check("service_id", _required_integer, pairs),
        "resource_ids": problems.check("resource_id", _resource_ids, pairs.get("resource_id", [])),
        "timezone": problems.check("timezone", _timezone, pairs),
        "without_booking": problems.check("exclude_booking_id", parse_integer, pairs.get("exclude_booking_id", ["0"])[0]),
        "party": problems.check("party_size", _party, pairs.get("party_size")),
        "hold_id": problems.check("hold_id", parse_integer, pairs.get("hold_id", ["0"])[0]),
    }
    problems.raise_if_any()
    return Question(first=first, last=last, owner=owner, **question)


def _dates(pairs: dict[str, list[str]], problems: Problems) -> tuple[date, date]:
    """The first and the last day, as `date` or as `start_date` and `end_date`."""
    names = ["date"] if "date" in pairs else ["start_date", "end_date"]
    if "date" in pairs and pairs.keys() & {"start_date", "end_date"}:
        problems.add("date", "Send either date, or start_date and end_date.")
    days = [problems.check(name, _date, pairs.get(name)) for name in names]
    first, last = days[0], days[-1]
    if first and last and not 0 <= (last - first).days < MAX_DAYS:
        problems.add("end_date", f"The range runs from start_date to end_date and has at most {MAX_DAYS} days.")
    return first, last


def _date(values: list[str] | None) -> date:
    if values is None:
        raise ValueError("Send date, or start_date and end_date.")
    return parse_date(values[0])


def _required_integer(pairs: dict[str, list[str]]) -> int:
    if "service_id" not in pairs:
        raise ValueError("This parameter is required.")
    return parse_integer(pairs["service_id"][0])


def _resource_ids(values: list[str]) -> tuple[int, ...]:
    if len(values) > _MOST_RESOURCES:
        raise ValueError(f"Send at most {_MOST_RESOURCES} resources.")
    return tuple(map(parse_integer, values))


def _party(values: list[str] | None) -> int | None:
    if values is None:
        return None
    party = parse_integer(values[0])
    if not 1 <= party <= MAX_PARTY:
        raise ValueError(f"Send a number from 1 to {MAX_PARTY}.")
    return party


def _timezone(pairs: dict[str, list[str]]) -> str | None:
    if "timezone" not in pairs:
        return None
    try:
        return zone_named(pairs["timezone"][0]).key
    except Problem as problem:
        raise ValueError(problem.details["timezone"][0]) from None

"""What the address of a page asks for, in plain values. What makes no sense is refused with words."""

from datetime import date

from smoothbox.errors import Problem
from smoothbox.operations.times import today
from smoothbox.parsing.parameters import parse_date, parse_integer
from smoothbox.store.connection import Tx


def whole_number(name: str, text: str) -> int:
    """A number; 0 where it was left empty. Raises Problem 'invalid_parameter'."""
    try:
        return parse_integer(text or "0")
    except ValueError as error:
        raise Problem("invalid_parameter", str(error), {name: [str(error)]}) from None


def day(name: str, text: str) -> date:
    """A date. Raises Problem 'invalid_parameter'."""
    try:
        return parse_date(text)
    except ValueError as error:
        raise Problem("invalid_parameter", str(error), {name: [str(error)]}) from None


def first_day(tx: Tx, text: str) -> date:
    """The first day on which to look for free times: the one that is named, but no day that is over, else today."""
    now = today(tx)
    return max(day("from", text), now) if text else now

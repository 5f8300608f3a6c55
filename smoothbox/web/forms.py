"""Forms: the fields they are declared with, what was typed into them as a document, and what is wrong beside each field."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal

from tornado.web import RequestHandler

from smoothbox.errors import Problem

_Written = Literal["text", "email", "tel", "url", "password", "textarea", "integer", "money", "date", "time", "moment"]
Kind = _Written | Literal["switch", "choice", "choices"]
Choice = tuple[str, str]
"""What is sent, and what is read."""

_TEXTS: Final = frozenset({"text", "email", "tel", "url", "textarea"})
_LONGEST: Final = 20_000
_MOST_DIGITS: Final = 15


@dataclass(frozen=True, slots=True)
class Field:
    """One field: its name in the body that the contract declares, and how people see it.

    What is left empty is the empty text of a text field, and of any other left out of the document, or None where it
    `may_be_none`. Money is typed as 25.00 and is cents in the document; a moment is a local date and time.
    """

    name: str
    label: str
    kind: Kind = "text"
    help: str = ""
    choices: Sequence[Choice] = ()
    required: bool = False
    may_be_none: bool = False
    autocomplete: str = "off"


@dataclass(frozen=True, slots=True)
class Form:
    """A form as it is shown: with what was typed or what is there, and what is wrong with it."""

    fields: Sequence[Field]
    values: Mapping[str, Any] = field(default_factory=dict)
    problems: Mapping[str, Sequence[str]] = field(default_factory=dict)
    message: str = ""

    def value(self, name: str) -> Any:
        """What stands in a field; the empty text for None."""
        found = self.values.get(name)
        return "" if found is None else found

    def wrong(self, name: str) -> Sequence[str]:
        """What is wrong with a field, also within it: `hours[0].start` belongs to `hours`."""
        return [each for key, found in self.problems.items() if _root(key) == name or key == name for each in found]

    def refused(self, problem: Problem) -> "Form":
        """The same form with what a verb said; what belongs to no field of it stands on top."""
        own = {each.name for each in self.fields}
        said = {name: found for name, found in problem.details.items() if isinstance(found, list)}
        foreign = [f"{name}: {' '.join(found)}" for name, found in said.items() if not {name, _root(name)} & own]
        is_of_fields = problem.code in {"validation_error", "invalid_parameter"} or len(foreign) < len(said)
        if not is_of_fields:
            return replace(self, problems={}, message=problem.message)
        return replace(self, problems=said, message=" ".join(foreign) or "Look at what is marked below.")

    def document(self) -> dict[str, Any]:
        """What was typed, for `parsing.shapes.shaped`. Raises Problem 'validation_error' naming all that cannot be."""
        found: dict[str, Any] = {}
        wrong: dict[str, list[str]] = {}
        for each in self.fields:
            try:
                value = _converted(each, self.values[each.name])
            except ValueError as error:
                wrong[each.name] = [str(error)]
                continue
            if value is not None or each.may_be_none:
                found[each.name] = value
        if wrong:
            raise Problem("validation_error", None, wrong)
        return found


def typed(page: RequestHandler, fields: Sequence[Field]) -> Form:
    """The form with what was typed into it."""
    return Form(fields, {each.name: _typed(page, each) for each in fields})


def money(cents: int | None) -> str:
    """An amount as it is typed."""
    return "" if cents is None else f"{cents // 100}.{cents % 100:02}"


def _typed(page: RequestHandler, each: Field) -> Any:
    if each.kind == "choices":
        return [value for value in page.get_body_arguments(each.name) if value]
    text = page.get_body_argument(each.name, "", strip=each.kind != "password")[:_LONGEST]
    return text == "on" if each.kind == "switch" else text.replace("\r\n", "\n")


def _converted(each: Field, value: Any) -> Any:
    """The value of a field, None where it is empty. Raises ValueError with a sentence that says what would be right."""
    if isinstance(value, bool | list):
        return value
    if not value and each.required:
        raise ValueError("Fill this in.")
    if not value:
        return "" if each.kind in _TEXTS and not each.may_be_none else None
    if each.kind == "integer":
        return _integer(value)
    return _cents(value) if each.kind == "money" else value


def _integer(text: str) -> int:
    digits = text.removeprefix("-")
    if not (digits.isascii() and digits.isdecimal()) or len(digits) > _MOST_DIGITS:
        raise ValueError("Write a whole number.")
    return int(text)


def _cents(text: str) -> int:
    whole, _, part = text.replace(",", ".").partition(".")
    if not (whole + part).isascii() or not whole.isdecimal() or not (part or "0").isdecimal():
        raise ValueError("Write an amount such as 25.00.")
    if len(part) > len("00") or len(whole) > _MOST_DIGITS:
        raise ValueError("Write an amount such as 25.00.")
    return int(whole) * 100 + int(part.ljust(2, "0"))


def _root(name: str) -> str:
    return name.partition(".")[0].partition("[")[0]

"""What one setting is: its declaration, and how a value from a file or from the environment becomes its own."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from ipaddress import ip_network
from typing import Any, Final

from smoothbox.errors import Problem

_WORDS: Final = {"true": True, "false": False}
_SECRET_LENGTH: Final = 16


def option(
    default: Any,
    text: str,
    *,
    least: float = 0,
    most: float = 10**9,
    choices: tuple[str, ...] = (),
    is_secret: bool = False,
    is_live: bool = False,
) -> Any:
    """Declare a setting: its default, its sentence, and what it may be.

    A secret is shown by nothing that prints settings. What is live is taken over by a server that runs; the rest at its start.
    """
    said = {"help": text, "least": least, "most": most, "choices": choices, "is_secret": is_secret, "is_live": is_live}
    return field(default=default, repr=not is_secret, metadata=said)


@dataclass(frozen=True, slots=True)
class Setting:
    """One declared setting."""

    section: str
    key: str
    default: Any
    help: str
    least: float
    most: float
    choices: tuple[str, ...]
    is_secret: bool
    is_live: bool

    @property
    def name(self) -> str:
        """As section.key."""
        return f"{self.section}.{self.key}"

    @property
    def variable(self) -> str:
        """Its name in the environment."""
        return f"SMOOTHBOX_{self.section}_{self.key}".upper()


def parsed(setting: Setting, text: str) -> Any:
    """The value that a text of the environment means; what does not parse is left for `checked` to refuse."""
    if isinstance(setting.default, tuple):
        parts = [part.strip() for part in text.split(",") if part.strip()]
        return [_number(float, part) for part in parts] if setting.default else parts
    if isinstance(setting.default, str):
        return text
    if isinstance(setting.default, bool):
        return _WORDS.get(text.lower(), text)
    return _number(type(setting.default), text)


def checked(setting: Setting, value: Any, where: str) -> Any:
    """The value as the program has it. Raises Problem 'validation_error' that names the place and what would be right."""
    if isinstance(setting.default, tuple):
        return _numbers(setting, value, where) if setting.default else _networks(setting, value, where)
    if isinstance(setting.default, str):
        return _text(setting, value, where)
    if isinstance(setting.default, bool):
        if not isinstance(value, bool):
            raise refusal(where, setting.name, "it takes true or false")
        return value
    return _checked_number(setting, value, where)


def refusal(where: str, name: str, reason: str) -> Problem:
    """A setting that cannot be used."""
    end = "" if reason.endswith("?") else "."
    return Problem("validation_error", f"{where}: {name}: {reason}{end}", {"setting": name})


def nearest(name: str, known: Mapping[str, Any]) -> str:
    """The reason for a name that nobody knows."""
    near = get_close_matches(name, known, n=1)
    return "there is no such setting" + (f"; did you mean {near[0]}?" if near else "")


def _number(kind: type, text: str) -> Any:
    try:
        return kind(text)
    except ValueError:
        return text


def _text(setting: Setting, value: Any, where: str) -> str:
    if not isinstance(value, str):
        raise refusal(where, setting.name, "it takes a text in quotes")
    if setting.choices and value not in setting.choices:
        raise refusal(where, setting.name, f"it takes one of {', '.join(setting.choices)}")
    if setting.is_secret and value and not (len(value) >= _SECRET_LENGTH and value.isascii() and value.isprintable()):
        raise refusal(where, setting.name, f"it takes at least {_SECRET_LENGTH} visible ASCII characters")
    return value


def _checked_number(setting: Setting, value: Any, where: str) -> float:
    whole = isinstance(setting.default, int)
    if isinstance(value, bool) or not isinstance(value, int if whole else (int, float)):
        raise refusal(where, setting.name, f"it takes a {'whole ' if whole else ''}number")
    if not setting.least <= value <= setting.most:
        raise refusal(where, setting.name, f"it must lie between {setting.least:g} and {setting.most:.12g}")
    return value if whole else float(value)


def _numbers(setting: Setting, value: Any, where: str) -> tuple[float, ...]:
    are_numbers = isinstance(value, list) and all(type(part) in {int, float} and 0 <= part <= setting.most for part in value)
    if not value or not are_numbers:
        raise refusal(where, setting.name, "it takes a list of one or more numbers such as [0, 5, 300]")
    return tuple(map(float, value))


def _networks(setting: Setting, value: Any, where: str) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(part, str) for part in value):
        raise refusal(where, setting.name, 'it takes a list of networks such as ["10.0.0.0/8"]')
    for part in value:
        try:
            ip_network(part)
        except ValueError as error:
            raise refusal(where, setting.name, f"{error}") from None
    return tuple(value)

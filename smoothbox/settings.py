"""Every setting there is: its key, type, default and help, declared once.

Read by the loader, by `smoothbox.toml`, by the command line's help and by the tests that compare them.
A flag goes before `SMOOTHBOX_SECTION_KEY`, that before smoothbox.toml, that before the default.
"""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from difflib import get_close_matches
from ipaddress import ip_network
from pathlib import Path
from typing import Any, Final

from smoothbox.errors import Problem
from smoothbox.located_toml import line_of, load_toml

Source = str

FILE_NAME: Final = "smoothbox.toml"


def _option(default: Any, text: str, *, least: float = 0, most: float = 10**9, choices: tuple[str, ...] = ()) -> Any:
    return field(default=default, metadata={"help": text, "least": least, "most": most, "choices": choices})


@dataclass(frozen=True, slots=True)
class Server:
    """Where the box listens and what it accepts."""

    host: str = _option("127.0.0.1", "Address to listen on.")
    port: int = _option(8080, "Port to listen on; 0 takes a free one.", most=65535)
    base_domain: str = _option("", "Domain whose subdomains name the tenants, such as smoothschedule.com; empty: any host.")
    public_url: str = _option("", "Address that links carry, such as https://api.example.com; empty: the request's own.")
    trusted_proxies: tuple[str, ...] = _option((), "Networks whose X-Forwarded-For and X-Forwarded-Proto are believed.")
    max_body_bytes: int = _option(262144, "Largest request body.", least=1024)
    read_seconds: float = _option(30.0, "Time a client has to send its headers, and again its body.", least=0.1)
    drain_seconds: float = _option(20.0, "Time that requests in flight have to end when the box stops.")


@dataclass(frozen=True, slots=True)
class Limits:
    """Token buckets, where a token has none of its own."""

    hourly: int = _option(1000, "Requests an hour and token.", least=1)
    burst: int = _option(100, "Requests a minute and token.", least=1)
    failed_auth: int = _option(20, "Failed authentications a minute and client address.", least=1)


@dataclass(frozen=True, slots=True)
class Tenants:
    """The pool of open data files."""

    max_open: int = _option(200, "Data files open at once.", least=1)
    idle_seconds: float = _option(300.0, "Time after which an unused data file is closed.", least=0.05)
    queue: int = _option(256, "Writes that may wait for one data file; more are answered 503.", least=1)


@dataclass(frozen=True, slots=True)
class Log:
    """What is written down, and where."""

    level: str = _option("info", "Least level that is logged.", choices=("debug", "info", "warning", "error"))
    format: str = _option("auto", "How lines look: text, json, or auto (text on a terminal).", choices=("auto", "text", "json"))
    file: str = _option("", "File to log to; empty: standard error.")


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings, by section. `sources` says of each 'section.key' where its value came from."""

    server: Server = field(default_factory=Server)
    limits: Limits = field(default_factory=Limits)
    tenants: Tenants = field(default_factory=Tenants)
    log: Log = field(default_factory=Log)
    sources: Mapping[str, Source] = field(default_factory=dict)


SECTIONS: Final[Mapping[str, type]] = {"server": Server, "limits": Limits, "tenants": Tenants, "log": Log}


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

    @property
    def name(self) -> str:
        """As section.key."""
        return f"{self.section}.{self.key}"

    @property
    def variable(self) -> str:
        """Its name in the environment."""
        return f"SMOOTHBOX_{self.section}_{self.key}".upper()


def declared() -> Iterator[Setting]:
    """Every setting, in the order of declaration."""
    for section, holder in SECTIONS.items():
        for entry in fields(holder):
            yield Setting(section, entry.name, entry.default, **entry.metadata)


def load_settings(
    path: Path | None, environment: Mapping[str, str] = os.environ, flags: Mapping[str, Any] | None = None
) -> Settings:
    """Settings from a file (or None), the environment and flags (`{"server.port": 0}`; None values do not count).

    Raises Problem 'validation_error' that names the line or the variable, and what would be right.
    """
    values: dict[str, Any] = {}
    sources: dict[str, Source] = {}
    for source, found in (
        (str(path), _from_file(path) if path else {}),
        ("environment", _from_environment(environment)),
        ("flag", {name: value for name, value in (flags or {}).items() if value is not None}),
    ):
        values.update(found)
        sources.update(dict.fromkeys(found, source))
    sections = {
        name: holder(**{key.split(".")[1]: value for key, value in values.items() if key.startswith(name + ".")})
        for name, holder in SECTIONS.items()
    }
    return Settings(**sections, sources={each.name: sources.get(each.name, "default") for each in declared()})


def may_use_color(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether a terminal may be sent colours: https://no-color.org, and terminals that know none."""
    return not environment.get("NO_COLOR") and environment.get("TERM") != "dumb"


def _from_file(path: Path) -> dict[str, Any]:
    document, text = load_toml(path)
    known = {each.name: each for each in declared()}
    values: dict[str, Any] = {}
    for section, entries in document.items():
        where = f"{path}, line {line_of(text, (section,))}"
        if section not in SECTIONS:
            raise _refusal(where, section, _nearest(section, SECTIONS))
        if not isinstance(entries, dict):
            raise _refusal(where, section, f"write it as a table: [{section}]")
        for key, value in entries.items():
            name = f"{section}.{key}"
            where = f"{path}, line {line_of(text, (section, key))}"
            if name not in known:
                raise _refusal(where, name, _nearest(name, known))
            values[name] = _checked(known[name], value, where)
    return values


def _from_environment(environment: Mapping[str, str]) -> dict[str, Any]:
    known = {each.variable: each for each in declared()}
    ours = tuple(f"SMOOTHBOX_{section}_".upper() for section in SECTIONS)
    values: dict[str, Any] = {}
    for variable, text in environment.items():
        if variable in known:
            setting = known[variable]
            values[setting.name] = _checked(setting, _parsed(setting, text), variable)
        elif variable.startswith(ours):
            raise _refusal("environment", variable, _nearest(variable, known))
    return values


def _parsed(setting: Setting, text: str) -> Any:
    """The value that a text of the environment means; what does not parse is left for `_checked` to refuse."""
    if isinstance(setting.default, tuple):
        return [part.strip() for part in text.split(",") if part.strip()]
    if isinstance(setting.default, str):
        return text
    try:
        return type(setting.default)(text)
    except ValueError:
        return text


def _checked(setting: Setting, value: Any, where: str) -> Any:
    if isinstance(setting.default, tuple):
        return _networks(setting, value, where)
    if isinstance(setting.default, str):
        if not isinstance(value, str):
            raise _refusal(where, setting.name, "it takes a text in quotes")
        if setting.choices and value not in setting.choices:
            raise _refusal(where, setting.name, f"it takes one of {', '.join(setting.choices)}")
        return value
    whole = isinstance(setting.default, int)
    if isinstance(value, bool) or not isinstance(value, int if whole else (int, float)):
        raise _refusal(where, setting.name, f"it takes a {'whole ' if whole else ''}number")
    if not setting.least <= value <= setting.most:
        raise _refusal(where, setting.name, f"it must lie between {setting.least:g} and {setting.most:.12g}")
    return value if whole else float(value)


def _networks(setting: Setting, value: Any, where: str) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(part, str) for part in value):
        raise _refusal(where, setting.name, 'it takes a list of networks such as ["10.0.0.0/8"]')
    for part in value:
        try:
            ip_network(part)
        except ValueError as error:
            raise _refusal(where, setting.name, f"{error}") from None
    return tuple(value)


def _refusal(where: str, name: str, reason: str) -> Problem:
    end = "" if reason.endswith("?") else "."
    return Problem("validation_error", f"{where}: {name}: {reason}{end}", {"setting": name})


def _nearest(name: str, known: Mapping[str, Any]) -> str:
    near = get_close_matches(name, known, n=1)
    return "there is no such setting" + (f"; did you mean {near[0]}?" if near else "")

"""Every setting there is: its key, type, default and help, declared once.

Read by the loader, by `smoothbox.toml`, by the command line's help and by the tests that compare them.
A flag goes before `SMOOTHBOX_SECTION_KEY`, that before smoothbox.toml, that before the default. A secret may also stand in a
file of its own, which `SMOOTHBOX_SECTION_KEY_FILE` names.
"""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Final

from smoothbox.located_toml import line_of, load_toml
from smoothbox.setting_values import Setting, checked, nearest, option, parsed, refusal

Source = str

FILE_NAME: Final = "smoothbox.toml"
_OF_A_FILE: Final = "_FILE"


@dataclass(frozen=True, slots=True)
class Server:
    """Where the box listens and what it accepts."""

    host: str = option("127.0.0.1", "Address to listen on.")
    port: int = option(8080, "Port to listen on; 0 takes a free one.", most=65535)
    base_domain: str = option("", "Domain whose subdomains name the tenants, such as smoothschedule.com; empty: any host.")
    public_url: str = option("", "Address that links carry, such as https://api.example.com; empty: the request's own.")
    trusted_proxies: tuple[str, ...] = option((), "Networks whose X-Forwarded-For and X-Forwarded-Proto are believed.")
    max_body_bytes: int = option(262144, "Largest request body.", least=1024)
    read_seconds: float = option(30.0, "Time a client has to send its headers, and again its body.", least=0.1)
    drain_seconds: float = option(20.0, "Time that requests in flight have to end when the box stops.")
    kept_answers_mb: int = option(4, "Memory for answers of unchanged data, in MB; 0: every one is read anew.", most=1024)
    event_loop: str = option(
        "auto",
        "What drives the server: asyncio, uvloop, or auto (uvloop where it is installed).",
        choices=("auto", "asyncio", "uvloop"),
    )
    tls_cert: str = option("", "File with the certificate chain, for HTTPS without a proxy; empty: HTTP.", is_live=True)
    tls_key: str = option("", "File with the certificate's private key; goes with tls_cert.", is_live=True)
    metrics_token: str = option(
        "", "Token that shows /metrics to other machines; empty: to this one only.", is_secret=True, is_live=True
    )


@dataclass(frozen=True, slots=True)
class Limits:
    """Token buckets, where a token has none of its own."""

    hourly: int = option(1000, "Requests an hour and token.", least=1, is_live=True)
    burst: int = option(100, "Requests a minute and token.", least=1, is_live=True)
    failed_auth: int = option(20, "Failed authentications a minute and client address.", least=1, is_live=True)


@dataclass(frozen=True, slots=True)
class Tenants:
    """The pool of open data files."""

    max_open: int = option(200, "Data files open at once.", least=1)
    idle_seconds: float = option(300.0, "Time after which an unused data file is closed.", least=0.05)
    queue: int = option(256, "Writes that may wait for one data file; more are answered 503.", least=1)
    checkpoint_pages: int = option(1000, "Pages in a data file's log that make the server empty it; 0: Litestream does that.")


@dataclass(frozen=True, slots=True)
class Webhooks:
    """Deliveries of events: when they are tried, how long they may take, where they may go."""

    retry_schedule: tuple[float, ...] = option(
        (0, 5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400),
        "Seconds before each attempt, from the end of the one before; the first is made at once.",
        most=604800,
    )
    sandbox_attempts: int = option(4, "Attempts of a delivery of the sandbox.", least=1)
    jitter: float = option(0.2, "Part by which a wait is made longer or shorter at random.", most=0.9)
    connect_timeout: float = option(5.0, "Seconds until a receiver must have taken the connection.", least=0.05)
    timeout: float = option(15.0, "Seconds until a receiver must have answered.", least=0.05)
    overload_floor: float = option(60.0, "Least seconds to wait after a 429, a 502, a 504 or no answer in time.")
    allow_cidrs: tuple[str, ...] = option((), "Internal networks that deliveries may go to.")
    require_https: bool = option(default=True, text="Whether live deliveries to public hosts must be encrypted.")
    per_endpoint: int = option(2, "Attempts under way at once for one endpoint.", least=1)
    per_tenant: int = option(8, "Attempts under way at once for one tenant.", least=1)
    total: int = option(32, "Attempts under way at once in all.", least=1, most=1000)
    per_second: float = option(340.0, "Attempts that begin in a second in all; the rest of the time is for requests.", least=1)
    breaker_after: int = option(5, "Failures in a row that pause an endpoint.", least=1)
    breaker_pause: float = option(60.0, "Seconds of the first pause; each further one is twice as long, up to 15 minutes.")
    disable_after_days: float = option(5.0, "Days without success after which an endpoint is disabled.")
    keep_days: float = option(30.0, "Days that events and their deliveries are kept.", least=1)


@dataclass(frozen=True, slots=True)
class Console:
    """The console in the browser, and the help beside it."""

    session_hours: float = option(168.0, "Hours after which who is logged in has to log in again.", least=0.01, most=8760)
    attempts: int = option(10, "Attempts to log in a minute, for one client address and again for one name.", least=1)
    support: str = option("", "Whom integrators may ask, such as help@example.com; shown on the help pages.")


@dataclass(frozen=True, slots=True)
class Backup:
    """Backups that the server makes by itself."""

    directory: str = option("", "Folder for backups; empty: 'backups' in the data folder. Better one on another disk.")
    every_hours: float = option(24.0, "Hours from one backup to the next; 0: none by itself.", most=8760)
    keep: int = option(14, "Complete backups that are kept; older ones are removed.", least=1, most=10000)


@dataclass(frozen=True, slots=True)
class Log:
    """What is written down, and where."""

    level: str = option("info", "Least level that is logged.", choices=("debug", "info", "warning", "error"), is_live=True)
    format: str = option(
        "auto", "How lines look: text, json, or auto (text on a terminal).", choices=("auto", "text", "json"), is_live=True
    )
    file: str = option("", "File to log to; empty: standard error.", is_live=True)


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings, by section. `sources` says of each 'section.key' where its value came from."""

    server: Server = field(default_factory=Server)
    limits: Limits = field(default_factory=Limits)
    tenants: Tenants = field(default_factory=Tenants)
    webhooks: Webhooks = field(default_factory=Webhooks)
    console: Console = field(default_factory=Console)
    backup: Backup = field(default_factory=Backup)
    log: Log = field(default_factory=Log)
    sources: Mapping[str, Source] = field(default_factory=dict)


SECTIONS: Final[Mapping[str, type]] = {
    "server": Server,
    "limits": Limits,
    "tenants": Tenants,
    "webhooks": Webhooks,
    "console": Console,
    "backup": Backup,
    "log": Log,
}


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


def taken_over(running: Settings, wanted: Settings) -> tuple[Settings, list[str]]:
    """What a running server goes on with when other settings are wanted, and the names of those that wait for a restart."""
    waiting: list[str] = []
    values: dict[str, dict[str, Any]] = {section: {} for section in SECTIONS}
    for each in declared():
        old, new = (getattr(getattr(settings, each.section), each.key) for settings in (running, wanted))
        if new != old and not each.is_live:
            waiting.append(each.name)
        values[each.section][each.key] = new if each.is_live else old
    sections = {section: holder(**values[section]) for section, holder in SECTIONS.items()}
    return Settings(**sections, sources=wanted.sources), waiting


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
            raise refusal(where, section, nearest(section, SECTIONS))
        if not isinstance(entries, dict):
            raise refusal(where, section, f"write it as a table: [{section}]")
        for key, value in entries.items():
            name = f"{section}.{key}"
            where = f"{path}, line {line_of(text, (section, key))}"
            if name not in known:
                raise refusal(where, name, nearest(name, known))
            values[name] = checked(known[name], value, where)
    return values


def _from_environment(environment: Mapping[str, str]) -> dict[str, Any]:
    known = {each.variable: each for each in declared()}
    ours = tuple(f"SMOOTHBOX_{section}_".upper() for section in SECTIONS)
    values: dict[str, Any] = {}
    for variable, text in environment.items():
        if variable in known:
            setting = known[variable]
            values[setting.name] = checked(setting, parsed(setting, text), variable)
        elif variable.endswith(_OF_A_FILE) and (secret := known.get(variable.removesuffix(_OF_A_FILE))) and secret.is_secret:
            if secret.variable in environment:
                raise refusal(variable, secret.name, f"{secret.variable} is set as well")
            values[secret.name] = checked(secret, _content(secret, variable, Path(text)), f"{variable} ({text})")
        elif variable.startswith(ours):
            raise refusal("environment", variable, nearest(variable, known))
    return values


def _content(secret: Setting, variable: str, path: Path) -> str:
    try:
        return path.read_text("utf-8").strip()
    except (OSError, UnicodeError) as error:
        raise refusal(variable, secret.name, f"{path} cannot be read: {getattr(error, 'strerror', None) or error}") from None

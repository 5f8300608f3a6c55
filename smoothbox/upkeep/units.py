"""Units of systemd: filled in from templates for this machine, put where systemd looks for them, and taken away again."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from smoothbox.errors import Problem
from smoothbox.settings import Settings
from smoothbox.upkeep.outputs import put

SERVICE: Final = "smoothbox.service"
SOCKET: Final = "smoothbox.socket"

_HOME: Final = Path("etc/systemd/system")
_STATE: Final = Path("/var/lib")
_HIDDEN: Final = ("/home", "/root", "/run/user")  # by ProtectHome
_MARK: Final = "# Of 'smoothbox service'"
_WAITS_AT_THE_END: Final = 2  # requests and deliveries may each take server.drain_seconds
_SPARE_SECONDS: Final = 20.0  # to empty the logs of the data files


@dataclass(frozen=True, slots=True)
class Service:
    """What a service runs: the words of a command line, as which user, on which data folder (absolute)."""

    command: Sequence[str]
    user: str
    data: Path
    settings: Settings


def service_text(template: str, service: Service) -> str:
    """The unit of a service."""
    is_state = service.data.is_relative_to(_STATE) and service.data != _STATE
    seconds = _WAITS_AT_THE_END * service.settings.server.drain_seconds + _SPARE_SECONDS
    state = _word(str(service.data.relative_to(_STATE))) if is_state else None
    values = {
        "ExecStart": " ".join(_word(each).replace("$", "$$") for each in service.command),
        "User": service.user,
        "WorkingDirectory": str(service.data).replace("%", "%%"),
        "StateDirectory": state,
        "StateDirectoryMode": "0700" if is_state else None,
        "ReadWritePaths": " ".join(_writable(service, is_state=is_state)) or None,
        "TimeoutStopSec": f"{seconds:.0f}",
        "WatchdogSec": f"{seconds:.0f}",
    }
    return _filled(template, values)


def socket_text(template: str, settings: Settings) -> str:
    """The unit of a socket that listens where the settings say."""
    host = settings.server.host
    return _filled(template, {"ListenStream": f"{f'[{host}]' if ':' in host else host}:{settings.server.port}"})


def hidden(paths: Iterable[Path]) -> list[Path]:
    """Those that a service could not see, for they lie below the homes of people."""
    return [each for each in paths if any(each.is_relative_to(home) for home in _HIDDEN)]


def install(root: Path, units: Mapping[str, str]) -> list[Path]:
    """Write units by name below a root folder; returns where they are.

    Raises Problem 'conflict' for one that somebody else has written, and then writes none; OSError.
    """
    paths = [root / _HOME / name for name in units]
    for path in paths:
        if path.exists() and not _is_ours(path):
            raise Problem("conflict", f"{path} is there already, and not written by 'service install'.")
    _make_folder(root / _HOME)
    for path, text in zip(paths, units.values(), strict=True):
        with put(path, may_replace=True) as file:
            file.write(text.encode())
        path.chmod(0o644)  # everybody may read units, and systemd complains otherwise
    return paths


def uninstall(root: Path) -> list[Path]:
    """Remove the units that `install` wrote; returns where they were.

    Raises Problem 'not_found' where there are none, 'conflict' while one is enabled; OSError.
    """
    ours = [path for path in (root / _HOME / name for name in (SERVICE, SOCKET)) if path.exists() and _is_ours(path)]
    if not ours:
        raise Problem("not_found", f"In {root / _HOME} there are no units that 'service install' wrote.")
    for path in ours:
        if any(path.parent.glob(f"*.wants/{path.name}")):
            raise Problem("conflict", f"{path.name} is enabled; nothing was removed.")
    for path in ours:
        path.unlink()
    return ours


def _is_ours(path: Path) -> bool:
    return path.read_text("utf-8", "replace").startswith(_MARK)


def _make_folder(path: Path) -> None:
    """Readable by all, as everything in /etc is; folders that are there stay as they are."""
    for missing in reversed([each for each in (path, *path.parents) if not each.exists()]):
        missing.mkdir()
        missing.chmod(0o755)


def _writable(service: Service, *, is_state: bool) -> Iterator[str]:
    """Folders that the settings name, besides the data folder. Where one is missing, the service starts all the same."""
    if not is_state:
        yield _word(str(service.data))
    elsewhere = [service.settings.backup.directory, service.settings.log.file and str(Path(service.settings.log.file).parent)]
    for path in dict.fromkeys(service.data / each for each in elsewhere if each):
        if not path.is_relative_to(service.data):
            yield _word(f"-{path}")


def _filled(template: str, values: Mapping[str, str | None]) -> str:
    """The template with other values for these keys; None takes the line out."""
    return "".join(_lines(template, values))


def _lines(template: str, values: Mapping[str, str | None]) -> Iterator[str]:
    for line in template.splitlines(keepends=True):
        key = line.partition("=")[0]
        value = values.get(key, "")
        if key not in values:
            yield line
        elif value is not None:
            yield f"{key}={value}\n"


def _word(text: str) -> str:
    """One word as systemd.syntax(7) has it."""
    escaped = text.replace("\\", "\\\\").replace("%", "%%").replace('"', '\\"')
    return f'"{escaped}"' if " " in text or "'" in text or '"' in text else escaped

"""What all pages share, handed to each by the composition root."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from smoothbox.clock import Clock
from smoothbox.ids import Mode
from smoothbox.keyring import Keyring
from smoothbox.settings import Settings
from smoothbox.store.folder import DataFolder
from smoothbox.store.registry import Registry
from smoothbox.store.tenants import TenantFiles
from smoothbox.web.form_keys import FormKeys
from smoothbox.web.kept_calendars import KeptCalendars


@dataclass(frozen=True, slots=True)
class Means:
    """The box as pages use it.

    `statuses` is the HTTP status of each error code. `attempt` counts a try to log in, by what it came from or whom it
    names, and raises Problem 'rate_limited'. `admit` refuses addresses that deliveries may not go to.
    `reference` is the OpenAPI document for a server at an origin.
    """

    settings: Settings
    folder: DataFolder
    registry: Registry
    files: TenantFiles
    keyring: Keyring
    clock: Clock
    statuses: Mapping[str, int]
    attempt: Callable[[str], None]
    admit: Callable[[str, Mode], Awaitable[None]]
    reference: Callable[[str], Mapping[str, Any]]
    form_keys: FormKeys = field(default_factory=FormKeys)
    calendars: KeptCalendars = field(default_factory=KeptCalendars)

"""The business itself; also the answer to "does my token work"."""

from msgspec import Raw, Struct


class Business(Struct, frozen=True):
    """One business as a token sees it. Spans are minutes unless their name says otherwise."""

    name: str
    subdomain: str
    description: str
    timezone: str
    currency: str
    phone: str
    email: str
    website: str
    address: str
    logo_url: str
    business_hours: Raw
    closures: list["Closure"]
    cancellation_window_hours: int
    late_cancellation_fee_percent: int
    slot_interval: int
    min_notice: int
    max_advance_days: int
    environment: str
    scopes: tuple[str, ...]


class Closure(Struct, frozen=True):
    """A local day on which the whole business is closed."""

    date: str
    name: str

"""Webhooks: subscriptions, what was delivered to them, and how each attempt went."""

from typing import Annotated, ClassVar, Final, Literal, get_args

from msgspec import UNSET, Meta, Struct, UnsetType

from smoothbox.contract.events import EVENT_TYPES
from smoothbox.contract.fields import Document, LocalTime, Moment, Names, ShortText
from smoothbox.contract.listing import Filter, Listing

MOST_ENDPOINTS: Final = 20
LONGEST_URL: Final = 2048
LONGEST_OVERLAP: Final = 7 * 86400
DAY: Final = 86400

DeliveryStatus = Literal["pending", "sending", "succeeded", "failed"]
DELIVERY_STATUSES: Final[tuple[DeliveryStatus, ...]] = get_args(DeliveryStatus)
Trigger = Literal["auto", "manual", "ping", "recover"]
DisabledReason = Literal["gone", "failing", "unreadable_secret"]
"""It answered 410; it failed for days; or the box's keyring does not open its secret."""

AttemptError = Literal["dns_error", "blocked_address", "connect_failed", "tls_error", "timeout", "closed", "interrupted"]
"""Why an attempt has no answer: the name did not resolve; it leads to an internal address; nobody took the connection; the
certificate is not good; it took too long; the connection ended too early; or the box ended meanwhile."""

Url = Annotated[str, Meta(min_length=1, max_length=LONGEST_URL, description="Where to deliver: https://host/path.")]
Pattern = Annotated[str, Meta(max_length=40)]
Patterns = Annotated[
    tuple[Pattern, ...],
    Meta(min_length=1, max_length=len(EVENT_TYPES) + 10, description="Names of events, booking.* for all of a kind, or *."),
]
Secret = Annotated[str, Meta(max_length=100, description="whsec_ and the base64 of 24 to 64 bytes; made if absent.")]
HeaderName = Annotated[str, Meta(min_length=1, max_length=64)]
HeaderValue = Annotated[str, Meta(max_length=1000)]
Headers = Annotated[
    dict[HeaderName, HeaderValue],
    Meta(max_length=10, description="Headers of your own for each delivery; their values are sealed and never shown."),
]


class Endpoint(Struct, frozen=True):
    """A subscription. `public_key` verifies v1a signatures, where they were asked for.

    Its tag leaves out what changes with every delivery, and a secret: nobody overwrites either.
    """

    UNTAGGED: ClassVar[frozenset[str]] = frozenset({"last_success_at", "secret"})

    id: int
    version: int
    url: str
    events: Names
    description: str
    is_active: bool
    disabled_reason: DisabledReason | None
    public_key: str | None
    header_names: Names
    last_success_at: Moment | None
    created_at: Moment
    updated_at: Moment


class EndpointWithSecret(Endpoint, frozen=True):
    """A subscription with its secret, shown this once."""

    secret: str

    def __repr__(self) -> str:
        """Without the secret."""
        return f"EndpointWithSecret({self.id})"


class NewEndpoint(Struct, frozen=True, forbid_unknown_fields=True):
    """A subscription to be: where to, and to which events."""

    url: Url
    events: Patterns
    description: ShortText = ""
    is_active: bool = True
    ed25519: bool = False
    secret: Secret | None = None
    headers: Headers = {}

    def __repr__(self) -> str:
        """Without secret and headers."""
        return f"NewEndpoint({self.url})"


class EndpointChange(Struct, frozen=True, forbid_unknown_fields=True):
    """The fields of a subscription to change; absent ones stay. `is_active` true brings back one that was disabled."""

    url: Url | UnsetType = UNSET
    events: Patterns | UnsetType = UNSET
    description: ShortText | UnsetType = UNSET
    is_active: bool | UnsetType = UNSET
    ed25519: bool | UnsetType = UNSET
    headers: Headers | UnsetType = UNSET

    def __repr__(self) -> str:
        """Without the headers."""
        return f"EndpointChange({self.url})"


class Nothing(Struct, frozen=True, forbid_unknown_fields=True):
    """The body of a request that says all in its address."""


class Rotation(Struct, frozen=True, forbid_unknown_fields=True):
    """A new secret; the old one signs beside it for so many seconds more, a day unless told otherwise, a week at most."""

    overlap_seconds: Annotated[int, Meta(ge=0, le=LONGEST_OVERLAP)] = DAY
    secret: Secret | None = None

    def __repr__(self) -> str:
        """Without the secret."""
        return f"Rotation({self.overlap_seconds} s)"


class Recovery(Struct, frozen=True, forbid_unknown_fields=True):
    """Since when failed deliveries are to be tried again."""

    since: LocalTime


class Recovered(Struct, frozen=True):
    """How many deliveries are to be tried again."""

    count: int


class Attempt(Struct, frozen=True):
    """One attempt of a delivery: the answer's status code, or the error for which there is none."""

    number: int
    trigger: Trigger
    started_at: Moment
    duration_ms: int
    status_code: int | None
    error: AttemptError | None


class AttemptInFull(Attempt, frozen=True):
    """An attempt with the first 16 KiB of the answer."""

    response_body: str


class DeliveryFacts(Struct, frozen=True):
    """What an endpoint is told of one event. `next_attempt_at` is null where no attempt is to come."""

    id: int
    endpoint_id: int
    event_id: str
    sequence: int
    type: str
    status: DeliveryStatus
    next_attempt_at: Moment | None
    created_at: Moment
    updated_at: Moment


class Delivery(DeliveryFacts, frozen=True):
    """A delivery as lists show it."""

    attempts: list[Attempt]


class DeliveryInFull(DeliveryFacts, frozen=True):
    """A delivery with the answers that it got, and the body that it sends."""

    attempts: list[AttemptInFull]
    event: Document


LIST: Final = Listing(
    "webhooks",
    (
        Filter("url", "text", "The exact address."),
        Filter("is_active", "boolean", "Whether it is told of events."),
        Filter("event", "choice", "Is told of this event; several with commas.", choices=EVENT_TYPES),
    ),
    ("created_at",),
    "created_at",
)

DELIVERIES: Final = Listing(
    "deliveries",
    (
        Filter("type", "choice", "One type of event, or several with commas.", choices=EVENT_TYPES),
        Filter("status", "choice", "One status, or several with commas.", choices=DELIVERY_STATUSES),
        Filter("after_sequence", "integer", "Of events later than this sequence."),
    ),
    ("sequence", "created_at"),
    "-sequence",
)

"""An example of every event, made of the same shapes as the real ones."""

from collections.abc import Mapping
from typing import Any, Final

import msgspec
from msgspec import Raw, Struct, structs

from smoothbox.contract.bookings import Booking
from smoothbox.contract.business import BusinessFacts, Closure
from smoothbox.contract.customers import Customer
from smoothbox.contract.events import EVENT_TYPES, SENTENCES, Cause, Data, Described, Envelope, EventType
from smoothbox.contract.holds import Hold
from smoothbox.contract.resources import Resource
from smoothbox.contract.services import Service
from smoothbox.contract.webhooks import Endpoint

_MADE: Final = "2027-03-01T15:04:05.000000Z"
_NOW: Final = "2027-03-02T09:30:00.000000Z"
_WEEK: Final = Raw(b'[{"day_of_week": 1, "intervals": [{"start": "09:00", "end": "17:00"}]}]')

BOOKING: Final = Booking(
    id=42,
    version=2,
    status="SCHEDULED",
    service_id=1,
    service_name="Haircut",
    resource_id=3,
    resource_ids=Raw(b"[3]"),
    resource_name="Ann",
    customer_id=7,
    customer_name="Jane Doe",
    start_time="2027-03-09T10:00:00-05:00",
    end_time="2027-03-09T10:30:00-05:00",
    timezone="America/New_York",
    duration=30,
    price=2500,
    party_size=1,
    notes="",
    internal_notes="",
    source="api",
    external_id=None,
    metadata=Raw(b"{}"),
    series_id=None,
    previous_start_time=None,
    cancelled_at=None,
    cancellation_reason="",
    cancelled_by=None,
    late_cancellation=False,
    created_at=_MADE,
    updated_at=_NOW,
)
HOLD: Final = Hold(
    id=5,
    service_id=1,
    resource_id=3,
    resource_ids=(3,),
    start_time="2027-03-09T10:00:00-05:00",
    end_time="2027-03-09T10:30:00-05:00",
    timezone="America/New_York",
    price=2500,
    party_size=1,
    expires_at="2027-03-02T09:30:00.000000Z",
    created_at="2027-03-02T09:25:00.000000Z",
)
CUSTOMER: Final = Customer(
    id=7,
    version=2,
    first_name="Jane",
    last_name="Doe",
    name="Jane Doe",
    email="jane@example.com",
    phone="+1 212 555 0101",
    notes="",
    tags=Raw(b'["regular"]'),
    status="ACTIVE",
    external_id=None,
    address="",
    booking_count=3,
    total_spend=5000,
    last_visit="2027-02-09T10:00:00-05:00",
    metadata=Raw(b"{}"),
    created_at=_MADE,
    updated_at=_NOW,
)
SERVICE: Final = Service(
    id=1,
    version=2,
    name="Haircut",
    description="",
    category="Hair",
    duration=30,
    price=2500,
    currency="USD",
    variable_pricing=False,
    deposit_amount=0,
    buffer_before=0,
    buffer_after=5,
    slot_interval=30,
    min_notice=60,
    max_advance_days=90,
    capacity=1,
    requires_manual_scheduling=False,
    requires_confirmation=False,
    resource_ids=Raw(b"[3, 4]"),
    resource_groups=Raw(b"[[3, 4]]"),
    display_order=1,
    is_active=True,
    metadata=Raw(b"{}"),
    created_at=_MADE,
    updated_at=_NOW,
)
RESOURCE: Final = Resource(
    id=3,
    version=2,
    name="Ann",
    type="STAFF",
    description="",
    timezone="America/New_York",
    service_ids=Raw(b"[1]"),
    working_hours=_WEEK,
    uses_business_hours=True,
    display_order=0,
    is_active=True,
    created_at=_MADE,
    updated_at=_NOW,
)
BUSINESS: Final = BusinessFacts(
    version=2,
    name="Acme Barbers",
    description="",
    timezone="America/New_York",
    currency="USD",
    phone="+1 212 555 0100",
    email="hello@example.com",
    website="https://example.com",
    address="1 Main Street",
    logo_url="",
    business_hours=_WEEK,
    closures=[Closure("2027-12-25", "Christmas")],
    cancellation_window_hours=24,
    late_cancellation_fee_percent=0,
    late_cancellation_allowed=True,
    slot_interval=30,
    min_notice=60,
    max_advance_days=90,
)
ENDPOINT: Final = Endpoint(
    id=2,
    version=2,
    url="https://example.com/hook",
    events=Raw(b'["booking.*"]'),
    description="CRM",
    is_active=True,
    disabled_reason=None,
    public_key=None,
    header_names=Raw(b"[]"),
    last_success_at=_MADE,
    created_at=_MADE,
    updated_at=_NOW,
)

_PAST: Final = {"version": 1, "updated_at": _MADE}

_EXAMPLES: Final[Mapping[EventType, tuple[Struct, Mapping[str, Any]]]] = {
    "booking.created": (structs.replace(BOOKING, version=1, updated_at=_MADE), {}),
    "booking.confirmed": (structs.replace(BOOKING, status="CONFIRMED"), {**_PAST, "status": "SCHEDULED"}),
    "booking.rescheduled": (
        structs.replace(BOOKING, previous_start_time="2027-03-08T11:00:00-05:00"),
        {
            **_PAST,
            "start_time": "2027-03-08T11:00:00-05:00",
            "end_time": "2027-03-08T11:30:00-05:00",
            "previous_start_time": None,
        },
    ),
    "booking.updated": (structs.replace(BOOKING, notes="Fringe a little shorter."), {**_PAST, "notes": ""}),
    "booking.cancelled": (
        structs.replace(BOOKING, status="CANCELLED", cancelled_at=_NOW, cancellation_reason="Ill", cancelled_by="api"),
        {**_PAST, "status": "SCHEDULED", "cancelled_at": None, "cancellation_reason": "", "cancelled_by": None},
    ),
    "booking.completed": (structs.replace(BOOKING, status="COMPLETED"), {**_PAST, "status": "CONFIRMED"}),
    "booking.no_show": (structs.replace(BOOKING, status="NO_SHOW"), {**_PAST, "status": "CONFIRMED"}),
    "hold.expired": (HOLD, {}),
    "customer.created": (structs.replace(CUSTOMER, version=1, updated_at=_MADE), {}),
    "customer.updated": (CUSTOMER, {**_PAST, "phone": ""}),
    "service.created": (structs.replace(SERVICE, version=1, updated_at=_MADE), {}),
    "service.updated": (SERVICE, {**_PAST, "price": 2200}),
    "service.deleted": (SERVICE, {}),
    "resource.updated": (RESOURCE, {**_PAST, "name": "Anne"}),
    "business.updated": (BUSINESS, {"version": 1, "phone": ""}),
    "webhook.disabled": (
        structs.replace(ENDPOINT, is_active=False, disabled_reason="failing"),
        {**_PAST, "is_active": True, "disabled_reason": None},
    ),
    "webhook.ping": (ENDPOINT, {}),
}


def _described(event_type: EventType) -> Described:
    shown, previous = _EXAMPLES[event_type]
    cause = Cause("req_5c2bd2e0a1f04b7c9d3e", None)
    envelope = Envelope(
        id="evt_7d1e9f3a5b2c4d6e8f0a1b2c",
        type=event_type,
        timestamp=_NOW,
        sequence=1042,
        livemode=True,
        api_version="v1",
        request=cause,
        data=Data(shown, previous),
    )
    return Described(event_type, SENTENCES[event_type], Raw(msgspec.json.encode(envelope)))


DESCRIBED: Final = tuple(map(_described, EVENT_TYPES))
"""Every type of event with its sentence and an example, as webhooks/event-types/ lists them."""

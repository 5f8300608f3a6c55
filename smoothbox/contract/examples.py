"""Examples of what is sent and of what is answered, of one small business throughout."""

from collections.abc import Mapping
from typing import Any, Final

from msgspec import Struct, structs

from smoothbox.contract.availability import Availability, Day, Slot
from smoothbox.contract.bookings import Booking, BookingChange, Cancellation, ManagedBooking, NewBooking
from smoothbox.contract.business import Business, BusinessChange
from smoothbox.contract.client_tokens import ClientToken, NewClientToken
from smoothbox.contract.customers import Customer, CustomerChange, NewCustomer
from smoothbox.contract.event_examples import BOOKING, BUSINESS, CUSTOMER, ENDPOINT, HOLD, RESOURCE, SERVICE
from smoothbox.contract.holds import Hold, NewHold
from smoothbox.contract.resources import NewResource, Resource, ResourceChange
from smoothbox.contract.services import NewService, Service, ServiceChange
from smoothbox.contract.webhooks import Endpoint, EndpointChange, EndpointWithSecret, NewEndpoint, Recovery, Rotation

_START: Final = "2027-03-09T10:00:00-05:00"
_END: Final = "2027-03-09T10:30:00-05:00"
_JANE: Final = {"first_name": "Jane", "last_name": "Doe", "email": "jane@example.com"}
_WEEK: Final = [{"day_of_week": 1, "intervals": [{"start": "09:00", "end": "12:00"}, {"start": "13:00", "end": "17:00"}]}]

EXAMPLES: Final[Mapping[type[Struct], Any]] = {
    Service: SERVICE,
    Resource: RESOURCE,
    Booking: BOOKING,
    ManagedBooking: ManagedBooking(**structs.asdict(BOOKING), manage_url="https://book.example.com/b/eyJhbGciOiJFZERTQSJ9…/"),
    Customer: CUSTOMER,
    Business: Business(**structs.asdict(BUSINESS), subdomain="acme", environment="live", scopes=("business:read",)),
    Hold: HOLD,
    Endpoint: ENDPOINT,
    EndpointWithSecret: EndpointWithSecret(**structs.asdict(ENDPOINT), secret="whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),  # noqa: S106
    Availability: Availability(1, "America/New_York", 30, [Day("2027-03-09", [Slot(_START, _END, [3], 1)])], None, None),
    NewBooking: {"service_id": 1, "start_time": _START, "customer": _JANE, "notes": "Fringe a little shorter."},
    BookingChange: {"start_time": "2027-03-09T11:00:00-05:00"},
    Cancellation: {"reason": "Ill"},
    NewHold: {"service_id": 1, "start_time": _START, "ttl_seconds": 300},
    NewCustomer: {**_JANE, "phone": "+1 212 555 0123", "tags": ["regular"]},
    CustomerChange: {"phone": "+1 212 555 0124"},
    NewService: {"name": "Haircut", "duration": 30, "price": 2500, "buffer_after": 10, "resource_ids": [3]},
    ServiceChange: {"price": 2700},
    NewResource: {"name": "Ann", "type": "STAFF", "working_hours": _WEEK},
    ResourceChange: {"time_off": [{"start_time": "2027-03-15T00:00", "end_time": "2027-03-20T00:00", "reason": "Holiday"}]},
    BusinessChange: {"cancellation_window_hours": 24},
    NewClientToken: {"scopes": ["availability:read", "services:read"], "lifetime_seconds": 900},
    ClientToken: ClientToken("eyJhbGciOiJFZERTQSJ9…", ["availability:read", "services:read"], "2027-03-02T09:45:00.000000Z"),
    NewEndpoint: {"url": "https://example.com/hook", "events": ["booking.*", "customer.created"]},
    EndpointChange: {"is_active": True},
    Rotation: {"overlap_seconds": 86400},
    Recovery: {"since": "2027-03-01T00:00:00Z"},
}
"""Of each shape that has one: what is sent as a document, what is answered as the shape itself."""

"""The objects of the API by the page that shows them: their names, and the bodies in which they are sent and shown."""

from collections.abc import Mapping
from typing import Final, NamedTuple

from msgspec import Struct

from smoothbox.contract import (
    availability,
    bookings,
    business,
    client_tokens,
    customers,
    events,
    holds,
    hours,
    resources,
    services,
    webhooks,
)

Shape = type[Struct]

SHOWN: Final = "Shown"


class Body(NamedTuple):
    """One column of a table: how it is headed (the method that sends it, or SHOWN for an answer) and the shape of the body."""

    heading: str
    shape: Shape


class Object(NamedTuple):
    """An object under the name that people know it by, and the bodies in which its fields are sent and shown."""

    name: str
    bodies: tuple[Body, ...]

    @property
    def anchor(self) -> str:
        """Where its table stands on the page."""
        return "object-" + self.name.lower().replace(" ", "-")

    @property
    def has_uses(self) -> bool:
        """Whether it matters in which body a field is: of what is only shown all is."""
        return any(body.heading != SHOWN for body in self.bodies)

    @property
    def sentences(self) -> tuple[str, ...]:
        """What the contract says of its bodies."""
        return tuple((body.shape.__doc__ or "").strip() for body in self.bodies)


def _shown(name: str, shape: Shape) -> Object:
    return Object(name, (Body(SHOWN, shape),))


def _sent(name: str, shape: Shape) -> Object:
    return Object(name, (Body("Sent", shape),))


def _kept(name: str, shown: Shape, new: Shape, change: Shape) -> Object:
    return Object(name, (Body(SHOWN, shown), Body("POST", new), Body("PATCH", change)))


OBJECTS: Final[Mapping[str, tuple[Object, ...]]] = {
    "appointments": (
        _kept("Booking", bookings.ManagedBooking, bookings.NewBooking, bookings.BookingChange),
        _sent("Cancellation", bookings.Cancellation),
        _shown("Series", bookings.ManagedSeries),
        Object("Hold", (Body(SHOWN, holds.Hold), Body("POST", holds.NewHold))),
    ),
    "availability": (
        _shown("Availability", availability.Availability),
        _shown("Day", availability.Day),
        _shown("Slot", availability.Slot),
    ),
    "services": (_kept("Service", services.Service, services.NewService, services.ServiceChange),),
    "resources": (
        _kept("Resource", resources.ResourceInFull, resources.NewResource, resources.ResourceChange),
        _sent("Hours of a weekday", hours.DayHours),
        _sent("Hours of a date", resources.DateHours),
        _sent("Interval", hours.Span),
        _sent("Time off", resources.TimeOff),
    ),
    "customers": (_kept("Customer", customers.Customer, customers.NewCustomer, customers.CustomerChange),),
    "business": (
        Object("Business", (Body(SHOWN, business.Business), Body("PATCH", business.BusinessChange))),
        _sent("Closure", business.Closure),
    ),
    "webhooks": (
        _kept("Webhook", webhooks.EndpointWithSecret, webhooks.NewEndpoint, webhooks.EndpointChange),
        _sent("Rotation", webhooks.Rotation),
        _sent("Recovery", webhooks.Recovery),
        _shown("Recovered", webhooks.Recovered),
        _shown("Delivery", webhooks.DeliveryInFull),
        _shown("Attempt", webhooks.AttemptInFull),
        _shown("Event", events.Envelope),
        _shown("Cause", events.Cause),
        _shown("Data", events.Data),
        _shown("Large object", events.Thin),
        _shown("Type of event", events.Described),
    ),
    "browsers": (Object("Client token", (Body(SHOWN, client_tokens.ClientToken), Body("POST", client_tokens.NewClientToken))),),
}
"""By topic, in the order in which a page shows them."""

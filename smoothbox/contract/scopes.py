"""The closed list of scopes, each with the sentence that help, CLI and consent show."""

from collections.abc import Mapping
from typing import Final

SCOPES: Final[Mapping[str, str]] = {
    "services:read": "Read the catalogue: services and their prices.",
    "resources:read": "Read staff, rooms and equipment.",
    "availability:read": "Ask for free times.",
    "bookings:read": "Read appointments.",
    "bookings:write": "Create, change and cancel appointments; hold places.",
    "customers:read": "Read customers and their contact details.",
    "customers:write": "Create and change customers.",
    "business:read": "Read the business's own details.",
    "webhooks:manage": "Manage event notifications, and read all that events tell, of customers too.",
    "services:write": "Create, change and remove services.",
    "resources:write": "Create, change and remove staff, rooms and equipment; read why they are away.",
    "business:write": "Change the business's own details, hours and closures.",
}

NAMED_ONLY: Final = ("services:write", "resources:write", "business:write")
"""These change what is for sale: no token has them unless they are named when it is made."""

ORDINARY: Final = tuple(scope for scope in SCOPES if scope not in NAMED_ONLY)
"""What "all scopes" means."""

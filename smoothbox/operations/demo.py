"""The demo tenant: a catalogue, people, and appointments on the next days that it is open."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Final

from smoothbox.clock import Clock
from smoothbox.contract.availability import Slot
from smoothbox.contract.bookings import NewBooking
from smoothbox.contract.catalogue import Catalogue
from smoothbox.contract.customers import NewCustomer
from smoothbox.contract.scopes import ORDINARY
from smoothbox.ids import MODES, Mode
from smoothbox.operations import people, tenancy, tokens
from smoothbox.operations.availability import Question, free_times
from smoothbox.operations.bookings import book
from smoothbox.operations.catalogue import apply
from smoothbox.operations.tenancy import NewTenant
from smoothbox.operations.times import business_zone
from smoothbox.operations.tokens import NewToken, TokenRequest
from smoothbox.scheduling.hours import local_date
from smoothbox.store.box import tenant_by_slug
from smoothbox.store.catalogue import service_ids
from smoothbox.store.census import counts
from smoothbox.store.connection import Tx
from smoothbox.store.folder import DataFolder, open_box

SLUG: Final = "demo"

_DAYS_AHEAD: Final = 20

_AVA = NewCustomer("Ava", "Martinez", "ava.martinez@example.com", "+1 212 555 0101")
_BEN = NewCustomer("Ben", "Carter", "ben.carter@example.com", "+1 212 555 0102")
_CHLOE = NewCustomer("Chloé", "Dubois", "chloe.dubois@example.com", "+1 212 555 0103")
_DEV = NewCustomer("Dev", "Patel", "dev.patel@example.com", "+1 212 555 0104")
_ELLA = NewCustomer("Ella", "Nguyen", "", "+1 212 555 0105")
_FINN = NewCustomer("Finn", "O'Brien", "finn.obrien@example.com", "")


@dataclass(frozen=True, slots=True)
class Visit:
    """Who comes for which service (by its key), on which of the open days ahead, how far into that day (0 to 1)."""

    customer: NewCustomer
    service: str
    day: int
    part: float
    notes: str = ""


_VISITS: Final[Mapping[Mode, Sequence[Visit]]] = {
    "live": (
        Visit(_AVA, "cut", 0, 0.2, "Fringe a little shorter."),
        Visit(_BEN, "beard", 0, 0.6),
        Visit(_CHLOE, "colour", 1, 0.3, "Patch test done."),
        Visit(_DEV, "cut", 1, 0.8),
        Visit(_ELLA, "kids-cut", 1, 0.5, "For Noah, six."),
        Visit(_FINN, "head-massage", 2, 0.4),
        Visit(_AVA, "blow-dry", 3, 0.9),
        Visit(_BEN, "cut", 4, 0.1),
        Visit(_CHLOE, "braiding", 0, 0),
        Visit(_ELLA, "braiding", 0, 0),
        Visit(_DEV, "scalp-ritual", 3, 0.5),
    ),
    "test": (
        Visit(_AVA, "cut", 0, 0.5, "A booking of the sandbox."),
        Visit(_DEV, "advice", 1, 0.5),
        Visit(_FINN, "head-massage", 2, 0.5),
    ),
}


def settle(folder: DataFolder, clock: Clock, catalogue: Catalogue) -> bool:
    """Make the demo tenant, furnished, unless the box has one; returns whether it was made now."""
    with open_box(folder, clock) as registry:
        if registry.read(tenant_by_slug, SLUG):
            return False
    own = catalogue.business
    new = NewTenant(SLUG, own.name, own.timezone.key, own.currency)
    tenancy.settle(folder, clock, new, partial(_furnish, catalogue=catalogue))
    return True


def first_tokens(tx: Tx) -> list[NewToken]:
    """A token of the ordinary scopes for each mode, live first; none where the demo tenant ever had one."""
    if tokens.list_of(tx, SLUG):
        return []
    return [tokens.create(tx, SLUG, TokenRequest("demo", mode, ORDINARY)) for mode in MODES]


def login_secret(tx: Tx, lifetime: float) -> str:
    """The secret of a link that opens the demo tenant's console once, within `lifetime` seconds."""
    if people.known(tx, SLUG) is None:
        people.create(tx, SLUG, SLUG, None)
    return people.new_link(tx, SLUG, lifetime)


def _furnish(tx: Tx, mode: Mode, *, catalogue: Catalogue) -> None:
    apply(tx, catalogue)
    if counts(tx)["bookings"]:  # of a run that was interrupted
        return
    ids = service_ids(tx)
    for visit in _VISITS[mode]:
        _book(tx, ids[visit.service], visit)


def _book(tx: Tx, service_id: int, visit: Visit) -> None:
    """Book through the front door, whichever resource is free; a service without a free time is left out."""
    slot = _free_slot(tx, service_id, visit)
    if slot is not None:
        book(tx, NewBooking(service_id, slot.start_time, customer=visit.customer, notes=visit.notes), 0)


def _free_slot(tx: Tx, service_id: int, visit: Visit) -> Slot | None:
    today = local_date(int(tx.now), business_zone(tx))
    question = Question(service_id, today + timedelta(days=1), today + timedelta(days=_DAYS_AHEAD))
    days = [day.slots for day in free_times(tx, question).days if day.slots]
    if not days:
        return None
    slots = days[min(visit.day, len(days) - 1)]
    return slots[int(visit.part * (len(slots) - 1))]

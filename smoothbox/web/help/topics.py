"""What the help is about: its pages in the order in which they are read, and the sections of each."""

import re
from collections.abc import Mapping
from functools import cache
from typing import Final, NamedTuple

from smoothbox.contract import bookings, customers, events, resources, services, webhooks
from smoothbox.contract.listing import Listing
from smoothbox.web.page import HERE

ADDRESS: Final = "/help/api/"


class Topic(NamedTuple):
    """One page. `calls` are the first words of the API's addresses that it tells of, `lists` are those it shows filters of."""

    name: str
    title: str
    sentence: str
    calls: tuple[str, ...] = ()
    lists: tuple[Listing, ...] = ()

    @property
    def address(self) -> str:
        """Where it stands."""
        return ADDRESS if self.name == "overview" else f"{ADDRESS}{self.name}/"


class Section(NamedTuple):
    """A heading of a page, and the name by which an address reaches it."""

    anchor: str
    title: str


TOPICS: Final = (
    Topic(
        "overview", "API overview", "Everything that holds for every call: where to send it, with what, and what comes back."
    ),
    Topic(
        "appointments",
        "Appointments",
        "Book, move, confirm and cancel; keep a place while somebody decides; book a whole series.",
        ("bookings", "holds"),
        (bookings.LIST,),
    ),
    Topic("availability", "Availability", "When a service is free, by the very rule that judges a booking.", ("availability",)),
    Topic(
        "services",
        "Services",
        "What can be booked: how long it takes, what it costs, who does it.",
        ("services",),
        (services.LIST,),
    ),
    Topic(
        "resources",
        "Resources",
        "Staff, rooms and equipment: their hours, and when they are away.",
        ("resources",),
        (resources.LIST,),
    ),
    Topic(
        "customers",
        "Customers",
        "Who books: names and contact details, found by any part of them.",
        ("customers",),
        (customers.LIST,),
    ),
    Topic("business", "Business", "The business itself; also the answer to “does my token work?”.", ("business",)),
    Topic(
        "webhooks",
        "Webhooks and events",
        "Be told of what happens, signed and tried again until it arrives; or pull it.",
        ("webhooks", "events"),
        (webhooks.LIST, webhooks.DELIVERIES, events.LIST),
    ),
    Topic("errors", "Errors", "One shape for every error, a closed list of codes, and what to do about each."),
    Topic("limits", "Limits", "How much a token may ask for, and how large anything may be."),
    Topic("idempotency", "Safe retries", "Send it again without doing it twice; change nothing that you have not seen."),
    Topic(
        "browsers", "From a browser", "A page calls the API itself, with a token that is good for minutes.", ("client-tokens",)
    ),
    Topic("sandbox", "Sandbox", "Try everything on data that is nobody's."),
)

BY_NAME: Final[Mapping[str, Topic]] = {topic.name: topic for topic in TOPICS}

_HEADING: Final = re.compile(r'<h2 id="([a-z-]+)">([^<{]+)</h2>')


@cache
def sections(topic: Topic) -> tuple[Section, ...]:
    """The headings of a page, as its template has them."""
    text = (HERE / "templates" / "help" / f"{topic.name}.html").read_text("utf-8")
    return tuple(Section(anchor, title) for anchor, title in _HEADING.findall(text))


def neighbours(topic: Topic) -> tuple[Topic | None, Topic | None]:
    """The pages before and after."""
    around = (None, *TOPICS, None)
    place = around.index(topic)
    return around[place - 1], around[place + 1]

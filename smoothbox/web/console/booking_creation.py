"""A new booking: what, when, for whom. Two forms on one page, that work without a script: one asks for times, one books."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any, Final
from urllib.parse import urlencode

from smoothbox.contract.availability import Availability
from smoothbox.contract.bookings import Booking, NewBooking
from smoothbox.contract.customers import LIST as CUSTOMERS
from smoothbox.contract.customers import Customer
from smoothbox.contract.services import Service
from smoothbox.errors import Problem
from smoothbox.operations import availability, bookings, customers, series
from smoothbox.operations.availability import Question
from smoothbox.parsing.lists import parse_list
from smoothbox.parsing.shapes import shaped
from smoothbox.store.connection import Tx
from smoothbox.web.asked import first_day, whole_number
from smoothbox.web.console.booking_forms import DAYS
from smoothbox.web.console.bookings import BookingPage
from smoothbox.web.console.edits import renamed
from smoothbox.web.console.lists import all_resources, all_services, results
from smoothbox.web.forms import Choice, Field, Form, typed

REPEATS: Final[Sequence[Choice]] = (
    ("", "Once"),
    ("FREQ=WEEKLY", "Every week"),
    ("FREQ=WEEKLY;INTERVAL=2", "Every second week"),
    ("FREQ=MONTHLY", "Every month, on that day of the month"),
)
FIELDS: Final = (
    Field("start_time", "Time"),
    Field("customer_id", "Customer", "integer"),
    Field("first_name", "First name"),
    Field("last_name", "Last name"),
    Field("email", "E-mail", "email"),
    Field("phone", "Phone", "tel"),
    Field("notes", "Notes", "textarea", "The customer sees these."),
    Field("internal_notes", "Internal notes", "textarea", "Only the business and its programs see these."),
    Field("repeat", "How often", "choice", choices=REPEATS),
    Field("count", "How many in all", "integer", "Of one that repeats, such as 10; all of them are booked, or none."),
)
_PERSON: Final = ("first_name", "last_name", "email", "phone")
_FOUND: Final = 8  # customers that are offered for a search


class BookingCreation(BookingPage):
    """By hand, for a customer who calls or stands at the desk. A second click does nothing: it might find another free."""

    async def see(self) -> None:
        """The forms, with what is known so far."""
        at = self.get_query_argument("start_time", "")
        await self._show(Form(FIELDS, {"start_time": at}), 200)

    async def act(self) -> None:
        """Book, or say beside each field what is wrong."""
        form = typed(self, FIELDS)
        try:
            self.means.form_keys.take(self.person.id, self.get_body_argument("form_key", ""))
            document = self._document(form.document())
            first = await self._book(shaped(document, NewBooking))
        except Problem as problem:
            await self._show(form.refused(_flat(problem)), self.status_of(problem), problem)
            return
        self.go(f"bookings/{first.id}/", f"{first.customer_name} is booked.")

    async def _book(self, new: NewBooking) -> Booking:
        if new.recurrence is None:
            return await self.commit(bookings.book, new, 0)
        return (await self.commit(series.book, new, new.recurrence)).results[0]

    def _wish(self) -> dict[str, Any]:
        """What the first form asks for; the second carries it on in its address."""
        names = ("service_id", "resource_id", "party_size")
        numbers = {name: whole_number(name, self.get_query_argument(name, "")) for name in names}
        return {**numbers, "from": self.get_query_argument("from", ""), "customer": self.get_query_argument("customer", "")}

    def _document(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """What the API would be sent."""
        wish = self._wish()
        kept = {name: given[name] for name in ("notes", "internal_notes")}
        named = {name: wish[name] for name in ("service_id", "resource_id", "party_size") if wish[name]}
        person = {"customer_id": given["customer_id"]} if given.get("customer_id") else {"customer": _person(given)}
        start = {"start_time": given["start_time"]} if given["start_time"] else {}
        return {**named, **kept, **person, **start, **_recurrence(given)}

    async def _show(self, form: Form, status: int, problem: Problem | None = None) -> None:
        wish = self._wish()
        found = await self.read(_surroundings, wish)
        alternatives = problem.details.get("next_available", ()) if problem else ()
        self.show(
            "console/booking_new.html",
            status,
            form=form,
            form_key=self.means.form_keys.issue(self.person.id),
            fields={each.name: each for each in FIELDS},
            wish=wish,
            query=self.request.query,
            alternatives=alternatives,
            step=timedelta(days=DAYS),
            **found,
        )


def _person(given: Mapping[str, Any]) -> dict[str, Any]:
    return {name: given[name] for name in _PERSON}


def _recurrence(given: Mapping[str, Any]) -> dict[str, Any]:
    rule = given.get("repeat")
    if not rule:
        return {}
    if rule not in dict(REPEATS):
        raise Problem("validation_error", None, {"repeat": ["Choose one of these."]})
    if not given.get("count"):
        raise Problem("validation_error", None, {"count": ["Say how many in all."]})
    return {"recurrence": f"{rule};COUNT={given['count']}"}


def _flat(problem: Problem) -> Problem:
    """What the API says of `customer.email` stands beside the field `email` here, what it says of the rule beside the count."""
    own = {"recurrence": "count", "customer": "email", "customer_id": "email"}
    return renamed(problem, lambda name: own.get(name, name.removeprefix("customer.")))


def _surroundings(tx: Tx, wish: Mapping[str, Any]) -> dict[str, Any]:
    """All that the page shows besides what was typed."""
    services, resources = all_services(tx), all_resources(tx)
    service = next((each for each in services if each.id == wish["service_id"]), None)
    first = first_day(tx, wish["from"])
    return {
        "services": [each for each in services if each.is_active],
        "resources": [each for each in resources if each.is_active],
        "service": service,
        "first": first,
        "free": _free_times(tx, service, wish, first),
        "customers": _customers(tx, wish["customer"]),
    }


def _free_times(tx: Tx, service: Service | None, wish: Mapping[str, Any], first: date) -> Availability | None:
    if service is None or service.requires_manual_scheduling:
        return None
    named = (wish["resource_id"],) if wish["resource_id"] else ()
    question = Question(service.id, first, first + timedelta(days=DAYS - 1), named, party=wish["party_size"] or None)
    return availability.free_times(tx, question)


def _customers(tx: Tx, search: str) -> list[Customer]:
    if not search:
        return []
    query = parse_list(CUSTOMERS, urlencode({"search": search, "page_size": _FOUND}))
    return results(customers.list_page(tx, query), Customer)

"""Customers: the list, and one with all bookings."""

from typing import Final
from urllib.parse import urlencode

import msgspec

from smoothbox.contract.bookings import LIST as BOOKINGS
from smoothbox.contract.bookings import Booking
from smoothbox.contract.customers import LIST, STATUSES, Customer, CustomerChange
from smoothbox.operations import bookings, business, customers
from smoothbox.parsing.lists import parse_list
from smoothbox.web.console.desk import ConsolePage, Deed
from smoothbox.web.console.lists import ListPage, chosen, results
from smoothbox.web.console.unchanged import unchanged

ORDERINGS: Final = (
    ("last_name", "By last name"),
    ("first_name", "By first name"),
    ("-created_at", "Newest first"),
    ("-updated_at", "Changed last"),
)
_LATEST: Final = 20


class CustomerPage(ConsolePage):
    """A page about customers."""

    section = "customers"


class CustomerList(ListPage, CustomerPage):
    """All of them, filtered."""

    listing = LIST

    async def see(self) -> None:
        """A page of them."""
        query, asked = self.asked()
        page = await self.read(customers.list_page, asked)
        self.show(
            "console/customers.html",
            page=page,
            customers=results(page, Customer),
            wanted=chosen(self, "search", "status", "tag", "ordering"),
            statuses=STATUSES,
            orderings=ORDERINGS,
            neighbours=self.neighbours(query, page),
        )


class OneCustomer(CustomerPage):
    """One of them."""

    async def see(self, customer_id: int) -> None:
        """Show it."""
        customer = await self.read(customers.find, customer_id)
        asked = urlencode({"customer_id": customer_id, "ordering": "-start_time", "page_size": _LATEST})
        page = await self.read(bookings.list_page, parse_list(BOOKINGS, asked))
        self.show(
            "console/customer.html",
            customer=customer,
            tags=msgspec.json.decode(customer.tags, type=list[str]),
            own=await self.read(business.facts),
            bookings=results(page, Booking),
            page=page,
        )


class CustomerBlocking(Deed, CustomerPage):
    """Blocked, or let in again."""

    async def do(self, customer_id: int) -> str:
        """Do it."""
        is_blocked = self.get_body_argument("status", "") == "BLOCKED"
        change = CustomerChange(status="BLOCKED" if is_blocked else "ACTIVE")
        version = self.get_body_argument("version", "")
        act = unchanged(customers.find, customer_id, version, customers.change, customer_id, change)
        customer = await self.commit(act)
        return f"{customer.name} can{'not' if is_blocked else ''} book{' any more' if is_blocked else ' again'}."

    def back(self, customer_id: int) -> str:
        """The customer."""
        return f"customers/{customer_id}/"

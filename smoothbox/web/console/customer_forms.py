"""A customer, added or changed."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from smoothbox.contract.customers import CustomerChange, NewCustomer
from smoothbox.errors import Problem
from smoothbox.operations import customers
from smoothbox.parsing.shapes import shaped
from smoothbox.web.console.customers import CustomerPage
from smoothbox.web.console.edits import EditPage, Frame, Groups
from smoothbox.web.console.unchanged import unchanged
from smoothbox.web.forms import Field

_WHO: Final = (
    Field("first_name", "First name"),
    Field("last_name", "Last name"),
    Field("email", "E-mail", "email", "E-mail or phone, or both."),
    Field("phone", "Phone", "tel"),
    Field("address", "Address"),
)
_MORE: Final = (
    Field("notes", "Notes", "textarea", "Only the business and its programs see these."),
    Field("tags", "Tags", "textarea", "One in each line."),
    Field("external_id", "Your own id", help="What other programs know the customer by.", may_be_none=True),
)


class CustomerForm(EditPage, CustomerPage):
    """The fields of a customer."""

    async def groups(self, *_ids: Any) -> Groups:
        """Who it is, and what is known besides."""
        return (("", _WHO), ("Besides", _MORE))

    def document(self, document: Mapping[str, Any]) -> dict[str, Any]:
        """What the API would be sent."""
        return {**document, "tags": [each.strip() for each in document["tags"].split("\n") if each.strip()]}


class CustomerCreation(CustomerForm):
    """A new one."""

    async def frame(self) -> Frame:
        """The words around it."""
        return Frame("New customer", "Add the customer", "customers/")

    async def save(self, document: dict[str, Any]) -> str:
        """Add it."""
        try:
            customer = await self.commit(customers.create, shaped(self.document(document), NewCustomer))
        except Problem as problem:
            raise _twin(problem) from None
        self.say(f"{customer.name or 'The customer'} is added.")
        return f"customers/{customer.id}/"


class CustomerEdit(CustomerForm):
    """One that is there."""

    async def frame(self, customer_id: int) -> Frame:
        """The words around it."""
        customer = await self.read(customers.find, customer_id)
        return Frame(f"Change {customer.name or 'the customer'}", "Save", f"customers/{customer_id}/", customer.version)

    async def present(self, customer_id: int) -> Mapping[str, Any]:
        """What is there."""
        customer = await self.read(customers.find, customer_id)
        tags: Sequence[str] = msgspec.json.decode(customer.tags, type=list[str])
        return {each.name: getattr(customer, each.name) for each in (*_WHO, *_MORE)} | {"tags": "\n".join(tags)}

    async def save(self, document: dict[str, Any], customer_id: int) -> str:
        """Change it."""
        change = shaped(self.document(document), CustomerChange)
        act = unchanged(customers.find, customer_id, self.version, customers.change, customer_id, change)
        try:
            customer = await self.commit(act)
        except Problem as problem:
            raise _twin(problem) from None
        self.say(f"{customer.name or 'The customer'} is changed.")
        return f"customers/{customer_id}/"


def _twin(problem: Problem) -> Problem:
    """That somebody has this address already belongs beside it."""
    if problem.code != "duplicate_customer":
        return problem
    message = f"Customer {problem.details['existing_id']} has this address already."
    return Problem(problem.code, problem.message, {"email": [message]})

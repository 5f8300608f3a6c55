"""Pages of lists: filtered by a GET form, walked by cursor, and read as the API reads them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar, cast
from urllib.parse import parse_qsl, urlencode

import msgspec
from msgspec import Struct

from smoothbox.contract.listing import Listing, ListQuery, Order, Page
from smoothbox.contract.resources import Resource
from smoothbox.contract.services import Service
from smoothbox.operations import resources, services
from smoothbox.parsing.cursor import query_of
from smoothbox.parsing.lists import parse_list
from smoothbox.store.connection import Tx
from smoothbox.web.console.desk import ConsolePage

S = TypeVar("S", bound=Struct)
_ALL = ListQuery((), (Order("display_order", descending=False), Order("id", descending=False)), 200)


class ListPage(ConsolePage):
    """A page of a list, filtered by the fields of a GET form."""

    listing: Listing

    def asked(self, **defaults: str) -> tuple[str, ListQuery]:
        """The query with what the form left empty taken away, and its meaning; the defaults are for what it does not name.

        Raises Problem as `parse_list` does.
        """
        sent = parse_qsl(self.request.query)
        query = urlencode([*sent, *((name, value) for name, value in defaults.items() if name not in dict(sent))])
        return query, parse_list(self.listing, query)

    def neighbours(self, query: str, page: Page) -> Mapping[str, str | None]:
        """The query strings of the pages before and after."""
        return {
            "previous": query_of(self.listing, query, page.previous),
            "next": query_of(self.listing, query, page.next),
        }


def results(page: Page, shape: type[S]) -> list[S]:
    """What a page of a list shows, read."""
    return [msgspec.json.decode(cast("msgspec.Raw", each), type=shape) for each in page.results]


def all_services(tx: Tx) -> Sequence[Service]:
    """The services in their order."""
    return _whole(services.list_page, tx, Service)


def all_resources(tx: Tx) -> Sequence[Resource]:
    """Staff and rooms in their order."""
    return _whole(resources.list_page, tx, Resource)


def chosen(page: Any, *names: str) -> dict[str, str]:
    """What a GET form was sent with, to be shown in it again."""
    return {name: page.get_query_argument(name, "") for name in names}


def _whole(list_page: Callable[[Tx, ListQuery], Page], tx: Tx, shape: type[S]) -> list[S]:
    """All pages of a list: a form that did not show somebody would take them away when it is saved."""
    page = list_page(tx, _ALL)
    found = results(page, shape)
    while page.next is not None:
        page = list_page(tx, replace(_ALL, position=page.next))
        found += results(page, shape)
    return found

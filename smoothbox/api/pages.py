"""The envelope in which a page of a list is answered."""

from collections.abc import Mapping
from typing import Any

from smoothbox.api.messages import Request
from smoothbox.contract.listing import Listing, Page, Position
from smoothbox.parsing.cursor import query_of


def page_body(listing: Listing, request: Request, page: Page) -> Mapping[str, Any]:
    """How many there are, and the addresses of the neighbours, beside the results."""
    return {
        "count": page.count,
        "next": _address_of(listing, request, page.next),
        "previous": _address_of(listing, request, page.previous),
        "results": page.results,
    }


def _address_of(listing: Listing, request: Request, position: Position | None) -> str | None:
    query = query_of(listing, request.query, position)
    return None if query is None else f"{request.origin}{request.path}?{query}"

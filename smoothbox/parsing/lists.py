"""The query of a list, parsed by the list's own declaration."""

from smoothbox.contract.listing import DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE, PAGING, Condition, Listing, ListQuery, Order
from smoothbox.parsing.cursor import position_of
from smoothbox.parsing.filters import parse_value
from smoothbox.parsing.parameters import Problems, only_one, parse_integer, parse_pairs


def parse_list(listing: Listing, query: str) -> ListQuery:
    """What a query string asks of this list.

    Raises Problem 'invalid_parameter' naming every parameter that is wrong or unknown, or 'invalid_cursor'.
    """
    pairs, problems = parse_pairs(query), Problems()
    parameters = listing.parameters
    single = {name: problems.check(name, only_one, values) for name, values in pairs.items()}
    for name in single.keys() - parameters.keys() - PAGING.keys():
        problems.add(name, f"There is no such parameter here; allowed are {', '.join([*parameters, *PAGING])}.")
    conditions = tuple(
        Condition(*parameters[name], problems.check(name, parse_value, parameters[name][0], text))
        for name, text in single.items()
        if name in parameters and text is not None
    )
    ordering = problems.check("ordering", _ordering, listing, single.get("ordering") or listing.default_ordering)
    size = problems.check("page_size", _page_size, single.get("page_size"))
    problems.raise_if_any()
    cursor = single.get("cursor")
    position = position_of(listing, query, cursor, len(ordering)) if cursor is not None else None
    return ListQuery(conditions, ordering, size, position)


def _ordering(listing: Listing, text: str) -> tuple[Order, ...]:
    allowed = (*listing.orderings, "id")
    orders = [Order(part.strip().removeprefix("-"), part.strip().startswith("-")) for part in text.split(",")]
    fields = [order.field for order in orders]
    if unknown := [name for name in fields if name not in allowed]:
        raise ValueError(f"Cannot sort by '{unknown[0][:50]}'; allowed are {', '.join(allowed)}, each also with '-'.")
    if len(set(fields)) < len(fields):
        raise ValueError("Name each field once.")
    if "id" not in fields:
        orders.append(Order("id", orders[-1].descending))
    return tuple(orders)


def _page_size(text: str | None) -> int:
    size = DEFAULT_PAGE_SIZE if text is None else parse_integer(text)
    if not 1 <= size <= MAX_PAGE_SIZE:
        raise ValueError(f"Send a number from 1 to {MAX_PAGE_SIZE}.")
    return size

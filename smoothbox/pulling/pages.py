"""A list of the source, page by page, from its first object to its last."""

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar
from urllib.parse import urlencode, urlsplit

from smoothbox.contract.listing import MAX_PAGE_SIZE
from smoothbox.errors import Problem
from smoothbox.operations.importing.whole import Watch
from smoothbox.pulling.source import Source

T = TypeVar("T")

_MOST: Final = 1_000_000  # objects of a list
_LARGEST_ID: Final = 2**53


def listed(source: Source, path: str, ordering: str, read: Callable[[int, Mapping[str, Any]], T], watch: Watch) -> list[T]:
    """What `read` makes of each object with its id, each once; in the order of the source.

    Of `next` only the query is used: wherever it points to, the token goes to no other address. `watch` hears how many of
    how many are there. Raises Problem as `Source.get` does, and 'unavailable' for pages that make no sense or have no end.
    """
    found: dict[int, T] = {}
    query = urlencode({"page_size": MAX_PAGE_SIZE} | ({"ordering": ordering} if ordering else {}))
    while True:
        page = source.get(path, query)
        objects, count, following = _parts(source, path, page)
        before = len(found)
        found |= {id_: read(id_, each) for id_, each in objects}
        watch(len(found), max(count, len(found)))
        if following is None:
            return list(found.values())
        if len(found) == before:
            raise _odd(source, path, "its pages go round in circles")
        if len(found) > _MOST:
            raise _odd(source, path, f"there are more than {_MOST} objects")
        query = following


def fields(source: Source, path: str, document: Any) -> Mapping[str, Any]:
    """The document as an object. Raises Problem 'unavailable' where it is none."""
    if isinstance(document, dict):
        return document
    raise _odd(source, path, "the answer is no object")


def _parts(source: Source, path: str, page: Any) -> tuple[list[tuple[int, Mapping[str, Any]]], int, str | None]:
    """The objects of a page with their ids, how many there are in all, and the query of the next page."""
    whole = fields(source, path, page)
    results, count, following = whole.get("results"), whole.get("count"), whole.get("next")
    if not isinstance(results, list) or not isinstance(following, str | None):
        raise _odd(source, path, "the answer is no page of a list")
    objects = [(_id(source, path, each), each) for each in results]
    return objects, count if isinstance(count, int) else 0, following and _query(source, path, following)


def _id(source: Source, path: str, each: Any) -> int:
    id_ = fields(source, path, each).get("id")
    if type(id_) is not int or not 0 < id_ <= _LARGEST_ID:
        raise _odd(source, path, "an object has no id that is a number")
    return id_


def _query(source: Source, path: str, following: str) -> str:
    try:
        query = urlsplit(following).query
    except ValueError:
        query = ""
    if not query or not query.isascii() or not query.isprintable() or " " in query:
        raise _odd(source, path, "the next page has no address")
    return query


def _odd(source: Source, path: str, why: str) -> Problem:
    return Problem("unavailable", f"{source.address} does not answer as this API does, at {path}: {why}.")

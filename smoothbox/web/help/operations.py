"""The calls of the API as rows of a table, read from the box's own description of itself (OpenAPI)."""

from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

_FIRST_REFUSAL: Final = 400


class Operation(NamedTuple):
    """One method of one address. `done` are the statuses of success, `refused` those of errors."""

    name: str
    method: str
    path: str
    summary: str
    scope: str
    done: tuple[int, ...]
    refused: tuple[int, ...]

    @property
    def first_word(self) -> str:
        """What the address begins with."""
        return self.path.partition("/")[0]


def operations(document: Mapping[str, Any], first_words: tuple[str, ...] = ()) -> tuple[Operation, ...]:
    """The calls below these first words of addresses, or all of them; where the document has them."""
    return tuple(each for each in _all(document) if not first_words or each.first_word in first_words)


def _all(document: Mapping[str, Any]) -> Iterator[Operation]:
    for address, methods in document["paths"].items():
        for method, described in methods.items():
            if "operationId" in described:  # beside methods stands what they share
                yield _operation(address.removeprefix("/"), method.upper(), described)


def _operation(path: str, method: str, described: Mapping[str, Any]) -> Operation:
    statuses = sorted(map(int, described["responses"]))
    return Operation(
        described["operationId"],
        method,
        path,
        described["summary"],
        described.get("x-scope") or "",
        tuple(status for status in statuses if status < _FIRST_REFUSAL),
        tuple(status for status in statuses if status >= _FIRST_REFUSAL),
    )

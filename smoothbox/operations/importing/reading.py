"""The cells of a row as a document of a declared shape, every mistake under its column."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Any, Protocol, TypeVar

from msgspec import Struct

from smoothbox.errors import Problem

S = TypeVar("S", bound=Struct)


class Shape(Protocol):
    """What judges a document by a declared shape, as `parsing.shapes.shaped` does. Raises Problem 'validation_error'."""

    def __call__(self, document: Any, shape: type[S], /) -> S:
        """The document as the shape."""


class Document:
    """A document to be, and what is wrong with the cells that it is made of."""

    def __init__(self, cells: Mapping[str, str]) -> None:
        self.fields: dict[str, Any] = {}
        self._cells = cells
        self._wrong: defaultdict[str, list[str]] = defaultdict(list)

    def take(self, name: str, read: Callable[[str], Any] = str) -> None:
        """The cell of this name, if it is filled in."""
        if name in self._cells:
            try:
                self.fields[name] = read(self._cells[name])
            except ValueError as error:
                self.wrong(name, str(error))

    def wrong(self, name: str, message: str) -> None:
        """Note what is wrong with a cell."""
        self._wrong[name].append(message)

    def shaped(self, shape: Shape, kind: type[S]) -> S:
        """The whole as a declared shape. Raises Problem 'validation_error' with all that is wrong."""
        try:
            made = shape(self.fields, kind)
        except Problem as problem:
            raise Problem(problem.code, None, {**problem.details, **self._wrong}) from None
        if self._wrong:
            raise Problem("validation_error", None, dict(self._wrong))
        return made

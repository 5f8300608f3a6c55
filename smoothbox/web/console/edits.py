"""Forms that make or change one thing of the catalogue: their fields in groups, and the version that they were made from."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

from smoothbox.errors import Problem
from smoothbox.web.console.desk import FormPage
from smoothbox.web.forms import Field

Groups = Sequence[tuple[str, Sequence[Field]]]


class Frame(NamedTuple):
    """What stands around a form: its heading, its button, the path back, and the version of what it changes."""

    heading: str
    button: str
    back: str
    version: int | str = ""


class EditPage(FormPage):
    """A form whose fields stand in groups with headings."""

    template = "console/edit.html"

    async def groups(self, *ids: Any) -> Groups:
        """The fields, by their headings; the first needs none."""
        raise NotImplementedError

    async def frame(self, *ids: Any) -> Frame:
        """What stands around them."""
        raise NotImplementedError

    async def fields(self, *ids: Any) -> Sequence[Field]:
        """All of them."""
        return [each for _, group in await self.groups(*ids) for each in group]

    async def around(self, *ids: Any) -> Mapping[str, Any]:
        """The groups, and the version that was typed over where the form is shown again."""
        frame = await self.frame(*ids)
        version = self.get_body_argument("version", "") or frame.version
        return {"frame": frame._replace(version=version), "groups": await self.groups(*ids)}

    @property
    def version(self) -> str:
        """Which version the form was made from."""
        return self.get_body_argument("version", "")


@contextmanager
def dated() -> Iterator[None]:
    """Around a verb that takes a list of dates: what it refuses of one stands beside the fields of the one that was typed."""
    try:
        yield
    except Problem as problem:
        raise renamed(problem, _field_of_date) from None


def _field_of_date(name: str) -> str:
    """`exceptions[3].intervals[0].start` is of the hours, `time_off[2].end_time` of the end."""
    parts = name.split(".")
    return "hours" if any(part.startswith("intervals") for part in parts) else parts[-1]


def renamed(problem: Problem, name_of: Callable[[str], str]) -> Problem:
    """A refusal under the names that its fields have in a form."""
    return Problem(problem.code, problem.message, {name_of(name): found for name, found in problem.details.items()})

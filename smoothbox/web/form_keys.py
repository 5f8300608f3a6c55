"""Keys that forms carry: each is good for one sending, so that a page which is reloaded does nothing twice."""

import secrets
from collections import OrderedDict
from typing import Final

from smoothbox.errors import Problem

_MOST: Final = 10_000


class FormKeys:
    """The keys that are out. They end with the process; of too many the oldest end: who sends such a form sends it again."""

    def __init__(self) -> None:
        self._out: OrderedDict[tuple[int, str], None] = OrderedDict()

    def issue(self, person_id: int) -> str:
        """A key for a form that is shown to somebody."""
        key = secrets.token_urlsafe(16)
        self._out[person_id, key] = None
        if len(self._out) > _MOST:
            self._out.popitem(last=False)
        return key

    def take(self, person_id: int, key: str) -> None:
        """Use a key up. Raises Problem 'conflict' for one that was used before, or is none of theirs."""
        try:
            del self._out[person_id, key]
        except KeyError:
            message = (
                "This form was sent before, or is too old. Nothing was done just now: see what there is, or send it again."
            )
            raise Problem("conflict", message) from None

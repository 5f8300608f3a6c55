"""Answers of GETs kept in memory as they were sent, for as long as nobody commits to the file that they were read from.

An answer is found again only by who may see it and asks for the same: tenant, mode, scopes, origin, path and query. It holds
only while `Database.state` is the object that it was before the answer was read, so what a command, another program or
another request has committed is seen by the next request. Answers that depend on the time are never kept (`Endpoint`).
"""

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Final

from smoothbox.api.auth import Caller
from smoothbox.api.messages import Request, Response
from smoothbox.ids import Mode

Key = tuple[int, Mode, tuple[str, ...], str, str, str, str]
"""All that an answer may depend on beside the data: tenant, mode, scopes; its slug; origin, path and query of the request."""

_OVERHEAD: Final = 1000
"""Bytes that an answer takes beside its body and the texts of its key, about."""
_MOST_ASKED: Final = 4096


_FileKey = tuple[int, Mode]


@dataclass(slots=True)
class _File:
    """The state in which a file is, and the keys of what was kept of it."""

    state: object
    keys: set[Key] = field(default_factory=set)


class KeptAnswers:
    """At most so many bytes of them; the longest unused leave first.

    An answer is kept when it is asked for the second time: what nobody asks for again pushes nothing out.
    """

    def __init__(self, most_bytes: int) -> None:
        self.are_wanted = most_bytes > 0
        self._most = most_bytes
        self._answers: OrderedDict[Key, tuple[Response, int]] = OrderedDict()
        self._files: dict[_FileKey, _File] = {}  # those that have answers here
        self._bytes = 0
        self._asked: set[int] = set()  # hashes of keys; two that are alike cost nothing but a place

    def __len__(self) -> int:
        return len(self._answers)

    @property
    def size(self) -> int:
        """Bytes that are taken, about."""
        return self._bytes

    def find(self, key: Key, state: object | None) -> Response | None:
        """The answer that was kept under this key in this state of its file; None too where nobody knows the state."""
        file = self._files.get(key[:2])
        if file is None or state is None:
            return None
        if file.state is not state:
            self._drop_all(file)
            return None
        kept = self._answers.get(key)
        if kept is None:
            return None
        self._answers.move_to_end(key)
        return kept[0]

    def keep(self, key: Key, state: object, response: Response) -> None:
        """Keep an answer that was read after its file was in this state; not one that would push out a quarter of the rest."""
        size = _OVERHEAD + len(response.body) + sum(map(len, key[3:]))
        if not self._was_asked(key) or 4 * size > self._most:
            return
        file = self._files.get(key[:2])
        if file is not None and file.state is not state:
            self._drop_all(file)
        self._drop(key)
        self._answers[key] = (response, size)
        self._files.setdefault(key[:2], _File(state)).keys.add(key)
        self._bytes += size
        while self._bytes > self._most:
            self._drop(next(iter(self._answers)))

    def _was_asked(self, key: Key) -> bool:
        """Whether this was asked for before, as far as is remembered; from now on it was."""
        mark = hash(key)
        if mark in self._asked:
            return True
        if len(self._asked) >= _MOST_ASKED:
            self._asked.clear()
        self._asked.add(mark)
        return False

    def _drop_all(self, file: "_File") -> None:
        """Of a file that has changed: what nobody asks for again is not to wait until it is pushed out."""
        for key in list(file.keys):
            self._drop(key)

    def _drop(self, key: Key) -> None:
        kept = self._answers.pop(key, None)
        if kept is None:
            return
        self._bytes -= kept[1]
        file = self._files[key[:2]]
        file.keys.discard(key)
        if not file.keys:
            del self._files[key[:2]]


def key_of(request: Request, caller: Caller) -> Key:
    """What the answer to a request is kept under."""
    return (caller.tenant.id, caller.mode, caller.scopes, caller.tenant.slug, request.origin, request.path, request.query)

"""A server with a library between itself and its disk."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.process.server import Server


class EndedAtStartError(Exception):
    """The server was gone before it answered."""


class PreloadedServer(Server):
    """As `Server`, with variables of the environment besides its settings; what it logs is not on the disk that fails."""

    def __init__(self, data: Path, environment: Mapping[str, str], **settings: str) -> None:
        self.data = data
        self._environment = environment
        super().__init__(data, log_file=str(data.with_suffix(".log")), backup_every_hours="0", **settings)

    def _start(self, command: Sequence[str], environment: Mapping[str, str], descriptors: Sequence[int] = ()) -> None:
        try:
            super()._start(command, {**environment, **self._environment}, descriptors)
        except AssertionError:
            self.kill()
            raise EndedAtStartError from None

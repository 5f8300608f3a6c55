"""`/help/explorer/`: Swagger UI on the box's own description of itself, where its files are installed."""

from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from smoothbox.errors import Problem
from smoothbox.web.page import Page

PIECES: Final = {"swagger-ui.css": "text/css", "swagger-ui-bundle.js": "text/javascript"}
"""The files that are served, and as what; the package has more, and code, of which nothing is run."""

_YEAR: Final = 365 * 86400


class Explorer(Page):
    """Every call of the API, to be tried in the browser."""

    async def see(self) -> None:
        """The explorer, or how to get it."""
        folder = pieces()
        self.show("explorer.html", versions=folder and {name: _version(folder / name) for name in PIECES})


class Piece(Page):
    """One file of Swagger UI. An address that carries its version is kept for good."""

    async def see(self) -> None:
        """The file. Raises Problem 'not_found' where it is not installed."""
        folder, name = pieces(), self.request.path.rpartition("/")[2]
        if folder is None:
            raise Problem("not_found")
        self.set_header("Content-Type", f"{PIECES[name]}; charset=utf-8")
        self.set_header("Cache-Control", f"public, max-age={_YEAR}, immutable" if self.request.query else "no-cache")
        self.finish((folder / name).read_bytes())


@cache
def pieces() -> Path | None:
    """The folder of Swagger UI's files, None where they are not installed. The package that brings them is not imported."""
    found = find_spec("swagger_ui")
    folder = Path(next(iter(found.submodule_search_locations or ()), "")) / "static" if found else None
    return folder if folder and all((folder / name).is_file() for name in PIECES) else None


def _version(piece: Path) -> str:
    """What changes when the file does."""
    known = piece.stat()
    return f"{int(known.st_mtime):x}{known.st_size:x}"

"""What takes more than one call, written out by hand in several languages; each runs as it stands."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final

from smoothbox.web.help.languages import Piece

WRITTEN_FOR: Final = "https://box.example/tenant-api/v1/"
"""The address that the texts carry; the reader's own takes its place."""

_TEXTS: Final = Path(__file__).parent / "texts"
_LANGUAGES: Final[Mapping[str, str]] = {
    ".sh": "curl",
    ".python": "Python",
    ".mjs": "JavaScript",
    ".js": "JavaScript",
    ".php": "PHP",
}
"""By the ending of a file, in the order in which a page has them."""


def pieces(api: str, name: str) -> tuple[Piece, ...]:
    """A snippet in every language that it is written in, for an API at this address."""
    return tuple(Piece(piece.language, piece.text.replace(WRITTEN_FOR, api)) for piece in _written()[name])


@cache
def _written() -> Mapping[str, tuple[Piece, ...]]:
    found: dict[str, tuple[Piece, ...]] = {}
    for ending, language in _LANGUAGES.items():
        for path in sorted(_TEXTS.glob(f"*{ending}")):
            found[path.stem] = (*found.get(path.stem, ()), Piece(language, path.read_text("utf-8").strip("\n")))
    return found

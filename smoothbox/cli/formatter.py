"""How help is laid out: lines break at spaces only, and an example stays one line, so that what is read can be pasted."""

import re
from collections.abc import Iterable
from typing import Final

import click

EXAMPLE: Final = "Example: "

_EXAMPLES: Final = re.compile(rf"(?<![^\n]\n)^(?={EXAMPLE})", re.MULTILINE)  # where a paragraph of them begins
_UNWRAPPED: Final = "\b\n"  # how Click marks a paragraph that keeps its lines
_HELD: Final = "\N{NON-BREAKING HYPHEN}"


class HelpFormatter(click.HelpFormatter):
    """Click's own, which would break `--data-dir` after its hyphens."""

    def write_text(self, text: str) -> None:
        """Paragraphs, wrapped unless they are examples."""
        super().write_text(_held(_EXAMPLES.sub(_UNWRAPPED, text)))

    def write_dl(self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2) -> None:
        """Terms and what they mean, side by side."""
        super().write_dl([(_held(term), _held(meaning)) for term, meaning in rows], col_max, col_spacing)

    def getvalue(self) -> str:
        """All that was written."""
        return super().getvalue().replace(_HELD, "-")


def _held(text: str) -> str:
    return text.replace("-", _HELD)

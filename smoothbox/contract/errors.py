"""The one shape of every error."""

from typing import Annotated, Any

from msgspec import Meta, Struct

from smoothbox.errors import SENTENCES


class Error(Struct, frozen=True):
    """A refusal: its code, one sentence, and details, which map each wrong field to its messages or carry named facts."""

    error: Annotated[str, Meta(extra_json_schema={"enum": list(SENTENCES)})]
    message: str
    details: dict[str, Any]

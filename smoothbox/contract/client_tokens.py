"""Client tokens: short-lived, for a browser or an app that must not hold the token itself."""

from typing import Annotated, Final

from msgspec import Meta, Struct

from smoothbox.contract.fields import Moment

LONGEST_SECONDS: Final = 3600

_Scope = Annotated[str, Meta(max_length=40)]


class NewClientToken(Struct, frozen=True, forbid_unknown_fields=True):
    """What the client may do, of what the calling token may, and for how many seconds."""

    scopes: Annotated[tuple[_Scope, ...], Meta(min_length=1, max_length=20)]
    lifetime_seconds: Annotated[int, Meta(ge=1, le=LONGEST_SECONDS)] = 900


class ClientToken(Struct, frozen=True):
    """A token for a client, sent as Bearer like any other. It shares the limits of the token that made it, and ends with it."""

    token: str
    scopes: list[str]
    expires_at: Moment

    def __repr__(self) -> str:
        """Without the token."""
        return f"ClientToken({self.expires_at})"

"""Settings → API → Tokens: listed, made, rotated, revoked. A secret is shown in the answer to the form that made it."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final, NamedTuple

from smoothbox.clock import instant_text
from smoothbox.contract.first_calls import curl_line
from smoothbox.contract.scopes import NAMED_ONLY, ORDINARY, SCOPES
from smoothbox.errors import invalid
from smoothbox.operations import tokens
from smoothbox.operations.times import business_zone
from smoothbox.operations.tokens import NewToken, TokenRequest
from smoothbox.parsing.parameters import parse_date
from smoothbox.scheduling.hours import days_window
from smoothbox.store.box import Token
from smoothbox.web.console.api_settings import OVERLAPS, ROOT, ApiPage, Confirmation, Question, SecretForm, chosen
from smoothbox.web.forms import Choice, Field

_HERE: Final = f"{ROOT}tokens/"
_DAY: Final = 86400
_ANSWER: Final = "console/token_secret.html"

_LIFETIMES: Final[Sequence[Choice]] = (
    ("never", "Never"),
    ("30", "In 30 days"),
    ("90", "In 90 days"),
    ("365", "In a year"),
    ("date", "After the day below"),
)
_PRESETS: Final[Mapping[str, Collection[str]]] = {
    "ordinary": ORDINARY,
    "reading": [scope for scope in ORDINARY if scope.endswith(":read")],
}


class Row(NamedTuple):
    """A token as it is shown: what it is now, and when it was last used, by what is known now."""

    token: Token
    status: tokens.Status
    last_used_at: str | None
    may: str


class TokenPage(ApiPage):
    """A page about tokens."""

    part = "tokens"

    def row(self, token: Token) -> Row:
        """A token as it is shown now."""
        status = tokens.status(token, instant_text(self.means.clock.now()))
        return Row(token, status, self.means.registry.last_used_at(token), _worded(token.scopes))

    def answer_with(self, made: NewToken, heading: str) -> Mapping[str, Any]:
        """What the page shows that shows a secret."""
        line = curl_line(self.request.origin, made.secret, made.token.scopes)
        return {"made": made, "heading": heading, "line": line, "may": _worded(made.token.scopes)}


class Tokens(TokenPage):
    """All tokens of this mode."""

    async def see(self) -> None:
        """Show them, the newest first; those that have ended apart."""
        owned = await self.means.registry.read(tokens.owned, self.owner)
        rows = [self.row(each) for each in reversed(owned)]
        active = [each for each in rows if each.status == "active"]
        ended = [each for each in rows if each.status != "active"]
        self.show("console/tokens.html", active=active, ended=ended, zone=await self.zone())


class OneToken(TokenPage):
    """One token: all but its secret."""

    async def see(self, token_id: int) -> None:
        """Show it."""
        token = await self.means.registry.read(tokens.show, token_id, self.owner)
        limits = self.means.settings.limits
        self.show("console/token.html", row=self.row(token), limits=limits, scopes=SCOPES, zone=await self.zone())


class TokenCreation(SecretForm, TokenPage):
    """A new token."""

    template = "console/token_form.html"
    answer = _ANSWER

    async def fields(self) -> Sequence[Field]:
        """What it is for, what it may do, until when, how often."""
        limits = self.means.settings.limits
        return (
            Field("name", "Name", help="What the token is for, such as 'website' or 'crm'.", required=True),
            Field("scopes", "What it may do", "choices", choices=_choices(ORDINARY)),
            Field(
                "selling",
                "What it may change of what is for sale",
                "choices",
                "Few programs need these. They are never included unless you tick them here.",
                _choices(NAMED_ONLY),
            ),
            Field("expires", "Ends", "choice", choices=_LIFETIMES),
            Field("until", "Last day", "date", "Only with 'After the day below'."),
            Field("hourly", "Requests an hour", "integer", f"Empty: as the box has it, {limits.hourly} now."),
            Field("burst", "Requests a minute", "integer", f"Empty: as the box has it, {limits.burst} now."),
        )

    async def present(self) -> Mapping[str, Any]:
        """Nothing is ticked, unless a preset was asked for."""
        return {"scopes": _PRESETS.get(self.get_query_argument("preset", ""), ())}

    async def around(self) -> Mapping[str, Any]:
        """The words around the form."""
        return {"heading": "New token", "button": "Make the token", "back": _HERE}

    async def make(self, document: dict[str, Any]) -> Mapping[str, Any]:
        """Make it."""
        request = TokenRequest(
            document["name"],
            self.mode,
            (*document["scopes"], *document["selling"]),
            await self._lifetime(chosen(document, "expires", _LIFETIMES), document.get("until")),
            document.get("hourly"),
            document.get("burst"),
        )
        made = await self.means.registry.write(tokens.create, self.person.tenant.slug, request)
        return self.answer_with(made, "The token is made")

    async def _lifetime(self, expires: str, until: str | None) -> float | None:
        """Seconds. Raises Problem 'validation_error'."""
        if expires == "date":
            return await self._seconds_to_the_end_of(until)
        if until is not None:
            raise invalid("until", "Choose 'After the day below' too, or leave this empty.")
        return None if expires == "never" else float(expires) * _DAY

    async def _seconds_to_the_end_of(self, text: str | None) -> float:
        """The last day counts as a whole, by the clocks of the business."""
        try:
            day = parse_date(text or "")
        except ValueError:
            raise invalid("until", "Choose a day.") from None
        lifetime = days_window(day, day, await self.read(business_zone)).end - self.means.clock.now()
        if lifetime <= 0:
            raise invalid("until", "That day is over already.")
        return lifetime


class TokenRotation(SecretForm, TokenPage):
    """Another token in the place of one."""

    answer = _ANSWER

    async def fields(self, _token_id: int) -> Sequence[Field]:
        """How long the old one goes on working."""
        why = "Long enough to bring the new one to where the old one is used. A token that leaked ends now."
        return (Field("overlap", "The old token works", "choice", why, OVERLAPS),)

    async def around(self, token_id: int) -> Mapping[str, Any]:
        """The words around the form."""
        token = await self.means.registry.read(tokens.show, token_id, self.owner)
        return {
            "heading": f"Rotate the token “{token.name}”",
            "intro": "A new token takes its place, with the same name, scopes and limits.",
            "button": "Make the new token",
            "back": f"{_HERE}{token_id}/",
        }

    async def make(self, document: dict[str, Any], token_id: int) -> Mapping[str, Any]:
        """Make it."""
        overlap = int(chosen(document, "overlap", OVERLAPS))
        made = await self.means.registry.write(tokens.rotate, token_id, overlap, self.owner)
        return self.answer_with(made, "The new token is made")


class TokenRevocation(Confirmation, TokenPage):
    """The end of a token."""

    async def question(self, token_id: int) -> Question:
        """Asked before it ends."""
        token = await self.means.registry.read(tokens.show, token_id, self.owner)
        text = f"Whatever uses the token that ends in …{token.last_four} is refused from the next request on, for good."
        return Question(f"Revoke the token “{token.name}”?", text, "Revoke it", f"{_HERE}{token_id}/")

    async def do(self, token_id: int) -> tuple[str, str]:
        """End it."""
        token = await self.means.registry.write(tokens.revoke, token_id, self.owner)
        return f"{_HERE}{token_id}/", f"The token “{token.name}” is revoked."


def _choices(scopes: Sequence[str]) -> Sequence[Choice]:
    return [(scope, f"{scope} · {SCOPES[scope]}") for scope in scopes]


def _worded(scopes: Collection[str]) -> str:
    """What a token may do, in few words."""
    return "Everything ordinary" if set(scopes) == set(ORDINARY) else ", ".join(scopes)

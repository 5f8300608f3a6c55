"""Settings → API → People: who may open this console, and how they get in."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from smoothbox.errors import invalid
from smoothbox.operations import passwords, people
from smoothbox.operations.people import Invitation
from smoothbox.web.console import hashers
from smoothbox.web.console.api_settings import ROOT, ApiForm, ApiPage, Confirmation, Question, SecretForm, chosen
from smoothbox.web.console.login import Door
from smoothbox.web.forms import Choice, Field

_HERE: Final = f"{ROOT}people/"
_LIFETIMES: Final[Sequence[Choice]] = (("86400", "A day"), ("3600", "An hour"), ("604800", "A week"))
_LIFETIME: Final = Field("lasts", "The link is good for", "choice", "It works once.", _LIFETIMES)


class PeoplePage(ApiPage):
    """A page about people. They belong to the business, whatever the mode."""

    part = "people"


class People(PeoplePage):
    """All of them."""

    async def see(self) -> None:
        """Show them."""
        found = await self.means.registry.read(people.list_of, self.person.tenant.slug)
        self.show("console/people.html", people=found, zone=await self.zone())


class LinkForm(SecretForm, PeoplePage):
    """A form that makes a link which logs somebody in."""

    answer = "console/person_link.html"

    def answer_with(self, made: Invitation, document: Mapping[str, Any]) -> Mapping[str, Any]:
        """What the page shows that shows it."""
        link = f"{self.request.origin}/console/login/{made.secret}/"
        return {"person_let_in": made.person, "link": link, "lasts": dict(_LIFETIMES)[document["lasts"]].lower()}


class PersonCreation(LinkForm):
    """One more."""

    async def fields(self) -> Sequence[Field]:
        """Who."""
        name = Field("name", "Name", help="An e-mail address is a good one. It is used once on this box.", required=True)
        return (name, _LIFETIME)

    async def around(self) -> Mapping[str, Any]:
        """The words around the form."""
        intro = "They see and may do all that you do here. You get a link for them, which logs them in once."
        return {"heading": "Let somebody in", "intro": intro, "button": "Make the link", "back": _HERE}

    async def make(self, document: dict[str, Any]) -> Mapping[str, Any]:
        """Let them in."""
        lasts = float(chosen(document, "lasts", _LIFETIMES))
        made = await self.means.registry.write(people.invite, self.person.tenant.slug, document["name"], lasts)
        return self.answer_with(made, document)


class PersonLink(LinkForm):
    """Another link for somebody who has no password, or has forgotten it."""

    async def fields(self, _person_id: int) -> Sequence[Field]:
        """How long it is good for."""
        return (_LIFETIME,)

    async def around(self, person_id: int) -> Mapping[str, Any]:
        """The words around the form."""
        found = await self.means.registry.read(people.colleague, self.person, person_id)
        intro = "Whoever has the link is logged in by that name: hand it to nobody else."
        return {"heading": f"A link for {found.name}", "intro": intro, "button": "Make the link", "back": _HERE}

    async def make(self, document: dict[str, Any], person_id: int) -> Mapping[str, Any]:
        """Make it."""
        lasts = float(chosen(document, "lasts", _LIFETIMES))
        made = await self.means.registry.write(people.invite_again, self.person, person_id, lasts)
        return self.answer_with(made, document)


class PersonRemoval(Confirmation, PeoplePage):
    """One less."""

    async def question(self, person_id: int) -> Question:
        """Asked before they are shut out."""
        found = await self.means.registry.read(people.colleague, self.person, person_id)
        text = f"{found.name} is logged out everywhere, and gets in no more."
        return Question(f"Remove {found.name}?", text, "Remove", _HERE)

    async def do(self, person_id: int) -> tuple[str, str]:
        """Shut them out."""
        gone = await self.means.registry.write(people.remove_colleague, self.person, person_id)
        return _HERE, f"{gone.name} may open this console no longer."


class OwnPassword(ApiForm, PeoplePage, Door):
    """A password of one's own. All other sessions of this person end with it; this one goes on."""

    async def fields(self) -> Sequence[Field]:
        """The one that there is, if any, and the new one twice."""
        current = Field("current", "Current password", "password", required=True, autocomplete="current-password")
        how = f"{passwords.SHORTEST} characters or more; a few words that nobody else would put together are good."
        return (
            *([current] if self.person.password else []),
            Field("password", "New password", "password", how, required=True, autocomplete="new-password"),
            Field("again", "The new one again", "password", required=True, autocomplete="new-password"),
        )

    async def around(self) -> Mapping[str, Any]:
        """The words around the form."""
        intro = f"You log in as {self.person.name}. Wherever else you are logged in, you are logged out."
        return {"heading": "Your password", "intro": intro, "button": "Set the password", "back": _HERE}

    async def save(self, document: dict[str, Any]) -> str:
        """Set it."""
        passwords.checked(document["password"])
        if document["again"] != document["password"]:
            raise invalid("again", "This is not the same as above.")
        if self.person.password:
            await self._check(document["current"])
        kept = await hashers.hashed(document["password"])
        self.give_session(await self.means.registry.write(people.set_own_password, self.person, kept, self.lifetime))
        self.say("Your password is set.")
        return _HERE

    async def _check(self, current: str) -> None:
        """Raises Problem 'validation_error', or 'rate_limited': this is a door to guess at as well."""
        self.means.attempt(f"name {self.person.name.casefold()}")
        if not await hashers.matches(current, self.person.password):
            raise invalid("current", "This is not your password.")

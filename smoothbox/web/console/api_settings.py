"""Settings → API: what its pages have in common."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from smoothbox.errors import Problem, invalid
from smoothbox.keyring import Vault
from smoothbox.operations.times import business_zone
from smoothbox.operations.tokens import Owner
from smoothbox.web.console.desk import ConsolePage, Deed, FormPage
from smoothbox.web.console.lists import ListPage
from smoothbox.web.forms import Choice, typed

ROOT: Final = "settings/api/"
OVERLAPS: Final[Sequence[Choice]] = (
    ("86400", "For a day more"),
    ("3600", "For an hour more"),
    ("604800", "For a week more"),
    ("0", "Not at all: it ends now"),
)
"""How long a secret that is replaced goes on working, in seconds."""


class ApiPage(ConsolePage):
    """A page of Settings → API. `part` names its place in the second navigation."""

    section = "api"
    part = ""

    @property
    def owner(self) -> Owner:
        """Whose tokens this person may see."""
        return Owner(self.person.tenant.id, self.mode)

    @property
    def vault(self) -> Vault:
        """What seals secrets for the business's file."""
        return self.means.keyring.vault(self.person.tenant.folder, self.mode)

    async def zone(self) -> str:
        """The zone in which times are shown."""
        return (await self.read(business_zone)).key

    def form_key(self) -> str:
        """What a form carries that must not be sent twice; nothing for one that may."""
        return ""

    def get_template_namespace(self) -> dict[str, Any]:
        """What these pages may name besides."""
        return {**super().get_template_namespace(), "part": self.part, "form_key": self.form_key, "intro": ""}


class ApiList(ListPage, ApiPage):
    """A page of a list."""


class ApiForm(ApiPage, FormPage):
    """A page with one form."""

    template = "console/api_form.html"


class ApiDeed(ApiPage, Deed):
    """A button."""


class SecretForm(ApiForm):
    """A form that makes a secret, which is shown once.

    The POST itself is answered with it: a page to go to would have to find it in its address, in a cookie or on the box.
    Sent twice, as by a reload, the form does nothing the second time.
    """

    answer: str

    async def make(self, document: dict[str, Any], *ids: Any) -> Mapping[str, Any]:
        """Make it; what the template of the answer shows. What it raises is shown in the form."""
        raise NotImplementedError

    def form_key(self) -> str:
        """Each form that is shown has its own."""
        return self.means.form_keys.issue(self.person.id)

    async def act(self, *ids: Any) -> None:
        """What was typed, done or shown again."""
        form = typed(self, await self.fields(*ids))
        try:
            self.means.form_keys.take(self.person.id, self.get_body_argument("form_key", ""))
            shown = await self.make(form.document(), *ids)
        except Problem as problem:
            self.show(self.template, self.status_of(problem), form=form.refused(problem), **await self.around(*ids))
        else:
            self.show(self.answer, **shown)


class Question(NamedTuple):
    """What is asked before something is done that cannot be undone; `back` is the path to go to instead."""

    heading: str
    text: str
    button: str
    back: str


class Confirmation(ApiPage):
    """A page that asks first: a GET shows what would be done, a POST does it."""

    async def question(self, *ids: Any) -> Question:
        """What is asked."""
        raise NotImplementedError

    async def do(self, *ids: Any) -> tuple[str, str]:
        """Do it; the path of the page to go to, and the sentence that is said there."""
        raise NotImplementedError

    async def see(self, *ids: Any) -> None:
        """Ask."""
        self.show("console/api_confirm.html", asked=await self.question(*ids), refusal="")

    async def act(self, *ids: Any) -> None:
        """Do it, or say why not."""
        asked = await self.question(*ids)
        try:
            path, sentence = await self.do(*ids)
        except Problem as problem:
            self.show("console/api_confirm.html", self.status_of(problem), asked=asked, refusal=problem.message)
        else:
            self.go(path, sentence)


def chosen(document: Mapping[str, Any], name: str, choices: Sequence[Choice]) -> str:
    """What was chosen of these. Raises Problem 'validation_error' for anything else."""
    value: str = document.get(name) or ""
    if value not in dict(choices):
        raise invalid(name, "Choose one of these.")
    return value

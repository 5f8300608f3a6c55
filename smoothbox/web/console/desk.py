"""What every page of the console is: somebody who is logged in, at a business, in one of its modes."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeVar, TypeVarTuple
from urllib.parse import quote

from smoothbox.errors import Problem
from smoothbox.ids import Mode
from smoothbox.operations import people
from smoothbox.store.connection import Origin, Tx
from smoothbox.store.people import Person
from smoothbox.web import wording
from smoothbox.web.forms import Field, Form, typed
from smoothbox.web.page import Page

T = TypeVar("T")
Args = TypeVarTuple("Args")

SESSION: Final = "smoothbox_session"
_SAID: Final = "smoothbox_said"
_LONGEST_SAID: Final = 400  # of up to four bytes each: a cookie has 4 kB
_SECTIONS: Final = {"home": "", "api": "settings/api/"}  # the others are where their names say


class ConsolePage(Page):
    """A page for one who is logged in. `section` names its place in the navigation."""

    person: Person
    mode: Mode
    section = ""

    async def prepare(self) -> None:
        """Find out who this is, and which file the address means; a stranger is sent to the door."""
        try:
            await self._enter()
        except Problem as problem:
            self.refuse(problem)

    async def _enter(self) -> None:
        person = await self._logged_in()
        if person is None:
            self.redirect(f"/console/login/?next={quote(self._here(), safe='')}", status=303)
            return
        self.person = person
        home = self.means.settings.server.base_domain and f"{person.tenant.slug}.{self.means.settings.server.base_domain}"
        if home and self.request.host_name.lower() != home:
            raise Problem("forbidden", f"This console is at {home}.")
        if self.path_args and self.path_args[0] in {"live", "test"}:
            self.mode = "test" if self.path_args.pop(0) == "test" else "live"

    async def read(self, verb: Callable[[Tx, *Args], T], *args: *Args) -> T:
        """Run a verb that only reads on the business's file."""
        async with self.means.files.use(self.person.tenant, self.mode) as file:
            return await file.read(verb, *args)

    async def commit(self, verb: Callable[[Tx, *Args], T], *args: *Args) -> T:
        """Run a verb on the business's file, and wait until its commit has reached the disk."""
        origin = Origin(self.mode, self.request.id, None, "console")
        async with self.means.files.use(self.person.tenant, self.mode) as file:
            return await file.write(verb, *args, origin=origin)

    def at(self, path: str) -> str:
        """The address of a page of the console, in this mode."""
        return f"/console/{self.mode}/{path}"

    def other_mode(self) -> str:
        """The same part of the console in the other mode; single things have other numbers there."""
        path = _SECTIONS.get(self.section, f"{self.section}/")
        return f"/console/{'live' if self.mode == 'test' else 'test'}/{path}"

    def say(self, sentence: str, *, is_refusal: bool = False) -> None:
        """Show a sentence on top of the next page."""
        said = json.dumps([sentence[:_LONGEST_SAID], is_refusal], ensure_ascii=False)
        self.set_signed_cookie(_SAID, said, expires_days=None)

    def go(self, path: str, sentence: str = "") -> None:
        """Send the browser to a page of the console, where it is told the sentence."""
        if sentence:
            self.say(sentence)
        self.redirect(self.at(path), status=303)

    def show(self, template: str, status: int = 200, **values: Any) -> None:
        """As any page, with what was said just before."""
        said = self.get_signed_cookie(_SAID, max_age_days=1)
        if said is not None:
            self.clear_cookie(_SAID)
        spoken = json.loads(said) if said is not None else None
        super().show(template, status, said=spoken, **values)

    def get_template_namespace(self) -> dict[str, Any]:
        """What every page of the console may name besides."""
        known = super().get_template_namespace()
        if not hasattr(self, "mode"):
            return known
        return {
            **known,
            "person": self.person,
            "mode": self.mode,
            "section": self.section,
            "at": self.at,
            "other_mode": self.other_mode,
        }

    def _here(self) -> str:
        return self.request.uri if self.request.method == "GET" and self.request.uri else "/console/"

    async def _logged_in(self) -> Person | None:
        secret = self.get_cookie(SESSION)
        return None if not secret else await self.means.registry.read(people.logged_in, secret)


class FormPage(ConsolePage):
    """A page with one form: it is seen with what is there, and shown again with what was typed when that is refused."""

    template: str

    async def fields(self, *ids: Any) -> Sequence[Field]:
        """The fields, with the choices that there are now."""
        raise NotImplementedError

    async def present(self, *ids: Any) -> Mapping[str, Any]:  # noqa: ARG002 -- a new thing has no ids
        """What the fields show at first."""
        return {}

    async def save(self, document: dict[str, Any], *ids: Any) -> str:
        """Do it; the path of the page to go to. What it raises is shown in the form."""
        raise NotImplementedError

    async def around(self, *ids: Any) -> Mapping[str, Any]:
        """What else the template shows."""
        raise NotImplementedError

    async def see(self, *ids: Any) -> None:
        """The form as things stand."""
        form = Form(await self.fields(*ids), await self.present(*ids))
        self.show(self.template, form=form, **await self.around(*ids))

    async def act(self, *ids: Any) -> None:
        """What was typed, done or shown again."""
        form = typed(self, await self.fields(*ids))
        try:
            path = await self.save(form.document(), *ids)
        except Problem as problem:
            self.show(self.template, self.status_of(problem), form=form.refused(problem), **await self.around(*ids))
        else:
            self.go(path)


class Deed(ConsolePage):
    """A button: it is pressed, and the page on which it stands says what became of it."""

    async def do(self, *ids: Any) -> str:
        """Do it; the sentence that says what was done. What it raises is said instead."""
        raise NotImplementedError

    def back(self, *ids: Any) -> str:
        """The path of the page to go to."""
        raise NotImplementedError

    async def act(self, *ids: Any) -> None:
        """Press it."""
        try:
            self.say(await self.do(*ids))
        except Problem as problem:
            self.say(wording.refusal(problem), is_refusal=True)
        self.go(self.back(*ids))

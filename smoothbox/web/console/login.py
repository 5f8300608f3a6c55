"""The door of the console: in by name and password or by a link that works once, and out."""

from typing import Final

from smoothbox.errors import Problem
from smoothbox.operations import people
from smoothbox.store.people import Person
from smoothbox.web.console import hashers
from smoothbox.web.console.desk import SESSION
from smoothbox.web.forms import Field, Form, typed
from smoothbox.web.page import Page

FIELDS: Final = (
    Field("name", "Name", required=True, autocomplete="username"),
    Field("password", "Password", "password", required=True, autocomplete="current-password"),
)


class Door(Page):
    """A page that can let somebody in."""

    @property
    def lifetime(self) -> float:
        """Seconds that a session lasts."""
        return self.means.settings.console.session_hours * 3600

    def give_session(self, secret: str) -> None:
        """Let the browser carry a session that was made just now."""
        days = self.means.settings.console.session_hours / 24
        self.set_cookie(SESSION, secret, expires_days=days)

    def let_in(self, secret: str) -> None:
        """Give the browser its session, and send it to where it wanted to go."""
        self.give_session(secret)
        self.redirect(self.wanted(), status=303)

    def wanted(self) -> str:
        """Where the browser wanted to go, as long as that is within the console."""
        wanted = self.get_argument("next", "/console/")
        is_ours = wanted.startswith("/console/") and wanted.isascii() and wanted.isprintable() and "\\" not in wanted
        return wanted if is_ours else "/console/"


class Login(Door):
    """By name and password."""

    async def see(self) -> None:
        """The form."""
        self._show(Form(FIELDS))

    async def act(self) -> None:
        """Let in who knows the password; nobody learns whether it was the name that was wrong."""
        form = typed(self, FIELDS)
        try:
            person = await self._known(form.document())
            secret = await self.means.registry.write(people.log_in, person, self.lifetime)
        except Problem as problem:
            self._show(form.refused(problem), self.status_of(problem))
        else:
            self.let_in(secret)

    async def _known(self, document: dict[str, str]) -> Person:
        name, password = document["name"], document["password"]
        self.means.attempt(str(self.request.remote_ip))
        self.means.attempt(f"name {name.casefold()}")
        person = await self.means.registry.read(people.known, name)
        is_right = await hashers.matches(password, person.password if person else None)
        if person is None or not is_right:
            raise Problem("validation_error", None, {"password": ["Name and password do not belong together."]})
        return person

    def _show(self, form: Form, status: int = 200) -> None:
        self.show("login.html", status, form=form, next=self.wanted())


class ByLink(Door):
    """By a link that works once. A GET only asks: those who look at links in mails must not use them up."""

    async def see(self, secret: str) -> None:
        """Whom it would log in."""
        person = await self.means.registry.read(people.behind_link, secret)
        self.show("login_link.html", person=person)

    async def act(self, secret: str) -> None:
        """Use it up."""
        self.means.attempt(str(self.request.remote_ip))
        self.let_in(await self.means.registry.write(people.log_in_by_link, secret, self.lifetime))


class Logout(Page):
    """Out."""

    async def act(self) -> None:
        """End the session, here and on the box."""
        secret = self.get_cookie(SESSION)
        if secret:
            await self.means.registry.write(people.log_out, secret)
        self.clear_cookie(SESSION)
        self.redirect("/console/login/", status=303)

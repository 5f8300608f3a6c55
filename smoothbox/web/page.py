"""What every page is: its headers, its templates, and how a refusal looks."""

import logging
import re
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Final

import msgspec
from tornado.web import HTTPError, RequestHandler, StaticFileHandler

from smoothbox import __version__
from smoothbox.errors import Problem
from smoothbox.web import wording
from smoothbox.web.incoming import Incoming, Shown
from smoothbox.web.means import Means

HERE: Final = Path(__file__).parent
POLICY: Final = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; font-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
"""Nothing inline, nothing evaluated, nothing from elsewhere."""

_TITLES: Final = {403: "That is not allowed", 404: "There is nothing here", 410: "This link is no longer good"}

_SENTENCES: Final = {
    403: "Go back, reload the page, and send the form again.",
    404: "There is no such page.",
    405: "This page does not take that.",
}
_KINDS: Final = re.compile("<([a-z]+)>")

_log = logging.getLogger(__name__)


class Answering(RequestHandler):
    """Tells the front what became of its request, and sends the headers that every answer of ours has."""

    request: Incoming
    route = "-"

    def set_default_headers(self) -> None:
        """No page is framed, guessed about, told of to others, or kept by a cache."""
        self.clear_header("Server")
        self.set_header("Content-Security-Policy", POLICY)
        self.set_header("X-Content-Type-Options", "nosniff")
        self.set_header("Referrer-Policy", "same-origin")
        self.set_header("Cross-Origin-Opener-Policy", "same-origin")
        self.set_header("Cache-Control", "no-store")
        self.set_header("X-Request-Id", self.request.id)

    def set_cookie(self, name: str, value: str | bytes, *args: Any, **manners: Any) -> None:
        """As every cookie of ours: read by no script, sent by no other site's form, never in clear where there is TLS."""
        ours: dict[str, Any] = {"httponly": True, "samesite": "Lax", "secure": self.request.protocol == "https"}
        super().set_cookie(name, value, *args, **(ours | manners))

    def finish(self, chunk: Any = None) -> Any:
        """Send the answer; the front hears of it."""
        written = super().finish(chunk)
        self.request.answered.set_result(Shown(self.get_status(), self.route, written))
        return written

    def log_exception(self, typ: Any, value: Any, tb: Any) -> None:
        """Log what went wrong, without the address: it may carry a secret."""
        if not isinstance(value, HTTPError):
            said, exc = (self.request.id, self.request.method, self.route), (typ, value, tb)
            _log.error("request %s failed: %s %s", *said, exc_info=exc, extra={"request_id": self.request.id})


class Files(Answering, StaticFileHandler):
    """Our style sheet, script and icons; an address that carries a hash is kept for good."""

    route = "/static/<file>"

    def set_extra_headers(self, path: str) -> None:  # noqa: ARG002 -- Tornado's interface
        """What is not asked for by its hash is asked for again each time."""
        if "v" not in self.request.arguments:
            self.set_header("Cache-Control", "no-cache")


class Page(Answering):
    """A page that is seen by GET and acts by POST; a GET never changes anything.

    A subclass has `see`, `act`, or both, and is handed what its address names, an `<id>` as a number. Each may raise Problem.
    """

    means: Means

    def initialize(self, means: Means, route: str) -> None:
        """Tornado hands over what the table of addresses says."""
        self.means = means
        self.route = route

    async def get(self, *parts: str) -> None:
        """Show it."""
        await self._answer(self.see, parts)

    async def head(self, *parts: str) -> None:
        """As GET; the server leaves the body away."""
        await self._answer(self.see, parts)

    async def post(self, *parts: str) -> None:
        """Do it."""
        await self._answer(self.act, parts)

    async def see(self, *_parts: Any) -> None:
        """Show the page."""
        raise HTTPError(405)

    async def act(self, *_parts: Any) -> None:
        """Do what the form says."""
        raise HTTPError(405)

    def show(self, template: str, status: int = 200, **values: Any) -> None:
        """Render a template; every value in it is escaped."""
        self.set_status(status)
        self.render(template, **values)

    def refuse(self, problem: Problem) -> None:
        """A page that says what is wrong and what to do."""
        status = self.status_of(problem)
        if "retry_after" in problem.details:
            self.set_header("Retry-After", str(problem.details["retry_after"]))
        self._show_refusal(status, wording.refusal(problem))

    def status_of(self, problem: Problem) -> int:
        """The HTTP status of a problem."""
        return self.means.statuses[problem.code]

    def get_template_namespace(self) -> dict[str, Any]:
        """What every template may name."""
        return {**super().get_template_namespace(), "version": __version__, "origin": self.request.origin, "wording": wording}

    def get_template_path(self) -> str:
        """All templates of the house stand together."""
        return str(HERE / "templates")

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """What Tornado itself refuses, and what went wrong."""
        error = kwargs.get("exc_info", (None, None))[1]
        message = f"Something went wrong inside the box. The log knows more under {self.request.id}."
        if isinstance(error, HTTPError):
            message = _SENTENCES.get(status_code, "The box cannot make sense of this request.")
        self._show_refusal(status_code, message)

    def compute_etag(self) -> str | None:
        """Pages are not kept."""
        return None

    def _show_refusal(self, status: int, message: str) -> None:
        self.show("refusal.html", status, title=_TITLES.get(status, "That did not work"), message=message)

    async def _answer(self, deed: Callable[..., Awaitable[None]], parts: tuple[str, ...]) -> None:
        try:
            kinds = [kind for kind in _KINDS.findall(self.route) if kind != "mode"]
            await deed(*(int(part) if kind == "id" else part for kind, part in zip(kinds, parts, strict=True)))
        except Problem as problem:
            self.refuse(problem)


class NotFound(Page):
    """Any address that there is no page for; a program, which asks for none, is told so in the one error shape.

    Where only the last slash is missing, the browser is sent on: people type addresses.
    """

    def initialize(self, means: Means, route: str, is_page: Callable[[str], bool]) -> None:  # type: ignore[override]
        """As any page, with what tells the addresses that there are."""
        super().initialize(means, route)
        self._is_page = is_page

    def prepare(self) -> None:
        """Say so, by whatever method."""
        if self.request.method in {"GET", "HEAD"} and self._is_page(f"{self.request.path}/"):
            query = f"?{self.request.query}" if self.request.query else ""
            self.redirect(f"{self.request.path}/{query}", status=302)
            return
        problem = Problem("not_found")
        if "text/html" in self.request.headers.get("Accept", ""):
            self.refuse(problem)
            return
        self.set_status(self.status_of(problem))
        self.set_header("Content-Type", "application/json")
        self.finish(msgspec.json.encode({"error": problem.code, "message": problem.message, "details": {}}))

    def check_xsrf_cookie(self) -> None:
        """There is nothing to protect, and a form that is sent astray is to hear that."""

    def check_trusted_origin(self, origin: str) -> bool:  # noqa: ARG002 -- Tornado's interface
        """As above."""
        return True

"""Somebody with a browser that knows no script: keeps cookies, reads pages, fills in forms and sends them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import unescape
from html.parser import HTMLParser
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlencode, urljoin

from tornado.httpclient import AsyncHTTPClient, HTTPRequest, HTTPResponse

from smoothbox.operations import people
from smoothbox.store.folder import open_box
from tests.box import RunningBox


@dataclass
class Sent:
    """A form as it stands on a page: where it goes, and what it sends if nobody touches it."""

    action: str
    method: str = "get"
    values: dict[str, list[str]] = field(default_factory=dict)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Sent] = []
        self.links: list[str] = []
        self._form: Sent | None = None
        self._area: str | None = None
        self._choice: str | None = None
        self._chosen: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "a" and "href" in given:
            self.links.append(given["href"])
        if tag == "form":
            self._form = Sent(given.get("action", ""), given.get("method", "get").lower())
            self.forms.append(self._form)
        if self._form is None or not (name := given.get("name", self._choice or "")):
            return
        if tag == "input" and (given.get("type") not in {"checkbox", "radio"} or "checked" in given):
            self._form.values.setdefault(name, []).append(given.get("value", "on"))
        elif tag == "textarea":
            self._area = name
            self._form.values[name] = [""]
        elif tag == "select":
            self._choice = name
        elif tag == "option" and ("selected" in given or name not in self._form.values):
            self._form.values[name] = [given.get("value", "")]

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "textarea" and self._form is not None and self._area is not None:
            (written,) = self._form.values[self._area]
            self._form.values[self._area] = [written.removeprefix("\n")]  # as HTML has it
            self._area = None
        elif tag == "select":
            self._choice = None

    def handle_data(self, data: str) -> None:
        if self._area is not None and self._form is not None:
            (before,) = self._form.values[self._area]
            self._form.values[self._area] = [before + data]


class Seen:
    """A page as it came."""

    def __init__(self, response: HTTPResponse, url: str) -> None:
        self.status = response.code
        self.headers = response.headers
        self.url = url
        self.html = (response.body or b"").decode()
        reader = _Reader()
        reader.feed(self.html)
        self.forms, self.links = reader.forms, reader.links

    @property
    def text(self) -> str:
        """What people read, its white space made plain."""
        without = re.sub(r"<(script|style|head)\b.*?</\1>|<[^>]+>", " ", self.html, flags=re.DOTALL)
        return re.sub(r"\s+", " ", unescape(without)).strip()

    def form(self, action_end: str = "") -> Sent:
        """The only form that posts to an address that ends so; the one for logging out does not count."""
        posting = [each for each in self.forms if each.method == "post" and "logout" not in each.action]
        (found,) = [each for each in posting if (each.action or self.url).endswith(action_end)]
        return found


class Visitor:
    """Asks for pages of one box, one after the other."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.cookies: dict[str, str] = {}

    async def see(self, path: str, **headers: str) -> Seen:
        """GET a page; redirections are followed."""
        return await self._ask("GET", path, None, headers)

    async def ask(self, method: str, path: str, form: Mapping[str, Any] | None = None, **headers: str) -> Seen:
        """One request, not followed."""
        return Seen(await self._once(method, urljoin(self.url, path), form, headers), urljoin(self.url, path))

    async def send(self, page: Seen, action_end: str = "", **values: Any) -> Seen:
        """Fill in a form of a page and send it; a value of None leaves its field out. Redirections are followed."""
        form = page.form(action_end)
        sent = {**form.values, **{name: value for name, value in values.items() if value is not None}}
        for name in [name for name, value in values.items() if value is None]:
            sent.pop(name, None)
        return await self._ask("POST", urljoin(page.url, form.action), sent, {})

    async def log_in(self, box: RunningBox, slug: str = "acme", name: str = "") -> "Visitor":
        """Through the front door, by a link that the command line makes."""
        name = name or f"{slug}@example.com"
        with open_box(box.folder, box.clock) as registry:
            if registry.read(people.known, name) is None:
                registry.write(people.create, slug, name, None)
            secret = registry.write(people.new_link, name, 900.0)
        page = await self.send(await self.see(f"/console/login/{secret}/"))
        assert page.status == 200, page.text
        return self

    async def _ask(self, method: str, path: str, form: Mapping[str, Any] | None, headers: Mapping[str, str]) -> Seen:
        url = urljoin(self.url, path)
        response = await self._once(method, url, form, headers)
        for _ in range(5):
            if response.code not in {301, 302, 303}:
                break
            url = urljoin(url, response.headers["Location"])
            assert url.startswith(self.url), f"led away to {url}"
            response = await self._once("GET", url, None, headers)
        return Seen(response, url)

    async def _once(self, method: str, url: str, form: Mapping[str, Any] | None, headers: Mapping[str, str]) -> HTTPResponse:
        own = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())} if self.cookies else {}
        body = None if form is None else urlencode(form, doseq=True)
        manners = {"follow_redirects": False, "allow_nonstandard_methods": True, "request_timeout": 20}
        request = HTTPRequest(url, method, {**own, **headers}, body=body, **manners)
        response = await AsyncHTTPClient().fetch(request, raise_error=False)
        for line in response.headers.get_list("Set-Cookie"):
            for name, morsel in SimpleCookie(line).items():
                self.cookies[name] = morsel.value
                if not morsel.value:
                    del self.cookies[name]
        return response

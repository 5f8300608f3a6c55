"""The pages of the box as the front sees them: a request in, an answer out."""

import re
from collections.abc import Iterator
from typing import Final

from tornado.http1connection import HTTP1Connection
from tornado.routing import URLSpec
from tornado.web import Application

from smoothbox.web.incoming import Arrival, Incoming, Shown
from smoothbox.web.means import Means
from smoothbox.web.page import HERE, Files, NotFound
from smoothbox.web.routes import ROUTES

_PARTS: Final = {
    "<mode>": "(live|test)",
    "<id>": "([0-9]{1,15})",
    "<signed>": r"([A-Za-z0-9_.\-]{1,4096})",
    "<word>": "([a-z-]{1,40})",
}


class Pages:
    """Everything that is served beside the API."""

    def __init__(self, means: Means) -> None:
        self._application = Application(
            list(_specs(means)),
            default_handler_class=NotFound,
            default_handler_args={"means": means, "route": "-", "is_page": _is_page},
            static_path=str(HERE / "static"),
            static_handler_class=Files,
            static_hash_cache=True,
            cookie_secret=means.keyring.derived("cookies"),
            xsrf_cookies=True,
            xsrf_cookie_kwargs={"samesite": "Strict"},
            cross_origin_protection=True,
            log_function=_the_front_does,
        )

    async def show(self, arrival: Arrival, version: str, connection: HTTP1Connection) -> Shown:
        """Answer a request of a version of HTTP; what went wrong is answered too.

        Raises tornado.httputil.HTTPInputError for an odd head.
        """
        incoming = Incoming(arrival, version, connection)
        delegate = self._application.find_handler(incoming)
        delegate.data_received(arrival.body)
        delegate.finish()
        return await incoming.answered


def _specs(means: Means) -> Iterator[URLSpec]:
    for address, page in ROUTES.items():
        yield URLSpec(_regex(address), page, {"means": means, "route": address})


def _is_page(path: str) -> bool:
    return any(re.fullmatch(_regex(address), path) for address in ROUTES)


def _regex(address: str) -> str:
    return re.sub("<[a-z]+>", lambda part: _PARTS[part[0]], re.escape(address).replace(r"\<", "<"))


def _the_front_does(_handler: object) -> None:
    """Logging: the front notes a line for each request, of the API or of a page."""

"""Where the box answers, for command lines that people paste."""

from urllib.parse import urlsplit

from smoothbox.cli.session import Session
from smoothbox.settings import Server


def login_address(url: str, secret: str) -> str:
    """The link that logs somebody in to the console of the box at `url`."""
    return f"{url}/console/login/{secret}/"


def page_url(session: Session) -> str:
    """The address under which people see the box in a browser."""
    return session.settings().server.public_url.rstrip("/") or base_url(session)


def base_url(session: Session) -> str:
    """The address of the server that runs, else the one that the settings name."""
    running = session.folder.server()
    return running.url if running else _configured(session.settings().server)


def public_hosts(server: Server) -> tuple[str, ...]:
    """The host names by which the settings say that the box is known, `*.` for all tenants below a domain."""
    named = urlsplit(server.public_url).hostname
    return (*([named] if named else []), *([f"*.{server.base_domain}"] if server.base_domain else []))


def _configured(server: Server) -> str:
    scheme = "https" if server.tls_cert else "http"
    host = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}.get(server.host, server.host)  # noqa: S104 -- not bound to
    return f"{scheme}://{f'[{host}]' if ':' in host else host}:{server.port}"

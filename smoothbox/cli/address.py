"""Where the box answers, for command lines that people paste."""

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


def _configured(server: Server) -> str:
    host = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}.get(server.host, server.host)  # noqa: S104 -- not bound to
    return f"http://{f'[{host}]' if ':' in host else host}:{server.port}"

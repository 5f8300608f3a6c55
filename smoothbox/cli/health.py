"""`smoothbox health`."""

import http.client
import json
import socket
import ssl
from typing import Any, Final
from urllib.parse import urlsplit

import click

from smoothbox.cli.exits import UnreachableError
from smoothbox.cli.session import Session

_PATH: Final = "/readyz"
_PATIENCE: Final = 10.0  # seconds: longer than the server looks at its disk
_HERE: Final = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 -- not bound to


@click.command()
@click.pass_obj
def health(session: Session) -> None:
    """Ask the running server whether it is ready for requests.

    For cron, and for the health check of a container: it ends with 0 when the server says that it is ready, and with 7 when it
    says what is wrong, does not answer within ten seconds, or does not run. Its certificate is not judged: it is asked under
    an address of this machine, for which the certificate need not be good.

    Example: smoothbox --data-dir /var/lib/smoothbox --quiet health
    """
    session.require_box()
    server = session.folder.server()
    if server is None:
        error = UnreachableError(f"No server runs for {session.folder.root}.")
        error.add_note(session.command("serve"))
        raise error
    status, said = _ask(server.url)
    if status != http.client.OK:
        raise UnreachableError(f"The server at {server.url} is not ready: {said.get('message', f'it answered {status}')}")
    session.out.done({"status": "ready", "url": server.url, "pid": server.pid}, f"The server at {server.url} is ready.")


def _ask(url: str) -> tuple[int, dict[str, Any]]:
    """Status and body. Raises UnreachableError."""
    connection = _connection(url)
    try:
        connection.request("GET", _PATH)
        answer = connection.getresponse()
        said = json.loads(answer.read())
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise UnreachableError(f"The server at {url} does not answer: {error or type(error).__name__}") from error
    finally:
        connection.close()
    return answer.status, said if isinstance(said, dict) else {}


def _connection(url: str) -> http.client.HTTPConnection:
    """To the server of this machine: its certificate is for others, and nothing secret is sent."""
    if url.startswith("unix:"):
        return _UnixConnection(url.removeprefix("unix:"))
    address = urlsplit(url)
    host = _HERE.get(address.hostname or "", address.hostname or "")
    if address.scheme == "http":
        return http.client.HTTPConnection(host, address.port, timeout=_PATIENCE)
    unjudged = ssl.create_default_context()
    unjudged.check_hostname, unjudged.verify_mode = False, ssl.CERT_NONE
    return http.client.HTTPSConnection(host, address.port, timeout=_PATIENCE, context=unjudged)


class _UnixConnection(http.client.HTTPConnection):
    """To a socket in the file system, where a supervisor listens at one."""

    def __init__(self, path: str) -> None:
        super().__init__("localhost", timeout=_PATIENCE)
        self._path = path

    def connect(self) -> None:
        """Open the socket."""
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)

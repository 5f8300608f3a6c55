"""The examples in config/ before two real boxes: whose address counts, what is passed through, and a tenant that moves."""

import json
import re
import shutil
import socket
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPMessage, HTTPSConnection
from pathlib import Path
from typing import Any

import pytest

from tests.cli.process import CHECKOUT
from tests.process.ledger import CATALOGUE
from tests.process.server import PATIENCE, Server, make_box, smoothbox, until

HOST = "acme.example.com"
CLIENT, OTHER_CLIENT = "127.0.0.2", "127.0.0.3"


class Through(HTTPSConnection):
    """A connection to the proxy from an address of this machine, for the host of a tenant."""

    def __init__(self, proxy: "Proxy", whence: str, host: str) -> None:
        context = ssl.create_default_context(cafile=proxy.tls / "cert.pem")
        super().__init__("127.0.0.1", proxy.port, timeout=PATIENCE, source_address=(whence, 0), context=context)
        self._named = host
        self._chosen = context

    def connect(self) -> None:
        """Open it, and ask for the certificate of the host."""
        plain = socket.create_connection((self.host, self.port), PATIENCE, self.source_address)
        self.sock = self._chosen.wrap_socket(plain, server_hostname=self._named)


@dataclass
class Proxy:
    """A proxy that runs, its file, and the words that make it read that anew."""

    file: Path
    tls: Path
    port: int
    reload: list[str] = field(default_factory=list)

    def ask(
        self, path: str, token: str = "-", whence: str = CLIENT, host: str = HOST, **sent: Any
    ) -> tuple[int, HTTPMessage, bytes]:
        """One request: status, headers and body."""
        headers = {"Host": host, "Authorization": f"Bearer {token}", **sent.pop("headers", {})}
        body = sent.pop("body", None)
        connection = Through(self, whence, host)
        try:
            connection.request("POST" if body else "GET", path, body, headers)
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read()
        finally:
            connection.close()

    def change(self, old: str, new: str) -> None:
        """Edit a line, and have the file read anew."""
        text = self.file.read_text()
        assert old in text
        self.file.write_text(text.replace(old, new))
        subprocess.run(self.reload, check=True, capture_output=True, timeout=PATIENCE)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def filled(name: str, folder: Path, boxes: list[str]) -> str:
    """An example with the certificate and the boxes of this test."""
    text = (CHECKOUT / "config" / name).read_text()
    for old, new in {
        "/etc/letsencrypt/live/example.com/fullchain.pem": str(folder / "tls" / "cert.pem"),
        "/etc/letsencrypt/live/example.com/privkey.pem": str(folder / "tls" / "key.pem"),
        "10.0.0.11:8080": boxes[0],
        "10.0.0.12:8080": boxes[1],
    }.items():
        assert old in text
        text = text.replace(old, new)
    return text


@contextmanager
def nginx(folder: Path, boxes: list[str]) -> Iterator[Proxy]:
    """Run nginx with its example, on free ports of this machine."""
    port, plain = free_port(), free_port()
    text = filled("nginx-two-boxes.conf", folder, boxes)
    text = re.sub(r"\n *listen \[::\].*", "", text).replace("listen 443", f"listen 127.0.0.1:{port}")
    text = text.replace("listen 80;", f"listen 127.0.0.1:{plain};")
    temporary = "".join(f"{kind}_temp_path {folder}/{kind};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    (folder / "site.conf").write_text(text)
    (folder / "nginx.conf").write_text(
        f"daemon off;\nuser root;\npid {folder}/pid;\nerror_log {folder}/error;\nevents {{}}\n"
        f"http {{\naccess_log off;\n{temporary}include {folder}/site.conf;\n}}\n"
    )
    command = ["nginx", "-p", str(folder), "-c", "nginx.conf", "-e", "stderr"]
    with subprocess.Popen(command) as process:
        try:
            yield Proxy(folder / "site.conf", folder / "tls", port, [*command, "-s", "reload"])
        finally:
            process.terminate()


@contextmanager
def caddy(folder: Path, boxes: list[str]) -> Iterator[Proxy]:
    """Run Caddy with its example, on a free port of this machine."""
    port, place = free_port(), free_port()
    text = filled("Caddyfile.two-boxes", folder, boxes).replace(
        "*.example.com {", f"*.example.com:{port} {{\n\tbind 127.0.0.1", 1
    )
    file = folder / "Caddyfile"
    file.write_text(
        f"{{\n\tadmin localhost:{place}\n\tauto_https disable_redirects\n\tstorage file_system {folder}/caddy\n}}\n{text}"
    )
    environment = {"HOME": str(folder), "PATH": "/usr/bin:/bin"}
    words = ["--adapter", "caddyfile", "--config", str(file)]
    with subprocess.Popen(["caddy", "run", *words], env=environment, stderr=subprocess.DEVNULL) as process:
        try:
            yield Proxy(file, folder / "tls", port, ["caddy", "reload", *words, "--address", f"localhost:{place}"])
        finally:
            process.terminate()


@dataclass
class World:
    """Two boxes and the proxy before them; acme lives on the first."""

    proxy: Proxy
    homes: list[Path]
    names: list[str]  # of the boxes, in the map
    token: str


@pytest.fixture(params=[nginx, caddy], ids=lambda kind: kind.__name__)
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    """Skipped where the proxy is not installed."""
    if shutil.which(request.param.__name__) is None:
        pytest.skip(f"{request.param.__name__} is not here")
    homes = [tmp_path / "a", tmp_path / "b"]
    token = make_box(homes[0], CATALOGUE)
    smoothbox(homes[1], "init")
    smoothbox(homes[0], "cert", "create", "--host", "*.example.com")
    shutil.copytree(homes[0] / "tls", tmp_path / "tls")
    settings = {"server_base_domain": "example.com", "server_trusted_proxies": "127.0.0.1/32", "limits_failed_auth": "2"}
    with Server(homes[0], **settings) as a, Server(homes[1], **settings) as b:
        boxes = [each.url.removeprefix("http://") for each in (a, b)]
        with request.param(tmp_path, boxes) as proxy:
            until(lambda: _answers(proxy.port))
            yield World(proxy, homes, boxes if request.param is caddy else ["box_a", "box_b"], token)


def _answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def test_each_client_has_its_own_failures_whatever_it_claims(world: World) -> None:
    failed = [world.proxy.ask("/tenant-api/v1/business/")[0] for _ in range(4)]
    assert failed == [401, 401, 429, 429]
    claiming = world.proxy.ask("/tenant-api/v1/business/", headers={"X-Forwarded-For": "203.0.113.9"})
    assert claiming[0] == 429
    assert world.proxy.ask("/tenant-api/v1/business/", whence=OTHER_CLIENT)[0] == 401


def test_a_tenant_moves_by_one_line_and_clients_are_told_to_wait_meanwhile(world: World, tmp_path: Path) -> None:
    path = "/tenant-api/v1/services/"
    status, _, before = world.proxy.ask(path, world.token)
    assert status == 200
    smoothbox(world.homes[0], "tenant", "pause", "acme")
    status, headers, body = world.proxy.ask(path, world.token)
    assert (status, json.loads(body)["error"]) == (503, "unavailable")
    assert int(headers["Retry-After"]) > 0
    archive = str(tmp_path / "acme.smoothbox")
    key = json.loads(smoothbox(world.homes[0], "--json", "tenant", "export", "acme", "--output", archive).stdout)["key"]
    smoothbox(world.homes[1], "tenant", "import", archive, "--key", key)
    world.proxy.change(f"{HOST} {world.names[0]}", f"{HOST} {world.names[1]}")
    until(lambda: world.proxy.ask(path, world.token)[2] == before)


def test_links_are_of_the_host_and_encrypted(world: World) -> None:
    _, _, body = world.proxy.ask("/tenant-api/v1/services/?page_size=1", world.token)
    assert json.loads(body)["count"] == 1
    _, _, page = world.proxy.ask("/help/api/")
    assert f"https://{HOST}".encode() in page
    assert b"http://acme" not in page


def test_the_figures_and_hosts_that_nobody_has_are_not_there(world: World) -> None:
    assert world.proxy.ask("/metrics")[0] == 404
    assert world.proxy.ask("/readyz", host="nobody.example.com")[0] == 404
    assert world.proxy.ask("/readyz")[0] == 200


def test_the_box_itself_says_that_a_body_is_too_large(world: World) -> None:
    status, _, body = world.proxy.ask("/tenant-api/v1/customers/", world.token, body=b"x" * 300_000)
    assert (status, json.loads(body)["error"]) == (413, "payload_too_large")

"""SIGHUP: what a server that runs takes over from its settings, and what it keeps when they are wrong."""

import json
import re
import signal
import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPSConnection
from pathlib import Path
from typing import Any

import pytest

from tests.process.server import PATIENCE, call, smoothbox, until
from tests.process.supervised import Ear, Supervised, settings_text


@dataclass
class Service:
    """A running server, its settings file and its log file."""

    server: Supervised
    ear: Ear
    settings: Path
    log: Path
    data: Path

    @property
    def port(self) -> int:
        return int(self.server.url.rpartition(":")[2])

    def reload(self, **sections: dict[str, Any]) -> None:
        """Write other settings, and have them taken over."""
        sections["log"] = {"file": str(self.log), **sections.get("log", {})}
        self.settings.write_text(settings_text(**sections))
        self.hang_up()

    def hang_up(self) -> None:
        """SIGHUP, and wait until it has been dealt with."""
        self.server.process.send_signal(signal.SIGHUP)
        assert "RELOADING" in self.ear.next()
        assert self.ear.next() == {"READY": "1"}

    def statuses_of_wrong_tokens(self, count: int) -> list[int]:
        return [call(self.server.url, "ss_live_wrong", "GET", "business/")[0] for _ in range(count)]

    def has_logged(self, text: str) -> bool:
        return text in self.log.read_text()


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    data, settings, log = tmp_path / "data", tmp_path / "settings.toml", tmp_path / "log"
    smoothbox(data, "init")
    settings.write_text(settings_text(log={"file": str(log)}))
    with Ear() as ear, Supervised(data, settings, NOTIFY_SOCKET=ear.address) as server:
        assert "READY" in ear.next()
        yield Service(server, ear, settings, log, data)


def test_limits_are_taken_over(service: Service) -> None:
    assert service.statuses_of_wrong_tokens(3) == [401, 401, 401]
    service.reload(limits={"failed_auth": 1})
    assert service.statuses_of_wrong_tokens(2) == [401, 429]
    until(lambda: service.has_logged("took over the settings"))


def test_the_level_of_the_log_is_taken_over(service: Service) -> None:
    service.statuses_of_wrong_tokens(1)
    until(lambda: service.has_logged('"status": 401'))
    service.reload(log={"level": "warning"})
    before = service.log.read_text()
    service.statuses_of_wrong_tokens(3)
    service.reload(log={"level": "info"})  # whatever waits is written by now
    after = service.log.read_text().removeprefix(before)
    assert '"status": 401' not in after
    service.statuses_of_wrong_tokens(1)
    until(lambda: service.log.read_text().removeprefix(before).count('"status": 401') == 1)


def test_a_log_that_was_moved_away_is_begun_anew_and_no_line_is_lost(service: Service) -> None:
    """As logrotate does it: rename, then SIGHUP."""
    service.statuses_of_wrong_tokens(3)
    old = service.log.rename(service.log.with_name("log.1"))
    service.statuses_of_wrong_tokens(2)  # between the two: they belong to the old one
    service.hang_up()
    service.statuses_of_wrong_tokens(4)
    until(lambda: service.log.read_text().count('"status": 401') == 4)
    assert old.read_text().count('"status": 401') == 5
    for line in (old.read_text() + service.log.read_text()).splitlines():
        json.loads(line)


def test_what_waits_for_a_restart_is_named_and_the_rest_counts(service: Service) -> None:
    service.reload(server={"port": 1, "drain_seconds": 3.0}, limits={"failed_auth": 1})
    assert service.has_logged("these settings wait for a restart: server.port, server.drain_seconds")
    assert 429 in service.statuses_of_wrong_tokens(3)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[limits]\nfailed_auth = 0\n", "limits.failed_auth: it must lie between 1 and"),
        ("[limits]\nfailed_auth = 1\nfailed_oth = 2\n", "limits.failed_oth: there is no such setting; did you mean"),
        ("[limits]\nfailed_auth = 1\n[", "settings.toml"),
        ('[limits]\nfailed_auth = 1\n[log]\nfile = "/nowhere/log"\n', "/nowhere/log"),
    ],
    ids=["a value out of bounds", "a name that nobody knows", "no TOML", "a log that cannot be"],
)
def test_settings_that_are_wrong_change_nothing_and_the_log_says_so(service: Service, text: str, said: str) -> None:
    if "[log]" not in text:
        text += f'\n[log]\nfile = "{service.log}"\n' if not text.endswith("[") else ""
    service.settings.write_text(text)
    service.hang_up()
    until(lambda: service.has_logged("the settings stay as they are"))
    (line,) = (line for line in service.log.read_text().splitlines() if "the settings stay" in line)
    assert json.loads(line)["level"] == "ERROR"
    assert said in line
    assert service.statuses_of_wrong_tokens(3) == [401, 401, 401]


def test_settings_that_are_gone_change_nothing(service: Service) -> None:
    service.settings.unlink()
    service.hang_up()
    until(lambda: service.has_logged("the settings stay as they are"))
    assert service.statuses_of_wrong_tokens(3) == [401, 401, 401]
    assert service.server.process.poll() is None


@dataclass
class Secured:
    """A service that speaks HTTPS with a certificate of its own."""

    service: Service
    certificate: Path

    def connection(self) -> HTTPSConnection:
        """To it, by a client that trusts the certificate that is in the file now."""
        context = ssl.create_default_context(cafile=self.certificate)
        return HTTPSConnection("localhost", self.service.port, context=context, timeout=PATIENCE)


def status_over(connection: HTTPConnection) -> int:
    """Of a request that leaves the connection open."""
    connection.request("GET", "/healthz")
    with connection.getresponse() as answer:
        answer.read()
        return answer.status


def print_of(connection: HTTPSConnection) -> bytes | None:
    """The certificate that the other side of an open connection has shown."""
    assert isinstance(connection.sock, ssl.SSLSocket)
    return connection.sock.getpeercert(binary_form=True)


@pytest.fixture
def secured(tmp_path: Path) -> Iterator[Secured]:
    data, settings, log = tmp_path / "data", tmp_path / "settings.toml", tmp_path / "log"
    smoothbox(data, "init")
    smoothbox(data, "cert", "create")
    certificate = data / "tls" / "cert.pem"
    server = {"tls_cert": str(certificate), "tls_key": str(data / "tls" / "key.pem")}
    settings.write_text(settings_text(server=server, log={"file": str(log)}))
    with Ear() as ear, Supervised(data, settings, NOTIFY_SOCKET=ear.address) as running:
        assert "READY" in ear.next()
        yield Secured(Service(running, ear, settings, log, data), certificate)


def test_another_certificate_is_for_new_connections_and_old_ones_go_on(secured: Secured) -> None:
    old = secured.connection()
    assert status_over(old) == 200
    shown = print_of(old)
    smoothbox(secured.service.data, "cert", "create", "--replace", "--host", "box.example.com")
    secured.service.hang_up()
    new = secured.connection()  # it trusts the new one only
    assert status_over(new) == 200
    assert print_of(new) != shown
    assert status_over(old) == 200
    assert print_of(old) == shown
    old.close()
    new.close()


def test_a_certificate_that_is_half_replaced_leaves_the_old_one_in_use(secured: Secured, tmp_path: Path) -> None:
    """As between the two renames of whoever puts both files there."""
    before = tmp_path / "before.pem"
    before.write_bytes(secured.certificate.read_bytes())
    key = secured.certificate.with_name("key.pem")
    old_key = key.read_bytes()
    smoothbox(secured.service.data, "cert", "create", "--replace")
    key.write_bytes(old_key)
    secured.service.hang_up()
    until(lambda: secured.service.has_logged("the settings stay as they are"))
    assert re.search(r"server\.tls_key: .* are no certificate and its private key", secured.service.log.read_text())
    secured.certificate = before
    connection = secured.connection()
    assert status_over(connection) == 200
    connection.close()


def test_whether_connections_are_encrypted_waits_for_a_restart(secured: Secured) -> None:
    secured.service.reload(limits={"failed_auth": 1})
    assert secured.service.has_logged("these settings wait for a restart: server.tls_cert")
    connection = secured.connection()
    assert status_over(connection) == 200
    connection.close()


def test_a_client_without_tls_is_turned_away_and_the_rest_is_served(secured: Secured) -> None:
    with socket.create_connection(("127.0.0.1", secured.service.port), timeout=PATIENCE) as plain:
        plain.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert not answered(plain)
    connection = secured.connection()
    assert status_over(connection) == 200
    connection.close()


def answered(connection: socket.socket) -> bytes:
    """What comes until the other side closes, or resets."""
    try:
        return connection.recv(4096)
    except ConnectionResetError:
        return b""

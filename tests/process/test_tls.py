"""HTTPS from files, end to end: clients that verify, the command line beside it, and files that cannot be used."""

import os
import ssl
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.error import URLError
from urllib.request import Request, urlopen

import pytest

from tests.process.server import PATIENCE, Server, make_box, smoothbox
from tests.process.test_main_job import CATALOGUE


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def token(data: Path) -> str:
    made = make_box(data, CATALOGUE)
    smoothbox(data, "cert", "create", "--host", "127.0.0.2")
    return made


def files(data: Path) -> Mapping[str, str]:
    """The settings that name the certificate."""
    return {"server_tls_cert": str(data / "tls" / "cert.pem"), "server_tls_key": str(data / "tls" / "key.pem")}


@pytest.fixture
def server(data: Path, token: str) -> Iterator[Server]:
    with Server(data, **files(data)) as running:
        yield running


def fetch(url: str, token: str, context: ssl.SSLContext) -> int:
    request = Request(url, headers={"Authorization": f"Bearer {token}"})
    with urlopen(request, timeout=PATIENCE, context=context) as answer:
        answer.read()
        status: int = answer.status
        return status


def test_a_client_that_knows_the_certificate_is_served(server: Server, data: Path, token: str) -> None:
    assert server.url.startswith("https://127.0.0.1:")
    trusting = ssl.create_default_context(cafile=files(data)["server_tls_cert"])
    strict = ssl.create_default_context(cafile=files(data)["server_tls_cert"])
    strict.verify_flags |= ssl.VERIFY_X509_STRICT
    for context in (trusting, strict):
        assert fetch(f"{server.url}/tenant-api/v1/services/", token, context) == 200
        assert fetch(f"{server.url}/readyz", token, context) == 200
    assert fetch(server.url.replace("127.0.0.1", "localhost") + "/healthz", token, trusting) == 200


def test_a_client_that_does_not_know_it_turns_away(server: Server, token: str) -> None:
    with pytest.raises(URLError, match="CERTIFICATE_VERIFY_FAILED"):
        fetch(f"{server.url}/healthz", token, ssl.create_default_context())
    other = ssl.create_default_context(ssl.Purpose.SERVER_AUTH)
    other.check_hostname, other.verify_mode, other.maximum_version = False, ssl.CERT_NONE, ssl.TLSVersion.TLSv1_2
    assert fetch(f"{server.url}/healthz", token, other) == 200


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1")
def test_versions_of_tls_that_are_broken_are_not_spoken(server: Server, token: str) -> None:
    old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    old.check_hostname, old.verify_mode = False, ssl.CERT_NONE
    old.minimum_version, old.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
    with pytest.raises(URLError):
        fetch(f"{server.url}/healthz", token, old)


def test_the_command_line_beside_it_knows_where_it_answers(server: Server, data: Path) -> None:
    ended = smoothbox(data, "health")
    assert ended.stderr == f"The server at {server.url} is ready.\n"
    created = smoothbox(data, "token", "create", "acme", "--name", "t", "--live", "--all-scopes")
    assert f"{server.url}/tenant-api/v1/business/" in created.stderr


@pytest.mark.parametrize(
    ("replaced", "said"),
    [
        ({"server_tls_key": ""}, "server.tls_key: server.tls_cert and server.tls_key go together; set both, or none."),
        ({"server_tls_cert": "/nowhere"}, "server.tls_cert: /nowhere cannot be read: No such file or directory."),
        ({"server_tls_key": "{tls}/cert.pem"}, "are no certificate and its private key without pass phrase"),
        ({"server_tls_cert": "{tls}/key.pem"}, "are no certificate and its private key without pass phrase"),
    ],
)
def test_files_that_cannot_be_used_are_a_matter_of_configuration(
    data: Path, token: str, replaced: Mapping[str, str], said: str
) -> None:
    named = {**files(data), **{name: value.format(tls=data / "tls") for name, value in replaced.items()}}
    environment = os.environ | {f"SMOOTHBOX_{name.upper()}": value for name, value in named.items()}
    command = [sys.executable, "-m", "smoothbox", "--data-dir", str(data), "serve", "--port", "0"]
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 3
    assert said in ended.stderr
    assert ended.stdout == ""

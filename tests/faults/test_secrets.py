"""No secret that the box was told or has handed out stands anywhere in clear: files, copies, logs, figures, refusals."""

import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen
from zipfile import ZipFile

import pytest

from tests.process.ledger import CATALOGUE
from tests.process.receiver import receiving
from tests.process.server import Server, call, exchange, make_box, smoothbox, until

PASSWORD = "correct-horse-battery-staple"
HEADER = "header-value-that-opens-their-door"


def with_input(data: Path, text: str, *arguments: str) -> str:
    """What a command says that reads its standard input."""
    command = [sys.executable, "-m", "smoothbox", "--data-dir", str(data), *arguments]
    return subprocess.run(command, input=text, capture_output=True, text=True, check=True, timeout=60).stdout


def said(data: Path, *arguments: str) -> Any:
    """What a command says in JSON."""
    return json.loads(smoothbox(data, "--json", *arguments).stdout)


def page(url: str, headers: dict[str, str]) -> str:
    """Whatever is there, also where it is a refusal."""
    try:
        with urlopen(Request(url, headers=headers), timeout=20) as answer:
            return answer.read().decode()
    except HTTPError as error:
        with error:
            return error.read().decode()


def refusals(url: str, secrets: dict[str, str]) -> str:
    """All that is answered to who uses a secret wrongly: the wrong way, in the wrong place, cut short, or too late."""
    places = ("/tenant-api/v1/bookings/", "/console/", "/metrics", "/help/api/")
    forms = ("Bearer {}x", "Basic {}", "Bearer {}, Bearer {}")
    return "\n".join(
        page(url + place, {"Authorization": form.format(secret, secret)})
        for secret in secrets.values()
        for place in places
        for form in forms
    )


def found_in(folder: Path, secrets: dict[str, str]) -> dict[str, list[str]]:
    """Where each secret stands; looked for by a process of its own, which may open database files."""
    assert all(len(secret) >= 16 for secret in secrets.values()), secrets
    hits: dict[str, list[str]] = {}
    for name, secret in secrets.items():
        ended = subprocess.run(["grep", "-rlaF", "-e", secret, str(folder)], capture_output=True, text=True, check=False)
        if ended.stdout:
            hits[name] = ended.stdout.split("\n")[:-1]
    return hits


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "world" / "data"


def test_what_is_looked_for_would_be_found(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"\x00\xff" + PASSWORD.encode() + b"\x00")
    assert found_in(tmp_path, {"password": PASSWORD}) == {"password": [str(tmp_path / "file")]}


def test_no_secret_stands_anywhere_in_clear(data: Path) -> None:
    world = data.parent
    token = make_box(data, CATALOGUE)
    sandbox = said(data, "token", "create", "acme", "--name", "s", "--test", "--all-scopes")["token"]
    secrets = {"token": token, "sandbox token": sandbox, "password": PASSWORD, "header": HEADER}
    with_input(data, f"{PASSWORD}\n", "user", "create", "acme", "jane@example.com", "--password")
    manager = said(data, "token", "create", "acme", "--name", "m", "--live", "--scopes", "webhooks:manage,bookings:read")
    secrets["manager"] = manager["token"]
    settings = {"webhooks_allow_cidrs": "127.0.0.1/32", "log_level": "debug", "log_file": str(world / "log")}
    with receiving() as receiver, Server(data, **settings) as server:
        url = server.url
        link = said(data, "user", "login-link", "jane@example.com")
        secrets["login link"] = link["url"].rstrip("/").rpartition("/")[2]
        endpoint = {"url": receiver.url, "events": ["*"], "headers": {"X-Key": HEADER}, "ed25519": True}
        status, _, sent = exchange(url, manager["token"], "POST", "webhooks/", endpoint, {"Idempotency-Key": "hook"})
        assert status == 201, sent
        secrets["webhook secret"] = json.loads(sent)["secret"].removeprefix("whsec_")
        status, rotated = call(url, manager["token"], "POST", "webhooks/1/rotate-secret/", {})
        assert status == 200, rotated
        secrets["rotated secret"] = rotated["secret"].removeprefix("whsec_")
        status, browser = call(url, token, "POST", "client-tokens/", {"scopes": ["availability:read"], "lifetime_seconds": 900})
        assert status == 201, browser
        secrets["client token"] = browser["token"].rpartition(".")[2]
        start = (datetime.now(UTC) + timedelta(days=3)).replace(hour=10, minute=0, second=0, microsecond=0).isoformat()
        wish = {"service_id": 1, "start_time": start, "customer": {"phone": "+493012345"}}
        status, booked = call(url, token, "POST", "bookings/", wish)
        assert status == 201, booked
        secrets["customer's link"] = booked["manage_url"].rstrip("/").rpartition("/")[2][-40:]
        assert "Cut" in page(booked["manage_url"], {})
        until(lambda: receiver.came)
        (world / "refused").write_text(refusals(url, secrets))
        (world / "figures").write_text(page(f"{url}/metrics", {}))
        smoothbox(data, "keys", "rotate")
        smoothbox(data, "backup", "create", "--directory", str(world / "backups"))
        exported = said(data, "tenant", "export", "acme", "--output", str(world / "acme.smoothbox"))
        secrets["archive's key"] = exported["key"]
        with ZipFile(world / "acme.smoothbox") as archive:
            archive.extractall(world / "unpacked")
        assert found_in(world, secrets) == {}
        assert server.terminate() == 0
    keys = json.loads((data / "keyring").read_text())
    (data / "keyring").rename(world.parent / "keyring")
    secrets |= {f"{kind} of {key['id']}": key[kind] for key in keys["keys"] for kind in ("aes256", "ed25519")}
    assert found_in(world, secrets) == {}

"""`smoothbox demo`: it works as pasted, and a second time."""

import json
import shlex
from collections.abc import Iterator
from importlib import import_module
from subprocess import Popen
from typing import Any
from urllib.request import Request, urlopen

import pytest

from smoothbox.contract.scopes import ORDINARY
from tests.cli.conftest import Smoothbox
from tests.cli.process import serving

demo_command = import_module("smoothbox.cli.demo")


def lines_until_the_second_curl(process: Popen[str]) -> Iterator[str]:
    assert process.stdout is not None
    left = 2
    while left:
        line = process.stdout.readline()
        left -= "curl" in line
        yield line.strip()


def as_pasted(line: str, path: str = "") -> Any:
    """What the curl line answers, or with its last word's path extended."""
    curl, flag, header, url = shlex.split(line)
    assert (curl, flag) == ("curl", "-H")
    name, value = header.split(": ")
    with urlopen(Request(url.replace("business/", path) if path else url, headers={name: value})) as answer:
        return json.loads(answer.read())


@pytest.mark.timeout(120)
def test_the_first_five_minutes(bare: Smoothbox) -> None:
    words = ("--data-dir", str(bare.data_dir), "demo", "--port", "0")
    with serving(*words) as (process, url):
        live, test = (line for line in lines_until_the_second_curl(process) if line.startswith("curl"))
        assert url in live
        assert as_pasted(live)["environment"] == "live"
        assert as_pasted(test)["environment"] == "test"
        assert set(as_pasted(live)["scopes"]) == set(ORDINARY)
        assert as_pasted(live, "services/")["count"] == 10
        assert as_pasted(live, "resources/")["count"] == 5
        assert as_pasted(live, "customers/")["count"] == 6
        assert as_pasted(live, "bookings/?service_id=9")["count"] == 2  # two people in one class
        (ritual,) = as_pasted(live, "bookings/?service_id=10")["results"]
        assert len(ritual["resource_ids"]) == 2
        assert as_pasted(live, "bookings/")["count"] == 11
        assert as_pasted(test, "bookings/")["count"] == 3
    with serving(*words) as (process, _):
        pass
    assert process.returncode == 0
    assert [each["mode"] for each in bare.json("token", "list", "demo")] == ["live", "test"]
    assert bare.json("tenant", "show", "demo")["live"]["bookings"] == 11


def test_a_second_run_keeps_all_and_says_how_to_get_another_token(bare: Smoothbox) -> None:
    words = ("--data-dir", str(bare.data_dir), "demo", "--port", "0")
    with serving(*words) as (process, _):
        list(lines_until_the_second_curl(process))
    with serving(*words) as (process, _):
        assert process.stderr is not None
        said = [process.stderr.readline() for _ in range(2)]
    assert said[0] == f"Kept the tenant 'demo' in {bare.data_dir}.\n"
    assert f"smoothbox --data-dir {bare.data_dir} token create demo" in said[1]


@pytest.mark.parametrize(("host", "allowed"), [("127.0.0.1", ("127.0.0.1/32",)), ("0.0.0.0", ()), ("192.168.1.5", ())])
def test_deliveries_to_this_machine_are_allowed_only_where_nobody_else_reaches_the_box(
    bare: Smoothbox, monkeypatch: pytest.MonkeyPatch, host: str, allowed: tuple[str, ...]
) -> None:
    seen: list[Any] = []
    monkeypatch.setattr(demo_command, "serve_box", lambda _session, settings, _flags, _ready: seen.append(settings))
    bare.done("demo", "--host", host)
    monkeypatch.setenv("SMOOTHBOX_WEBHOOKS_ALLOW_CIDRS", "10.0.0.0/8")
    bare.done("demo", "--host", host)
    assert [each.webhooks.allow_cidrs for each in seen] == [allowed, ("10.0.0.0/8",)]

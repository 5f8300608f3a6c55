"""A business moves from one real box to another: what the API of both says is the same."""

import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.process.server import Server, call, make_box, smoothbox

CATALOGUE = """
[business]
name = "Acme Barbers"
timezone = "America/New_York"
currency = "USD"
slot_interval = 30
cancellation_window_hours = 24
[business.hours]
monday = ["00:00-24:00"]
tuesday = ["00:00-24:00"]
wednesday = ["00:00-24:00"]
[[closure]]
date = "2031-12-25"
name = "Christmas"
[[resource]]
key = "ann"
name = "Ann"
type = "STAFF"
[resource.hours]
monday = ["08:00-12:00", "13:00-20:00"]
[[resource.time_off]]
start = "2031-01-11T00:00"
end = "2031-01-16T00:00"
reason = "Holiday"
[[resource]]
key = "bob"
name = "Bob"
type = "STAFF"
timezone = "America/Chicago"
[[resource.exception]]
date = "2031-02-13"
hours = ["00:00-00:15"]
[[resource]]
key = "room"
name = "Blue Room"
type = "ROOM"
[[service]]
key = "cut"
name = "Haircut"
duration = 30
price = 2500
buffer_after = 30
resources = ["ann", "bob"]
[[service]]
key = "yoga"
name = "Yoga"
duration = 60
variable_pricing = true
capacity = 4
slot_interval = 60
needs = [["ann", "bob"], ["room"]]
[[service]]
key = "wedding"
name = "Wedding"
duration = 240
price = 50000
requires_manual_scheduling = true
resources = ["ann"]
"""
_OWN = {"id", "version", "created_at", "updated_at", "subdomain", "scopes", "external_id", "metadata", "source", "series_id"}
_REFERENCES = {"service_id", "service_ids", "resource_id", "resource_ids", "resource_groups", "customer_id"}


def monday() -> date:
    """One that lies two weeks ahead."""
    today = datetime.now(UTC).date()
    return today + timedelta(days=14 + (7 - today.weekday()) % 7)


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, str]]:
    """A running box with bookings of every state, and a token that may read all of it."""
    data = tmp_path_factory.mktemp("source")
    make_box(data, CATALOGUE)
    token = _token(
        data,
        "business:read,services:read,resources:read,resources:write,customers:read,customers:write,bookings:read,bookings:write",
    )
    with Server(data) as server:
        _fill(server.url, token)
        yield server, token


@pytest.fixture
def target(tmp_path: Path) -> Path:
    """A box with an empty tenant of another name, currency and zone."""
    data = tmp_path / "target"
    smoothbox(data, "init")
    smoothbox(data, "tenant", "create", "salon", "--name", "X", "--timezone", "Europe/Paris", "--currency", "EUR")
    return data


def test_a_business_moves_from_box_to_box_and_moving_it_again_changes_nothing(source: tuple[Server, str], target: Path) -> None:
    server, token = source
    dry = _pull(target, server.url, token, "--dry-run")
    assert not dry["is_written"]
    assert json.loads(smoothbox(target, "--json", "tenant", "show", "salon").stdout)["live"]["bookings"] == 0

    with Server(target) as own:  # it may run meanwhile
        reader = _token(
            target, "business:read,services:read,resources:read,resources:write,customers:read,bookings:read", "salon"
        )
        assert call(own.url, reader, "GET", "bookings/")[1]["count"] == 0
        moved = _pull(target, server.url, token)
        assert moved["counts"] == dry["counts"]
        assert moved["counts"]["bookings"] == {"created": 10, "updated": 0, "unchanged": 0, "refused": 0}
        assert _everything(own.url, reader) == _everything(server.url, token)
        known = {each["external_id"]: each["metadata"] for each in _list(own.url, reader, "bookings")}
        assert {"external_id": "yoga-2"} in known.values()
        assert all(name.startswith("smoothschedule:acme:") for name in known)
        again = _pull(target, server.url, token)
        assert {outcome for each in again["counts"].values() for outcome, count in each.items() if count} == {"unchanged"}


def test_a_token_that_is_wrong_moves_nothing(source: tuple[Server, str], target: Path) -> None:
    words = ("import", "smoothschedule", "salon", "--live", "--url", source[0].url, "--token", "ss_live_wrong")
    ended = subprocess.run(
        [sys.executable, "-m", "smoothbox", "--data-dir", str(target), *words], capture_output=True, text=True, check=False
    )
    assert ended.returncode == 6
    assert "does not accept the token" in ended.stderr


def _fill(url: str, token: str) -> None:
    """Bookings of every state, two in one session, a series, and customers with and without an address."""
    day = monday()
    eve = _made(
        url, token, "customers/", {"first_name": "Eve", "email": "eve@example.com", "external_id": "crm-1", "tags": ["vip"]}
    )
    bo = _made(url, token, "customers/", {"first_name": "Bo", "last_name": "Lee", "phone": "+1 212 555 0100"})
    _made(url, token, "customers/", {"first_name": "Mal", "email": "mal@example.com", "status": "BLOCKED", "notes": "No."})
    services = {each["name"]: each["id"] for each in _list(url, token, "services")}
    states = ("SCHEDULED", "CONFIRMED", "COMPLETED", "NO_SHOW", "CANCELLED")
    for hour, state in enumerate(states, 9):
        new = {"service_id": services["Haircut"], "customer_id": eve, "start_time": f"{day}T{hour + (hour > 11):02}:00"}
        made = _made(
            url, token, "bookings/", {**new, "notes": f"Note {hour}.", "internal_notes": "Hm.", "metadata": {"n": hour}}
        )
        if state != "SCHEDULED":
            assert call(url, token, "PATCH", f"bookings/{made}/", {"status": state})[0] == 200
    for party in (1, 2):
        session = {"service_id": services["Yoga"], "customer_id": bo, "start_time": f"{day}T16:00", "party_size": party}
        _made(url, token, "bookings/", {**session, "external_id": f"yoga-{party}"})
    _made(url, token, "bookings/", {"service_id": services["Wedding"], "customer_id": bo, "notes": "In May?"})
    weekly = {
        "service_id": services["Haircut"],
        "customer_id": bo,
        "start_time": f"{day}T18:00",
        "recurrence": "FREQ=WEEKLY;COUNT=2",
    }
    assert call(url, token, "POST", "bookings/", weekly)[0] == 201


def _made(url: str, token: str, path: str, body: dict[str, Any]) -> int:
    status, made = call(url, token, "POST", path, body)
    assert status == 201, made
    id_: int = made["id"]
    return id_


def _token(data: Path, scopes: str, slug: str = "acme") -> str:
    limits = ("--hourly", "1000000", "--burst", "1000000")
    made = smoothbox(data, "--json", "token", "create", slug, "--name", "t", "--live", "--scopes", scopes, *limits)
    token: str = json.loads(made.stdout)["token"]
    return token


def _pull(data: Path, url: str, token: str, *more: str) -> Any:
    words = ("--json", "import", "smoothschedule", "salon", "--live", "--url", url, "--token", token, *more)
    return json.loads(smoothbox(data, *words).stdout)


def _list(url: str, token: str, what: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = call(url, token, "GET", f"{what}/?page_size=200&ordering=id")[1]["results"]
    return found


def _everything(url: str, token: str) -> Any:
    """All that the API tells, names in the place of ids, and without what is each box's own."""
    lists = {what: _list(url, token, what) for what in ("resources", "services", "customers", "bookings")}
    lists["resources"] = [call(url, token, "GET", f"resources/{each['id']}/")[1] for each in lists["resources"]]
    names = {what: {each["id"]: each.get("name") for each in found} for what, found in lists.items()}
    series = sorted({each["series_id"] for each in lists["bookings"] if each["series_id"]})
    told = {what: sorted((_told(each, names) for each in found), key=str) for what, found in lists.items()}
    return told, len(series), _told(call(url, token, "GET", "business/")[1], names)


def _told(shown: dict[str, Any], names: dict[str, dict[int, Any]]) -> dict[str, Any]:
    return {
        name: _named(name, value, names) if name in _REFERENCES else value for name, value in shown.items() if name not in _OWN
    }


def _named(field: str, value: Any, names: dict[str, dict[int, Any]]) -> Any:
    if isinstance(value, list):
        return [_named(field, each, names) for each in value]
    what = next(each for each in names if field.startswith(each[:-1]))
    return None if value is None else names[what][value]

"""An older data folder is brought up to date by the command, or by a server as it opens its files."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.cli.process import run
from tests.process.receiver import receiving
from tests.process.server import Server, call, until
from tests.upgrade.conftest import NEWEST, NEWEST_BOX, SLUGS, Kept, schema_of

Columns = dict[str, list[str]]


def program(kept: Kept, *words: str) -> Any:
    """What a command answers in a process of its own, under its own umask."""
    return json.loads(run("--data-dir", str(kept.data), "--json", *words).stdout)


def snapshot_of(kept: Kept, path: Path) -> Path:
    return path.with_name(f"{path.stem}.schema-{kept.schema}.sqlite")


def columns_of(path: Path) -> Columns:
    """The columns of each table of a file that is not about its schema."""
    with closing(sqlite3.connect(path)) as file:
        tables = [
            name for (name,) in file.execute("SELECT name FROM sqlite_master WHERE type = 'table'") if "schema" not in name
        ]
        return {name: [row[1] for row in file.execute(f"PRAGMA table_info({name})")] for name in tables}


def content(path: Path, columns: Columns) -> dict[str, list[Any]]:
    """Every row, in these columns."""
    with closing(sqlite3.connect(path)) as file:
        return {
            table: sorted(file.execute(f"SELECT {', '.join(names)} FROM {table}"), key=repr) for table, names in columns.items()
        }


def problems(data: Path, findings: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Those of the folder, not those of the machine on which the test runs."""
    return [each for each in findings if each["severity"] == "problem" and each["where"].startswith(f"{data}/")]


def test_what_would_be_migrated_is_said_before_and_nothing_is_changed(kept: Kept) -> None:
    before = {path: path.stat().st_mtime_ns for path in kept.data.rglob("*")}
    files = program(kept, "version", "--check-data")["files"]
    assert {path: path.stat().st_mtime_ns for path in kept.data.rglob("*") if path.is_file()}.items() <= before.items()
    found = {each["path"]: (each["schema"], each["newest"], each["state"]) for each in files}
    of_tenants = {str(path): (kept.schema, NEWEST, "behind") for path in kept.paths}
    assert found == {str(kept.data / "box.db"): (kept.box_schema, NEWEST_BOX, "behind")} | of_tenants


def test_all_files_are_brought_to_the_newest_schema_and_keep_what_they_hold(kept: Kept) -> None:
    columns = {path: columns_of(path) for path in kept.paths}
    before = {path: content(path, columns[path]) for path in kept.paths}
    assert program(kept, "tenant", "migrate", "--all") == {"up_to_date": 0, "migrated": len(kept.paths), "failed": []}
    assert {schema_of(path) for path in kept.paths} == {NEWEST}
    assert schema_of(kept.data / "box.db") == NEWEST_BOX
    assert {path: content(path, columns[path]) for path in kept.paths} == before


def test_beside_each_file_lies_what_it_was_and_going_back_is_putting_that_in_its_place(kept: Kept) -> None:
    columns = columns_of(kept.path("demo"))
    before = {path: content(path, columns) for path in kept.paths}
    program(kept, "tenant", "migrate", "--all")
    registry = kept.data / f"box.schema-{kept.box_schema}.sqlite"
    for path in kept.paths:
        snapshot_of(kept, path).rename(path)
    registry.rename(kept.data / "box.db")
    assert {path: content(path, columns) for path in kept.paths} == before
    assert {schema_of(path) for path in kept.paths} == {kept.schema}
    assert schema_of(kept.data / "box.db") == kept.box_schema
    assert {path: columns_of(path) for path in kept.paths} == dict.fromkeys(kept.paths, columns)
    assert program(kept, "tenant", "migrate", *SLUGS)["migrated"] == len(kept.paths)


def test_the_doctor_sees_what_is_behind_and_afterwards_nothing(kept: Kept) -> None:
    assert "registry_behind" in {each["code"] for each in program(kept, "doctor")["findings"]}
    program(kept, "tenant", "migrate", "--all")
    findings = program(kept, "doctor")["findings"]
    assert problems(kept.data, findings) == []
    assert not {"registry_behind", "schema_behind"} & {each["code"] for each in findings}


@pytest.fixture
def served(kept: Kept) -> Iterator[Server]:
    """A real server on the folder, by the real clock: years may have passed."""
    with Server(kept.data, webhooks_allow_cidrs="127.0.0.1/32") as server:
        yield server


def test_a_server_answers_the_tokens_of_then_and_upgrades_the_files_that_are_asked_for(kept: Kept, served: Server) -> None:
    before = kept.path("rival", "test").stat()
    for path in ("bookings", "customers", "services", "resources", "webhooks"):
        status, page = call(served.url, kept.tokens["demo live"], "GET", f"{path}/?page_size=100")
        assert status == 200
        assert [each["id"] for each in page["results"]] == [each["id"] for each in kept.answers["demo live"][path]]
    for now, then in zip(page["results"], kept.answers["demo live"]["webhooks"], strict=True):
        assert now["url"] == then["url"]
    assert schema_of(kept.path("demo")) == NEWEST
    assert schema_of(kept.data / "box.db") == NEWEST_BOX
    assert schema_of(snapshot_of(kept, kept.path("demo"))) == kept.schema
    assert schema_of(kept.path("demo", "test")) == kept.schema
    assert call(served.url, kept.tokens["demo test"], "GET", "business/")[0] == 200
    assert schema_of(kept.path("demo", "test")) == NEWEST
    assert kept.path("rival", "test").stat().st_mtime_ns == before.st_mtime_ns
    assert served.terminate() == 0
    assert f"{kept.path('demo')} was brought up to date" in (kept.data / "log").read_text("utf-8")


def test_every_booking_keeps_its_status_and_its_time(kept: Kept, served: Server) -> None:
    _, page = call(served.url, kept.tokens["demo live"], "GET", "bookings/?page_size=100")
    fields = (
        "id",
        "status",
        "start_time",
        "end_time",
        "resource_ids",
        "customer_name",
        "price",
        "notes",
        "metadata",
        "version",
    )
    now = [[each[name] for name in fields] for each in page["results"]]
    assert now == [[each[name] for name in fields] for each in kept.answers["demo live"]["bookings"]]


def test_business_goes_on_with_new_bookings_and_signed_deliveries(kept: Kept, served: Server) -> None:
    token = kept.tokens["demo live"]
    service = next(each["id"] for each in kept.answers["demo live"]["services"] if each["name"] == "Haircut")
    with receiving() as receiver:
        assert call(served.url, token, "PATCH", "webhooks/1/", {"url": receiver.url})[0] == 200
        start = first_free(served.url, token, service)
        body = {"service_id": service, "start_time": start, "customer": {"phone": "+49 30 123456"}}
        status, made = call(served.url, token, "POST", "bookings/", body)
        assert status == 201, made
        assert made["id"] > max(each["id"] for each in kept.answers["demo live"]["bookings"])
        until(lambda: made["id"] in [each["data"]["object"].get("id") for each in receiver.events if is_of_booking(each)])


def test_a_file_of_a_newer_program_is_refused_and_no_other(kept: Kept) -> None:
    with closing(sqlite3.connect(kept.path("rival"))) as file:
        file.execute("PRAGMA user_version = 999")
    with Server(kept.data) as server:
        for _ in range(2):
            status, said = call(server.url, kept.tokens["rival live"], "GET", "business/")
            assert status == 503
            assert set(said) == {"error", "message", "details"}
            assert said["error"] == "unavailable"
            assert "schema 999" in said["message"]
            assert str(kept.data) not in said["message"]
        for other in ("rival test", "demo live", "demo test"):
            assert call(server.url, kept.tokens[other], "GET", "business/")[0] == 200
    assert f"{kept.path('rival')} cannot be opened: A data file is of schema 999" in (kept.data / "log").read_text("utf-8")
    assert schema_of(kept.path("rival")) == 999
    assert not snapshot_of(kept, kept.path("rival")).exists()


def first_free(url: str, token: str, service: int) -> str:
    """When a service can be had in the next weeks."""
    today = datetime.now(UTC).date()
    query = f"service_id={service}&start_date={today}&end_date={today + timedelta(days=30)}"
    _, found = call(url, token, "GET", f"availability/?{query}")
    start: str = next(slot["start_time"] for day in found["days"] for slot in day["slots"])
    return start


def is_of_booking(event: dict[str, Any]) -> bool:
    return event["type"] == "booking.created"

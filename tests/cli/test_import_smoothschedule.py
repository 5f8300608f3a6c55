"""`import smoothschedule` against sources that do not behave: a clear word, and nothing written."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Ended, Smoothbox
from tests.pulling.scripted import Said, document, page, serving

BUSINESS = {
    "name": "Acme Elsewhere",
    "subdomain": "acme",
    "timezone": "America/New_York",
    "currency": "USD",
    "business_hours": [],
    "environment": "live",
    "scopes": ["business:read", "bookings:read"],
    "a_field_of_tomorrow": {"x": 1},
}
EVE = {"id": 30, "first_name": "Eve", "last_name": "Adams", "email": "eve@example.com", "external_id": "crm-1", "notes": None}
CUT = {"id": 10, "name": "Cut", "duration": 30, "price": 2500, "resource_ids": [20], "variable_pricing": False}
ANN = {"id": 20, "name": "Ann", "type": "STAFF", "working_hours": [], "timezone": "America/New_York"}
VISIT = {
    "id": 1,
    "status": "COMPLETED",
    "service_id": 10,
    "customer_id": 30,
    "resource_id": 20,
    "start_time": "2020-01-06T09:00:00-05:00",
    "end_time": "2020-01-06T09:30:00-05:00",
    "price": 2000,
}
EMPTY = {"services": 0, "resources": 0, "customers": 0, "bookings": 0}

Answers = dict[str, Said]


def good() -> Answers:
    """What a source without more than the least fields says, by the last part of the path."""
    return {
        "business": document(BUSINESS),
        "bookings": page(VISIT),
        "customers": page(EVE),
        "services": page(CUT),
        "resources": page(ANN),
    }


def by_path(answers: Answers) -> Callable[[str, int], Said]:
    """Answer by the thing that is asked for."""
    return lambda path, _: answers[path.split("/")[3]]


@pytest.fixture
def token(tmp_path: Path) -> Path:
    """A file with a token."""
    path = tmp_path / "token"
    path.write_text("ss_live_x\n", "utf-8")
    return path


def pull(smoothbox: Smoothbox, url: str, token: Path, *more: str) -> Ended:
    """Run the command."""
    return smoothbox("--json", "import", "smoothschedule", "acme", "--live", "--url", url, "--token-file", str(token), *more)


def held(smoothbox: Smoothbox) -> Any:
    """What the live file holds."""
    return smoothbox.json("tenant", "show", "acme")["live"]


def test_the_least_that_a_source_says_is_enough(smoothbox: Smoothbox, token: Path) -> None:
    with serving(by_path(good())) as (url, asked):
        ended = pull(smoothbox, url, token)
    assert ended.status == 0, ended.err
    assert ended.answer["source"] == "smoothschedule:acme"
    assert ended.answer["counts"]["bookings"] == {"created": 1, "updated": 0, "unchanged": 0, "refused": 0}
    assert held(smoothbox) == {"services": 1, "resources": 1, "customers": 1, "bookings": 1}
    assert set(asked.tokens) == {"Bearer ss_live_x"}
    assert "page_size=200&ordering=created_at" in asked.paths[1]


@pytest.mark.parametrize(
    ("thing", "said", "status", "words"),
    [
        ("business", document({"error": "invalid_token"}, 401), 6, "does not accept the token"),
        ("customers", document({"error": "insufficient_scope"}, 403), 6, "customers/"),
        ("business", document({"error": "not_found"}, 404), 4, "is the address right"),
        ("business", Said(200, b"<html>"), 1, "not JSON"),
        ("bookings", Said(200, b'{"results": ['), 1, "not JSON"),
        ("services", document({"results": "none"}), 1, "no page of a list"),
        ("bookings", page(VISIT, following="/?cursor=again"), 1, "circles"),
        ("resources", Said(200, b" " * (17 << 20)), 1, "16 MiB"),
        ("business", document({**BUSINESS, "environment": "test"}), 6, "sandbox"),
        ("business", document({**BUSINESS, "timezone": "Mars/Olympus"}), 2, "Mars/Olympus"),
        ("business", document([]), 1, "no object"),
    ],
)
def test_what_goes_wrong_is_said_and_nothing_is_written(
    thing: str, said: Said, status: int, words: str, smoothbox: Smoothbox, token: Path
) -> None:
    with serving(by_path({**good(), thing: said})) as (url, _):
        ended = pull(smoothbox, url, token)
    assert ended.status == status
    assert words in ended.complaint["message"]
    assert held(smoothbox) == EMPTY


def test_a_source_that_dies_on_the_way_leaves_nothing_behind(smoothbox: Smoothbox, token: Path) -> None:
    with serving(by_path({**good(), "services": Said(200, b'{"count"', cut=900)})) as (url, asked):
        ended = pull(smoothbox, url, token)
    assert ended.status == 1
    assert "broke off" in ended.complaint["message"]
    assert ended.complaint["hint"].startswith("Nothing was written.")
    assert sum("services" in path for path in asked.paths) == 4
    assert held(smoothbox) == EMPTY


@pytest.mark.parametrize(
    ("thing", "odd"),
    [
        ("bookings", {**VISIT, "status": "BEAMED_UP"}),
        ("bookings", {**VISIT, "start_time": "yesterday"}),
        ("bookings", {**VISIT, "customer_id": 31}),
        ("bookings", {**VISIT, "price": -1}),
        ("customers", {**EVE, "email": "nobody"}),
        ("customers", {**EVE, "first_name": "x" * 101}),
        ("services", {**CUT, "duration": 0}),
        ("services", {**CUT, "price": None}),
        ("resources", {**ANN, "type": "GHOST\x1b[31m"}),
    ],
)
def test_what_has_no_right_shape_is_named_and_nothing_is_written(
    thing: str, odd: dict[str, Any], smoothbox: Smoothbox, token: Path
) -> None:
    with serving(by_path({**good(), thing: page(odd)})) as (url, _):
        ended = pull(smoothbox, url, token)
        left_out = pull(smoothbox, url, token, "--skip-refused")
    assert ended.status == 5
    assert "--skip-refused" in ended.complaint["hint"]
    first = ended.answer["refused"][0]
    assert (first["what"], first["id"]) == (thing[:-1], odd["id"])
    assert first["reason"].isprintable()
    assert not ended.answer["is_written"]
    assert left_out.status == 0
    assert left_out.answer["is_written"]
    assert held(smoothbox)[thing] == 0


def test_a_dry_run_changes_nothing(smoothbox: Smoothbox, token: Path) -> None:
    with serving(by_path(good())) as (url, _):
        ended = pull(smoothbox, url, token, "--dry-run")
    assert (ended.status, ended.answer["is_written"], held(smoothbox)) == (0, False, EMPTY)
    assert ended.answer["counts"]["bookings"]["created"] == 1


def test_people_see_a_table_and_what_was_refused(smoothbox: Smoothbox, token: Path) -> None:
    visits = [{**VISIT, "id": n, "status": "SCHEDULED"} for n in range(1, 30)]
    with serving(by_path({**good(), "bookings": page(*visits)})) as (url, _):
        ended = smoothbox("import", "smoothschedule", "acme", "--live", "--url", url, "--token-file", str(token))
    assert ended.status == 5
    assert "bookings   1        0        0          28" in ended.out
    assert "Refused booking 2: Ann has another booking or a hold at its time, 2020-01-06T14:00Z." in ended.out
    assert "… and 8 more" in ended.out
    assert "28 things cannot be taken over, and nothing was written." in ended.err


def test_the_token_may_come_in_three_ways_and_one_of_them_is_warned_of(smoothbox: Smoothbox, token: Path) -> None:
    words = ("import", "smoothschedule", "acme", "--live")
    with serving(by_path(good())) as (url, asked):
        by_file = smoothbox(*words, "--url", url, "--token-file", str(token), env={"SMOOTHSCHEDULE_TOKEN": "another"})
        by_variable = smoothbox(*words, "--url", url, env={"SMOOTHSCHEDULE_TOKEN": "of_the_environment"})
        said = smoothbox(*words, "--url", url, "--token", "said")
    assert [by_file.status, by_variable.status, said.status] == [0, 0, 0]
    assert list(dict.fromkeys(asked.tokens)) == ["Bearer ss_live_x", "Bearer of_the_environment", "Bearer said"]
    assert "list of processes" in said.err
    assert "list of processes" not in by_file.err + by_variable.err


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ((), "Say where the token is"),
        (("--token", "x", "--token-file", "{token}"), "Say either --token-file or --token"),
        (("--token", "two words"), "That is no token"),
        (("--token-file", "/nowhere"), "No such file"),
    ],
)
def test_a_token_that_is_not_said_well_is_refused(
    words: tuple[str, ...], sentence: str, smoothbox: Smoothbox, token: Path
) -> None:
    said = [word.format(token=token) for word in words]
    ended = smoothbox("import", "smoothschedule", "acme", "--live", "--url", "https://acme.example", *said)
    assert ended.status == 2
    assert sentence in ended.err


def test_a_tenant_and_a_mode_have_to_be_there(smoothbox: Smoothbox, token: Path) -> None:
    words = ("--url", "https://acme.example", "--token-file", str(token))
    assert smoothbox("import", "smoothschedule", "nobody", "--live", *words).status == 4
    assert smoothbox("import", "smoothschedule", "acme", *words).status == 2
    assert smoothbox("import", "smoothschedule", "acme", "--live", "--url", "http://acme.example", *words[2:]).status == 2

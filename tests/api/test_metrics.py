"""/metrics: who may see the figures, what they say, and what they never say."""

import re
import subprocess
import sys
from dataclasses import replace

import pytest
from prometheus_client.parser import text_string_to_metric_families
from tornado.httpclient import AsyncHTTPClient

from smoothbox.api.auth import challenge
from smoothbox.errors import Problem
from smoothbox.settings import Limits, Server, Settings
from tests.box import Client, RunningBox
from tests.conftest import ROOMY

pytestmark = pytest.mark.gen_test

TOKEN = "the-figures-of-this-box"
Labels = tuple[tuple[str, str], ...]


@pytest.fixture
def settings() -> Settings:
    """A proxy on this machine is trusted, and there is a token."""
    server = replace(ROOMY.server, trusted_proxies=("127.0.0.0/8",), metrics_token=TOKEN)
    return replace(ROOMY, server=server, limits=Limits(hourly=1000, burst=1000, failed_auth=2))


@pytest.fixture
def anybody(box: RunningBox) -> Client:
    """Who has no token."""
    return Client(box.url, None)


async def page(box: RunningBox) -> str:
    """The figures as they are sent."""
    answer = await AsyncHTTPClient().fetch(f"{box.url}/metrics")
    assert answer.headers["Content-Type"].startswith("text/plain; version=")
    return answer.body.decode()


async def figures(box: RunningBox) -> dict[tuple[str, Labels], float]:
    """The figures as Prometheus reads them."""
    families = text_string_to_metric_families(await page(box))
    return {(each.name, tuple(sorted(each.labels.items()))): each.value for family in families for each in family.samples}


def answered(found: dict[tuple[str, Labels], float], method: str, route: str, status: int) -> float:
    labels = (("method", method), ("route", route), ("status", str(status)))
    return found.get(("smoothbox_requests_total", labels), 0)


async def test_requests_are_counted_by_pattern_and_status(box: RunningBox, api: Client) -> None:
    await api.get("services/")
    await api.get("services/1/")
    await api.get("services/2/")
    await api.get("services/999/")
    found = await figures(box)
    assert answered(found, "GET", "services/", 200) == 1
    assert answered(found, "GET", "services/<id>/", 200) == 2
    assert answered(found, "GET", "services/<id>/", 404) == 1
    assert found["smoothbox_request_seconds_count", (("method", "GET"), ("route", "services/<id>/"))] == 3


async def test_a_duration_is_in_every_bucket_that_it_fits(box: RunningBox, api: Client) -> None:
    await api.get("services/")
    found = await figures(box)
    for edge in ("0.001", "10.0", "+Inf"):
        labels = (("le", edge), ("method", "GET"), ("route", "services/"))
        assert found["smoothbox_request_seconds_bucket", labels] == 1  # the clock stands still


async def test_pages_are_counted_too(box: RunningBox, anybody: Client) -> None:
    await anybody.get("/console/login/")
    await anybody.get("/nowhere/at/all/")
    found = await figures(box)
    assert answered(found, "GET", "/console/login/", 200) == 1
    assert answered(found, "GET", "-", 404) == 1


async def test_a_method_that_nobody_knows_makes_no_label(box: RunningBox, anybody: Client) -> None:
    for method in ("BREW", "FROB"):
        await anybody.send(method, "/tenant-api/v1/services/")
    found = await figures(box)
    assert answered(found, "other", "services/", 405) == 2
    assert "BREW" not in await page(box)


async def test_no_label_tells_of_a_tenant_or_an_object(box: RunningBox, api: Client) -> None:
    await api.get("services/1/")
    await api.get("customers/?search=jane")
    await api.get("/ical/abc/calendar.ics")
    text = await page(box)
    for secret in ("acme", "rival", "jane", "services/1", "abc", api.token or "-"):
        assert secret not in text
    names = {name for line in text.splitlines() if "{" in line for name in re.findall(r'(\w+)="', line)}
    assert names <= {"method", "route", "status", "le", "limit", "outcome", "answer", "version", "python", "sqlite"}


async def test_refusals_by_limits_are_counted(box: RunningBox, anybody: Client) -> None:
    narrow = box.client(hourly=100, burst=1)
    assert [(await narrow.get("services/")).status for _ in range(3)] == [200, 429, 429]
    wrong = Client(box.url, "ss_live_wrong")
    assert [(await wrong.get("services/")).status for _ in range(3)] == [401, 401, 429]
    found = await figures(box)
    assert found["smoothbox_rate_limited_total", (("limit", "burst"),)] == 2
    assert found["smoothbox_rate_limited_total", (("limit", "hour"),)] == 0
    assert found["smoothbox_rate_limited_total", (("limit", "failed_auth"),)] == 1


async def test_the_state_of_the_box_is_there(box: RunningBox, api: Client) -> None:
    await api.get("services/")
    found = await figures(box)
    assert found["smoothbox_open_data_files", ()] == 1
    assert found["smoothbox_writes_waiting", ()] == found["smoothbox_registry_writes_waiting", ()] == 0
    assert found["smoothbox_requests_in_flight", ()] == 1  # this one
    assert found["smoothbox_clock_jumps_total", ()] == 0
    assert found["process_open_fds", ()] > 3
    assert found["process_resident_memory_bytes", ()] > 1_000_000
    (build,) = (dict(labels) for name, labels in found if name == "smoothbox_build_info")
    assert build.keys() == {"version", "python", "sqlite"}


async def test_attempts_of_webhooks_are_counted_by_outcome(box: RunningBox) -> None:
    box.app.dispatcher.attempts["retry", "timeout"] += 1
    found = await figures(box)
    assert found["smoothbox_webhook_attempts_total", (("answer", "timeout"), ("outcome", "retry"))] == 1
    assert found["smoothbox_webhook_attempts_under_way", ()] == found["smoothbox_webhook_files_waiting", ()] == 0


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Real-IP", "X-Forwarded-Proto", "Via", "Origin"])
async def test_what_comes_through_a_proxy_is_not_this_machine(anybody: Client, header: str) -> None:
    answer = await anybody.send("GET", "/metrics", headers={header: "127.0.0.1"})
    assert (answer.status, answer.code) == (403, "forbidden")


async def test_the_token_opens_it_to_others(anybody: Client) -> None:
    through_a_proxy = {"X-Forwarded-For": "203.0.113.9"}
    right = {**through_a_proxy, "Authorization": f"Bearer {TOKEN}"}
    assert (await anybody.send("GET", "/metrics", headers=right)).status == 200


async def test_a_wrong_token_is_refused_even_from_here(anybody: Client) -> None:
    for wrong in ("x", TOKEN[:-1], TOKEN + "x", "\u00fc"):
        answer = await anybody.send("GET", "/metrics", headers={"Authorization": f"Bearer {wrong}"})
        assert (answer.status, answer.code) == (401, "invalid_token")
        assert answer.headers["WWW-Authenticate"] == challenge(Problem("invalid_token"))["WWW-Authenticate"]


async def test_a_token_of_a_tenant_is_none_for_the_figures(api: Client) -> None:
    assert (await api.send("GET", "/metrics")).status == 401


def test_the_token_shows_in_no_repr() -> None:
    assert TOKEN not in repr(Settings(server=Server(metrics_token=TOKEN)))


def test_a_box_that_nobody_watches_does_not_load_what_draws_the_figures() -> None:
    script = "import sys, smoothbox.serving; sys.exit('prometheus_client' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0

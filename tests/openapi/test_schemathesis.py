"""Schemathesis tries to find a promise of the document that the running box does not keep."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from smoothbox.api.routes import ROUTES
from smoothbox.contract.scopes import SCOPES
from tests.box import CATALOGUE
from tests.process.server import Server, make_box, smoothbox

# positive_data_acceptance would take every booking that a rule of the business refuses for a fault of the document.
CONFIGURATION = """
[checks.negative_data_rejection]
expected-statuses = [400, 401, 403, 404, 405, 409, 413, 415, 422, 429]
[checks.positive_data_acceptance]
enabled = false
"""
WIDE = ("--hourly", "100000000", "--burst", "100000000")


@pytest.mark.slow
@pytest.mark.timeout(170)
def test_it_finds_nothing(tmp_path: Path) -> None:
    data, configuration = tmp_path / "data", tmp_path / "schemathesis.toml"
    configuration.write_text(CONFIGURATION, "utf-8")
    make_box(data, CATALOGUE)
    scopes = ("--test", "--scopes", ",".join(SCOPES))
    token = json.loads(smoothbox(data, "--json", "token", "create", "acme", "--name", "t", *scopes, *WIDE).stdout)["token"]
    with Server(data, limits_failed_auth="1000000", webhooks_allow_cidrs="127.0.0.0/8") as server:
        program = [str(Path(sys.executable).with_name("schemathesis")), "--config-file", str(configuration), "run"]
        document = f"{server.url}/tenant-api/v1/openapi.json"
        bounds = ["--max-examples", "4", "--seed", "1", "--no-shrink", "--continue-on-failure", "--warnings", "off"]
        command = [*program, document, "--header", f"Authorization: Bearer {token}", *bounds]
        ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=150, check=False)
    told = "\n".join(line[:300] for line in ran.stdout.splitlines()[-80:])
    assert ran.returncode == 0, told
    assert f"Tested: {sum(map(len, ROUTES.values()))}" in ran.stdout, told
    assert "No issues found" in ran.stdout, told

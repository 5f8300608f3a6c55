"""`smoothbox serve` and `status`: a real server in a process of its own."""

import json
import platform
import signal
import socket
from pathlib import Path
from urllib.request import urlopen

import smoothbox as package
from tests.cli.conftest import Smoothbox
from tests.cli.process import run, serving


def call(url: str) -> int:
    try:
        with urlopen(url) as answer:
            status: int = answer.status
            return status
    except OSError as error:
        return int(getattr(error, "code", 0))


def test_it_says_where_it_answers_and_nothing_else_and_leaves_no_trace(smoothbox: Smoothbox) -> None:
    announcement = smoothbox.data_dir / "serve.json"
    with serving("--data-dir", str(smoothbox.data_dir), "serve", "--port", "0") as (process, url):
        assert call(f"{url}/tenant-api/v1/business/") == 401
        assert json.loads(announcement.read_text()) == {"pid": process.pid, "url": url}
        assert smoothbox.json("status") == {
            "data_dir": str(smoothbox.data_dir),
            "running": True,
            "url": url,
            "pid": process.pid,
            "tenants": {"active": 2, "disabled": 0},
        }
        process.send_signal(signal.SIGINT)
        assert process.stdout is not None
        assert process.stdout.read() == ""
        assert process.wait(timeout=60) == 0
    assert not announcement.exists()


def test_a_line_to_try_a_token_names_the_server_that_runs(smoothbox: Smoothbox) -> None:
    with serving("--data-dir", str(smoothbox.data_dir), "serve", "--port", "0") as (_, url):
        ended = smoothbox.done("token", "create", "acme", "--name", "crm", "--live", "--all-scopes")
        assert f"{url}/tenant-api/v1/business/" in ended.err


def test_a_second_server_of_one_folder_is_refused_with_the_pid_of_the_first(smoothbox: Smoothbox) -> None:
    with serving("--data-dir", str(smoothbox.data_dir), "serve", "--port", "0") as (process, url):
        second = run("--data-dir", str(smoothbox.data_dir), "--json", "serve", "--port", "0")
        assert second.returncode == 5
        assert str(process.pid) in json.loads(second.stderr)["message"]
        assert json.loads(second.stderr)["hint"] == f"smoothbox --data-dir {smoothbox.data_dir} status"
        assert call(f"{url}/tenant-api/v1/business/") == 401


def test_a_port_that_is_taken_ends_5(smoothbox: Smoothbox) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ended = run("--data-dir", str(smoothbox.data_dir), "serve", "--port", str(port))
    assert ended.returncode == 5
    assert f"Cannot listen on 127.0.0.1:{port}" in ended.stderr


def test_a_port_beyond_all_ports_is_a_usage_error(smoothbox: Smoothbox) -> None:
    assert smoothbox("serve", "--port", "65536").status == 2


def test_a_box_that_nobody_serves_is_no_failure(smoothbox: Smoothbox) -> None:
    smoothbox.done("tenant", "disable", "rival")
    answer = smoothbox.json("status")
    assert (answer["running"], answer["url"], answer["pid"]) == (False, None, None)
    assert answer["tenants"] == {"active": 1, "disabled": 1}
    ended = smoothbox.done("status")
    assert "not running" in ended.out
    assert f"smoothbox --data-dir {smoothbox.data_dir} serve" in ended.err


def test_what_a_killed_server_left_behind_does_not_count(smoothbox: Smoothbox) -> None:
    with serving("--data-dir", str(smoothbox.data_dir), "serve", "--port", "0") as (process, _):
        process.kill()
        process.wait(timeout=60)
        assert (smoothbox.data_dir / "serve.json").exists()
        assert smoothbox.json("status")["running"] is False
    (smoothbox.data_dir / "serve.json").write_text("{")
    assert smoothbox.json("status")["running"] is False


def test_version_says_what_runs_here(bare: Smoothbox, tmp_path: Path) -> None:
    answer = bare.json("version")
    assert answer["smoothbox"] == package.__version__
    assert answer["python"] == platform.python_version()
    assert answer["sqlite"].count(".") == 2
    assert bare.done("--version").out == f"smoothbox {package.__version__}\n"
    assert not list(tmp_path.iterdir())

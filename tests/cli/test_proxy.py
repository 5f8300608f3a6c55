"""`smoothbox proxy`: files that Caddy and nginx take. That they work before a box: tests/process/test_proxies.py."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.cli.conftest import Smoothbox
from tests.cli.process import CHECKOUT

needs_nginx = pytest.mark.skipif(shutil.which("nginx") is None, reason="nginx is not here")
needs_caddy = pytest.mark.skipif(shutil.which("caddy") is None, reason="caddy is not here")


def with_certificate(smoothbox: Smoothbox, text: str) -> str:
    """The file with a certificate that is there."""
    if not (smoothbox.data_dir / "tls").exists():
        smoothbox.done("cert", "create")
    tls = smoothbox.data_dir / "tls"
    for name in ("api.example.com", "example.com"):
        text = text.replace(f"/etc/letsencrypt/live/{name}/fullchain.pem", str(tls / "cert.pem"))
        text = text.replace(f"/etc/letsencrypt/live/{name}/privkey.pem", str(tls / "key.pem"))
    return text


def nginx_takes(folder: Path, site: str) -> None:
    """On ports that take no root: it tries them."""
    (folder / "site.conf").write_text(re.sub(r"(listen (?:\[::\]:)?)(443|80)\b", r"\g<1>18\2", site))
    main = f"pid {folder}/pid;\nerror_log stderr;\nevents {{}}\nhttp {{\naccess_log off;\ninclude {folder}/site.conf;\n}}\n"
    (folder / "nginx.conf").write_text(main)
    ended = subprocess.run(
        ["nginx", "-t", "-q", "-p", str(folder), "-c", "nginx.conf", "-e", "stderr"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ended.returncode, ended.stderr) == (0, "")


def caddy_takes(folder: Path, site: str) -> None:
    (folder / "Caddyfile").write_text(site)
    command = ["caddy", "validate", "--adapter", "caddyfile", "--config", str(folder / "Caddyfile")]
    environment = {"HOME": str(folder), "PATH": "/usr/bin:/bin"}
    ended = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert ended.returncode == 0, ended.stderr
    assert "not formatted" not in ended.stderr


@needs_nginx
@pytest.mark.parametrize("words", [(), ("--host", "api.example.com", "--host", "box.example.com")], ids=["one", "several"])
def test_nginx_takes_what_is_printed_for_it(smoothbox: Smoothbox, tmp_path: Path, words: tuple[str, ...]) -> None:
    nginx_takes(tmp_path, with_certificate(smoothbox, smoothbox.done("proxy", "nginx", *words).out))


@needs_nginx
def test_nginx_takes_the_example_of_two_boxes(smoothbox: Smoothbox, tmp_path: Path) -> None:
    nginx_takes(tmp_path, with_certificate(smoothbox, (CHECKOUT / "config" / "nginx-two-boxes.conf").read_text()))


@needs_caddy
@pytest.mark.parametrize("words", [(), ("--host", "api.example.com", "--host", "box.example.com")], ids=["one", "several"])
def test_caddy_takes_what_is_printed_for_it(smoothbox: Smoothbox, tmp_path: Path, words: tuple[str, ...]) -> None:
    caddy_takes(tmp_path, smoothbox.done("proxy", "caddy", *words).out)


@needs_caddy
def test_caddy_takes_the_example_of_two_boxes(smoothbox: Smoothbox, tmp_path: Path) -> None:
    caddy_takes(tmp_path, with_certificate(smoothbox, (CHECKOUT / "config" / "Caddyfile.two-boxes").read_text()))


@pytest.mark.parametrize(("kind", "address"), [("caddy", "reverse_proxy [::1]:9000 {"), ("nginx", "server [::1]:9000;")])
def test_it_leads_to_where_the_settings_say_that_the_box_listens(smoothbox: Smoothbox, kind: str, address: str) -> None:
    Path("smoothbox.toml").write_text('[server]\nhost = "::"\nport = 9000\n')
    assert address in smoothbox.done("proxy", kind).out


def test_a_box_that_takes_larger_bodies_gets_them(smoothbox: Smoothbox) -> None:
    Path("smoothbox.toml").write_text("[server]\nmax_body_bytes = 1000000\n")
    assert "client_max_body_size 4000000;" in smoothbox.done("proxy", "nginx").out


@pytest.mark.parametrize(
    ("kind", "line"), [("caddy", "box.example.com, *.example.com {"), ("nginx", " box.example.com *.example.com;")]
)
def test_without_hosts_those_of_the_settings_count(smoothbox: Smoothbox, kind: str, line: str) -> None:
    Path("smoothbox.toml").write_text('[server]\npublic_url = "https://box.example.com"\nbase_domain = "example.com"\n')
    printed = smoothbox.done("proxy", kind).out
    assert line in printed
    assert "api.example.com" not in printed


def test_what_the_box_has_to_believe_is_said_and_taken_by_it(smoothbox: Smoothbox) -> None:
    ended = smoothbox.done("proxy", "caddy", "--host", "Box.example.com")
    lines = ended.err.partition(":\n")[2]
    assert lines == '[server]\ntrusted_proxies = ["127.0.0.1/32", "::1/128"]\npublic_url = "https://box.example.com"\n'
    Path("smoothbox.toml").write_text(lines)
    assert "box.example.com {" in smoothbox.done("proxy", "caddy").out


def test_a_box_on_another_machine_does_not_believe_everybody(smoothbox: Smoothbox) -> None:
    Path("smoothbox.toml").write_text('[server]\nhost = "10.0.0.11"\n')
    ended = smoothbox.done("proxy", "nginx")
    assert "server 10.0.0.11:8080;" in ended.out
    assert 'trusted_proxies = ["ADDRESS-OF-THE-PROXY/32"]' in ended.err


def test_a_box_that_speaks_tls_itself_is_a_matter_of_configuration(smoothbox: Smoothbox) -> None:
    Path("smoothbox.toml").write_text('[server]\ntls_cert = "a"\ntls_key = "b"\n')
    ended = smoothbox("proxy", "nginx")
    assert ended.status == 3
    assert "server.tls_cert is set" in ended.err


def test_what_is_no_host_is_refused(smoothbox: Smoothbox) -> None:
    for kind in ("caddy", "nginx"):
        ended = smoothbox("proxy", kind, "--host", "a;}")
        assert (ended.status, ended.out) == (2, "")

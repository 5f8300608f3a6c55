"""`smoothbox cert`: a certificate of one's own. That clients take it: tests/process/test_tls.py."""

import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from tests.cli.conftest import Smoothbox
from tests.cli.process import run


def made(smoothbox: Smoothbox) -> x509.Certificate:
    """The certificate in the data folder."""
    return x509.load_pem_x509_certificate((smoothbox.data_dir / "tls" / "cert.pem").read_bytes())


def names(certificate: x509.Certificate) -> list[str]:
    """All that it is good for."""
    return [str(each.value) for each in certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value]


def test_it_is_good_for_its_hosts_and_this_machine_and_says_what_to_set(smoothbox: Smoothbox) -> None:
    ended = smoothbox.done("cert", "create", "--host", "Box.Example.COM.", "--host", "192.0.2.7", "--host", "[2001:DB8::1]")
    certificate = made(smoothbox)
    assert names(certificate) == ["box.example.com", "192.0.2.7", "2001:db8::1", "localhost", "127.0.0.1", "::1"]
    assert certificate.subject.rfc4514_string() == "CN=box.example.com"
    assert "box.example.com" in ended.out
    folder = smoothbox.data_dir / "tls"
    assert f'[server] in smoothbox.toml:\ntls_cert = "{folder}/cert.pem"\ntls_key = "{folder}/key.pem"\n' in ended.err


def test_it_is_an_elliptic_curve_of_today_for_the_days_that_were_asked_for(smoothbox: Smoothbox) -> None:
    smoothbox.done("cert", "create", "--days", "30")
    certificate = made(smoothbox)
    key = certificate.public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey)
    assert isinstance(key.curve, ec.SECP256R1)
    left = certificate.not_valid_after_utc - datetime.now(UTC)
    assert timedelta(days=29, hours=23) < left <= timedelta(days=30)
    assert certificate.not_valid_before_utc < datetime.now(UTC) - timedelta(minutes=55)


def test_the_key_is_for_its_owner_alone(tmp_path: Path) -> None:
    assert run("--data-dir", str(tmp_path / "box"), "init").returncode == 0
    assert run("--data-dir", str(tmp_path / "box"), "cert", "create").returncode == 0
    folder = tmp_path / "box" / "tls"
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (folder, *folder.iterdir())}
    assert modes == {"tls": 0o700, "cert.pem": 0o600, "key.pem": 0o600}
    assert run("--data-dir", str(tmp_path / "box"), "--json", "doctor").returncode == 0


def test_without_hosts_those_of_the_settings_count(smoothbox: Smoothbox) -> None:
    Path("smoothbox.toml").write_text('[server]\npublic_url = "https://api.example.com:8443"\nbase_domain = "example.com"\n')
    smoothbox.done("cert", "create")
    assert names(made(smoothbox))[:2] == ["api.example.com", "*.example.com"]


def test_a_name_in_another_script_is_written_as_the_domain_name_system_has_it(smoothbox: Smoothbox) -> None:
    smoothbox.done("cert", "create", "--host", "bücher.example")
    assert names(made(smoothbox))[0] == "xn--bcher-kva.example"


@pytest.mark.parametrize("host", ["a b", "", "*", "a..b", "-a.example", "https://a.example", "1.2.3.4.5", "a.*.example", "a_b"])
def test_what_is_no_host_is_refused_and_nothing_is_made(smoothbox: Smoothbox, host: str) -> None:
    ended = smoothbox("cert", "create", "--host", host)
    assert ended.status == 2
    assert f"'{host}' is no host" in ended.err
    assert not (smoothbox.data_dir / "tls").exists()


def test_the_one_that_is_there_is_replaced_only_on_request(smoothbox: Smoothbox) -> None:
    smoothbox.done("cert", "create")
    before = made(smoothbox)
    ended = smoothbox("cert", "create", "--host", "box.example.com")
    assert ended.status == 5
    assert "Hint: Add --replace" in ended.err
    assert made(smoothbox) == before
    smoothbox.done("cert", "create", "--replace")
    assert made(smoothbox) != before


def test_a_key_without_a_certificate_is_not_lost_either(smoothbox: Smoothbox) -> None:
    (smoothbox.data_dir / "tls").mkdir()
    (smoothbox.data_dir / "tls" / "key.pem").write_text("mine")
    assert smoothbox("cert", "create").status == 5
    assert (smoothbox.data_dir / "tls" / "key.pem").read_text() == "mine"


def test_show_tells_of_the_one_that_the_settings_name(smoothbox: Smoothbox, tmp_path: Path) -> None:
    created = smoothbox.json("cert", "create", "--host", "box.example.com")
    elsewhere = (smoothbox.data_dir / "tls").rename(tmp_path / "elsewhere") / "cert.pem"
    ended = smoothbox("cert", "show")
    assert ended.status == 4
    assert "cert create" in ended.err
    Path("smoothbox.toml").write_text(f'[server]\ntls_cert = "{elsewhere}"\ntls_key = "{elsewhere.with_name("key.pem")}"\n')
    shown = smoothbox.json("cert", "show")
    assert shown == {name: created[name] for name in shown} | {"certificate": str(elsewhere)}
    assert shown["self_signed"] is True
    assert shown["ends"].endswith("Z")


def test_show_says_that_a_file_is_no_certificate(smoothbox: Smoothbox, tmp_path: Path) -> None:
    (wrong := tmp_path / "wrong.pem").write_text("wrong")
    ended = smoothbox("cert", "show", env={"SMOOTHBOX_SERVER_TLS_CERT": str(wrong)})
    assert ended.status == 1
    assert f"{wrong} is no certificate" in ended.err


def test_without_a_box_none_is_made(bare: Smoothbox) -> None:
    assert bare("cert", "create").status == 4


def test_a_backup_and_what_becomes_of_it_leave_the_certificate_alone(smoothbox: Smoothbox, tmp_path: Path) -> None:
    """It belongs to the machine: a backup has none of it, and a restore lets the one be that is there."""
    smoothbox.done("cert", "create")
    backup = Path(smoothbox.json("backup", "create")["path"])
    assert not [*backup.rglob("*.pem")]
    new = Smoothbox(tmp_path / "new")
    new.data_dir.mkdir(mode=0o700)
    (smoothbox.data_dir / "tls").rename(new.data_dir / "tls")
    new.done("restore", str(backup))
    assert (new.data_dir / "tls" / "cert.pem").exists()

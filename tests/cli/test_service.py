"""`smoothbox service`: units that systemd takes, that open little, and that name what is here."""

import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Smoothbox
from tests.cli.process import CHECKOUT

needs_systemd = pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not here")

UNITS = Path("etc/systemd/system")


def values(unit: str) -> dict[str, list[str]]:
    """What a unit says, by key."""
    said: dict[str, list[str]] = {}
    for line in unit.splitlines():
        name, is_pair, value = line.partition("=")
        if is_pair and not line.startswith("#"):
            said.setdefault(name, []).append(value)
    return said


def printed(smoothbox: Smoothbox, *words: str) -> dict[str, list[str]]:
    return values(smoothbox.done("service", "print", *words).out)


@pytest.fixture
def unnamed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody has named a data folder."""
    monkeypatch.delenv("SMOOTHBOX_DATA_DIR", raising=False)


def analyze(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["systemd-analyze", *words], capture_output=True, text=True, timeout=60, check=False)


@needs_systemd
def test_what_the_service_may_do_is_little(smoothbox: Smoothbox, tmp_path: Path) -> None:
    (unit := tmp_path / "smoothbox.service").write_text(smoothbox.done("service", "print").out)
    ended = analyze("security", "--offline=yes", "--threshold=20", str(unit))
    assert ended.returncode == 0, ended.stdout
    opened = unit.read_text().replace("ProtectSystem=strict", "").replace("CapabilityBoundingSet=", "")
    unit.write_text(opened.replace("SystemCallFilter=", "#"))
    assert analyze("security", "--offline=yes", "--threshold=20", str(unit)).returncode != 0  # it would have been found


@needs_systemd
def test_systemd_understands_every_line_of_both_units(smoothbox: Smoothbox, tmp_path: Path) -> None:
    smoothbox.done("service", "install", "--socket", "--root", str(tmp_path / "image"))
    paths = [str(tmp_path / "image" / UNITS / name) for name in ("smoothbox.service", "smoothbox.socket")]
    ended = analyze("verify", *paths)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert stat.S_IMODE(Path(paths[0]).stat().st_mode) == 0o644


def test_it_names_this_program_and_the_folder_of_services(bare: Smoothbox, unnamed: None) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "smoothbox", "service", "print"], cwd=CHECKOUT, capture_output=True, text=True, check=True
    )
    unit = values(ended.stdout)
    assert unit["ExecStart"] == [f"{sys.executable} -m smoothbox --data-dir /var/lib/smoothbox serve"]
    assert unit["WorkingDirectory"] == ["/var/lib/smoothbox"]
    assert (unit["StateDirectory"], unit["StateDirectoryMode"]) == (["smoothbox"], ["0700"])
    assert (unit["User"], unit["Type"], unit["UMask"]) == (["smoothbox"], ["notify"], ["0077"])
    assert "ReadWritePaths" not in unit


def test_a_data_folder_elsewhere_is_what_it_may_write_to(smoothbox: Smoothbox) -> None:
    unit = printed(smoothbox)
    assert f"--data-dir {smoothbox.data_dir} serve" in unit["ExecStart"][0]
    assert unit["ReadWritePaths"] == [str(smoothbox.data_dir)]
    assert "StateDirectory" not in unit


def test_what_the_settings_name_outside_the_folder_may_be_written_to_as_well(smoothbox: Smoothbox) -> None:
    Path("smoothbox.toml").write_text(
        '[backup]\ndirectory = "/mnt/two words"\n[log]\nfile = "/var/log/smoothbox/log"\n[server]\ndrain_seconds = 45.0\n'
    )
    unit = printed(smoothbox)
    assert unit["ReadWritePaths"] == [f'{smoothbox.data_dir} "-/mnt/two words" -/var/log/smoothbox']
    assert int(unit["TimeoutStopSec"][0]) > 2 * 45
    assert int(unit["WatchdogSec"][0]) >= int(unit["TimeoutStopSec"][0])


def test_a_settings_file_that_was_named_is_named_to_the_service(smoothbox: Smoothbox, tmp_path: Path) -> None:
    (named := tmp_path / "box.toml").touch()
    unit = values(smoothbox.done("--config", "box.toml", "service", "print").out)
    assert f"--config {named} " in unit["ExecStart"][0]


@needs_systemd
def test_names_with_odd_signs_reach_the_program_as_they_are(tmp_path: Path) -> None:
    odd = Smoothbox(tmp_path / 'a $b 100% "c"')
    odd.data_dir.mkdir()
    unit = printed(odd)
    assert unit["ExecStart"][0].endswith(f'--data-dir "{tmp_path}/a $$b 100%% \\"c\\"" serve')
    (path := tmp_path / "smoothbox.service").write_text(odd.done("service", "print").out)
    ended = analyze("verify", str(path))
    assert (ended.returncode, ended.stderr) == (0, "")


@pytest.mark.parametrize(
    ("server", "listens"), [("", "127.0.0.1:8080"), ('[server]\nhost = "::"\nport = 443\n', "[::]:443")], ids=["here", "all"]
)
def test_the_socket_is_where_the_settings_say(smoothbox: Smoothbox, server: str, listens: str) -> None:
    Path("smoothbox.toml").write_text(server)
    assert printed(smoothbox, "--socket")["ListenStream"] == [listens]


def test_a_program_that_the_service_could_not_see_is_named(bare: Smoothbox) -> None:
    hidden = Smoothbox(Path("/home/jane/data"))
    assert "Warning: the service cannot see /home/jane/data: homes are hidden from it." in hidden.done("service", "print").err


def test_install_replaces_its_own_and_uninstall_removes_that(smoothbox: Smoothbox, tmp_path: Path) -> None:
    root = ("--root", str(tmp_path / "image"))
    smoothbox.done("service", "install", *root)
    written = smoothbox.json("service", "install", "--socket", "--user", "jane", *root)["written"]
    assert written == [str(tmp_path / "image" / UNITS / name) for name in ("smoothbox.service", "smoothbox.socket")]
    assert values(Path(written[0]).read_text())["User"] == ["jane"]
    assert stat.S_IMODE((tmp_path / "image" / "etc").stat().st_mode) == 0o755
    assert smoothbox.json("service", "uninstall", *root) == {"removed": written}
    assert not [*(tmp_path / "image" / UNITS).iterdir()]
    assert smoothbox("service", "uninstall", *root).status == 4


def test_what_somebody_else_wrote_is_left_alone(smoothbox: Smoothbox, tmp_path: Path) -> None:
    root = ("--root", str(tmp_path / "image"))
    folder = tmp_path / "image" / UNITS
    folder.mkdir(parents=True)
    (foreign := folder / "smoothbox.socket").write_text("[Socket]\n")
    ended = smoothbox("service", "install", "--socket", *root)
    assert ended.status == 5
    assert f"{foreign} is there already, and not written by 'service install'." in ended.err
    assert [*folder.iterdir()] == [foreign]
    smoothbox.done("service", "install", *root)
    smoothbox.done("service", "uninstall", *root)
    assert [*folder.iterdir()] == [foreign]


def test_a_service_that_is_enabled_is_not_taken_from_under_systemd(smoothbox: Smoothbox, tmp_path: Path) -> None:
    root = ("--root", str(tmp_path / "image"))
    smoothbox.done("service", "install", *root)
    wants = tmp_path / "image" / UNITS / "multi-user.target.wants"
    wants.mkdir()
    (wants / "smoothbox.service").symlink_to("../smoothbox.service")
    ended = smoothbox("service", "uninstall", *root)
    assert ended.status == 5
    assert "Hint: systemctl disable --now smoothbox.service smoothbox.socket" in ended.err
    assert (tmp_path / "image" / UNITS / "smoothbox.service").exists()


def test_without_root_the_way_to_get_it_is_named(bare: Smoothbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    for verb in ("install", "uninstall"):
        ended = bare("service", verb)
        assert ended.status == 6
        assert f"Hint: sudo smoothbox --data-dir {bare.data_dir} service {verb}" in ended.err

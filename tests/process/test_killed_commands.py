"""Commands that are killed at any moment: nothing half-written counts, and the same command works when it is run again."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from smoothbox.clock import Clock
from smoothbox.ids import MODES
from smoothbox.keyring_file import load_keyring
from smoothbox.operations import tenants
from smoothbox.store.folder import DataFolder, open_box, open_tenant
from smoothbox.upkeep import resealing
from tests.process.server import smoothbox

ROUNDS = 3


@pytest.fixture(scope="module")
def box(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A box with a tenant that has a webhook, beside a backup and an archive of it."""
    home = tmp_path_factory.mktemp("killed") / "box"
    smoothbox(home, "init")
    smoothbox(home, "tenant", "create", "acme", "--name", "Acme", "--timezone", "UTC", "--currency", "EUR")
    smoothbox(home, "webhook", "create", "acme", "--url", "https://example.com/", "--events", "*", "--ed25519", "--live")
    smoothbox(home, "backup", "create", "--with-keyring", "--directory", str(home.with_name("backups")))
    made = smoothbox(home, "--json", "tenant", "export", "acme", "--output", str(home.with_name("archive")))
    home.with_name("key").write_text(json.loads(made.stdout)["key"])
    return home


def killed_after(seconds: float, data: Path, words: Sequence[str]) -> None:
    command = [sys.executable, "-m", "smoothbox", "--yes", "--data-dir", str(data), *words]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)


def copied(box: Path, to: Path) -> Path:
    subprocess.run(["cp", "-r", str(box), str(to)], check=True)  # a process that opens data files itself is refused here
    return to


def sound_slugs(data: Path) -> list[str]:
    """The tenants of a box of which every secret opens; no folder is without a tenant."""
    folder = DataFolder(data)
    keyring = load_keyring(folder.keyring)
    with open_box(folder, Clock()) as registry:
        listed = registry.read(tenants.list_all)
    for tenant in listed:
        for mode in MODES:
            with open_tenant(folder, tenant.folder, mode, Clock()) as file:
                assert not file.read(resealing.unreadable, keyring.vault(tenant.folder, mode))
    return [tenant.slug for tenant in listed]


def words_of(box: Path, what: str) -> Sequence[str]:
    (backup,) = (str(path) for path in box.with_name("backups").iterdir() if path.name != ".lock")
    return {
        "one tenant": ("restore", backup, "--tenant", "acme", "--as", "again"),
        "in its place": ("restore", backup, "--tenant", "acme", "--replace"),
        "from elsewhere": ("tenant", "import", str(box.with_name("archive")), "--as", "again", "--key", key_of(box)),
        "whole": ("restore", backup),
        "keys": ("keys", "rotate", "--forget-old"),
    }[what]


def key_of(box: Path) -> str:
    return box.with_name("key").read_text()


def seconds_for(data: Path, words: Sequence[str]) -> float:
    since = time.monotonic()
    smoothbox(data, "--yes", *words)
    return time.monotonic() - since


def moments(took: float) -> list[float]:
    """When to kill: not while Python is still starting."""
    return [took * (0.6 + 0.4 * number / ROUNDS) for number in range(ROUNDS)]


@pytest.mark.slow
@pytest.mark.parametrize("what", ["one tenant", "in its place", "from elsewhere", "keys"])
def test_a_command_that_is_killed_can_be_run_again(box: Path, tmp_path: Path, what: str) -> None:
    words = words_of(box, what)
    then = ["acme", "again"] if "--as" in words else ["acme"]
    for number, moment in enumerate(moments(seconds_for(copied(box, tmp_path / "whole"), words))):
        data = copied(box, tmp_path / str(number))
        killed_after(moment, data, words)
        if sound_slugs(data) != then or then == ["acme"]:
            smoothbox(data, "--yes", *words)
        assert sound_slugs(data) == then


@pytest.mark.slow
def test_a_box_whose_restore_is_killed_can_be_restored_again(box: Path, tmp_path: Path) -> None:
    words = words_of(box, "whole")
    for number, moment in enumerate(moments(seconds_for(tmp_path / "whole", words))):
        killed_after(moment, tmp_path / str(number), words)
        if not DataFolder(tmp_path / str(number)).exists():
            smoothbox(tmp_path / str(number), *words)
        assert sound_slugs(tmp_path / str(number)) == ["acme"]

"""A command ends at each of its writes in turn: done again, it is done, and the box is sound."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.faults.extent import chosen
from tests.faults.preload import built, needs_a_compiler
from tests.process.ledger import CATALOGUE
from tests.process.server import make_box, smoothbox

pytestmark = needs_a_compiler

OK, CONFLICT, NOT_FOUND = 0, 5, 4
CUSTOMERS = "first name,phone\n" + "".join(f"Jo,+4930{number:05}\n" for number in range(40))


@dataclass(frozen=True)
class Deed:
    """A command on the box of a folder of the world; `when_done` are the statuses of doing again what was done already."""

    box: str
    words: tuple[str, ...]
    when_done: tuple[int, ...] = (OK,)


NEW = ("--name", "Bloom", "--timezone", "Europe/Paris", "--currency", "EUR")
DEEDS = {
    "tenant create": Deed("data", ("tenant", "create", "bloom", *NEW), (OK, CONFLICT)),
    "tenant apply": Deed("data", ("tenant", "apply", "acme", "{world}/data/catalogue.toml")),
    "tenant delete": Deed("data", ("--yes", "tenant", "delete", "acme"), (OK, NOT_FOUND)),
    "tenant pause": Deed("data", ("tenant", "pause", "acme")),
    "tenant import": Deed("other", ("tenant", "import", "{world}/acme.smoothbox", "--key", "{key}"), (OK, CONFLICT)),
    "import customers": Deed("data", ("import", "customers", "acme", "{world}/customers.csv", "--live")),
    "keys rotate": Deed("data", ("keys", "rotate")),
    "backup create": Deed("data", ("backup", "create")),
    "restore": Deed("fresh", ("restore", "{world}/backup"), (OK, CONFLICT)),
    "restore one": Deed("other", ("restore", "{world}/backup", "--tenant", "acme"), (OK, CONFLICT)),
}


@dataclass(frozen=True)
class World:
    """Boxes, a backup and an archive, to be copied for each run."""

    template: Path
    library: Path
    key: str

    def copy(self, target: Path) -> Path:
        """By a process of its own: this one must not open database files."""
        subprocess.run(["cp", "-a", str(self.template), str(target)], check=True)
        return target

    def run(self, world: Path, deed: Deed, failing: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
        """Do it, with a library between the command and its disk, or without."""
        words = [word.format(world=world, key=self.key) for word in deed.words]
        command = [sys.executable, "-m", "smoothbox", "--data-dir", str(world / deed.box), *words]
        preload = {"LD_PRELOAD": str(self.library), "FAILING_ROOT": str(world), **failing} if failing else {}
        return subprocess.run(command, env={**os.environ, **preload}, capture_output=True, text=True, timeout=60, check=False)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    folder = tmp_path_factory.mktemp("world")
    template = folder / "template"
    template.mkdir()
    data, other = template / "data", template / "other"
    make_box(data, CATALOGUE)
    smoothbox(data, "webhook", "create", "acme", "--live", "--url", "https://example.com/hook", "--events", "*")
    smoothbox(other, "init")
    (template / "customers.csv").write_text(CUSTOMERS)
    made = smoothbox(data, "--json", "backup", "create", "--with-keyring", "--directory", str(template))
    Path(json.loads(made.stdout)["path"]).rename(template / "backup")
    exported = smoothbox(data, "--json", "tenant", "export", "acme", "--output", str(template / "acme.smoothbox"))
    (template / "backup" / "keyring").chmod(0o600)
    subprocess.run(["cp", str(data / "keyring"), str(other / "keyring")], check=True)  # for what the backup has sealed
    return World(template, built("failing", folder), json.loads(exported.stdout)["key"])


@pytest.mark.parametrize("name", DEEDS)
def test_whatever_write_it_ends_at_it_can_be_done_again_and_the_box_is_sound(world: World, tmp_path: Path, name: str) -> None:
    deed, count = DEEDS[name], tmp_path / "count"
    undisturbed = world.copy(tmp_path / "undisturbed")
    assert world.run(undisturbed, deed, {"FAILING_COUNT": str(count)}).returncode == OK
    writes = count.stat().st_size
    assert writes > 2
    for number in chosen(range(1, writes + 1), at_least=3):
        place = world.copy(tmp_path / str(number))
        ended = world.run(place, deed, {"FAILING_AT": str(number)})
        assert ended.returncode in {-9, *deed.when_done}, ended.stderr
        again = world.run(place, deed)
        assert again.returncode in deed.when_done, (number, again.stderr)
        assert json.loads(smoothbox(place / deed.box, "--json", "doctor").stdout)["problems"] == 0, number
        subprocess.run(["rm", "-r", str(place)], check=True)

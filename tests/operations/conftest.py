"""One tenant's data file in hand, and a clock that stands still."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from smoothbox.operations.business import open_books
from smoothbox.store.direct import Direct
from smoothbox.store.folder import DataFolder, create_box, create_tenant_file, open_box, open_tenant
from tests.box import StillClock


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    """A data folder with an empty registry."""
    found = DataFolder(tmp_path / "data")
    found.root.mkdir()
    return found


@pytest.fixture
def registry(folder: DataFolder, clock: StillClock) -> Iterator[Direct]:
    """The registry of a new box."""
    create_box(folder, clock)
    with open_box(folder, clock) as opened:
        yield opened


@pytest.fixture
def file(folder: DataFolder, clock: StillClock) -> Iterator[Direct]:
    """The live file of a tenant, with its business and nothing else."""
    create_tenant_file(folder, "acme", "live", clock)
    with open_tenant(folder, "acme", "live", clock) as opened:
        opened.write(open_books, "Acme", "America/New_York", "USD")
        yield opened

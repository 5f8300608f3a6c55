"""The registry knows which files are due, across crashes and beside commands that write."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from smoothbox.store import box, due
from smoothbox.store.direct import Direct
from smoothbox.store.folder import DataFolder, create_box, open_box
from tests.box import StillClock


@pytest.fixture
def clock() -> StillClock:
    return StillClock()


@pytest.fixture
def registry(tmp_path: Path, clock: StillClock) -> Iterator[Direct]:
    """A registry with three tenants, of which the last is disabled."""
    folder = DataFolder(tmp_path)
    create_box(folder, clock)
    with open_box(folder, clock) as opened:
        for slug in ("a", "b", "c"):
            opened.write(box.insert_tenant, slug, slug, slug)
        opened.write(box.set_tenant_status, 3, "DISABLED")
        yield opened


def found(registry: Direct) -> list[tuple[int, str, int, int]]:
    return [(each.tenant.id, each.mode, each.changes, each.attended) for each in registry.read(due.files)]


def test_what_is_written_to_is_looked_at_until_it_is_settled(registry: Direct, clock: StillClock) -> None:
    assert found(registry) == []
    registry.write(due.mark, 2, "test")
    registry.write(due.mark, 1, "live")
    assert found(registry) == [(1, "live", 0, 0), (2, "test", 0, 0)]
    registry.write(due.settle, 1, "live", None)
    registry.write(due.settle, 2, "test", clock.now() + 60)
    assert found(registry) == []
    clock.advance(60)
    assert found(registry) == [(2, "test", 0, 0)]


def test_the_longest_due_comes_first_and_a_disabled_tenant_waits(registry: Direct, clock: StillClock) -> None:
    for tenant, seconds in ((1, 20), (2, 10), (3, 5)):
        registry.write(due.mark, tenant, "live")
        registry.write(due.settle, tenant, "live", clock.now() + seconds)
    clock.advance(30)
    assert [each[0] for each in found(registry)] == [2, 1]
    registry.write(box.set_tenant_status, 3, "ACTIVE")
    assert [each[0] for each in found(registry)] == [3, 2, 1]


def test_what_others_write_is_seen_also_when_the_file_is_closed_meanwhile(registry: Direct) -> None:
    registry.write(due.mark, 1, "live")
    registry.write(due.note_change, 1, "live")
    assert found(registry) == [(1, "live", 1, 0)]
    registry.write(due.settle, 1, "live", None)  # it was asked before the other one committed
    assert found(registry) == [(1, "live", 1, 0)]
    registry.write(due.attended, 1, "live", 1)
    registry.write(due.settle, 1, "live", None)
    assert found(registry) == []
    registry.write(due.note_change, 1, "live")
    assert found(registry) == [(1, "live", 2, 1)]


def test_what_nobody_served_yet_is_seen_too(registry: Direct) -> None:
    registry.write(due.note_change, 2, "test")
    assert found(registry) == [(2, "test", 1, 0)]

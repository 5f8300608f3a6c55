"""A tenant as a whole, and what a kill in between leaves behind."""

import pytest

from smoothbox.errors import Problem
from smoothbox.ids import Mode
from smoothbox.operations import tenancy, tenants
from smoothbox.operations.tenancy import NewTenant
from smoothbox.store import business, sandbox
from smoothbox.store.connection import Tx
from smoothbox.store.direct import Direct
from smoothbox.store.folder import DataFolder, open_tenant
from tests.box import StillClock

ACME = NewTenant("acme", "Acme", "America/New_York", "USD")


class KilledError(BaseException):
    """Stands for a kill: no handler of the program sees it."""


def slugs(registry: Direct) -> list[str]:
    return [tenant.slug for tenant in registry.read(tenants.list_all)]


def test_it_is_known_only_once_both_its_files_are_there(folder: DataFolder, registry: Direct, clock: StillClock) -> None:
    def furnish(_: Tx, mode: Mode) -> None:
        assert slugs(registry) == []
        if mode == "test":
            raise KilledError

    with pytest.raises(KilledError):
        tenancy.settle(folder, clock, ACME, furnish)
    assert slugs(registry) == []


def test_what_an_interrupted_run_left_is_taken_over_by_the_next(
    folder: DataFolder, registry: Direct, clock: StillClock
) -> None:
    def furnish(_: Tx, mode: Mode) -> None:
        if mode == "test":
            raise KilledError

    with pytest.raises(KilledError):
        tenancy.settle(folder, clock, ACME, furnish)
    made = tenancy.settle(folder, clock, NewTenant("acme", "Acme Barbers", "Europe/Paris", "EUR"))
    assert made.folder == "acme"
    for mode in ("live", "test"):
        with open_tenant(folder, "acme", mode, clock) as file:
            own = file.read(business.get)
            assert (own.name, own.timezone, own.currency) == ("Acme Barbers", "Europe/Paris", "EUR")


def test_a_slug_that_is_taken_touches_nobody_s_files(folder: DataFolder, registry: Direct, clock: StillClock) -> None:
    tenancy.settle(folder, clock, ACME)
    with pytest.raises(Problem) as caught:
        tenancy.settle(folder, clock, NewTenant("acme", "Thief", "UTC", "EUR"))
    assert caught.value.code == "conflict"
    with open_tenant(folder, "acme", "live", clock) as file:
        assert file.read(business.get).name == "Acme"
    assert slugs(registry) == ["acme"]


def test_it_counts_what_its_files_hold(folder: DataFolder, registry: Direct, clock: StillClock) -> None:
    tenant = tenancy.settle(folder, clock, ACME)
    nothing = {"services": 0, "resources": 0, "customers": 0, "bookings": 0}
    assert tenancy.census(folder, clock, tenant) == {"live": nothing, "test": nothing}
    assert slugs(registry) == ["acme"]


def test_a_server_that_holds_its_files_open_is_not_disturbed_by_its_removal(
    folder: DataFolder, registry: Direct, clock: StillClock
) -> None:
    tenancy.settle(folder, clock, ACME)
    with open_tenant(folder, "acme", "live", clock) as file:
        tenancy.remove(folder, clock, "acme")
        assert file.read(business.get).name == "Acme"
        again = tenancy.settle(folder, clock, ACME)
    assert again.folder == "acme.2"
    with open_tenant(folder, "acme.2", "live", clock) as file:
        assert file.read(sandbox.catalogue_rows)["business"][1]
    assert slugs(registry) == ["acme"]

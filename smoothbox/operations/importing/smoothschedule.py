"""A business that was pulled from another box, written into a tenant's file in one transaction.

What came before is known by the id that it has at the source, so that pulling again changes only what has changed there.
Nobody is told of any of it: it happened elsewhere, and much of it long ago.
"""

from collections.abc import Mapping
from functools import partial
from itertools import chain

from msgspec import UNSET, structs

from smoothbox.clock import Clock
from smoothbox.contract.pulled import Pulled, Sourced
from smoothbox.contract.resources import NewResource
from smoothbox.contract.services import NewService
from smoothbox.errors import Problem
from smoothbox.ids import Mode
from smoothbox.operations import business, resource_entries, resources, service_entries, services, tenancy
from smoothbox.operations.importing.ledger import Ledger, Outcome, Report
from smoothbox.operations.importing.smoothschedule_bookings import write_bookings
from smoothbox.operations.importing.smoothschedule_columns import Ids
from smoothbox.operations.importing.smoothschedule_customers import write_customers
from smoothbox.operations.importing.whole import Watch
from smoothbox.operations.times import business_zone
from smoothbox.store import box, imported
from smoothbox.store import business as business_rows
from smoothbox.store import resource_entries as of_resource
from smoothbox.store import resources as resource_rows
from smoothbox.store import services as service_rows
from smoothbox.store.connection import Tx
from smoothbox.store.folder import DataFolder, open_box


class _NotWrittenError(Exception):
    """Undoes what was written. `report` says what it was."""

    def __init__(self, report: Report) -> None:
        self.report = report
        super().__init__("nothing is to be written")


def take_in(
    folder: DataFolder,
    clock: Clock,
    tenant: box.Tenant,
    mode: Mode,
    pulled: Pulled,
    watch: Watch,
    *,
    dry_run: bool,
    skip_refused: bool,
) -> Report:
    """Write a business into a tenant's file: all of it, or nothing where something is refused and that is not to be skipped.

    A dry run does it all and undoes it. The registry takes over the live name. Raises Problem 'validation_error' for a business
    that cannot be one here, 'conflict' where what is to be skipped cannot be, or as `tenancy.write_beside` does.
    """
    verb = partial(_write, dry_run=dry_run, skip_refused=skip_refused)
    try:
        report = tenancy.write_beside(folder, clock, tenant, mode, verb, pulled, watch)
    except _NotWrittenError as undone:
        return undone.report
    name = pulled.business.name
    if mode == "live" and name is not UNSET and name.strip() != tenant.name:
        with open_box(folder, clock) as registry:
            registry.write(box.set_tenant_name, tenant.id, name.strip())
    return report


def _write(tx: Tx, pulled: Pulled, watch: Watch, *, dry_run: bool, skip_refused: bool) -> Report:
    tx.origin = structs.replace(tx.origin, channel="import")
    lists = (pulled.resources, pulled.services, pulled.customers, pulled.bookings)
    ledger = Ledger(tx, pulled.refused, 1 + sum(map(len, lists)), watch)
    _write_business(tx, pulled, ledger)
    resource_ids = _write_resources(tx, pulled, ledger)
    service_ids = _write_services(tx, pulled, ledger, resource_ids)
    customer_ids = write_customers(tx, pulled, ledger)
    write_bookings(tx, pulled, ledger, Ids(service_ids, resource_ids, customer_ids), must_restore=skip_refused)
    if dry_run or (ledger.has_refused and not skip_refused):
        raise _NotWrittenError(ledger.report(is_written=False))
    return ledger.report(is_written=True)


def _write_business(tx: Tx, pulled: Pulled, ledger: Ledger) -> None:
    before = business_rows.entry(tx)
    after = business.changed_entry(before, pulled.business)
    business.edit(tx, after)
    ledger.note("business", "unchanged" if before == after else "updated")


def _write_resources(tx: Tx, pulled: Pulled, ledger: Ledger) -> Mapping[int, int]:
    ids = dict(imported.ids(tx, "resource", pulled.name))
    for each in pulled.resources:
        ledger.attempt("resource", each.id, partial(_write_resource, tx, pulled, each, ids))
    return ids


def _write_resource(tx: Tx, pulled: Pulled, sourced: Sourced[NewResource], ids: dict[int, int]) -> Outcome:
    after = resource_entries.new_entry(sourced.body, business_zone(tx))
    row = resource_rows.get(tx, ids[sourced.id]) if sourced.id in ids else None
    if row is None:
        ids[sourced.id] = resources.add(tx, after, imported.name(pulled.name, sourced.id))
        return "created"
    before = of_resource.entry(tx, row)
    if not pulled.tells_absences:
        after = structs.replace(after, exceptions=before.exceptions, time_off=before.time_off)
    resources.edit(tx, row.id, after)
    return "unchanged" if before == after else "updated"


def _write_services(tx: Tx, pulled: Pulled, ledger: Ledger, resource_ids: Mapping[int, int]) -> Mapping[int, int]:
    ids = dict(imported.ids(tx, "service", pulled.name))
    for each in pulled.services:
        ledger.attempt("service", each.id, partial(_write_service, tx, pulled.name, each, ids, resource_ids))
    return ids


def _write_service(
    tx: Tx, name: str, sourced: Sourced[NewService], ids: dict[int, int], resource_ids: Mapping[int, int]
) -> Outcome:
    after = service_entries.new_entry(tx, _with_own_ids(sourced.body, resource_ids))
    row = service_rows.get(tx, ids[sourced.id]) if sourced.id in ids else None
    if row is None:
        ids[sourced.id] = services.add(tx, after, imported.name(name, sourced.id))
        return "created"
    before = service_rows.entry(row)
    services.edit(tx, row.id, after)
    return "unchanged" if before == after else "updated"


def _with_own_ids(body: NewService, ids: Mapping[int, int]) -> NewService:
    """The service with the ids that its resources have here. Raises Problem 'validation_error' for one that is not here."""
    single = () if body.resource_ids is UNSET else body.resource_ids
    groups = () if body.resource_groups is UNSET else body.resource_groups
    for each in (*single, *chain.from_iterable(groups)):
        if each not in ids:
            raise Problem("validation_error", f"It needs resource {each}, which could not be taken over.")
    if groups:
        return structs.replace(body, resource_groups=tuple(tuple(ids[each] for each in group) for group in groups))
    return structs.replace(body, resource_ids=tuple(ids[each] for each in single))

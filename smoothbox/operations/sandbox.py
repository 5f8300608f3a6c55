"""Reset of the sandbox: it becomes the live catalogue, without a customer or a booking."""

from smoothbox.clock import Clock
from smoothbox.store import sandbox
from smoothbox.store.folder import DataFolder, create_tenant_file, open_tenant


def reset(folder: DataFolder, tenant_folder: str, clock: Clock) -> None:
    """Refill a tenant's test.db from its live.db, in place and in one transaction: a running server may hold both open.

    Services and resources keep the ids they have in the live file.
    """
    with open_tenant(folder, tenant_folder, "live", clock) as live:
        tables = live.read(sandbox.catalogue_rows)
    create_tenant_file(folder, tenant_folder, "test", clock)
    with open_tenant(folder, tenant_folder, "test", clock) as test:
        test.write(sandbox.replace_all, tables)

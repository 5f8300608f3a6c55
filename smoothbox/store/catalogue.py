"""What a catalogue file once named, by the keys that it goes by, in display order.

Rows without a key were made elsewhere and are none of the file's business; nor are those that an import brought, whose
keys have a colon, as no key of a file has (`store/imported.py`).
"""

from smoothbox.store import resource_entries as of_resource
from smoothbox.store import resources as resource_rows
from smoothbox.store import services as service_rows
from smoothbox.store.connection import Tx
from smoothbox.store.resource_entries import ResourceEntry
from smoothbox.store.services import ServiceEntry


def resource_ids(tx: Tx) -> dict[str, int]:
    """The ids of the resources."""
    return _ids(tx, "resource")


def service_ids(tx: Tx) -> dict[str, int]:
    """The ids of the services."""
    return _ids(tx, "service")


def resources(tx: Tx) -> dict[str, ResourceEntry]:
    """The resources."""
    rows = ((key, resource_rows.get(tx, id_)) for key, id_ in resource_ids(tx).items())
    return {key: of_resource.entry(tx, row) for key, row in rows if row}


def services(tx: Tx) -> dict[str, ServiceEntry]:
    """The services."""
    rows = ((key, service_rows.get(tx, id_)) for key, id_ in service_ids(tx).items())
    return {key: service_rows.entry(row) for key, row in rows if row}


def _ids(tx: Tx, table: str) -> dict[str, int]:
    named = "catalogue_key IS NOT NULL AND instr(catalogue_key, ':') = 0"
    sql = f"SELECT catalogue_key, id FROM {table} WHERE {named} ORDER BY display_order, id"
    return tx.remembered((table, "ids"), lambda: dict(tx.all(sql)))

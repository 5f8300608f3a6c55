"""Webhook endpoints: found, added, changed, removed, tested; their secrets sealed in the row that they belong to."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

import msgspec
from msgspec import UNSET, Raw, structs

from smoothbox.contract.listing import ListQuery, Page
from smoothbox.contract.webhooks import (
    MOST_ENDPOINTS,
    DisabledReason,
    Endpoint,
    EndpointChange,
    EndpointWithSecret,
    NewEndpoint,
    Rotation,
)
from smoothbox.errors import Problem
from smoothbox.keyring import SealBrokenError, Vault
from smoothbox.operations.events import tell, tell_one
from smoothbox.operations.lists import page
from smoothbox.operations.times import business_zone
from smoothbox.operations.webhook_bodies import checked
from smoothbox.operations.webhook_secrets import checked_secret, new_key_pair, new_secret, place, replaced
from smoothbox.store import deliveries, endpoints
from smoothbox.store.connection import Tx
from smoothbox.store.endpoints import Health, ShownRow
from smoothbox.store.versioned import next_id

_MOST_CLEARED: Final = 50  # deliveries at a time: those who wait for the writer are not to notice


def find(tx: Tx, endpoint_id: int) -> Endpoint:
    """One endpoint. Raises Problem 'not_found'."""
    return wire(row_of(tx, endpoint_id))


def list_page(tx: Tx, query: ListQuery) -> Page:
    """One page of endpoints."""
    zone = business_zone(tx)
    return page(tx, endpoints.SOURCE, query, zone, lambda row: wire(ShownRow(*row)))


def all_with_health(tx: Tx) -> list[tuple[Endpoint, Health]]:
    """Every endpoint, and how it has taken its deliveries lately; oldest first."""
    return [(wire(row), health) for row, health in endpoints.with_health(tx)]


def with_health(tx: Tx, endpoint_id: int) -> tuple[Endpoint, Health]:
    """One endpoint, and how it has taken its deliveries lately. Raises Problem 'not_found'."""
    return find(tx, endpoint_id), endpoints.health(tx, endpoint_id)


def create(tx: Tx, new: NewEndpoint, vault: Vault) -> EndpointWithSecret:
    """Add an endpoint; the only time that its secret is shown.

    Raises Problem 'validation_error', or 'limit_exceeded' for one too many.
    """
    fields = checked(new)
    if endpoints.count(tx) >= MOST_ENDPOINTS:
        raise Problem("limit_exceeded", f"A business has at most {MOST_ENDPOINTS} webhook endpoints; remove one first.")
    endpoint_id, secret = next_id(tx, "endpoint"), new.secret or new_secret()
    columns = _columns(fields, endpoint_id, vault) | {"secret": vault.seal(secret.encode(), place(endpoint_id, "secret"))}
    endpoints.insert(tx, {"id": endpoint_id, **columns})
    return _with_secret(find(tx, endpoint_id), secret)


def change(tx: Tx, endpoint_id: int, change: EndpointChange, vault: Vault) -> Endpoint:
    """Change some fields. What waits for an endpoint that is switched off fails; `is_active` brings back one that is off.

    Raises Problem 'not_found' or 'validation_error'.
    """
    row, fields = row_of(tx, endpoint_id), checked(change)
    has_key = row.public_key is not None
    if fields.get("ed25519") is has_key:
        del fields["ed25519"]  # or it would have another one
    columns = _columns(fields, endpoint_id, vault)
    if columns.get("is_active") and not row.is_active:
        columns |= {"disabled_reason": None, **structs.asdict(Health())}
    if "headers" not in fields:
        columns = {name: value for name, value in columns.items() if value != getattr(row, name, UNSET)}
    if columns:
        endpoints.update(tx, endpoint_id, columns)
    if not columns.get("is_active", 1):
        deliveries.give_up(tx, endpoint_id)
    return find(tx, endpoint_id)


def remove(tx: Tx, endpoint_id: int) -> None:
    """Remove an endpoint; its deliveries go with it, by and by. Raises Problem 'not_found'."""
    endpoints.delete(tx, row_of(tx, endpoint_id).id)


def has_remains(tx: Tx) -> bool:
    """Whether there may be deliveries of endpoints that were removed."""
    return endpoints.first_removed(tx) is not None


def clear_remains(tx: Tx) -> None:
    """Remove some of them."""
    endpoint_id = endpoints.first_removed(tx)
    if endpoint_id is not None and deliveries.delete_some(tx, endpoint_id, _MOST_CLEARED) < _MOST_CLEARED:
        endpoints.forget_removed(tx, endpoint_id)


def rotate(tx: Tx, endpoint_id: int, rotation: Rotation, vault: Vault) -> EndpointWithSecret:
    """Give an endpoint a new secret; for the overlap the old one signs beside it, at most two old ones do.

    Old ones that the keyring does not open are dropped. Raises Problem 'not_found' or 'validation_error'.
    """
    row_of(tx, endpoint_id)
    secret = new_secret() if rotation.secret is None else checked_secret(rotation.secret)
    try:
        old = replaced(vault, endpoints.sealed(tx, endpoint_id), tx.now, tx.now + rotation.overlap_seconds)
    except SealBrokenError:
        old = []
    columns = {
        "secret": vault.seal(secret.encode(), place(endpoint_id, "secret")),
        "old_secrets": vault.seal(msgspec.json.encode(old), place(endpoint_id, "old_secrets")) if old else None,
    }
    endpoints.update(tx, endpoint_id, columns)
    return _with_secret(find(tx, endpoint_id), secret)


def ping(tx: Tx, endpoint_id: int) -> int:
    """Queue a test for one endpoint, also for one that is disabled or paused; the id of its delivery.

    Raises Problem 'not_found'.
    """
    row = row_of(tx, endpoint_id)
    endpoints.end_pause(tx, endpoint_id)
    return tell_one(tx, endpoint_id, "webhook.ping", wire(row))


def disable(tx: Tx, endpoint_id: int, reason: DisabledReason) -> None:
    """Switch an endpoint off, because of what became of its deliveries; the others are told."""
    before = find(tx, endpoint_id)
    endpoints.update(tx, endpoint_id, {"is_active": 0, "disabled_reason": reason})
    deliveries.give_up(tx, endpoint_id)
    tell(tx, "webhook.disabled", find(tx, endpoint_id), before)


def row_of(tx: Tx, endpoint_id: int) -> ShownRow:
    """One endpoint as stored. Raises Problem 'not_found'."""
    row = endpoints.get(tx, endpoint_id)
    if row is None:
        raise Problem("not_found", f"There is no webhook {endpoint_id}.")
    return row


def wire(row: ShownRow) -> Endpoint:
    """An endpoint as the API shows it."""
    return Endpoint(
        row.id,
        row.version,
        row.url,
        Raw(row.events),
        row.description,
        bool(row.is_active),
        row.disabled_reason,
        row.public_key,
        Raw(row.header_names),
        row.last_success_at,
        row.created_at,
        row.updated_at,
    )


def _with_secret(shown: Endpoint, secret: str) -> EndpointWithSecret:
    return EndpointWithSecret(**structs.asdict(shown), secret=secret)


def _columns(fields: Mapping[str, Any], endpoint_id: int, vault: Vault) -> dict[str, Any]:
    """Fields of a body as the columns that they are stored in."""
    columns: dict[str, Any] = {name: fields[name] for name in ("url", "description") if name in fields}
    if "description" in columns:
        columns["description"] = columns["description"].strip()
    if "events" in fields:
        columns["events"] = _json(dict.fromkeys(fields["events"]))
    if "is_active" in fields:
        columns["is_active"] = int(fields["is_active"])
    if "ed25519" in fields:
        columns |= _keys(endpoint_id, vault) if fields["ed25519"] else {"signing_key": None, "public_key": None}
    if "headers" in fields:
        sealed = vault.seal(msgspec.json.encode(fields["headers"]), place(endpoint_id, "headers"))
        columns |= {"headers": sealed if fields["headers"] else None, "header_names": _json(sorted(fields["headers"]))}
    return columns


def _keys(endpoint_id: int, vault: Vault) -> dict[str, Any]:
    pair = new_key_pair()
    return {"signing_key": vault.seal(pair.private, place(endpoint_id, "signing_key")), "public_key": pair.public}


def _json(names: Iterable[str]) -> str:
    return msgspec.json.encode(list(names)).decode()

"""Who may open the console of a business: people, the links and passwords that let them in, and their sessions."""

import secrets
import unicodedata
from dataclasses import dataclass, field
from typing import Final

from smoothbox.clock import instant_text
from smoothbox.errors import Problem, invalid
from smoothbox.ids import token_hash
from smoothbox.operations.tenants import find as find_tenant
from smoothbox.operations.tenants import require_active
from smoothbox.store import people
from smoothbox.store.connection import Tx
from smoothbox.store.people import Person

_LONGEST_NAME: Final = 100


@dataclass(frozen=True, slots=True)
class Invitation:
    """Somebody, and the secret of a link that logs them in once: it is shown once and kept nowhere."""

    person: Person
    secret: str = field(repr=False)


def create(tx: Tx, slug: str, name: str, password: str | None) -> Person:
    """Let somebody open the console of a tenant; `password` is what `passwords.hashed` made, or None for links only.

    Raises Problem 'not_found' for an unknown tenant, 'validation_error', or 'conflict' for a name that is taken on this box.
    """
    tenant, shown = find_tenant(tx, slug), name.strip()
    if not 0 < len(shown) <= _LONGEST_NAME or not shown.isprintable():
        raise invalid("name", f"A name has 1 to {_LONGEST_NAME} visible characters.")
    if people.by_name(tx, _key(shown)) is not None:
        raise Problem("conflict", f"There is somebody named '{shown}' on this box already.")
    people.insert(tx, tenant.id, shown, _key(shown), password)
    return find(tx, shown)


def find(tx: Tx, name: str) -> Person:
    """The person of this name, in any case. Raises Problem 'not_found'."""
    person = people.by_name(tx, _key(name))
    if person is None:
        raise Problem("not_found", f"There is nobody named '{name}' on this box.")
    return person


def known(tx: Tx, name: str) -> Person | None:
    """As `find`, for one who may not exist."""
    return people.by_name(tx, _key(name))


def list_of(tx: Tx, slug: str) -> list[Person]:
    """Everybody of a tenant. Raises Problem 'not_found'."""
    return people.of_tenant(tx, find_tenant(tx, slug).id)


def set_password(tx: Tx, name: str, password: str | None) -> Person:
    """Another password, or none; whoever is logged in by that name is logged out. Raises Problem 'not_found'."""
    person = find(tx, name)
    people.set_password(tx, person.id, password)
    people.delete_sessions_of(tx, person.id)
    return find(tx, name)


def remove(tx: Tx, name: str) -> Person:
    """Let somebody in no longer, at once. Raises Problem 'not_found'."""
    person = find(tx, name)
    people.delete(tx, person.id)
    return person


def new_link(tx: Tx, name: str, lifetime: float) -> str:
    """The secret of a link that logs somebody in once, within `lifetime` seconds. Raises Problem 'not_found'."""
    secret, person = secrets.token_urlsafe(32), find(tx, name)
    people.insert_link(tx, token_hash(secret), person.id, instant_text(tx.now + lifetime))
    return secret


def invite(tx: Tx, slug: str, name: str, lifetime: float) -> Invitation:
    """Let somebody in by a link first, as `create` and `new_link` do. Raises Problem as `create` does."""
    person = create(tx, slug, name, None)
    return Invitation(person, new_link(tx, person.name, lifetime))


def colleague(tx: Tx, person: Person, colleague_id: int) -> Person:
    """One who may open the same console. Raises Problem 'not_found', also for somebody of another tenant."""
    found = next((each for each in people.of_tenant(tx, person.tenant.id) if each.id == colleague_id), None)
    if found is None:
        raise Problem("not_found", "There is no such person here.")
    return found


def invite_again(tx: Tx, person: Person, colleague_id: int, lifetime: float) -> Invitation:
    """Another link for a colleague who has lost theirs. Raises Problem 'not_found'."""
    found = colleague(tx, person, colleague_id)
    return Invitation(found, new_link(tx, found.name, lifetime))


def remove_colleague(tx: Tx, person: Person, colleague_id: int) -> Person:
    """Let a colleague in no longer, at once.

    Raises Problem 'not_found', also where a colleague was quicker to remove the person, or 'conflict' for oneself:
    somebody is to be left.
    """
    colleague(tx, person, person.id)
    found = colleague(tx, person, colleague_id)
    if found.id == person.id:
        raise Problem("conflict", "Nobody removes themselves: a colleague can, or whoever runs the box.")
    return remove(tx, found.name)


def set_own_password(tx: Tx, person: Person, password: str, lifetime: float) -> str:
    """Another password for somebody who is logged in: all other sessions end, and a new one of `lifetime` seconds begins.

    `password` is what `passwords.hashed` made; what the cookie of the new session carries is returned.
    """
    return log_in(tx, set_password(tx, person.name, password), lifetime)


def behind_link(tx: Tx, secret: str) -> Person:
    """Whom a link would log in. Raises Problem 'link_expired' for one that was used, is over, or never was."""
    person = people.by_link(tx, token_hash(secret))
    if person is None or person.tenant.status == "DELETED":
        raise Problem("link_expired", "This link was used already, or its time is over.")
    return person


def log_in_by_link(tx: Tx, secret: str, lifetime: float) -> str:
    """Use a link up for a session of `lifetime` seconds; what its cookie carries. Raises Problem 'link_expired'."""
    person = behind_link(tx, secret)
    people.delete_link(tx, token_hash(secret))
    return log_in(tx, person, lifetime)


def log_in(tx: Tx, person: Person, lifetime: float) -> str:
    """A session of `lifetime` seconds; what its cookie carries, the only time that it exists in clear.

    Raises Problem as `require_active`.
    """
    require_active(person.tenant)
    secret = secrets.token_urlsafe(32)
    people.delete_expired(tx)
    people.insert_session(tx, token_hash(secret), person.id, instant_text(tx.now + lifetime))
    return secret


def logged_in(tx: Tx, secret: str) -> Person | None:
    """Who is logged in by this cookie; None when the session is over, or the tenant was disabled or deleted.

    Raises Problem 'unavailable' while the tenant is being moved.
    """
    person = people.by_session(tx, token_hash(secret))
    if person is None or person.tenant.status in {"DISABLED", "DELETED"}:
        return None
    require_active(person.tenant)
    return person


def log_out(tx: Tx, secret: str) -> None:
    """End a session."""
    people.delete_session(tx, token_hash(secret))


def _key(name: str) -> str:
    """What names are told apart by."""
    return unicodedata.normalize("NFKC", name.strip()).casefold()

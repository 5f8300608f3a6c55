"""The keys of the box: replaced by newer ones, and everything sealed anew."""

from msgspec import Struct

from smoothbox.clock import Clock
from smoothbox.errors import Problem
from smoothbox.ids import MODES
from smoothbox.keyring import Keyring
from smoothbox.keyring_file import add_key, create_keyring, forget_old_keys, key_names, load_keyring
from smoothbox.operations import tenants
from smoothbox.store.folder import DataFolder, open_box, open_tenant
from smoothbox.upkeep.backups import Watch
from smoothbox.upkeep.resealing import Resealed, reseal


class Rotated(Struct, frozen=True):
    """The new key, what was sealed with it, the files that could not be reached, and how many old keys were forgotten."""

    key_id: str
    resealed: Resealed
    failures: list[str]
    forgotten: int = 0


def create(folder: DataFolder, clock: Clock) -> str:
    """A keyring for a box that has lost its own; the id of its key. Raises Problem 'conflict' where there is one."""
    try:
        create_keyring(folder.keyring, clock.now())
    except FileExistsError:
        raise Problem("conflict", f"There is a keyring already: {folder.keyring}.") from None
    return key_names(folder.keyring)[-1].id


def rotate(folder: DataFolder, clock: Clock, watch: Watch) -> Rotated:
    """Make a new key and seal everything with it, beside a server that may be running.

    The older keys stay, for what they have signed and for backups. Raises Problem 'unavailable' without a keyring, 'conflict'
    while somebody else replaces the keys, or needs them as they are.
    """
    with folder.keys_replaced():
        return _rotate(folder, clock, watch)


def rotate_and_forget(folder: DataFolder, clock: Clock, watch: Watch) -> Rotated:
    """As `rotate`, and let the older keys go; they stay where something could not be sealed anew.

    Raises Problem as `rotate`, and 'conflict' while a server runs: it would go on with the old ones.
    """
    with folder.without_server(), folder.keys_replaced():
        done = _rotate(folder, clock, watch)
        if done.failures or done.resealed.broken:
            return done
        return Rotated(done.key_id, done.resealed, [], forget_old_keys(folder.keyring))


def _rotate(folder: DataFolder, clock: Clock, watch: Watch) -> Rotated:
    add_key(folder.keyring, clock.now())
    resealed, failures = _reseal_all(folder, clock, load_keyring(folder.keyring), watch)
    return Rotated(key_names(folder.keyring)[-1].id, resealed, failures)


def _reseal_all(folder: DataFolder, clock: Clock, keyring: Keyring, watch: Watch) -> tuple[Resealed, list[str]]:
    with open_box(folder, clock) as registry:
        files = [(tenant.folder, mode) for tenant in registry.read(tenants.list_all) for mode in MODES]
    resealed, failures = Resealed(), list[str]()
    for done, (place, mode) in enumerate(files, 1):
        vault = keyring.vault(place, mode)
        try:
            with open_tenant(folder, place, mode, clock) as data:
                resealed += data.write(reseal, vault, vault)
        except Problem as problem:
            path = str(folder.tenant_file(place, mode))
            failures.append(problem.message if path in problem.message else f"{path}: {problem.message}")
        watch(done, len(files))
    return resealed, failures

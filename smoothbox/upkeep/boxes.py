"""A new box: its folder, its keyring and its registry."""

from smoothbox.clock import Clock
from smoothbox.durable import make_folder
from smoothbox.errors import Problem
from smoothbox.keyring_file import create_keyring
from smoothbox.store.folder import DataFolder, create_box


def make(folder: DataFolder, clock: Clock) -> bool:
    """Make what is missing of a box; False where it was complete.

    The registry comes last: a folder that has one is a box, and its keyring was written before.
    Raises Problem 'unavailable' when a box has lost its keyring, since a new one could not open what the old one sealed.
    """
    if folder.exists():
        if not folder.keyring.exists():
            raise Problem(
                "unavailable",
                f"{folder.keyring} is missing; put it back from where you keep it. Only if it is lost: smoothbox keys create",
            )
        return False
    make_folder(folder.root)
    if not folder.keyring.exists():
        create_keyring(folder.keyring, clock.now())
    create_box(folder, clock)
    return True

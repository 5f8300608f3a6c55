"""Where a command may write a file for somebody; looked at before the work begins, and not only when it is done."""

from pathlib import Path

from smoothbox.errors import Problem
from smoothbox.store.folder import DataFolder


def refuse_place(folder: DataFolder, path: Path, *, may_replace: bool = False) -> None:
    """Raises Problem 'conflict' for a file that is there, 'forbidden' in the data folder: what lies there is the box's own."""
    if path.resolve().is_relative_to(folder.root.resolve()):
        raise Problem("forbidden", f"{path} lies in the data folder, which is the box's own; write it elsewhere.")
    if path.exists() and not may_replace:
        raise Problem("conflict", f"{path} is there already; name another file.")

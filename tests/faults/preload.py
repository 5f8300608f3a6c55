"""Libraries in C that are loaded before all others into a process under test, and stand between it and its disk."""

import shutil
import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).parent
FLAGS = ("-O1", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC")

needs_a_compiler = pytest.mark.skipif(shutil.which("cc") is None, reason="no C compiler here")


def built(name: str, folder: Path) -> Path:
    """The library of `<name>.c`, compiled into a folder."""
    library = folder / f"{name}.so"
    if not library.exists():
        subprocess.run(["cc", *FLAGS, "-o", str(library), str(HERE / f"{name}.c"), "-ldl"], check=True)
    return library

"""A slower disk: a library that is preloaded into a process makes each of its fsyncs take longer."""

import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from tests.bench.processes import BenchError, Server

NAME = "slow_fsync.so"


class NoShimError(BenchError):
    """The library cannot be had or has no effect here; the text says why."""


def build(folder: Path) -> Path:
    """The library, built in this folder. Raises NoShimError."""
    compiler = shutil.which("cc")
    if compiler is None:
        raise NoShimError("no C compiler to slow fsync down with; apt-get install gcc libc6-dev")
    shim, source = folder / NAME, Path(__file__).with_name("slow_fsync.c")
    command = [compiler, "-O2", "-shared", "-fPIC", "-o", str(shim), str(source), "-ldl"]
    built = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    if built.returncode:
        raise NoShimError(f"{compiler} could not build slow_fsync.c: {built.stderr[-200:]}")
    return shim


def slower(shim: Path, microseconds: int) -> Mapping[str, str]:
    """What a process has in its environment whose fsyncs take so much longer."""
    return {"LD_PRELOAD": str(shim), "SLOW_FSYNC_US": str(microseconds)} if microseconds else {}


def require_preloaded(server: Server) -> None:
    """Raises NoShimError where a server runs without the library."""
    maps = Path(f"/proc/{server.pid}/maps")
    if not maps.exists() or NAME not in maps.read_text():
        raise NoShimError(f"preloading {NAME} had no effect here")

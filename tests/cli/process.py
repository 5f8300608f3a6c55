"""The command line in a process of its own, where terminals, signals and file modes are real."""

import os
import pty
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

CHECKOUT = Path(__file__).parents[2]
PROGRAM = (sys.executable, "-m", "smoothbox")


def run(*words: str) -> subprocess.CompletedProcess[str]:
    """Run it to its end, off a terminal."""
    return subprocess.run(
        [*PROGRAM, *words], cwd=CHECKOUT, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False
    )


def run_on_terminal(typed: str, *words: str, environment: dict[str, str] | None = None) -> tuple[int, str]:
    """Run it on a terminal on which somebody types; its exit status, and all that the terminal showed."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [*PROGRAM, *words], cwd=CHECKOUT, stdin=theirs, stdout=theirs, stderr=theirs, env=os.environ | (environment or {})
    )
    os.close(theirs)
    os.write(ours, typed.encode())
    shown = b""
    try:
        while chunk := os.read(ours, 4096):
            shown += chunk
    except OSError:  # how Linux says that the other side is closed
        pass
    os.close(ours)
    return process.wait(timeout=60), shown.decode().replace("\r\n", "\n")


@contextmanager
def serving(*words: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A server and the address that its first line names; it is stopped in the end."""
    process = subprocess.Popen([*PROGRAM, *words], cwd=CHECKOUT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stderr is not None
    try:
        line = process.stdout.readline()
        assert line.startswith("listening on "), process.stderr.read()
        yield process, line.removeprefix("listening on ").strip()
    finally:
        process.terminate()
        process.communicate(timeout=60)

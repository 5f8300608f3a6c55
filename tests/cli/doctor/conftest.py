"""The umask that the program runs under."""

import os
from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True)
def only_for_the_owner() -> Iterator[None]:
    """Set by the program's entry, which these tests do not go through."""
    before = os.umask(0o077)
    yield
    os.umask(before)

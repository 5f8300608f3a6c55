"""A visitor of a running box, a stranger or logged in; the box is copied from one that is furnished once."""

import pytest
from tornado.ioloop import IOLoop

from tests.api.conftest import box, furnished
from tests.box import RunningBox
from tests.web.visitor import Visitor

__all__ = ["box", "furnished"]


@pytest.fixture
def stranger(box: RunningBox) -> Visitor:
    """Nobody is logged in."""
    return Visitor(box.url)


@pytest.fixture
def owner(box: RunningBox, io_loop: IOLoop) -> Visitor:
    """Logged in at acme."""
    return io_loop.run_sync(lambda: Visitor(box.url).log_in(box))

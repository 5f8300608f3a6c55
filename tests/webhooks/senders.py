"""Senders with short time-outs, and what they are given to send."""

import asyncio
import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from smoothbox.clock import Clock
from smoothbox.operations.outbox import Claim
from smoothbox.settings import Webhooks
from smoothbox.webhooks.guard import Guard
from smoothbox.webhooks.sender import Sender

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
HERE = ("127.0.0.0/8", "::1/128")
CONNECT, TOTAL = 0.25, 0.4  # seconds


def claim(url: str, **fields: Any) -> Claim:
    """An attempt to make."""
    known = {"delivery_id": 1, "endpoint_id": 1, "event_id": "evt_1", "body": b'{"a":1}', "used": 0, "number": 1}
    given = {"secrets": (SECRET,), "signing_key": None, "headers": {}, **fields}
    return Claim(url=url, **{**known, **given})


def rules(**given: Any) -> Webhooks:
    """Settings of a sender that has little patience."""
    return Webhooks(**{"connect_timeout": CONNECT, "timeout": TOTAL, **given})


@asynccontextmanager
async def sender(clock: Clock | None = None, **given: Any) -> AsyncIterator[Sender]:
    """A sender that may dial this machine, unless told otherwise. What it left unheard is in the log when it is gone."""
    settings = rules(**{"allow_cidrs": HERE, **given})
    guard = Guard(settings)
    made = Sender(settings, clock or Clock(), guard)
    try:
        yield made
    finally:
        made.close()
        guard.close()
        for _ in range(3):
            await asyncio.sleep(0)
        gc.collect(1)

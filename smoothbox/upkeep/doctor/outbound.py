"""Whether what a data file has to deliver gets away."""

from collections.abc import Iterator
from functools import partial

from smoothbox.store import due, soundness
from smoothbox.store.direct import Direct, open_to_look
from smoothbox.store.folder import open_box
from smoothbox.store.soundness import Disabled
from smoothbox.upkeep.doctor.case import FIX, HOUR, DataFile
from smoothbox.upkeep.doctor.findings import Finding

_ROUGHLY = 60.0  # seconds


def look(file: DataFile, looked: Direct) -> Iterator[Finding]:
    """Deliveries that wait for nothing, and webhooks that get none."""
    if _is_forgotten(file, looked) and _is_forgotten(file, looked):  # a server may just have opened or closed the file
        message = "The registry does not say that anything is due in it."
        yield Finding("deliveries_forgotten", str(file.path), message, command=FIX, mend=partial(_wake, file))
    elif file.case.server is not None and file.tenant.status == "ACTIVE":
        yield from _stuck(file, looked)
    for each in looked.read(soundness.disabled):
        yield _disabled(file, each)


def _is_forgotten(file: DataFile, looked: Direct) -> bool:
    """Whether the registry would let a file wait for longer than what is in it. First the file is asked, then the registry."""
    next_due = looked.read(due.next_due)
    if next_due is None:
        return False
    with open_to_look(file.case.folder.box, file.case.clock) as registry:
        known = registry.read(due.known, file.tenant.id, file.mode)
    return known is None or known > max(next_due, 0.0) + _ROUGHLY


def _stuck(file: DataFile, looked: Direct) -> Iterator[Finding]:
    for each in looked.read(soundness.waiting, file.case.clock.now() - HOUR):
        message = f"{each.count} for webhook {each.endpoint_id} to {each.url}."
        advice = "Have the server look at them; if they still wait some minutes later, start it anew:"
        yield Finding("deliveries_stuck", str(file.path), message, advice, FIX, partial(_wake, file))


def _disabled(file: DataFile, each: Disabled) -> Finding:
    message = f"Webhook {each.endpoint_id} to {each.url}: {each.reason}."
    advice = (
        "When its receiver works again, enable it in the console or by the API (PATCH, is_active), or delete it. To see why:"
    )
    command = f"webhook deliveries {file.tenant.slug} {each.endpoint_id} --{file.mode}"
    return file.finding("endpoint_disabled", message, advice, command)


def _wake(file: DataFile) -> None:
    """Let a server look into the file, the one that runs or the next."""
    with open_box(file.case.folder, file.case.clock) as registry:
        registry.write(due.note_change, file.tenant.id, file.mode)

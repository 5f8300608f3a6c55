"""What ails the registry and the keyring, and what the registry tells of the tenants' folders."""

import shlex
from collections.abc import Iterator, Sequence
from functools import partial

from smoothbox.clock import Clock, instant_text
from smoothbox.errors import Problem
from smoothbox.keyring import Keyring
from smoothbox.keyring_file import load_keyring
from smoothbox.store import box, soundness
from smoothbox.store.box import Tenant
from smoothbox.store.direct import Direct, open_to_look
from smoothbox.store.folder import DataFolder, open_box
from smoothbox.store.migrate import BOX, newest
from smoothbox.upkeep.doctor.case import FIX, HOUR, Case
from smoothbox.upkeep.doctor.findings import Finding


def keyring(case: Case) -> tuple[Keyring | None, list[Finding]]:
    """The keys of the box, or what is wrong with them."""
    path = case.folder.keyring
    try:
        return load_keyring(path), []
    except Problem as problem:
        if isinstance(problem.__cause__, OSError):
            return None, [unread(str(path), problem)]
        code = "keyring_broken" if path.exists() else "keyring_missing"
        return None, [_without_keys(case, code, problem.message)]


def tenants(case: Case) -> tuple[list[Tenant], list[Finding]]:
    """The tenants of the box, or what is wrong with its registry."""
    if not case.folder.exists():
        return [], [_lost(case, "It is not there.")]
    try:
        with open_to_look(case.folder.box, case.clock) as looked:
            findings = [*_registry(case, looked)]
            return ([], findings) if findings else (looked.read(box.tenants), [])
    except Problem as problem:
        if problem.details.get("damaged"):
            return [], [_lost(case, problem.message)]
        return [], [unread(str(case.folder.box), problem)]


def about_folders(case: Case, known: Sequence[Tenant]) -> Iterator[Finding]:
    """Folders of data files that no tenant has."""
    with open_to_look(case.folder.box, case.clock) as looked:
        deleted = set(looked.read(box.deleted_folders))
    names = {tenant.folder for tenant in known}
    for path in sorted(case.folder.tenants.glob("*")):
        if path.name in names or path.name.startswith("."):
            continue
        message = "Its tenant was deleted." if path.name in deleted else "The registry has never heard of it."
        yield Finding("folder_unknown", str(path), message, f"If nobody misses it: rm -r {shlex.quote(str(path))}")


def about_pauses(case: Case, chosen: Sequence[Tenant]) -> Iterator[Finding]:
    """Tenants that were left paused."""
    with open_to_look(case.folder.box, case.clock) as looked:
        pauses = looked.read(box.pauses)
    for tenant in chosen:
        since = pauses.get(tenant.id)
        if since is not None and since < instant_text(case.clock.now() - HOUR):
            advice = "If it was imported elsewhere, delete it here ('tenant delete'); else let it go on:"
            yield Finding("paused", tenant.slug, f"It is paused since {since}.", advice, f"tenant resume {tenant.slug}")


def unread(where: str, problem: Problem) -> Finding:
    """A file that may be sound, and could not be read now."""
    advice = "Put right what keeps it from being read (see the message, and what else is found here), and look again:"
    return Finding("unread", where, problem.message, advice, "doctor")


def _registry(case: Case, looked: Direct) -> Iterator[Finding]:
    schema, mark = looked.read(soundness.identity)
    ours, where = newest(BOX), str(case.folder.box)
    if not BOX.has(schema, mark):
        yield _lost(case, "It is empty, or no registry.")
    elif schema > ours:
        advice = "Use the newer program again, or put the snapshot in its place that was made before the upgrade."
        yield Finding("registry_ahead", where, f"It is of schema {schema}, the program's is {ours}.", advice)
    elif damage := looked.read(partial(soundness.damage, quick=case.is_quick)):
        yield _lost(case, f"{damage[0]}.")
    elif schema < ours:
        message = f"It is of schema {schema}, the program's is {ours}."
        if case.server is None:
            yield Finding("registry_behind", where, message, command=FIX, mend=partial(_upgrade, case.folder, case.clock))
        else:
            yield Finding("registry_behind", where, message, "The server that runs is older than this program: start it anew.")


def _upgrade(folder: DataFolder, clock: Clock) -> None:
    with open_box(folder, clock):  # brings it up to date
        pass


def _without_keys(case: Case, code: str, message: str) -> Finding:
    path = shlex.quote(str(case.folder.keyring))
    for each in case.backups:
        if each.manifest and each.manifest.has_keyring:
            advice = f"install -m 600 {shlex.quote(str(each.path / 'keyring'))} {path}"
            return Finding(code, str(case.folder.keyring), message, advice)
    aside = "" if code == "keyring_missing" else f" mv {path} {path}.broken;"
    advice = f"Put it back from where you keep it, with the mode 0600. Only if it is lost:{aside}"
    return Finding(code, str(case.folder.keyring), message, advice, "keys create")


def _lost(case: Case, message: str) -> Finding:
    """A backup's copy of the registry is one; the tenants' files stay as they are."""
    where, path = str(case.folder.box), shlex.quote(str(case.folder.box))
    newest = next((each for each in case.backups if each.manifest), None)
    if newest is None or newest.manifest is None:
        advice = f"No complete backup in {case.backup_home} has it; put a sound copy in its place while no server runs."
        return Finding("registry_damaged", where, message, advice)
    aside = shlex.quote(str(case.folder.root / "damaged"))
    away = f"mkdir -p {aside} && mv {path}* {aside} && " if case.folder.exists() else ""
    copied = f"{away}install -m 600 {shlex.quote(str(newest.path / 'box.sqlite'))} {path} &&"
    lost = f"Tenants, tokens and people made after {newest.manifest.created_at} are lost, all else stays."
    return Finding("registry_damaged", where, message, f"{lost} Stop the server, then: {copied}", FIX)

"""`smoothbox doctor`."""

from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

import click

from smoothbox.cli.received import escaped
from smoothbox.cli.session import Session, hint
from smoothbox.cli.slugs import known_slugs
from smoothbox.upkeep.doctor import visit
from smoothbox.upkeep.doctor.case import Case
from smoothbox.upkeep.doctor.findings import KINDS, Finding

_MARGIN: Final = " " * 9


@click.command()
@click.option("--tenant", "slugs", multiple=True, metavar="SLUG", shell_complete=known_slugs, help="Only this one; repeatable.")
@click.option("--quick", is_flag=True, help="Leave out what takes long: comparing each index with what it indexes.")
@click.option("--fix", is_flag=True, help="Put right what is safe to put right.")
@click.pass_obj
def doctor(session: Session, slugs: tuple[str, ...], quick: bool, fix: bool) -> None:
    """Look whether the box is sound, and say for each thing that is not what helps.

    It looks at the machine (SQLite, disk, clock, open files), at the data folder (permissions, leftovers, keyring, backups),
    and into every data file (damage, schema, overlapping bookings, secrets, deliveries that wait). A server may be running.
    It changes nothing but with --fix, which sets permissions right, brings files up to date, has a server look at what it has
    forgotten, gives back time that cancelled bookings keep, and removes what interrupted commands have left.

    It ends with 1 where there is a problem, with 0 where there are warnings at most.

    Example: smoothbox --data-dir /var/lib/smoothbox doctor
    """
    if not session.folder.keyring.exists() and not session.folder.tenants.exists():  # else there was a box
        session.require_box()
    findings = _findings(session, slugs, quick=quick)
    failures, mended = visit.mend(findings) if fix else [], list[Finding]()
    if fix and any(finding.mend for finding in findings):
        before, findings = findings, _findings(session, slugs, quick=quick)
        still = {_key(finding) for finding in findings}
        mended = [finding for finding in before if finding.mend and _key(finding) not in still]
    _say(session, findings, mended)
    for failure in failures:
        session.out.remark(f"Could not be mended: {escaped(failure)}")
    if any(finding.severity == "problem" for finding in findings):
        raise click.exceptions.Exit(1)


def _findings(session: Session, slugs: Sequence[str], *, quick: bool) -> list[Finding]:
    case = Case(session.folder, session.settings(), session.clock, quick)
    with session.out.watched("Looking") as watch, hint("not_found", session.command("tenant list")):
        return visit.look(case, slugs, watch)


def _key(finding: Finding) -> tuple[str, str]:
    return finding.code, finding.where


def _say(session: Session, findings: Sequence[Finding], mended: Sequence[Finding]) -> None:
    count = Counter(finding.severity for finding in findings)
    value = {
        "problems": count["problem"],
        "warnings": count["warning"],
        "findings": [_wire(session, finding) for finding in findings],
        "fixed": [_wire(session, finding) for finding in mended],
    }
    lines = [line for finding in mended for line in _lines("fixed", "green", finding)]
    for finding in findings:
        color = "red" if finding.severity == "problem" else "yellow"
        lines += [*_lines(finding.severity, color, finding), f"{_MARGIN}→ {escaped(_fix(session, finding))}"]
    session.out.data(value, "\n".join([*lines, _verdict(count["problem"], count["warning"])]))


def _verdict(problems: int, warnings: int) -> str:
    if problems:
        return f"The box is not sound: problems {problems}, warnings {warnings}."
    return "The box is sound." + (f" Warnings: {warnings}." if warnings else "")


def _lines(word: str, color: str, finding: Finding) -> list[str]:
    head = f"{click.style(word.ljust(len(_MARGIN) - 1), fg=color)} {KINDS[finding.code][1]}"
    said = finding.message if finding.where in finding.message else f"{finding.where}: {finding.message}"
    return [head, f"{_MARGIN}{escaped(said)}"]


def _fix(session: Session, finding: Finding) -> str:
    """What helps: a sentence, a command, or the one and then the other."""
    command = session.command(finding.command) if finding.command else ""
    return f"{finding.advice} {command}".strip()


def _wire(session: Session, finding: Finding) -> dict[str, Any]:
    return {
        "code": finding.code,
        "severity": finding.severity,
        "where": finding.where,
        "message": finding.message,
        "fix": _fix(session, finding),
        "command": session.command(finding.command) if finding.command else None,
        "fixable": finding.mend is not None,
    }

"""`smoothbox tenant migrate`."""

from collections.abc import Iterable, Sequence
from typing import Any

import click

from smoothbox.cli.output import Output
from smoothbox.cli.session import Session, hint
from smoothbox.cli.slugs import known_slugs
from smoothbox.errors import Problem
from smoothbox.ids import MODES
from smoothbox.operations import tenants
from smoothbox.store.box import Tenant
from smoothbox.upkeep import migration
from smoothbox.upkeep.migration import Outcome


@click.command()
@click.argument("slugs", nargs=-1, metavar="[SLUG]...", shell_complete=known_slugs)
@click.option("--all", "everyone", is_flag=True, help="Of every tenant, also those that are disabled.")
@click.pass_obj
def migrate(session: Session, slugs: tuple[str, ...], everyone: bool) -> None:
    """Bring the data files of tenants up to the schema of this program.

    A server does that by itself when it first opens a file. Done before, no request waits for it, and a file that cannot
    be brought up to date is found. A server of this version may run meanwhile; one of an older version is stopped first.
    Each file is done or left as it was, so it may be interrupted and run again.

    Example: smoothbox --data-dir /var/lib/smoothbox tenant migrate --all
    """
    if bool(slugs) == everyone:
        raise click.UsageError("Say either the SLUGs of tenants or --all.", click.get_current_context())
    chosen = _chosen(session, slugs)
    outcomes = _watched(session.out, migration.migrate_all(session.folder, session.clock, chosen), len(chosen) * len(MODES))
    failed = migration.failures(session.folder, session.clock, outcomes)
    _say(session.out, outcomes, failed)
    if failed:
        raise _failure(outcomes, failed)


def _chosen(session: Session, slugs: tuple[str, ...]) -> list[Tenant]:
    """The tenants with these slugs, each once; all where none is named. Raises Problem 'not_found'."""
    with session.box() as box, hint("not_found", session.command("tenant list")):
        return [box.read(tenants.find, slug) for slug in dict.fromkeys(slugs)] or box.read(tenants.list_all)


def _watched(out: Output, each: Iterable[Outcome], count: int) -> list[Outcome]:
    outcomes: list[Outcome] = []
    with out.watched("Migrating") as watch:
        for outcome in each:
            outcomes.append(outcome)
            watch(len(outcomes), count)
    return outcomes


def _say(out: Output, outcomes: Sequence[Outcome], failed: Sequence[Outcome]) -> None:
    done = [each.applied > 0 for each in outcomes if not each.failure]
    migrated, current = sum(done), len(done) - sum(done)
    value = {"up_to_date": current, "migrated": migrated, "failed": [_wire(each) for each in failed]}
    rest = f", {len(failed)} failed" if failed else ""
    out.done(value, f"Data files: {migrated} migrated, {current} up to date already{rest}.")


def _wire(shown: Outcome) -> dict[str, Any]:
    return {"tenant": shown.tenant.slug, "mode": shown.mode, "path": str(shown.path), "reason": shown.failure}


def _failure(outcomes: Sequence[Outcome], failed: Sequence[Outcome]) -> Problem:
    head = f"{len(failed)} of {len(outcomes)} data files could not be brought up to date:"
    return Problem("unavailable", "\n".join([head, *(f"{each.path}: {each.failure}" for each in failed)]))

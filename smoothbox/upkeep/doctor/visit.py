"""One visit of the doctor: everything looked at, and what is safe put right."""

from collections.abc import Sequence

from smoothbox.errors import Problem
from smoothbox.ids import MODES
from smoothbox.store.box import Tenant
from smoothbox.upkeep.backups import Watch
from smoothbox.upkeep.doctor import files, machine, registry, tree
from smoothbox.upkeep.doctor.case import Case, DataFile
from smoothbox.upkeep.doctor.findings import Finding


def look(case: Case, slugs: Sequence[str], watch: Watch) -> list[Finding]:
    """Everything that is found, beside a server that may be running; changes nothing.

    `slugs` are the tenants to look into; none means all. Raises Problem 'not_found' where there is no tenant of a slug.
    """
    found = [*machine.look(case), *tree.look(case)]
    keys, about_keys = registry.keyring(case)
    tenants, about_registry = registry.tenants(case)
    found += about_keys + about_registry
    if about_registry:  # nobody knows whose the files are
        return found
    chosen = _chosen(tenants, slugs)
    if tenants:
        found += machine.about_backups(case, min(tenant.created_at for tenant in tenants))
    found += registry.about_folders(case, tenants)
    found += registry.about_pauses(case, chosen)
    latest = max(((tenant.created_at, str(case.folder.box)) for tenant in tenants), default=("", ""))
    for done, tenant in enumerate(chosen, 1):
        for mode in MODES:
            file = DataFile(case, tenant, mode)
            looked = files.look(file, keys)
            found += looked.findings
            latest = max(latest, (looked.latest, str(file.path)))
        watch(done, len(chosen))
    return [*found, *machine.about_clock(case, latest)]


def mend(findings: Sequence[Finding]) -> list[str]:
    """Put right what is safe to put right; why some of it could not be."""
    failures = list[str]()
    for finding in findings:
        try:
            if finding.mend is not None:
                finding.mend()
        except (Problem, OSError) as error:
            failures.append(f"{finding.where}: {error}")
    return failures


def _chosen(tenants: Sequence[Tenant], slugs: Sequence[str]) -> list[Tenant]:
    by_slug = {tenant.slug: tenant for tenant in tenants}
    for slug in slugs:
        if slug not in by_slug:
            raise Problem("not_found", f"There is no tenant '{slug}'.")
    return [by_slug[slug] for slug in dict.fromkeys(slugs)] or list(tenants)

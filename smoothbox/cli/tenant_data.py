"""The data of one tenant in one mode, for commands that work on it beside a server that may be running."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import update_wrapper
from typing import Any, TypeVar, TypeVarTuple

import click

from smoothbox.cli.session import Session, hint
from smoothbox.cli.slugs import known_slugs
from smoothbox.ids import Mode
from smoothbox.keyring import Vault
from smoothbox.keyring_file import load_keyring
from smoothbox.operations import tenancy, tenants
from smoothbox.store.box import Tenant
from smoothbox.store.connection import Tx
from smoothbox.store.folder import open_tenant

T = TypeVar("T")
Args = TypeVarTuple("Args")


@dataclass(frozen=True, slots=True)
class TenantData:
    """One data file, and whose it is."""

    session: Session
    tenant: Tenant
    mode: Mode

    @classmethod
    def of(cls, session: Session, slug: str, mode: Mode) -> "TenantData":
        """The data of the tenant with this slug. Raises Problem 'not_found'."""
        with session.box() as box, hint("not_found", session.command("tenant list")):
            return cls(session, box.read(tenants.find, slug), mode)

    @property
    def vault(self) -> Vault:
        """What seals secrets for this file. Raises Problem 'unavailable' where the keyring is missing."""
        return load_keyring(self.session.folder.keyring).vault(self.tenant.folder, self.mode)

    def read(self, verb: Callable[[Tx, *Args], T], *args: *Args) -> T:
        """Run a verb that only reads."""
        with open_tenant(self.session.folder, self.tenant.folder, self.mode, self.session.clock) as data:
            return data.read(verb, *args)

    def write(self, verb: Callable[[Tx, *Args], T], *args: *Args) -> T:
        """Run a verb in a transaction that the server hears of."""
        return tenancy.write_beside(self.session.folder, self.session.clock, self.tenant, self.mode, verb, *args)

    def command(self, words: str, *ids: int) -> str:
        """A command line about this data, ready to be pasted, such as 'webhook test acme 3 --live'."""
        return self.session.command(" ".join([words, self.tenant.slug, *map(str, ids), f"--{self.mode}"]))


def of_tenant(command: Callable[..., Any]) -> Callable[..., Any]:
    """The argument SLUG and the options --live and --test, of which one is to be said; handed over as `data`."""

    @click.pass_obj
    def handed(session: Session, /, slug: str, live: bool, test: bool, **rest: Any) -> Any:
        return command(TenantData.of(session, slug, said_mode(live, test)), **rest)

    slug = click.argument("slug", shell_complete=known_slugs)
    live = click.option("--live", is_flag=True, help="Of the business's real data.")
    test = click.option("--test", is_flag=True, help="Of its sandbox.")
    return slug(live(test(update_wrapper(handed, command))))


def said_mode(live: bool, test: bool) -> Mode:
    """The mode that was asked for. Raises click.UsageError unless it is exactly one."""
    if live == test:
        raise click.UsageError("Say either --live or --test.", click.get_current_context())
    return "live" if live else "test"

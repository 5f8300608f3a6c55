"""`smoothbox user …`."""

import sys
from typing import Any

import click

from smoothbox.cli.address import login_address, page_url
from smoothbox.cli.duration import duration
from smoothbox.cli.output import table
from smoothbox.cli.session import Session, hint
from smoothbox.cli.slugs import known_slugs
from smoothbox.operations import passwords, people
from smoothbox.store.people import Person


@click.command()
@click.argument("slug", shell_complete=known_slugs)
@click.argument("name")
@click.option("--password", "with_password", is_flag=True, help="Ask for a password; without one, login links are the way in.")
@click.pass_obj
def create(session: Session, slug: str, name: str, with_password: bool) -> None:
    """Let NAME open the console of the tenant SLUG.

    A name is used once on a box; an e-mail address is a good one, though nothing is sent to it. A password is asked for twice,
    or read as a line of the standard input. It stands nowhere: what is kept cannot be turned back into it.

    Example: smoothbox user create acme jane@example.com --password
    """
    password = _asked() if with_password else None
    with session.box() as box, hint("not_found", session.command("tenant list")):
        person = box.write(people.create, slug, name, password)
    session.out.done(_wire(person), f"'{person.name}' may open the console of '{person.tenant.slug}'.")
    if password is None:
        session.out.remark(f"To log in: {session.command(f'user login-link {person.name!r}')}")


@click.command("list")
@click.argument("slug", shell_complete=known_slugs)
@click.pass_obj
def list_(session: Session, slug: str) -> None:
    """List who may open the console of a tenant.

    Says who has a password, and who logs in by link only. Shows neither passwords nor links.

    Example: smoothbox user list acme
    """
    with session.box() as box, hint("not_found", session.command("tenant list")):
        found = box.read(people.list_of, slug)
    rows = [(each.name, "yes" if each.password else "by link only", each.created_at) for each in found]
    session.out.data([_wire(each) for each in found], table(("NAME", "PASSWORD", "CREATED"), rows))


@click.command("login-link")
@click.argument("name")
@click.option("--lasts", type=duration, metavar="SPAN", default="15m", show_default=True, help="It is good for this long.")
@click.pass_obj
def login_link(session: Session, name: str, lasts: int) -> None:
    """Make a link that logs NAME in, once.

    Whoever opens it first is NAME in the console: hand it over as you would a key. A password, other links, and who is
    logged in already are left alone.

    Example: smoothbox user login-link jane@example.com --lasts 1h
    """
    with session.box() as box, hint("not_found", session.command("user list SLUG")):
        secret = box.write(people.new_link, name, lasts)
    url = login_address(page_url(session), secret)
    session.out.data({"url": url, "seconds": lasts}, url)
    session.out.remark("It works once.")


@click.command("set-password")
@click.argument("name")
@click.option("--none", "without", is_flag=True, help="Take the password away; login links remain.")
@click.pass_obj
def set_password(session: Session, name: str, without: bool) -> None:
    """Give NAME another password, or none.

    It is asked for twice, or read as a line of the standard input. All sessions of NAME end; what NAME may do stays the same.

    Example: smoothbox user set-password jane@example.com
    """
    password = None if without else _asked()
    with session.box() as box, hint("not_found", session.command("user list SLUG")):
        person = box.write(people.set_password, name, password)
    session.out.done(_wire(person), f"'{person.name}' has {'another' if password else 'no'} password, and is logged out.")


@click.command()
@click.argument("name")
@click.pass_obj
def remove(session: Session, name: str) -> None:
    """Let NAME in no longer, at once.

    Whoever is logged in by that name is logged out, and its links are good no longer. What NAME did in the console stays.

    Example: smoothbox user remove jane@example.com
    """
    with session.box() as box, hint("not_found", session.command("user list SLUG")):
        person = box.write(people.remove, name)
    session.out.done(_wire(person), f"'{person.name}' may open the console of '{person.tenant.slug}' no longer.")


def _asked() -> str:
    """What is kept of a password that was typed twice, or came as a line where nobody types."""
    if sys.stdin.isatty():
        typed: str = click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    else:
        typed = sys.stdin.readline().rstrip("\r\n")
    return passwords.hashed(passwords.checked(typed))


def _wire(person: Person) -> dict[str, Any]:
    return {
        "name": person.name,
        "tenant": person.tenant.slug,
        "has_password": person.password is not None,
        "created_at": person.created_at,
    }

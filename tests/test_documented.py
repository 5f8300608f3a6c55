"""What is declared is documented: a code, setting, filter, scope, route or command without its sentence fails here."""

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from smoothbox import contract, settings
from smoothbox.api.messages import STATUS
from smoothbox.api.routes import ROUTES
from smoothbox.cli.main import root
from smoothbox.contract import availability, bookings, business, customers, events, listing, resources, services, webhooks
from smoothbox.contract.scopes import SCOPES
from smoothbox.errors import SENTENCES

ROOT = Path(__file__).parent.parent
LISTS = (services.LIST, resources.LIST, bookings.LIST, customers.LIST, webhooks.LIST, webhooks.DELIVERIES, events.LIST)


def is_sentence(text: str) -> bool:
    """Begins with a capital and ends with a full stop."""
    return text[:1].isupper() and text.rstrip().endswith(".")


def sources() -> str:
    """All of the program's text, without the table of codes itself."""
    return "\n".join(path.read_text("utf-8") for path in (ROOT / "smoothbox").rglob("*.py") if path.name != "errors.py")


def commands(group: click.Command, name: str) -> Iterator[tuple[str, click.Command]]:
    """Every command below a group."""
    yield name, group
    if isinstance(group, click.Group):
        context = click.Context(group)
        for each in group.list_commands(context):
            found = group.get_command(context, each)
            assert found is not None
            yield from commands(found, f"{name} {each}")


@pytest.mark.parametrize("code", SENTENCES)
def test_an_error_code_has_a_sentence_and_a_status_and_is_used(code: str) -> None:
    assert is_sentence(SENTENCES[code])
    assert 400 <= STATUS[code] <= 507
    assert sources().count(f'"{code}"') > 1, f"{code} is in the table of statuses only"


def test_no_status_is_given_to_a_code_that_does_not_exist() -> None:
    assert STATUS.keys() == SENTENCES.keys()


@pytest.mark.parametrize("setting", list(settings.declared()), ids=lambda each: each.name)
def test_a_setting_has_a_sentence(setting: settings.Setting) -> None:
    assert is_sentence(setting.help)


@pytest.mark.parametrize("each", LISTS, ids=lambda each: each.name)
def test_a_filter_has_a_sentence(each: listing.Listing) -> None:
    assert all(is_sentence(declared.help) for declared in (*each.filters, *each.shared))


def test_a_parameter_and_a_scope_have_a_sentence() -> None:
    for text in (*availability.PARAMETERS.values(), *SCOPES.values(), *events.SENTENCES.values()):
        assert is_sentence(text), text


def test_a_route_asks_for_a_scope_that_exists_and_has_a_handler_that_says_what_it_does() -> None:
    for pattern, methods in ROUTES.items():
        for method, endpoint in methods.items():
            assert endpoint.scope is None or endpoint.scope in SCOPES, (pattern, method)
            assert is_sentence(endpoint.handler.__doc__ or ""), (pattern, method)


def test_the_readme_shows_every_route_with_its_scopes() -> None:
    rows = re.findall(r"^\| (`.*?) \|(.*)\|$", (ROOT / "README.md").read_text("utf-8"), re.MULTILINE)
    shown = {pattern: rest for addresses, rest in rows for pattern in re.findall(r"`([^`]*)`", addresses)}
    assert shown.keys() == ROUTES.keys()
    for pattern, methods in ROUTES.items():
        for endpoint in methods.values():
            assert (endpoint.scope or "any token") in shown[pattern], (pattern, endpoint.scope)


@pytest.mark.parametrize(("name", "command"), list(commands(root, "smoothbox")), ids=str)
def test_a_command_and_its_options_explain_themselves(name: str, command: click.Command) -> None:
    assert is_sentence((command.help or "").split("\n\n")[0].replace("\n", " ")), name
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            assert parameter.help, f"{name} {parameter.name}"


def test_every_body_field_of_a_contract_is_described() -> None:
    """Each Struct of the contract says in a sentence what it is and in which units."""
    for module in (services, resources, business, bookings, customers, availability, events, webhooks):
        for name, value in vars(module).items():
            if isinstance(value, type) and value.__module__ == module.__name__:
                assert is_sentence(value.__doc__ or ""), f"{contract.__name__}.{name}"

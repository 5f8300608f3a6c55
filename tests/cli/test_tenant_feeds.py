"""`smoothbox tenant feeds`: addresses to subscribe to."""

from pathlib import Path

import pytest

from tests.cli.conftest import Smoothbox


@pytest.fixture
def acme(smoothbox: Smoothbox, catalogue: Path) -> Smoothbox:
    """Beside a tenant with a catalogue."""
    smoothbox.done("tenant", "apply", "acme", str(catalogue))
    return smoothbox


def test_the_business_and_each_resource_have_an_address(acme: Smoothbox) -> None:
    found = acme.json("tenant", "feeds", "acme", "--live")
    assert [(each["name"], each["resource_id"]) for each in found] == [("Acme Barbers", None), ("Ann", 1)]
    assert all(each["url"].startswith("http://127.0.0.1:8080/ical/") for each in found)
    assert acme.json("tenant", "feeds", "acme", "--live") == found


def test_new_links_are_others(acme: Smoothbox) -> None:
    before = acme.json("tenant", "feeds", "acme", "--live")
    after = acme.json("tenant", "feeds", "acme", "--live", "--new-links")
    assert not {each["url"] for each in before} & {each["url"] for each in after}
    assert acme.json("tenant", "feeds", "acme", "--live") == after


def test_the_sandbox_has_its_own(acme: Smoothbox) -> None:
    live, test = acme.json("tenant", "feeds", "acme", "--live"), acme.json("tenant", "feeds", "acme", "--test")
    assert not {each["url"] for each in live} & {each["url"] for each in test}

"""`smoothbox tenant …`, but for catalogues."""

from pathlib import Path

import pytest

from tests.cli.conftest import Smoothbox
from tests.cli.process import run, run_on_terminal


def files_of(smoothbox: Smoothbox, slug: str) -> set[str]:
    folder = smoothbox.data_dir / "tenants" / slug
    return {path.name for path in folder.iterdir()} if folder.exists() else set()


def test_a_box_without_tenants_lists_none(bare: Smoothbox) -> None:
    bare.done("init")
    assert bare.json("tenant", "list") == []
    assert bare.done("tenant", "list").out == "none\n"


def test_a_new_tenant_has_a_live_file_and_a_sandbox(smoothbox: Smoothbox) -> None:
    assert files_of(smoothbox, "acme") >= {"live.db", "test.db"}
    shown = smoothbox.json("tenant", "show", "acme")
    nothing = {"services": 0, "resources": 0, "customers": 0, "bookings": 0}
    assert shown == {
        "slug": "acme",
        "name": "Acme",
        "status": "ACTIVE",
        "created_at": shown["created_at"],
        "live": nothing,
        "test": nothing,
    }


def test_people_see_the_tenants_as_a_table(smoothbox: Smoothbox) -> None:
    heading, *rows = smoothbox.done("tenant", "list").out.splitlines()
    assert heading.split() == ["SLUG", "NAME", "STATUS", "CREATED"]
    assert [row.split()[:3] for row in rows] == [["acme", "Acme", "ACTIVE"], ["rival", "Rival", "ACTIVE"]]
    assert "live        0 services, 0 resources, 0 customers, 0 bookings" in smoothbox.done("tenant", "show", "acme").out


@pytest.mark.parametrize(
    ("slug", "options", "status", "said"),
    [
        ("acme", {}, 5, "There is a tenant 'acme' already."),
        ("Acme", {}, 2, "slug: A slug is 1 to 63 of a-z, 0-9 and '-', and neither begins nor ends with '-'."),
        ("new", {"timezone": "Europe/Pariss"}, 2, "timezone: There is no time zone 'Europe/Pariss'"),
        ("new", {"timezone": "../../etc/passwd"}, 2, "timezone: There is no time zone"),
        ("new", {"currency": "euro"}, 2, "currency: 'euro' is not a currency"),
        ("new", {"name": "  "}, 2, "name: A name has 1 to 200 characters."),
    ],
)
def test_a_tenant_that_cannot_be_made_leaves_nothing(
    smoothbox: Smoothbox, slug: str, options: dict[str, str], status: int, said: str
) -> None:
    given = {"name": "New", "timezone": "UTC", "currency": "EUR"} | options
    ended = smoothbox("tenant", "create", slug, *(word for name, value in given.items() for word in (f"--{name}", value)))
    assert ended.status == status
    assert ended.err.startswith(f"Error: {said}")
    assert [each["slug"] for each in smoothbox.json("tenant", "list")] == ["acme", "rival"]
    assert files_of(smoothbox, "new") == set()


def test_a_renamed_tenant_keeps_its_data_and_tokens(smoothbox: Smoothbox) -> None:
    token = smoothbox.json("token", "create", "acme", "--name", "crm", "--live", "--all-scopes")
    assert smoothbox.json("tenant", "rename", "acme", "acme-two")["slug"] == "acme-two"
    assert smoothbox("tenant", "show", "acme").status == 4
    assert [each["id"] for each in smoothbox.json("token", "list", "acme-two")] == [token["id"]]
    assert smoothbox("tenant", "rename", "acme-two", "rival").status == 5


def test_a_tenant_is_disabled_and_enabled(smoothbox: Smoothbox) -> None:
    assert smoothbox.json("tenant", "disable", "acme")["status"] == "DISABLED"
    assert smoothbox.json("tenant", "show", "acme")["status"] == "DISABLED"
    assert smoothbox.json("tenant", "enable", "acme")["status"] == "ACTIVE"


@pytest.mark.parametrize(
    "words",
    [
        ("show", "acne"),
        ("rename", "acne", "acme2"),
        ("disable", "acne"),
        ("enable", "acne"),
        ("delete", "acne"),
        ("reset-sandbox", "acne"),
    ],
)
def test_an_unknown_tenant_is_not_found_and_the_list_is_named(smoothbox: Smoothbox, words: tuple[str, ...]) -> None:
    ended = smoothbox("--yes", "--json", "tenant", *words)
    assert ended.status == 4
    assert ended.complaint["message"] == "There is no tenant 'acne'."
    assert ended.complaint["hint"] == f"smoothbox --data-dir {smoothbox.data_dir} tenant list"


def test_a_deleted_tenant_is_gone_with_its_files_and_tokens(smoothbox: Smoothbox) -> None:
    token = smoothbox.json("token", "create", "acme", "--name", "crm", "--live", "--all-scopes")
    assert smoothbox.json("--yes", "tenant", "delete", "acme")["status"] == "DELETED"
    assert files_of(smoothbox, "acme") == set()
    assert [each["slug"] for each in smoothbox.json("tenant", "list")] == ["rival"]
    assert smoothbox.json("token", "show", str(token["id"]))["status"] == "revoked"


def test_the_slug_of_a_deleted_tenant_is_free_but_its_folder_is_not(smoothbox: Smoothbox) -> None:
    smoothbox.done("--yes", "tenant", "delete", "acme")
    smoothbox.done("tenant", "create", "acme", "--name", "Again", "--timezone", "UTC", "--currency", "EUR")
    assert files_of(smoothbox, "acme") == set()
    assert files_of(smoothbox, "acme.2") >= {"live.db", "test.db"}


@pytest.mark.parametrize("command", ["delete", "reset-sandbox"])
def test_off_a_terminal_what_cannot_be_undone_ends_2_at_once(smoothbox: Smoothbox, command: str) -> None:
    ended = run("--data-dir", str(smoothbox.data_dir), "tenant", command, "acme")
    assert ended.returncode == 2
    assert "cannot be undone, and there is no terminal to ask on" in ended.stderr
    assert "--yes" in ended.stderr
    assert files_of(smoothbox, "acme") >= {"live.db", "test.db"}


@pytest.mark.parametrize(("typed", "status", "left"), [("acme\n", 0, 1), ("acne\n", 6, 2), ("\n", 6, 2), ("\x04", 130, 2)])
def test_on_a_terminal_the_name_must_be_typed(smoothbox: Smoothbox, typed: str, status: int, left: int) -> None:
    ended, shown = run_on_terminal(typed, "--data-dir", str(smoothbox.data_dir), "tenant", "delete", "acme")
    assert ended == status
    assert "cannot be undone. Type 'acme' to go on" in shown
    assert len(smoothbox.json("tenant", "list")) == left


@pytest.mark.parametrize(
    ("words", "environment", "coloured"),
    [
        ((), {"TERM": "xterm"}, True),
        (("--no-color",), {"TERM": "xterm"}, False),
        ((), {"TERM": "xterm", "NO_COLOR": "always"}, False),
        ((), {"TERM": "dumb"}, False),
    ],
)
def test_colours_go_only_where_they_are_wanted(
    smoothbox: Smoothbox, words: tuple[str, ...], environment: dict[str, str], coloured: bool
) -> None:
    listed = ("--data-dir", str(smoothbox.data_dir), *words, "tenant", "list")
    failed = ("--data-dir", str(smoothbox.data_dir), *words, "tenant", "show", "nobody")
    for command in (listed, failed):
        _, shown = run_on_terminal("", *command, environment=environment)
        assert ("\x1b[" in shown) is coloured
    assert "\x1b[" not in run(*listed).stdout


def test_a_folder_left_by_a_killed_deletion_goes_with_the_next(smoothbox: Smoothbox, tmp_path: Path) -> None:
    smoothbox.done("--yes", "tenant", "delete", "acme")
    left = smoothbox.data_dir / "tenants" / "acme"
    left.mkdir()
    (left / "left").write_text("behind")
    smoothbox.done("--yes", "tenant", "delete", "rival")
    assert list((smoothbox.data_dir / "tenants").iterdir()) == []

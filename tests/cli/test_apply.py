"""`smoothbox tenant apply` and `reset-sandbox`."""

from pathlib import Path

import pytest

from tests.cli.conftest import CATALOGUE, Smoothbox


def applied(smoothbox: Smoothbox, catalogue: Path, *options: str) -> set[tuple[str, str, str, str]]:
    answer = smoothbox.json("tenant", "apply", "acme", str(catalogue), *options)
    return {(each["mode"], each["action"], each["what"], each["key"]) for each in answer}


def test_it_fills_both_files_and_changes_nothing_the_second_time(smoothbox: Smoothbox, catalogue: Path) -> None:
    assert applied(smoothbox, catalogue) == {
        (mode, action, what, key)
        for mode in ("live", "test")
        for action, what, key in (("updated", "business", ""), ("created", "resource", "ann"), ("created", "service", "cut"))
    }
    assert applied(smoothbox, catalogue) == set()
    assert smoothbox.done("tenant", "apply", "acme", str(catalogue)).out == "Nothing to change.\n"
    assert smoothbox.json("tenant", "show", "acme")["test"]["services"] == 1


def test_people_see_what_changed_as_a_table(smoothbox: Smoothbox, catalogue: Path) -> None:
    said = smoothbox.done("tenant", "apply", "acme", str(catalogue), "--mode", "live").out.splitlines()
    assert [line.split() for line in said] == [
        ["MODE", "ACTION", "WHAT", "KEY", "FIELDS"],
        ["live", "updated", "business", "-", "name,", "hours"],
        ["live", "created", "resource", "ann", "-"],
        ["live", "created", "service", "cut", "-"],
    ]


def test_a_dry_run_says_the_same_and_writes_nothing(smoothbox: Smoothbox, catalogue: Path) -> None:
    would = applied(smoothbox, catalogue, "--dry-run")
    assert "nothing was written" in smoothbox.done("tenant", "apply", "acme", str(catalogue), "--dry-run").err
    assert smoothbox.json("tenant", "show", "acme")["live"]["services"] == 0
    assert smoothbox.json("tenant", "show", "acme")["name"] == "Acme"
    assert applied(smoothbox, catalogue) == would


def test_one_mode_alone_can_be_changed(smoothbox: Smoothbox, catalogue: Path) -> None:
    assert {mode for mode, *_ in applied(smoothbox, catalogue, "--mode", "test")} == {"test"}
    shown = smoothbox.json("tenant", "show", "acme")
    assert (shown["live"]["services"], shown["test"]["services"]) == (0, 1)
    assert shown["name"] == "Acme"


def test_the_box_takes_over_the_live_name_of_the_business(smoothbox: Smoothbox, catalogue: Path) -> None:
    applied(smoothbox, catalogue)
    assert [each["name"] for each in smoothbox.json("tenant", "list")] == ["Acme Barbers", "Rival"]


def test_the_neighbour_is_left_alone(smoothbox: Smoothbox, catalogue: Path) -> None:
    applied(smoothbox, catalogue)
    assert smoothbox.json("tenant", "show", "rival")["live"]["services"] == 0


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (CATALOGUE.replace("price", "prise"), "line 15: service.prise: there is no such key; did you mean 'price'?"),
        (CATALOGUE.replace("[[service]]", "[[servise]]"), "line 11: servise: there is no such key; did you mean 'service'?"),
        (CATALOGUE + "key = \n", "is not valid TOML"),
        (CATALOGUE + 'key = "cut"\n', "(at line 17"),
    ],
)
def test_a_mistake_names_file_line_and_key_and_changes_nothing(
    smoothbox: Smoothbox, tmp_path: Path, content: str, said: str
) -> None:
    broken = tmp_path / "broken.toml"
    broken.write_text(content, "utf-8")
    ended = smoothbox("--json", "tenant", "apply", "acme", str(broken))
    assert ended.status == 2
    assert ended.complaint["error"] == "validation_error"
    assert str(broken) in ended.complaint["message"]
    assert said in ended.complaint["message"]
    assert smoothbox.json("tenant", "show", "acme")["live"]["services"] == 0


def test_people_see_one_line_for_each_mistake(smoothbox: Smoothbox, tmp_path: Path) -> None:
    broken = tmp_path / "broken.toml"
    broken.write_text(CATALOGUE.replace("STAFF", "STUFF").replace("New_York", "New_Yrok"), "utf-8")
    ended = smoothbox("tenant", "apply", "acme", str(broken))
    zone = "there is no time zone 'America/New_Yrok'; did you mean 'America/New_York'?"
    assert ended.err.splitlines() == [
        f"Error: {broken}, line 3: business.timezone: {zone}",
        f'{broken}, line 10: resource.type: "STUFF" does not fit; it takes "STAFF", "ROOM" or "EQUIPMENT"',
    ]


def test_a_missing_file_and_an_unknown_tenant_are_not_found(smoothbox: Smoothbox, catalogue: Path) -> None:
    assert smoothbox("tenant", "apply", "acme", "nowhere.toml").err == "Error: There is no file nowhere.toml.\n"
    assert smoothbox("tenant", "apply", "acme", "nowhere.toml").status == 4
    assert smoothbox("tenant", "apply", "nobody", str(catalogue)).status == 4


def test_a_reset_sandbox_has_the_live_catalogue(smoothbox: Smoothbox, catalogue: Path) -> None:
    applied(smoothbox, catalogue, "--mode", "live")
    smoothbox.done("--yes", "tenant", "reset-sandbox", "acme")
    shown = smoothbox.json("tenant", "show", "acme")
    assert shown["test"] == shown["live"]
    assert shown["test"]["services"] == 1

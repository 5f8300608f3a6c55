"""`smoothbox config …`, and where the settings file is looked for."""

import re
from pathlib import Path

import pytest

from smoothbox.settings import declared
from tests.cli.conftest import Smoothbox
from tests.cli.process import CHECKOUT


def setting(smoothbox: Smoothbox, name: str, *options: str) -> tuple[object, str]:
    (found,) = (each for each in smoothbox.json(*options, "config", "show") if each["setting"] == name)
    return found["value"], found["source"]


def test_every_setting_is_shown_with_its_source(bare: Smoothbox) -> None:
    assert [each["setting"] for each in bare.json("config", "show")] == [each.name for each in declared()]
    assert setting(bare, "server.port") == (8080, "default")
    assert re.search(r"^server\.trusted_proxies +- +default$", bare.done("config", "show").out, re.MULTILINE)


def test_a_variable_goes_before_the_file_and_that_before_the_default(bare: Smoothbox, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("smoothbox.toml").write_text("[server]\nport = 9000\nhost = '::'\n", "utf-8")
    monkeypatch.setenv("SMOOTHBOX_SERVER_PORT", "9001")
    assert setting(bare, "server.port") == (9001, "environment")
    assert setting(bare, "server.host") == ("::", "smoothbox.toml")


def test_verbose_and_quiet_are_levels_of_the_log(bare: Smoothbox) -> None:
    assert setting(bare, "log.level") == ("info", "default")
    assert setting(bare, "log.level", "-v") == ("debug", "flag")
    assert setting(bare, "log.level", "-q") == ("warning", "flag")


def test_the_file_is_looked_for_in_the_data_folder_and_then_here(bare: Smoothbox) -> None:
    assert bare.json("config", "path") == {"path": None}
    assert "smoothbox.toml and smoothbox.toml." in bare.done("config", "path").err
    Path("smoothbox.toml").touch()
    assert bare.json("config", "path")["path"] == str(Path("smoothbox.toml").absolute())
    bare.data_dir.mkdir()
    (bare.data_dir / "smoothbox.toml").touch()
    assert bare.json("config", "path")["path"] == str(bare.data_dir / "smoothbox.toml")
    Path("other.toml").touch()
    assert bare.json("--config", "other.toml", "config", "path")["path"] == str(Path("other.toml").absolute())


def test_a_variable_names_the_file_too(bare: Smoothbox) -> None:
    Path("other.toml").touch()
    assert bare("config", "path", env={"SMOOTHBOX_CONFIG": "other.toml"}).out.strip().endswith("other.toml")


@pytest.mark.parametrize("command", [("config", "show"), ("serve",), ("demo",)])
@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("[server]\nprot = 1\n", "line 2: server.prot: there is no such setting; did you mean server.port?"),
        ("[server]\n\nport = 'x'\n", "line 3: server.port: it takes a whole number."),
        ("[sever]\n", "line 1: sever: there is no such setting; did you mean server?"),
        ("server = 1\n", "line 1: server: write it as a table: [server]."),
        ("[server\n", "is not valid TOML"),
    ],
)
def test_a_broken_settings_file_ends_3_and_names_the_line(
    smoothbox: Smoothbox, command: tuple[str, ...], content: str, said: str
) -> None:
    Path("broken.toml").write_text(content, "utf-8")
    ended = smoothbox("--config", "broken.toml", "--json", *command)
    assert ended.status == 3
    assert ended.complaint["error"] == "configuration"
    assert ended.complaint["message"].startswith("broken.toml")
    assert said in ended.complaint["message"]


def test_a_settings_file_that_is_not_there_ends_3(bare: Smoothbox) -> None:
    ended = bare("--config", "nowhere.toml", "config", "show")
    assert (ended.status, ended.err) == (3, "Error: There is no file nowhere.toml.\n")


def test_a_variable_that_is_wrong_ends_3(bare: Smoothbox) -> None:
    ended = bare("config", "show", env={"SMOOTHBOX_SERVER_PORT": "70000"})
    assert ended.status == 3
    assert "SMOOTHBOX_SERVER_PORT: server.port: it must lie between 0 and 65535." in ended.err


def test_a_broken_settings_file_is_in_nobody_elses_way(smoothbox: Smoothbox) -> None:
    Path("smoothbox.toml").write_text("[server\n", "utf-8")
    for words in (("tenant", "list"), ("version",), ("config", "path"), ("status",)):
        smoothbox.done(*words)


def test_every_variable_is_listed_with_its_default_and_help(bare: Smoothbox) -> None:
    listed = bare.json("config", "env-help")
    assert [(each["variable"], each["help"]) for each in listed] == [(each.variable, each.help) for each in declared()]
    assert "SMOOTHBOX_SERVER_PORT" in bare.done("config", "env-help").out


def test_the_settings_file_of_the_project_is_the_template(bare: Smoothbox) -> None:
    """When this fails: python -m smoothbox config template > smoothbox.toml."""
    assert (CHECKOUT / "smoothbox.toml").read_text("utf-8") == bare.done("config", "template").out


def test_the_template_names_every_setting_with_its_default(bare: Smoothbox) -> None:
    text = bare.done("config", "template").out
    assert all(f"# {each.key} = " in text and each.help in text for each in declared())
    Path("all.toml").write_text(text.replace("# ", "", 0), "utf-8")
    uncommented = "\n".join(line[2:] if " = " in line else line for line in text.splitlines())
    Path("all.toml").write_text(uncommented, "utf-8")
    before, after = bare.json("config", "show"), bare.json("--config", "all.toml", "config", "show")
    assert [each["value"] for each in after] == [each["value"] for each in before]
    assert {each["source"] for each in after} == {"all.toml"}

"""Settings: declared once, and taken from flags, the environment, a file or their defaults, in this order."""

from pathlib import Path
from typing import Any

import pytest

from smoothbox.errors import Problem
from smoothbox.settings import Setting, Settings, declared, load_settings, may_use_color


def loaded(folder: Path, text: str, environment: dict[str, str] | None = None, **flags: Any) -> Settings:
    path = folder / "smoothbox.toml"
    path.write_text(text, "utf-8")
    return load_settings(path, environment or {}, {name.replace("__", "."): value for name, value in flags.items()})


def refusal(folder: Path, text: str, environment: dict[str, str] | None = None) -> str:
    with pytest.raises(Problem) as caught:
        loaded(folder, text, environment)
    assert caught.value.code == "validation_error"
    return caught.value.message.removeprefix(f"{folder / 'smoothbox.toml'}, ")


def test_without_anything_the_defaults_hold() -> None:
    settings = load_settings(None, {})
    assert settings == Settings(sources=settings.sources)
    assert set(settings.sources.values()) == {"default"}
    assert set(settings.sources) == {each.name for each in declared()}


@pytest.mark.parametrize("setting", list(declared()), ids=lambda setting: setting.name)
def test_every_setting_has_a_sentence_of_help_and_a_default_that_it_accepts(tmp_path: Path, setting: Setting) -> None:
    assert setting.help.endswith(".")
    value = ",".join(map(str, setting.default)) if isinstance(setting.default, tuple) else str(setting.default)
    settings = load_settings(None, {setting.variable: value})
    assert getattr(getattr(settings, setting.section), setting.key) == setting.default
    assert settings.sources[setting.name] == "environment"


def test_a_flag_goes_before_the_environment_and_that_before_the_file(tmp_path: Path) -> None:
    text = "[server]\nport = 1\nhost = 'file'\nbase_domain = 'file'\n"
    environment = {"SMOOTHBOX_SERVER_PORT": "2", "SMOOTHBOX_SERVER_HOST": "environment"}
    settings = loaded(tmp_path, text, environment, server__port=3, server__host=None)
    assert (settings.server.port, settings.server.host, settings.server.base_domain) == (3, "environment", "file")
    assert settings.sources["server.port"] == "flag"
    assert settings.sources["server.base_domain"] == str(tmp_path / "smoothbox.toml")
    assert settings.sources["limits.hourly"] == "default"


def test_a_whole_number_will_do_for_any_number(tmp_path: Path) -> None:
    assert loaded(tmp_path, "[server]\ndrain_seconds = 3\n").server.drain_seconds == 3.0


def test_networks_are_a_list_or_texts_with_commas_between_them(tmp_path: Path) -> None:
    networks = ("10.0.0.0/8", "::1/128")
    assert loaded(tmp_path, '[server]\ntrusted_proxies = ["10.0.0.0/8", "::1/128"]\n').server.trusted_proxies == networks
    variables = {"SMOOTHBOX_SERVER_TRUSTED_PROXIES": "10.0.0.0/8, ::1/128"}
    assert load_settings(None, variables).server.trusted_proxies == networks


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[sever]\n", "line 1: sever: there is no such setting; did you mean server?"),
        ("[payments]\n", "line 1: payments: there is no such setting."),
        ("[webhoks]\n", "line 1: webhoks: there is no such setting; did you mean webhooks?"),
        ("server = 8\n", "line 1: server: write it as a table: [server]."),
        ("[server]\n\nprot = 8\n", "line 3: server.prot: there is no such setting; did you mean server.port?"),
        ("[server]\nport = '8'\n", "line 2: server.port: it takes a whole number."),
        ("[server]\nport = 8.0\n", "line 2: server.port: it takes a whole number."),
        ("[server]\nport = true\n", "line 2: server.port: it takes a whole number."),
        ("[server]\nport = -1\n", "line 2: server.port: it must lie between 0 and 65535."),
        ("[server]\nport = 65536\n", "line 2: server.port: it must lie between 0 and 65535."),
        ("[server]\ndrain_seconds = nan\n", "line 2: server.drain_seconds: it must lie between 0 and 1000000000."),
        ("[server]\ndrain_seconds = inf\n", "line 2: server.drain_seconds: it must lie between 0 and 1000000000."),
        ("[server]\nhost = 8\n", "line 2: server.host: it takes a text in quotes."),
        ("[webhooks]\nrequire_https = 'no'\n", "line 2: webhooks.require_https: it takes true or false."),
        ("[webhooks]\nrequire_https = 1\n", "line 2: webhooks.require_https: it takes true or false."),
        (
            "[webhooks]\nretry_schedule = []\n",
            "line 2: webhooks.retry_schedule: it takes a list of one or more numbers such as",
        ),
        ("[webhooks]\nretry_schedule = 5\n", "line 2: webhooks.retry_schedule: it takes a list of one or more numbers such as"),
        ("[webhooks]\nretry_schedule = [0, -1]\n", "line 2: webhooks.retry_schedule: it takes a list of one or more numbers"),
        ("[webhooks]\nretry_schedule = [0, true]\n", "line 2: webhooks.retry_schedule: it takes a list of one or more numbers"),
        ("[webhooks]\nretry_schedule = [nan]\n", "line 2: webhooks.retry_schedule: it takes a list of one or more numbers"),
        ("[log]\nlevel = 'loud'\n", "line 2: log.level: it takes one of debug, info, warning, error."),
        ("[server]\ntrusted_proxies = '10.0.0.0/8'\n", "line 2: server.trusted_proxies: it takes a list of networks such as"),
        ("[server]\ntrusted_proxies = ['10.0.0.1/8']\n", "line 2: server.trusted_proxies: 10.0.0.1/8 has host bits set."),
    ],
)
def test_what_is_wrong_in_the_file_is_named_with_its_line(tmp_path: Path, text: str, said: str) -> None:
    assert refusal(tmp_path, text).startswith(said)


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("SMOOTHBOX_SERVER_PORT", "many", "SMOOTHBOX_SERVER_PORT: server.port: it takes a whole number."),
        (
            "SMOOTHBOX_WEBHOOKS_REQUIRE_HTTPS",
            "maybe",
            "SMOOTHBOX_WEBHOOKS_REQUIRE_HTTPS: webhooks.require_https: it takes true",
        ),
        (
            "SMOOTHBOX_WEBHOOKS_RETRY_SCHEDULE",
            "0, soon",
            "SMOOTHBOX_WEBHOOKS_RETRY_SCHEDULE: webhooks.retry_schedule: it takes",
        ),
        ("SMOOTHBOX_SERVER_PROT", "1", "environment: SMOOTHBOX_SERVER_PROT: there is no such setting; did you mean"),
        ("SMOOTHBOX_LOG_LEVEL", "", "SMOOTHBOX_LOG_LEVEL: log.level: it takes one of debug, info, warning, error."),
    ],
)
def test_what_is_wrong_in_the_environment_is_named(tmp_path: Path, variable: str, value: str, said: str) -> None:
    assert refusal(tmp_path, "", {variable: value}).startswith(said)


def test_variables_of_others_are_none_of_its_business(tmp_path: Path) -> None:
    assert loaded(tmp_path, "", {"SMOOTHBOX_CONFIG": "x", "SERVER_PORT": "9", "SMOOTHBOX": "y"}).server.port == 8080


@pytest.mark.parametrize(
    ("environment", "coloured"),
    [({}, True), ({"NO_COLOR": ""}, True), ({"NO_COLOR": "0"}, False), ({"TERM": "dumb"}, False), ({"TERM": "xterm"}, True)],
)
def test_colours_follow_the_environment(environment: dict[str, str], coloured: bool) -> None:
    assert may_use_color(environment) is coloured

"""`smoothbox config …`."""

import json
from itertools import groupby
from typing import Any, Final

import click

from smoothbox.cli.output import table
from smoothbox.cli.session import Session, settings_places
from smoothbox.setting_values import Setting
from smoothbox.settings import Settings, declared

_PREFACE: Final = """\
# The settings of a box: each with its default. Take the '#' away from what you change.
# A flag goes before SMOOTHBOX_SECTION_KEY in the environment, and that before this file.
# 'smoothbox config show' says which value is in force, and where it comes from.
"""


@click.group()
def config() -> None:
    """Show the settings and where each comes from."""


@config.command()
@click.pass_obj
def show(session: Session) -> None:
    """Show every setting, its value and where that comes from."""
    settings = session.settings()
    found = [
        {"setting": each.name, "value": _value(settings, each.name), "source": settings.sources[each.name]}
        for each in declared()
    ]
    rows = [(each["setting"], _text(each["value"]), each["source"]) for each in found]
    session.out.data(found, table(("SETTING", "VALUE", "SOURCE"), rows))


@config.command()
@click.pass_obj
def path(session: Session) -> None:
    """Say which settings file is read."""
    found = None if session.config is None else str(session.config.absolute())
    session.out.data({"path": found}, found or "none")
    if found is None:
        session.out.remark(f"Looked for {' and '.join(str(each) for each in settings_places(session.folder.root))}.")


@config.command("env-help")
@click.pass_obj
def env_help(session: Session) -> None:
    """List the environment variables that stand for settings."""
    listed = [{"variable": each.variable, "default": each.default, "help": each.help} for each in declared()]
    rows = [(each["variable"], _text(each["default"]), each["help"]) for each in listed]
    session.out.data(listed, table(("VARIABLE", "DEFAULT", "HELP"), rows))


@config.command()
@click.pass_obj
def template(session: Session) -> None:
    """Print a settings file that says nothing yet: every setting with its default, as a comment."""
    text = settings_template()
    session.out.data({"template": text}, text.rstrip("\n"))


def settings_template() -> str:
    """The text of a smoothbox.toml in which every setting has its default."""
    lines = [_PREFACE]
    for section, settings in groupby(declared(), key=lambda each: each.section):
        lines.append(f"\n[{section}]\n")
        lines += [f"{_line(each)}\n" for each in settings]
    return "".join(lines)


def _line(setting: Setting) -> str:
    value = json.dumps(setting.default, ensure_ascii=False)  # texts, numbers and lists read the same in TOML
    return f"# {f'{setting.key} = {value}':<28} # {setting.help}"


def _value(settings: Settings, name: str) -> Any:
    section, key = name.split(".")
    return getattr(getattr(settings, section), key)


def _text(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)

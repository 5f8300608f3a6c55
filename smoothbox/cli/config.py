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
_HIDDEN: Final = "(set)"


@click.command()
@click.pass_obj
def show(session: Session) -> None:
    """Show every setting, its value and where that comes from.

    A flag goes before a variable of the environment, that before the settings file, that before the default. A setting that
    is not right is named, with the line that it stands in. Changes nothing, and needs no box.

    Example: smoothbox config show
    """
    settings = session.settings()
    found = [
        {"setting": each.name, "value": _value(settings, each), "source": settings.sources[each.name]} for each in declared()
    ]
    rows = [(each["setting"], _text(each["value"]), each["source"]) for each in found]
    session.out.data(found, table(("SETTING", "VALUE", "SOURCE"), rows))


@click.command()
@click.pass_obj
def path(session: Session) -> None:
    """Say which settings file is read.

    It is the one that --config names, else smoothbox.toml in the data folder, else the one here. There need be none. It is
    not read now: for what is in it, see 'config show'.

    Example: smoothbox config path
    """
    found = None if session.config is None else str(session.config.absolute())
    session.out.data({"path": found}, found or "none")
    if found is None:
        session.out.remark(f"Looked for {' and '.join(str(each) for each in settings_places(session.folder.root))}.")


@click.command("env-help")
@click.pass_obj
def env_help(session: Session) -> None:
    """List the variables that stand for settings.

    Each is the name of a setting in capitals: SMOOTHBOX_SERVER_PORT is port below [server]. They go before the settings file.
    What they are set to now is left out: for that, see 'config show'. A secret may stand in a file of its own instead, which
    the variable with _FILE behind its name names.

    Example: smoothbox config env-help
    """
    listed = [{"variable": each.variable, "default": each.default, "help": each.help} for each in declared()]
    rows = [(each["variable"], _text(each["default"]), each["help"]) for each in listed]
    session.out.data(listed, table(("VARIABLE", "DEFAULT", "HELP"), rows))


@click.command()
@click.pass_obj
def template(session: Session) -> None:
    """Print a settings file that says nothing yet: every setting with its default, as a comment.

    Take the '#' away from what you change. No file is written, and one that is there is left alone.

    Example: smoothbox config template > smoothbox.toml
    """
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


def _value(settings: Settings, setting: Setting) -> Any:
    value = getattr(getattr(settings, setting.section), setting.key)
    return _HIDDEN if setting.is_secret and value else value


def _text(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)

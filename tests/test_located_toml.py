"""The way from a value of a TOML file back to its line."""

from pathlib import Path

import pytest

from smoothbox.errors import Problem
from smoothbox.located_toml import line_of, load_toml

TEXT = """\
title = "a [ in a text"          # line 1, and a [ in a comment
[business]
name = "Acme"
[business.hours]
monday = [
  "09:00-12:00",
  ["ann"]
]
tuesday = []
[[resource]]
key = "ann"
[[resource.time_off]]
start = "2027-01-11T00:00"
[[resource]]
key = "bob"
hours.monday = ["10:00-11:00"]
[[resource.time_off]]
start = "one"
[[resource.time_off]]
start = "two"
note = \"\"\"
key = "not a key"
[[resource]]
\"\"\"
end = "three"
[[resource]]
"key" = "cy"
"""


@pytest.mark.parametrize(
    ("place", "line"),
    [
        (("title",), 1),
        (("business",), 2),
        (("business", "name"), 3),
        (("business", "hours", "tuesday"), 9),
        (("resource", 0, "key"), 11),
        (("resource", 0, "time_off", 0, "start"), 13),
        (("resource", 1, "key"), 15),
        (("resource", 1, "hours", "monday"), 16),
        (("resource", 1, "time_off", 0, "start"), 18),
        (("resource", 1, "time_off", 1, "start"), 20),
        (("resource", 1, "time_off", 1, "end"), 25),
        (("resource", 2, "key"), 27),
    ],
)
def test_it_finds_the_line_of_a_value(place: tuple[str | int, ...], line: int) -> None:
    assert line_of(TEXT, place) == line


@pytest.mark.parametrize(
    ("place", "line"),
    [
        (("business", "timezone"), 2),
        (("resource", 1, "name"), 14),
        (("resource", 1, "time_off", 1, "reason"), 19),
        (("service",), 1),
    ],
)
def test_what_is_missing_is_at_the_table_that_should_have_it(place: tuple[str | int, ...], line: int) -> None:
    assert line_of(TEXT, place) == line


def test_a_file_that_is_not_there_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(Problem, match=r"There is no file .*nowhere\.toml") as caught:
        load_toml(tmp_path / "nowhere.toml")
    assert caught.value.code == "not_found"


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"a = \n", r"not valid TOML: .*line 1"), (b"a = '\xff'\n", "not UTF-8: byte 5"), (b"a = 1\na = 2\n", "line 2")],
)
def test_broken_toml_names_the_file_and_the_place(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "broken.toml"
    path.write_bytes(content)
    with pytest.raises(Problem, match=said) as caught:
        load_toml(path)
    assert caught.value.code == "validation_error"
    assert str(path) in caught.value.message


def test_a_folder_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(Problem, match="cannot be read: Is a directory"):
        load_toml(tmp_path)

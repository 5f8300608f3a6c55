"""One call of the API, written out in the languages that the help speaks; each piece runs as it stands."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlencode

TOKEN: Final = "ss_test_…"  # noqa: S105 -- it stands where the reader's own belongs
_READABLE: Final = ",:"  # need no escape in a query

_NO_CONTENT: Final = 204


@dataclass(frozen=True, slots=True)
class Words:
    """How a language writes null, true, false and the token, what it indents by, and what ends the last entry of a block."""

    of: tuple[str, str, str]
    bearer: str
    step: str
    after_last: str


_JSON: Final = Words(("null", "true", "false"), "`Bearer ${TOKEN}`", "  ", "")
_PYTHON: Final = Words(("None", "True", "False"), 'f"Bearer {TOKEN}"', "    ", ",")


@dataclass(frozen=True, slots=True)
class Call:
    """A request as the help shows it. `path` is below the base address; `status` is what answers it."""

    method: str
    path: str
    query: Mapping[str, str | int] = field(default_factory=dict)
    body: Mapping[str, Any] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    status: int = 200


@dataclass(frozen=True, slots=True)
class Piece:
    """What one language makes of something, under the name that people know the language by."""

    language: str
    text: str


def pieces(api: str, call: Call) -> tuple[Piece, ...]:
    """The call in every language, against an API at this address (which ends in a slash)."""
    return tuple(Piece(language, write(api, call)) for language, write in LANGUAGES.items())


def curl(api: str, call: Call) -> str:
    """For a shell."""
    query = f"?{urlencode(call.query, safe=_READABLE)}" if call.query else ""
    method = "" if call.method == "GET" else f"-X {call.method} "
    lines = [f'curl {method}"{api}{call.path}{query}"']
    lines += ["-H " + _shell(f"{name}: {value}") for name, value in _headers(call).items()]
    if call.body is not None:
        lines.append(f"-d '{_literal(call.body, _JSON, _JSON.step)}'")
    return " \\\n  ".join(lines)


def python(api: str, call: Call) -> str:
    """For Python, with nothing but its standard library."""
    given = [_address(call), "headers=headers"]
    lines = ["import json"]
    if call.query:
        lines.append("from urllib.parse import urlencode")
    lines += ["from urllib.request import Request, urlopen", "", *_constants(api, 'API = "{}"', 'TOKEN = "{}"')]
    lines.append(f"headers = {_block(_quoted(call, _PYTHON), _PYTHON)}")
    if call.query:
        lines.append(f"query = urlencode({_literal(call.query, _PYTHON)})")
    if call.body is not None:
        given.append("data=json.dumps(body).encode()")
        lines.append(f"body = {_literal(call.body, _PYTHON)}")
    if call.method != "GET":
        given.append(f'method="{call.method}"')
    lines += [f"request = Request({', '.join(given)})", "with urlopen(request) as response:"]
    if call.status == _NO_CONTENT:
        return "\n".join([*lines, "    print(response.status)"])
    return "\n".join([*lines, "    answer = json.load(response)", "print(json.dumps(answer, indent=2))"])


def javascript(api: str, call: Call) -> str:
    """For JavaScript, in a module of Node.js or of a browser."""
    given = ["headers"]
    lines = _constants(api, 'const API = "{}";', 'const TOKEN = "{}";')
    lines.append(f"const headers = {_block(_quoted(call, _JSON), _JSON)};")
    if call.query:
        lines.append(f"const query = new URLSearchParams({_literal(call.query, _JSON)});")
    if call.body is not None:
        given.append("body")
        lines.append(f"const body = JSON.stringify({_literal(call.body, _JSON)});")
    if call.method != "GET":
        given.insert(0, f'method: "{call.method}"')
    lines.append(f"const response = await fetch({_address(call)}, {{ {', '.join(given)} }});")
    if call.status == _NO_CONTENT:
        return "\n".join([*lines, "console.log(response.status);"])
    lines.append("const answer = await response.json();")
    lines.append("if (!response.ok) throw new Error(`${answer.error}: ${answer.message}`);")
    return "\n".join([*lines, "console.log(JSON.stringify(answer, null, 2));"])


def json_text(document: Any) -> str:
    """JSON for people: one entry of an object a line."""
    return _literal(document, _JSON)


LANGUAGES: Final[Mapping[str, Callable[[str, Call], str]]] = {"curl": curl, "Python": python, "JavaScript": javascript}


def _address(call: Call) -> str:
    return f'API + "{call.path}?" + query' if call.query else f'API + "{call.path}"'


def _headers(call: Call) -> Mapping[str, str]:
    own = {"Content-Type": "application/json"} if call.body is not None else {}
    return {"Authorization": f"Bearer {TOKEN}", **own, **call.headers}


def _shell(text: str) -> str:
    """In quotes of a kind that the text does not have."""
    return f"'{text}'" if '"' in text else f'"{text}"'


def _constants(api: str, *lines: str) -> list[str]:
    return [line.format(value) for line, value in zip(lines, (api, TOKEN), strict=True)] + [""]


def _quoted(call: Call, words: Words) -> Mapping[str, str]:
    """The headers as source text."""
    return {name: words.bearer if name == "Authorization" else json.dumps(value) for name, value in _headers(call).items()}


def _literal(value: Any, words: Words, margin: str = "") -> str:
    """A value as source text, one entry of an object a line."""
    none, true, false = words.of
    if value is None or isinstance(value, bool):
        return none if value is None else true if value else false
    if isinstance(value, Mapping):
        return _block({name: _literal(each, words, margin + words.step) for name, each in value.items()}, words, margin)
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_literal(each, words, margin) for each in value) + "]"
    return json.dumps(value, ensure_ascii=False)


def _block(entries: Mapping[str, str], words: Words, margin: str = "") -> str:
    lines = [f"{margin}{words.step}{json.dumps(name)}: {text}" for name, text in entries.items()]
    return "{\n" + ",\n".join(lines) + f"{words.after_last}\n{margin}}}" if lines else "{}"

"""The quick way to read a body says nothing that the thorough one would not say."""

import json
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from msgspec import structs
from tornado.httputil import HTTPHeaders

from smoothbox.api import body as module
from smoothbox.api.body import parse_body
from smoothbox.api.messages import Request
from smoothbox.errors import Problem

from .test_bodies import BROKEN, WRITES

SHAPES = sorted({shape for *_, shape in WRITES}, key=lambda shape: shape.__name__)
NAMES = sorted({field.name for shape in SHAPES for field in structs.fields(shape)} | {"first_name", "email", "a", "é", ""})

scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-5, 5),
    st.integers(-(2**70), 2**70),
    st.floats(allow_nan=True, allow_infinity=True),
    st.sampled_from(
        ["", "x", "2026-12-01T10:00:00Z", "2026-12-01T10:00", "not a time", "jane@example.com", "a@", "é", "1", ":"]
    ),
    st.text(max_size=6),
)
values = st.recursive(
    scalars,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(NAMES), inner, max_size=4)),
    max_leaves=8,
)
documents = st.dictionaries(st.sampled_from(NAMES), values, max_size=6)
written = st.builds(
    lambda document, ascii_only, spaced: json.dumps(
        document, ensure_ascii=ascii_only, separators=(" , ", " : ") if spaced else (",", ":")
    ).encode("utf-8", "surrogatepass"),
    documents,
    st.booleans(),
    st.booleans(),
)


@st.composite
def mangled(draw: st.DrawFn) -> bytes:
    """A body in which a piece stands twice, is missing, or is something else."""
    whole = draw(written)
    first, last = sorted((draw(st.integers(0, len(whole))), draw(st.integers(0, len(whole)))))
    piece = draw(
        st.sampled_from([b"", whole[first:last], whole[first:last] * 2, b'"', b",", b'"a":1,', b"\\", b"\x00", b"1e999"])
    )
    return whole[:first] + piece + whole[last:]


def outcome(body: bytes, shape: Any) -> object:
    headers = HTTPHeaders({"Content-Type": "application/json"})
    request = Request("req_0", "POST", "/", "", headers, body, "http://box", "box", "127.0.0.1")
    try:
        return parse_body(request, shape)
    except Problem as problem:
        return problem.code, problem.message, problem.details


def thorough(body: bytes, shape: Any) -> object:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_quickly", lambda *_: None)
        return outcome(body, shape)


@settings(max_examples=400, deadline=None)
@given(body=st.one_of(written, mangled()), shape=st.sampled_from(SHAPES))
@example(body=b'{"metadata": {"a": 1, "a": 2}}', shape=SHAPES[0])
@example(body=b'{"price": 1e30, "duration": 30.0, "name": "x"}', shape=SHAPES[0])
@example(body=b'{"metadata": {"a": 12345678901234567890}}', shape=SHAPES[0])
@example(body=b'{"notes": "a\\"b\\": c"}', shape=SHAPES[0])
def test_both_ways_say_the_same(body: bytes, shape: Any) -> None:
    assert repr(outcome(body, shape)) == repr(thorough(body, shape))


@pytest.mark.parametrize("why", BROKEN)
@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.__name__)
def test_nothing_broken_is_read_quickly(why: str, shape: Any) -> None:
    assert repr(outcome(BROKEN[why], shape)) == repr(thorough(BROKEN[why], shape))


def test_an_ordinary_body_is_read_quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "strict_json", lambda _: pytest.fail("it was read twice"))
    body = b'{"service_id": 1, "start_time": "2026-12-01T10:00:00Z", "customer": {"email": "jane1@example.com"}}'
    assert outcome(body, next(shape for shape in SHAPES if shape.__name__ == "NewBooking")).service_id == 1

"""Request bodies: JSON that cannot be misread, and every problem of a body told at once."""

import re
from typing import Any

import pytest
from msgspec import Struct, structs

from smoothbox.contract.bookings import Booking, BookingChange, Cancellation, NewBooking
from smoothbox.contract.business import BusinessChange
from smoothbox.contract.client_tokens import NewClientToken
from smoothbox.contract.customers import Customer, CustomerChange, NewCustomer
from smoothbox.contract.holds import NewHold
from smoothbox.contract.resources import NewResource, ResourceChange, ResourceInFull
from smoothbox.contract.services import NewService, Service, ServiceChange
from smoothbox.contract.webhooks import Endpoint, EndpointChange, NewEndpoint, Nothing, Recovery, Rotation
from tests.box import Client

from .acme import JANE, add_customer, assert_refused, book, subscribe, wish

pytestmark = pytest.mark.gen_test

WRITES: tuple[tuple[str, str, type[Struct]], ...] = (
    ("POST", "bookings/", NewBooking),
    ("POST", "holds/", NewHold),
    ("PATCH", "bookings/1/", BookingChange),
    ("POST", "bookings/1/cancel/", Cancellation),
    ("POST", "customers/", NewCustomer),
    ("PATCH", "customers/1/", CustomerChange),
    ("POST", "services/", NewService),
    ("PATCH", "services/1/", ServiceChange),
    ("POST", "resources/", NewResource),
    ("PATCH", "resources/1/", ResourceChange),
    ("PATCH", "business/", BusinessChange),
    ("POST", "client-tokens/", NewClientToken),
    ("POST", "webhooks/", NewEndpoint),
    ("PATCH", "webhooks/1/", EndpointChange),
    ("POST", "webhooks/1/ping/", Nothing),
    ("POST", "webhooks/1/rotate-secret/", Rotation),
    ("POST", "webhooks/1/recover/", Recovery),
    ("POST", "webhooks/1/deliveries/1/redeliver/", Nothing),
)

BROKEN: dict[str, bytes] = {
    "half an object": b"{",
    "no JSON": b"first_name=Jane",
    "single quotes": b"{'notes': 'x'}",
    "a comma too many": b'{"notes": "x",}',
    "two documents": b"{} {}",
    "a comment": b"{} // done",
    "a byte order mark": b"\xef\xbb\xbf{}",
    "UTF-16": '{"notes": "x"}'.encode("utf-16"),
    "broken UTF-8": b'{"notes": "\xff"}',
    "NaN": b'{"metadata": {"x": NaN}}',
    "infinity": b'{"metadata": {"x": Infinity}}',
    "minus infinity": b'{"metadata": {"x": -Infinity}}',
    "a float beyond all floats": b'{"metadata": {"x": 1e999}}',
    "a name given twice": b'{"notes": "x", "notes": "y"}',
    "a name given twice deep down": b'{"metadata": {"x": {"a": 1, "\\u0061": 2}}}',
    "a lone surrogate": b'{"notes": "\\ud800"}',
    "a lone surrogate in a name": b'{"\\udc00": 1}',
    "a raw surrogate": b'{"notes": "\xed\xa0\x80"}',
    "a NUL": b'{"notes": "a\\u0000b"}',
    "a NUL in a name": b'{"metadata": {"a\\u0000": 1}}',
    "a raw control character": b'{"notes": "a\nb"}',
    "an integer of 65 bits": b'{"service_id": 9223372036854775808}',
    "a negative integer of 65 bits": b'{"metadata": {"x": -9223372036854775809}}',
    "an integer of five thousand digits": b'{"service_id": ' + b"9" * 5000 + b"}",
    "a number that begins with zero": b'{"service_id": 01}',
    "an absurd nesting of lists": b"[" * 100_000,
    "an absurd nesting of objects": b'{"a":' * 50_000,
    "a complete but absurd nesting": b"[" * 50_000 + b"]" * 50_000,
    "a NUL far down": b'{"metadata":' + b'{"a":' * 600 + b'"\\u0000"' + b"}" * 601,
    "blanks only": b" \n",
}


@pytest.mark.parametrize("why", BROKEN)
async def test_a_body_that_is_no_strict_json(api: Client, why: str) -> None:
    for method, path, _ in WRITES:
        assert_refused(await api.send(method, path, raw=BROKEN[why]), 400, "invalid_json")


async def test_twenty_thousand_names_and_the_last_one_twice_are_refused_quickly(api: Client) -> None:
    names = b",".join(b'"%x":1' % number for number in range(20_000))
    answer = await api.send("POST", "bookings/", raw=b"{" + names + b',"4e1f":2}')
    assert_refused(answer, 400, "invalid_json")
    assert "'4e1f' is given twice" in answer.body["message"]


async def test_the_largest_numbers_and_odd_but_sound_texts_are_kept_as_they_are(api: Client) -> None:
    metadata = {"max": 2**63 - 1, "min": -(2**63) + 1, "half": 0.5, "": "x"}
    assert_refused(await api.post("bookings/", wish(metadata=metadata)), 400, "validation_error")
    del metadata[""]
    metadata |= {"emoji": "👩‍👩‍👧 \u202e\u200b\ufeff", "back": "\\u0000 \\n", "tiny": 5e-324, "zero": -0.0}
    assert (await book(api, metadata=metadata))["metadata"] == metadata


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "", "application/jsonp", "json"])
async def test_a_body_that_is_not_called_json_is_refused(api: Client, kind: str) -> None:
    answer = await api.send("POST", "bookings/", wish(), headers={"Content-Type": kind})
    assert_refused(answer, 415, "unsupported_media_type")


@pytest.mark.parametrize("kind", ["application/json; charset=utf-8", "Application/JSON", "application/json ;x=y"])
async def test_a_body_may_be_called_json_in_any_way(api: Client, kind: str) -> None:
    assert (await api.send("POST", "bookings/", wish(), headers={"Content-Type": kind})).status == 201


@pytest.mark.parametrize("document", [None, [], "text", 5, True, [{}]])
async def test_a_body_is_an_object(api: Client, document: object) -> None:
    await book(api)
    for method, path, _ in WRITES:
        raw = b"null" if document is None else None
        answer = await api.send(method, path, document, raw=raw)
        assert_refused(answer, 400, "validation_error", "body")


async def test_all_problems_are_told_at_once_also_of_what_is_nested(api: Client) -> None:
    body = {
        "start_time": "soon",
        "resource_id": 0,
        "customer": {"email": "nope", "first_name": 5, "surname": "Doe", "tags": ["ok", ""], "metadata": {"a": []}},
        "party_size": "two",
        "metadata": {"x" * 41: 1},
        "price": 1,
    }
    answer = await api.post("bookings/", body)
    assert_refused(answer, 400, "validation_error")
    problems = answer.body["details"]
    assert {name for name in problems if not name.startswith(("metadata", "customer.metadata"))} == {
        "service_id",
        "start_time",
        "resource_id",
        "customer.email",
        "customer.first_name",
        "customer.surname",
        "customer.tags[1]",
        "party_size",
        "price",
    }
    assert any(name.startswith("metadata") for name in problems)
    assert any(name.startswith("customer.metadata") for name in problems)
    assert problems["service_id"] == ["This field is required."]
    assert all(isinstance(each, list) and each and all(text.endswith(".") for text in each) for each in problems.values())
    assert not any("`" in text or "$" in text for each in problems.values() for text in each), problems


async def test_a_malformed_time_and_address_are_told_together(api: Client) -> None:
    answer = await api.post("bookings/", wish(start_time="soon", customer={"email": "nope"}))
    assert_refused(answer, 400, "validation_error", "start_time", "customer.email")


@pytest.mark.parametrize(("method", "path", "shape"), WRITES)
async def test_an_unknown_field_is_named_and_the_allowed_ones_too(
    api: Client, method: str, path: str, shape: type[Struct]
) -> None:
    await book(api)
    for unknown in ("nope", "Notes", "notes ", "", "é", "x" * 100):
        answer = await api.send(method, path, {unknown: 1})
        assert_refused(answer, 400, "validation_error")
        (message,) = answer.body["details"][unknown]
        assert all(field.name in message for field in structs.fields(shape))


@pytest.mark.parametrize(
    ("method", "path", "shown", "taken"),
    [
        ("POST", "bookings/", Booking, NewBooking),
        ("PATCH", "bookings/1/", Booking, BookingChange),
        ("POST", "customers/", Customer, NewCustomer),
        ("PATCH", "customers/1/", Customer, CustomerChange),
        ("POST", "services/", Service, NewService),
        ("PATCH", "services/1/", Service, ServiceChange),
        ("POST", "resources/", ResourceInFull, NewResource),
        ("PATCH", "resources/1/", ResourceInFull, ResourceChange),
        ("POST", "webhooks/", Endpoint, NewEndpoint),
        ("PATCH", "webhooks/1/", Endpoint, EndpointChange),
    ],
)
async def test_fields_that_the_box_owns_cannot_be_sent(
    api: Client, method: str, path: str, shown: type[Struct], taken: type[Struct]
) -> None:
    await book(api)
    await subscribe(api)
    owned = {field.name for field in structs.fields(shown)} - {field.name for field in structs.fields(taken)}
    assert {"id", "version", "created_at", "updated_at"} <= owned
    before = (await api.get(f"{path.partition('/')[0]}/1/")).body
    for name in owned:
        answer = await api.send(method, path, {name: before.get(name)})
        assert_refused(answer, 400, "validation_error")
        assert name in answer.body["details"]


LONG: dict[str, Any] = {
    "name": "x" * 201,
    "description": "x" * 2001,
    "notes": "x" * 5001,
    "internal_notes": "x" * 5001,
    "external_id": "x" * 201,
    "metadata": {f"k{number}": 1 for number in range(51)},
    "start_time": "2027-01-05T10:00" + "0" * 40,
    "first_name": "x" * 101,
    "last_name": "x" * 101,
    "email": "x" * 300 + "@example.com",
    "phone": "1" * 2001,
    "tags": ["t"] * 51,
    "address": "x" * 2001,
    "reason": "x" * 501,
    "url": "https://example.com/" + "x" * 2048,
    "events": ["x" * 41],
    "headers": {"X-A": "x" * 1001},
    "secret": "whsec_" + "A" * 100,
    "since": "2027-01-05T10:00" + "0" * 40,
}
LIMITED = [write for write in WRITES if {field.name for field in structs.fields(write[2])} & LONG.keys()]


@pytest.mark.parametrize(("method", "path", "shape"), LIMITED)
async def test_every_text_has_a_longest_length(api: Client, method: str, path: str, shape: type[Struct]) -> None:
    await book(api)
    names = {field.name for field in structs.fields(shape)} & LONG.keys()
    answer = await api.send(method, path, {name: LONG[name] for name in names})
    assert_refused(answer, 400, "validation_error")
    assert names <= {re.split(r"[.\[]", told)[0] for told in answer.body["details"]}


async def test_null_is_not_the_same_as_absent(api: Client) -> None:
    added = await add_customer(api, **JANE)
    for name in ("first_name", "email", "tags", "status", "metadata"):
        answer = await api.patch(f"customers/{added['id']}/", {name: None})
        assert_refused(answer, 400, "validation_error", name)


async def test_sql_and_markup_are_just_text(api: Client) -> None:
    odd = "'); DROP TABLE customer;-- <script>alert(1)</script> %_\\ \" ?1 :x $y"
    added = await add_customer(api, first_name=odd[:100], phone="1", notes=odd, tags=[odd[:50]], metadata={"k": odd})
    assert (added["notes"], added["metadata"]) == (odd, {"k": odd})
    for query in ({"search": odd[:60]}, {"tag": odd[:50]}, {"first_name": odd[:100]}):
        assert (await api.get("customers/", **query)).body["count"] == 1

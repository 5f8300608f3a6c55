"""The OpenAPI document: valid, complete, true to its own examples, and the same wherever it is asked for."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from openapi_schema_validator import OAS31Validator
from openapi_spec_validator import validate

from smoothbox.api.openapi import document
from smoothbox.api.routes import ROUTES
from smoothbox.contract.events import EVENT_TYPES
from smoothbox.contract.scopes import SCOPES
from smoothbox.errors import SENTENCES
from tests.api.conftest import box, furnished
from tests.box import Client, RunningBox
from tests.cli.conftest import Smoothbox, bare

__all__ = ["bare", "box", "furnished"]

DOCUMENT: dict[str, Any] = json.loads(json.dumps(document("https://book.example.com")))


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in DOCUMENT["paths"].items():
        yield from ((path, method, each) for method, each in methods.items() if method != "parameters")


def media(value: Any) -> Iterator[dict[str, Any]]:
    """Every media type, wherever it stands."""
    if isinstance(value, dict):
        if "schema" in value and "example" in value:
            yield value
        for each in value.values():
            yield from media(each)
    elif isinstance(value, list):
        for each in value:
            yield from media(each)


def test_it_is_valid() -> None:
    validate(DOCUMENT)


def test_every_address_and_method_of_the_server_is_in_it() -> None:
    told = {(re.sub(r"\{\w+\}", "<id>", path)[1:], method.upper()) for path, method, _ in operations()}
    assert told == {(pattern, method) for pattern, methods in ROUTES.items() for method in methods}


def test_every_operation_has_a_name_of_its_own_a_summary_and_its_scope() -> None:
    names = [each["operationId"] for _, _, each in operations()]
    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"[a-z]+(_[a-z]+)+", name) for name in names)
    for path, method, each in operations():
        endpoint = ROUTES[re.sub(r"\{\w+\}", "<id>", path)[1:]][method.upper()]
        assert each["security"] == [{"bearer": [endpoint.scope] if endpoint.scope else []}]
        assert each["summary"].endswith(".")
        assert each["tags"]


def test_every_answer_but_an_empty_one_has_a_shape_and_every_body_too() -> None:
    for path, method, each in operations():
        success = next(response for status, response in each["responses"].items() if status.startswith("2"))
        assert ("content" in success) != ("204" in each["responses"]), path
        assert ("requestBody" in each) == (method in {"post", "patch"}), path


def test_every_field_says_what_it_means() -> None:
    for name, schema in DOCUMENT["components"]["schemas"].items():
        for field, declared in schema.get("properties", {}).items():
            assert "$ref" in declared or declared.get("description"), (name, field)


def test_every_parameter_of_every_list_is_in_it() -> None:
    for path, _, each in operations():
        listing = ROUTES[re.sub(r"\{\w+\}", "<id>", path)[1:]].get("GET")
        if each["operationId"].startswith("list_") and listing is not None and listing.listing is not None:
            told = {parameter.get("name") for parameter in each["parameters"]}
            assert {*listing.listing.parameters, "ordering", "page_size", "cursor"} <= told


def test_every_example_is_of_its_shape() -> None:
    found = list(media(DOCUMENT))
    assert len(found) > 60
    for each in found:
        schema = {**each["schema"], "components": DOCUMENT["components"]}
        OAS31Validator(schema).validate(each["example"])


def test_what_takes_no_unknown_fields_says_so() -> None:
    for name in ("NewBooking", "BookingChange", "NewCustomer", "NewService", "NewResource", "NewHold", "NewEndpoint"):
        assert DOCUMENT["components"]["schemas"][name]["additionalProperties"] is False


def test_codes_scopes_and_events_are_all_told() -> None:
    assert set(DOCUMENT["x-errors"]) == set(SENTENCES)
    assert set(DOCUMENT["x-scopes"]) == set(SCOPES)
    assert set(DOCUMENT["webhooks"]) == set(EVENT_TYPES)
    codes = [code for each in DOCUMENT["components"]["responses"].values() for code in each["x-codes"]]
    assert sorted(codes) == sorted(SENTENCES)


@pytest.mark.gen_test
async def test_the_box_serves_it_to_anybody_as_seen_from_there(box: RunningBox) -> None:
    answer = await Client(box.url, None).get("openapi.json")
    assert answer.status == 200
    assert answer.body["servers"] == [{"url": f"{box.url}/tenant-api/v1"}]
    assert answer.body["paths"] == DOCUMENT["paths"]
    again = await Client(box.url, None).send("GET", "openapi.json", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status == 304


@pytest.mark.gen_test
async def test_it_is_only_read(box: RunningBox) -> None:
    assert (await Client(box.url, None).post("openapi.json", {})).code == "method_not_allowed"


def test_the_command_prints_it_without_a_box(bare: Smoothbox) -> None:
    told = json.loads(bare.done("openapi", "--url", "https://book.example.com/").out)
    assert told == DOCUMENT

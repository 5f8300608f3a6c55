"""Query parameters of lists that are wrong: each is refused and named, with what would be right."""

import pytest

from tests.box import Client

from .acme import assert_refused
from .stock import LISTS

pytestmark = pytest.mark.gen_test


@pytest.mark.parametrize("name", LISTS)
async def test_a_parameter_that_does_not_exist_is_refused_and_the_allowed_are_named(api: Client, name: str) -> None:
    for unknown in (
        "limit",
        "offset",
        "page",
        "name__lt",
        "price__ne",
        "duration__in",
        "id",
        "Search",
        "search ",
        "search[]",
        "",
    ):
        answer = await api.send("GET", f"{name}/?{unknown.replace(' ', '%20')}=1&ordering=id")
        assert_refused(answer, 400, "invalid_parameter", unknown)
        (message,) = answer.body["details"][unknown]
        for allowed in (*LISTS[name].parameters, "ordering", "page_size", "cursor"):
            assert allowed in message


ODD = {
    "integer": ("", "x", "1.5", "1_0", "٣", "9" * 30, "9007199254740993", "1e3"),
    "boolean": ("", "1", "True", "yes"),
    "choice": ("", "active", "ACTIVE,", "NOPE"),
    "instant": ("", "2027-01-04", "noon", "2027-01-04T25:00", "2027-01-04T12:00:00+02", "10000-01-01T00:00Z"),
    "start_time": ("", "2027-01-04", "noon", "2027-01-04T12:60"),
    "first_date": ("", "2027-1-4", "2027-02-30", "2027-W01-1", "20270104", "2027-01-04T00:00", "0000-01-01"),
    "last_date": ("", "x", "9999-12-31"),
    "text": ("\x00", "x" * 201),
    "folded": ("\x00", "x" * 201),
    "phone": ("\x00", "5" * 201, "call me", " 33123456789", "+"),
}


@pytest.mark.parametrize("name", LISTS)
async def test_a_value_of_the_wrong_kind_is_refused_with_the_name_of_its_filter(api: Client, name: str) -> None:
    for parameter, (declared, _) in LISTS[name].parameters.items():
        for value in ODD[declared.kind]:
            answer = await api.get(f"{name}/", **{parameter: value})
            assert_refused(answer, 400, "invalid_parameter", parameter)


async def test_all_parameters_that_are_wrong_are_told_at_once(api: Client) -> None:
    answer = await api.get("bookings/", page_size=0, ordering="x", start_date="x", service_id="x", nope=1, cursor="x")
    assert_refused(answer, 400, "invalid_parameter", "page_size", "ordering", "start_date", "service_id", "nope")


async def test_a_plus_that_was_not_escaped_is_explained(api: Client) -> None:
    parameters = [
        each for each, (declared, _) in LISTS["bookings"].parameters.items() if declared.kind in {"instant", "start_time"}
    ]
    for parameter in parameters:
        answer = await api.send("GET", f"bookings/?{parameter}=2027-01-04T12:00:00+02:00")
        assert_refused(answer, 400, "invalid_parameter", parameter)
        assert "%2B" in answer.body["details"][parameter][0]
        assert (await api.send("GET", f"bookings/?{parameter}=2027-01-04T12:00:00%2B02:00")).status == 200


async def test_a_naive_time_on_a_night_of_changing_clocks_is_refused(api: Client) -> None:
    for parameter in ("start_datetime", "created_at__gte"):
        answer = await api.get("bookings/", **{parameter: "2027-03-14T02:30"})
        assert_refused(answer, 400, "nonexistent_local_time", parameter)
        answer = await api.get("bookings/", **{parameter: "2027-11-07T01:30"})
        assert_refused(answer, 400, "ambiguous_local_time", parameter)


async def test_a_query_that_is_not_utf_8_or_has_far_too_many_parameters_is_refused(api: Client) -> None:
    for query in ("search=%FF", "search=%ED%A0%80", "%C3=1", "&".join(f"p{number}=1" for number in range(101))):
        assert_refused(await api.send("GET", f"services/?{query}"), 400, "invalid_parameter")

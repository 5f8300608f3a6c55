"""PATCH business/."""

from typing import Any

import pytest

from smoothbox.clock import instant_text
from tests.box import CATALOGUE, Client, RunningBox, StillClock

from .acme import ADVICE, ANN, BOB, COLOUR, CUT, ROOM, TEN, WEDDING, add_customer, assert_refused, book, on

pytestmark = pytest.mark.gen_test

TUESDAY = "2027-01-05"
THURSDAY = "2027-01-07"


async def starts(api: Client, date: str, service_id: int = CUT) -> list[str]:
    days = (await api.get("availability/", service_id=service_id, date=date)).body["days"]
    return [slot["start_time"][11:16] for slot in days[0]["slots"]]


async def test_every_field_can_be_changed_at_once(api: Client) -> None:
    said = {
        "name": "Acme & Sons",
        "description": "Since 1927",
        "timezone": "Europe/Paris",
        "currency": "EUR",
        "phone": "+33 1 23 45 67 89",
        "email": "hello@acme.example",
        "website": "https://acme.example",
        "address": "1 rue de Rivoli",
        "logo_url": "https://acme.example/logo.png",
        "business_hours": [{"day_of_week": 6, "intervals": [{"start": "22:00", "end": "02:00"}]}],
        "closures": [{"date": "2027-07-14", "name": "Fête nationale"}, {"date": "2027-12-25", "name": "Noël"}],
        "cancellation_window_hours": 48,
        "late_cancellation_fee_percent": 50,
        "late_cancellation_allowed": False,
        "slot_interval": 15,
        "min_notice": 60,
        "max_advance_days": 90,
    }
    before = (await api.get("business/")).body
    answer = await api.patch("business/", said)
    assert answer.status == 200
    assert answer.body == before | said | {"version": before["version"] + 1}
    assert (await api.get("business/")).body == answer.body


async def test_a_change_touches_only_what_it_names(api: Client) -> None:
    before = (await api.get("business/")).body
    answer = await api.patch("business/", {"phone": " 212 555 0100 "})
    assert answer.body == before | {"phone": "212 555 0100", "version": before["version"] + 1}


async def test_a_change_that_changes_nothing_changes_nothing(api: Client, clock: StillClock) -> None:
    before = await api.get("business/")
    clock.advance(60)
    own = {name: before.body[name] for name in ("name", "timezone", "business_hours", "closures", "late_cancellation_allowed")}
    for same in ({}, own, {"name": " Acme Barbers "}, {"email": ""}):
        answer = await api.patch("business/", same)
        assert (answer.body, answer.headers["ETag"]) == (before.body, before.headers["ETag"]), same


async def test_closing_a_date_takes_its_times_away(api: Client) -> None:
    assert await starts(api, TUESDAY)
    closures = (await api.get("business/")).body["closures"]
    await api.patch("business/", {"closures": [*closures, {"date": TUESDAY, "name": "Funeral"}]})
    assert await starts(api, TUESDAY) == []
    assert_refused(
        await api.post("bookings/", {"service_id": CUT, "start_time": TEN, "customer": {"phone": "1"}}),
        400,
        "outside_availability",
    )
    await api.patch("business/", {"closures": []})
    assert await starts(api, TUESDAY)
    assert await starts(api, "2027-01-06")


async def test_other_hours_hold_at_once_for_those_who_have_none_of_their_own(api: Client) -> None:
    await api.patch("business/", {"business_hours": [{"day_of_week": 3, "intervals": [{"start": "09:00", "end": "10:00"}]}]})
    assert await starts(api, THURSDAY) == ["09:00", "09:30"]
    assert await starts(api, TUESDAY) == ["10:00", "10:30"]  # Bob's exception


async def test_another_zone_moves_the_hours_but_no_booking(api: Client) -> None:
    made = await book(api)
    await api.patch("business/", {"timezone": "Europe/Paris"})
    moved = (await api.get(f"bookings/{made['id']}/")).body
    assert (moved["start_time"], moved["timezone"]) == ("2027-01-05T16:00:00+01:00", "Europe/Paris")
    assert (await starts(api, THURSDAY))[0] == "09:00"


async def test_another_zone_reads_phone_numbers_as_its_country_writes_them(api: Client, clock: StillClock) -> None:
    local = await add_customer(api, phone="01 23 45 67 89")
    abroad = await add_customer(api, phone="+1 212 555 0100")
    by_mail = await add_customer(api, email="a@example.com")
    clock.advance(60)
    await api.patch("business/", {"timezone": "Europe/Paris"})

    async def found(**query: str) -> list[dict[str, Any]]:
        results: list[dict[str, Any]] = (await api.get("customers/", **query)).body["results"]
        return results

    for written in ("01 23 45 67 89", "+33 1 23 45 67 89", "0033123456789"):
        assert await found(phone=written) == [local], written
    assert await found(search="+33123456789") == [local]
    assert await found(phone="+1 (212) 555-0100") == [abroad]
    at_ten = {"service_id": CUT, "start_time": f"{THURSDAY}T10:00"}
    for customer, phone in ((local, "+33 1 23 45 67 89"), (abroad, "+12125550100")):
        assert (await book(api, **at_ten, customer={"phone": phone}))["customer_id"] == customer["id"]
    assert (await api.get(f"customers/{by_mail['id']}/")).body == by_mail


async def test_the_catalogue_file_may_change_the_zone_too(box: RunningBox, api: Client) -> None:
    added = await add_customer(api, phone="01 23 45 67 89")
    box.apply("acme", CATALOGUE.replace("America/New_York", "Europe/Paris"))
    assert (await api.get("customers/", phone="+33 1 23 45 67 89")).body["results"] == [added]


async def test_the_sandbox_is_another_business(box: RunningBox, api: Client) -> None:
    await box.client("acme", "test").patch("business/", {"name": "Sand"})
    assert (await api.get("business/")).body["name"] == "Acme Barbers"
    assert (await box.client("acme", "test").get("business/")).body["name"] == "Sand"


async def test_who_may_only_write_is_shown_what_was_written(box: RunningBox) -> None:
    writer = box.client(scopes=("business:write",))
    assert_refused(await writer.get("business/"), 403, "insufficient_scope")
    answer = await writer.patch("business/", {"name": "Mine"})
    assert (answer.body["name"], answer.body["scopes"]) == ("Mine", ["business:write"])


async def test_a_closure_made_by_the_api_survives_the_catalogue_file(box: RunningBox, api: Client) -> None:
    await api.patch("business/", {"closures": [{"date": "2027-07-04", "name": "Fourth"}]})
    box.apply("acme", CATALOGUE)
    assert (await api.get("business/")).body["closures"] == [
        {"date": "2027-01-06", "name": "Inventory"},
        {"date": "2027-07-04", "name": "Fourth"},
    ]


@pytest.mark.parametrize(
    ("name", "odd"),
    [
        *(("name", odd) for odd in ("", "  ", "x" * 201, None)),
        *(("currency", odd) for odd in ("usd", "EURO", "", "USD\n", None)),
        *(
            ("timezone", odd)
            for odd in ("Mars/Olympus", "localtime", "posixrules", "Factory", "europe/paris", "", None, "America", 5)
        ),
        *(("email", odd) for odd in ("nope", "a@b", 5)),
        *(("description", odd) for odd in ("x" * 2001, None)),
        *(("slot_interval", odd) for odd in (0, 1441, None)),
        *(("cancellation_window_hours", odd) for odd in (-1, 8761)),
        *(("late_cancellation_fee_percent", odd) for odd in (-1, 101, 0.5)),
        *(("late_cancellation_allowed", odd) for odd in (0, "no", None)),
        *(("closures", odd) for odd in (None, [5], [{"date": "2027-01-01"}], [{"date": "soon", "name": "x"}])),
        (
            "closures",
            [
                {"date": f"{2000 + number // 336}-{number % 336 // 28 + 1:02}-{number % 28 + 1:02}", "name": "x"}
                for number in range(1001)
            ],
        ),
        ("closures", [{"date": "2027-01-01", "name": "x"}, {"date": "2027-01-01", "name": "y"}]),
        *(("business_hours", odd) for odd in (None, {}, [{"day_of_week": 0, "intervals": 5}])),
        ("business_hours", [{"day_of_week": 0, "intervals": []}, {"day_of_week": 0, "intervals": []}]),
        (
            "business_hours",
            [{"day_of_week": 0, "intervals": [{"start": "09:00", "end": "12:00"}, {"start": "11:59", "end": "13:00"}]}],
        ),
        *((name, 1) for name in ("subdomain", "environment", "scopes", "version", "nope")),
    ],
)
async def test_a_field_out_of_its_bounds_is_refused_by_name(api: Client, name: str, odd: Any) -> None:
    answer = await api.patch("business/", {name: odd})
    assert_refused(answer, 400, "validation_error")
    assert all(each.startswith(name) for each in answer.body["details"]), answer.body
    assert (await api.get("business/")).body["name"] == "Acme Barbers"


async def test_all_problems_of_the_business_are_told_at_once(api: Client) -> None:
    body = {"timezone": "x", "email": "nope", "slot_interval": 0, "closures": [{"date": "x", "name": ""}, {}], "nope": 1}
    names = ("closures[0].date", "closures[0].name", "closures[1].date", "closures[1].name")
    assert_refused(
        await api.patch("business/", body), 400, "validation_error", "timezone", "email", "slot_interval", "nope", *names
    )


async def test_a_change_may_name_the_version_that_it_is_meant_for(api: Client) -> None:
    tag = (await api.get("business/")).headers["ETag"]
    assert (await api.send("PATCH", "business/", {"name": "A"}, headers={"If-Match": tag})).status == 200
    stale = await api.send("PATCH", "business/", {"name": "B"}, headers={"If-Match": tag})
    assert_refused(stale, 412, "precondition_failed")


async def test_a_new_default_reaches_services_that_have_none_of_their_own(api: Client) -> None:
    await api.patch("business/", {"max_advance_days": 1})
    assert await starts(api, THURSDAY) == []
    assert (await api.get(f"services/{CUT}/")).body["max_advance_days"] == 1
    late = await api.post("bookings/", {"service_id": CUT, "start_time": on("07", "09:00"), "customer": {"phone": "1"}})
    assert_refused(late, 400, "too_far_ahead")


async def versions(api: Client, thing: str, **query: str) -> dict[int, int]:
    """The versions of all services or resources, or of those that a query finds, by their ids."""
    return {each["id"]: each["version"] for each in (await api.get(f"{thing}/", **query)).body["results"]}


async def grown(api: Client, thing: str, before: dict[int, int], since: str) -> list[int]:
    """The ids of those that were updated since then; each one's version grew by one, and nobody else's."""
    ids = sorted(await versions(api, thing, updated_at__gt=since))
    assert await versions(api, thing) == before | {each: before[each] + 1 for each in ids}
    return ids


@pytest.mark.parametrize(
    ("change", "services", "resources"),
    [
        ({"currency": "EUR"}, [CUT, COLOUR, ADVICE, WEDDING], []),
        ({"slot_interval": 15}, [COLOUR, ADVICE, WEDDING], []),
        ({"min_notice": 5}, [CUT, COLOUR, WEDDING], []),
        ({"max_advance_days": 5}, [CUT, COLOUR, WEDDING], []),
        ({"slot_interval": 15, "min_notice": 5}, [CUT, COLOUR, ADVICE, WEDDING], []),
        ({"timezone": "Europe/Paris"}, [], [ANN, ROOM]),
        ({"business_hours": []}, [], [ANN, BOB]),
        ({"timezone": "Europe/Paris", "business_hours": [], "currency": "EUR"}, [1, 2, 3, 4], [ANN, BOB, ROOM]),
        ({"name": "Sons", "closures": [], "currency": "USD", "slot_interval": 30}, [], []),
    ],
)
async def test_a_change_counts_as_one_of_whatever_shows_it(
    api: Client, clock: StillClock, change: dict[str, Any], services: list[int], resources: list[int]
) -> None:
    await api.patch(f"services/{CUT}/", {"slot_interval": 10})
    await api.patch(f"resources/{BOB}/", {"timezone": "Europe/Rome"})
    await api.patch(f"resources/{ROOM}/", {"working_hours": []})
    of_services, of_resources = await versions(api, "services"), await versions(api, "resources")
    since = instant_text(clock.now())
    clock.advance(60)
    assert (await api.patch("business/", change)).status == 200
    assert await grown(api, "services", of_services, since) == services
    assert await grown(api, "resources", of_resources, since) == resources


async def test_a_change_by_the_catalogue_file_counts_as_well(box: RunningBox, api: Client, clock: StillClock) -> None:
    of_services, of_resources = await versions(api, "services"), await versions(api, "resources")
    since = instant_text(clock.now())
    clock.advance(60)
    box.apply("acme", CATALOGUE.replace('"22:00-02:00"', '"22:00-03:00"').replace("slot_interval = 30", "slot_interval = 15"))
    assert await grown(api, "services", of_services, since) == [CUT, COLOUR, ADVICE, WEDDING]
    assert await grown(api, "resources", of_resources, since) == [ANN, BOB, ROOM]

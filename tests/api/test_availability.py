"""GET availability/: the free times of a day or a month, and why there are none."""

from typing import Any

import pytest

from tests.box import CATALOGUE, Answer, Client, RunningBox, StillClock

from .acme import ADVICE, ANN, BOB, COLOUR, CUT, ELEVEN, ROOM, TEN, WEDDING, assert_refused, book, on

pytestmark = pytest.mark.gen_test

TUESDAY = "2027-01-05"


async def ask(api: Client, **query: Any) -> dict[str, Any]:
    answer = await api.get("availability/", **{"service_id": CUT, **query})
    assert answer.status == 200, answer
    body: dict[str, Any] = answer.body
    return body


async def refusal(api: Client, **query: Any) -> Answer:
    return await api.get("availability/", **{"service_id": CUT, **query})


def starts(body: dict[str, Any]) -> list[str]:
    """The free times of an answer, without their dates' seconds and offsets."""
    return [slot["start_time"][11:16] for day in body["days"] for slot in day["slots"]]


async def test_a_day_has_a_slot_for_every_free_start(api: Client) -> None:
    body = await ask(api, date=TUESDAY, service_id=COLOUR)
    assert starts(body) == [
        *("09:00", "09:30", "10:00", "10:30", "11:00"),
        *("13:00", "13:30", "14:00", "14:30", "15:00", "15:30", "16:00"),
    ]
    assert (body["service_id"], body["timezone"], body["duration"]) == (COLOUR, "America/New_York", 60)
    assert (body["reason"], body["next_available"]) == (None, None)


async def test_a_slot_names_who_can_take_it_and_how_many_places_there_are(api: Client) -> None:
    (day,) = (await ask(api, date=TUESDAY))["days"]
    slots = {slot["start_time"]: slot for slot in day["slots"]}
    assert day["date"] == TUESDAY
    assert slots[TEN] == {"start_time": TEN, "end_time": on("05", "10:30"), "resource_ids": [ANN, BOB], "remaining": 2}
    assert slots[ELEVEN]["resource_ids"] == [ANN]


async def test_what_is_booked_is_not_free(api: Client) -> None:
    made = await book(api, resource_id=ANN)
    assert (await ask(api, date=TUESDAY))["days"][0]["slots"][2]["resource_ids"] == [BOB]
    await book(api, resource_id=BOB)
    assert "10:00" not in starts(await ask(api, date=TUESDAY))
    await api.delete(f"bookings/{made['id']}/")
    assert "10:00" in starts(await ask(api, date=TUESDAY))


async def test_a_range_shows_every_day_also_those_without_slots(api: Client) -> None:
    body = await ask(api, start_date="2027-01-04", end_date="2027-01-10")
    counts = {day["date"][-2:]: len(day["slots"]) for day in body["days"]}
    # Monday to Sunday; Wednesday is closed, and Friday's night runs into Saturday.
    assert counts == {"04": 14, "05": 14, "06": 0, "07": 16, "08": 4, "09": 4, "10": 0}


async def test_a_range_has_at_most_31_days(api: Client) -> None:
    body = await ask(api, start_date="2027-01-04", end_date="2027-02-03")
    assert len(body["days"]) == 31
    answer = await refusal(api, start_date="2027-01-04", end_date="2027-02-04")
    assert_refused(answer, 400, "invalid_parameter", "end_date")
    assert "31" in answer.body["details"]["end_date"][0]
    answer = await refusal(api, start_date="2027-01-04", end_date="2027-01-03")
    assert_refused(answer, 400, "invalid_parameter", "end_date")
    assert len((await ask(api, start_date=TUESDAY, end_date=TUESDAY))["days"]) == 1


async def test_a_zone_beyond_the_date_line_has_its_own_days(api: Client) -> None:
    body = await ask(api, date="2027-01-06", timezone="Pacific/Auckland", resource_id=ANN)
    # New York's Tuesday from nine is Auckland's Wednesday from three, and its Tuesday afternoon ends at eleven.
    assert body["timezone"] == "Pacific/Auckland"
    assert body["days"][0]["slots"][0]["start_time"] == "2027-01-06T03:00:00+13:00"
    assert starts(body) == [
        *("03:00", "03:30", "04:00", "04:30", "05:00", "05:30"),
        *("07:00", "07:30", "08:00", "08:30", "09:00", "09:30", "10:00", "10:30"),
    ]


async def test_only_the_resources_asked_for_are_looked_at(api: Client) -> None:
    assert starts(await ask(api, date=TUESDAY, resource_id=BOB)) == ["10:00", "10:30"]
    both = await ask(api, date=TUESDAY, resource_id=[BOB, ANN])
    assert both == await ask(api, date=TUESDAY)


async def test_a_resource_that_does_not_offer_the_service_is_refused(api: Client) -> None:
    answer = await refusal(api, date=TUESDAY, resource_id=[ANN, ROOM, 99])
    assert_refused(answer, 400, "resource_not_eligible", "resource_id")
    assert len(answer.body["details"]["resource_id"]) == 2


async def test_a_booking_to_be_moved_does_not_stand_in_its_own_way(api: Client) -> None:
    made = await book(api, service_id=COLOUR)
    assert "10:30" not in starts(await ask(api, date=TUESDAY, service_id=COLOUR))
    free = await ask(api, date=TUESDAY, service_id=COLOUR, exclude_booking_id=made["id"])
    assert len(starts(free)) == 12
    assert (await api.patch(f"bookings/{made['id']}/", {"start_time": on("05", "10:30")})).status == 200


async def test_past_times_are_not_offered(api: Client, clock: StillClock) -> None:
    clock.advance(3 * 3600 + 0.001)
    assert starts(await ask(api, date="2027-01-04"))[:2] == ["10:30", "11:00"]


async def test_notice_and_advance_hold(api: Client, clock: StillClock) -> None:
    clock.advance(2 * 3600 + 1)
    body = await ask(api, start_date="2027-01-04", end_date="2027-01-18", service_id=ADVICE)
    times = [slot["start_time"] for day in body["days"] for slot in day["slots"]]
    assert (times[0], times[-1]) == (on("04", "11:30"), on("14", "16:30"))


@pytest.mark.parametrize(
    ("query", "reason", "next_available"),
    [
        ({"date": "2027-01-06"}, "closed", on("07", "09:00")),
        ({"date": "2027-01-10"}, "closed", on("11", "09:00")),
        ({"date": "2027-01-12", "resource_id": ANN}, "closed", on("13", "09:00")),
        ({"date": "2027-01-03"}, "closed", on("04", "09:00")),
        ({"date": "2029-01-03"}, "closed", None),
        ({"date": TUESDAY, "service_id": WEDDING}, "manual_scheduling", None),
    ],
)
async def test_an_empty_answer_says_why(api: Client, query: dict[str, object], reason: str, next_available: str | None) -> None:
    body = await ask(api, **query)
    assert starts(body) == []
    assert (body["reason"], body["next_available"]) == (reason, next_available)


async def test_a_full_day_says_so_and_when_there_is_room(api: Client) -> None:
    for time in ("10:00", "10:30"):
        await book(api, resource_id=BOB, start_time=on("05", time))
    body = await ask(api, date=TUESDAY, resource_id=BOB, timezone="Europe/Paris")
    assert (body["reason"], body["next_available"]) == ("fully_booked", "2027-01-07T15:00:00+01:00")


async def test_a_service_without_resources_or_out_of_the_catalogue_says_so(box: RunningBox, api: Client) -> None:
    box.apply("acme", CATALOGUE.replace('resources = ["ann", "bob"]', "resources = []"))
    assert (await ask(api, date=TUESDAY))["reason"] == "no_eligible_resource"
    box.apply("acme", CATALOGUE[: CATALOGUE.index('[[service]]\nkey = "wedding"')])
    assert (await ask(api, date=TUESDAY, service_id=WEDDING))["reason"] == "inactive"


async def test_an_unknown_service_is_not_found(api: Client) -> None:
    assert_refused(await refusal(api, service_id=99, date=TUESDAY), 404, "not_found")


ODD_INTEGERS = ("", "x", "1.0", "1_0", "²", "9" * 20, "9" * 5000, "0x1", "1,2", "1\x00")


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("service_id", ODD_INTEGERS),
        ("resource_id", ODD_INTEGERS),
        ("exclude_booking_id", ODD_INTEGERS),
        ("date", ("", "today", "2027-13-01", "2027-02-29", "2027-1-5", "2027-W01-2", "20270105", "1899-12-31", "3000-01-01")),
        (
            "timezone",
            (
                "",
                "Mars/Olympus",
                "../../etc/passwd",
                "/etc/localtime",
                "America",
                "Europe/Paris\x00",
                "a" * 5000,
                "é",
                "+01:00",
            ),
        ),
        ("party", ("2",)),
    ],
)
async def test_every_parameter_that_is_wrong_is_named(api: Client, name: str, values: tuple[str, ...]) -> None:
    for value in values:
        assert_refused(await refusal(api, **{"date": TUESDAY, name: value}), 400, "invalid_parameter", name)


async def test_all_that_is_wrong_is_told_at_once(api: Client) -> None:
    answer = await api.get("availability/", start_date="x", timezone="y", resource_id="z", exclude_booking_id="", sort="1")
    fields = ("service_id", "start_date", "end_date", "timezone", "resource_id", "exclude_booking_id", "sort")
    assert_refused(answer, 400, "invalid_parameter", *fields)


async def test_the_dates_are_one_day_or_a_range_and_are_required(api: Client) -> None:
    assert_refused(await refusal(api), 400, "invalid_parameter", "start_date", "end_date")
    assert_refused(await refusal(api, start_date=TUESDAY), 400, "invalid_parameter", "end_date")
    assert_refused(await refusal(api, end_date=TUESDAY), 400, "invalid_parameter", "start_date")
    assert_refused(await refusal(api, date=TUESDAY, end_date=TUESDAY), 400, "invalid_parameter", "date")


async def test_a_parameter_other_than_resource_id_is_sent_once(api: Client) -> None:
    assert_refused(await refusal(api, date=[TUESDAY, TUESDAY]), 400, "invalid_parameter", "date")
    answer = await refusal(api, date=TUESDAY, resource_id=list(range(1, 90)))
    assert_refused(answer, 400, "resource_not_eligible", "resource_id")


async def test_of_several_reasons_the_service_s_own_comes_first(api: Client) -> None:
    fields = {"name": "x", "duration": 30, "price": 1}
    for more, reason in (
        ({}, "no_eligible_resource"),
        ({"requires_manual_scheduling": True}, "manual_scheduling"),
        ({"requires_manual_scheduling": True, "is_active": False}, "inactive"),
    ):
        added = await api.post("services/", {**fields, **more})
        answer = await api.get("availability/", service_id=added.body["id"], date="2027-01-05")
        assert answer.body["reason"] == reason

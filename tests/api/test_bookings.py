"""POST bookings/: who is booked, at what price, for whom, and by which resource. test_booking_rules.py has the times."""

from asyncio import gather

import pytest

from tests.box import CATALOGUE, Client, RunningBox

from .acme import (
    ADVICE,
    ANN,
    BOB,
    COLOUR,
    CUT,
    ELEVEN,
    JANE,
    ROOM,
    TEN,
    add_customer,
    as_listed,
    assert_refused,
    book,
    on,
    wish,
)

pytestmark = pytest.mark.gen_test


async def test_a_booking_is_made_and_can_be_read(api: Client) -> None:
    more = {"notes": " Short ", "internal_notes": "tips", "external_id": "shop-1", "metadata": {"k": 1, "x": "é"}}
    answer = await api.post("bookings/", wish(**more))
    assert answer.status == 201
    assert answer.headers["Location"] == "/tenant-api/v1/bookings/1/"
    assert as_listed(answer.body) == {
        "id": 1,
        "version": 1,
        "status": "SCHEDULED",
        "service_id": CUT,
        "service_name": "Haircut",
        "resource_id": ANN,
        "resource_ids": [ANN],
        "resource_name": "Ann",
        "customer_id": 1,
        "customer_name": "Jane Doe",
        "start_time": TEN,
        "end_time": on("05", "10:30"),
        "timezone": "America/New_York",
        "duration": 30,
        "price": 2500,
        "party_size": 1,
        "notes": "Short",
        "internal_notes": "tips",
        "source": "api",
        "external_id": "shop-1",
        "metadata": {"k": 1, "x": "é"},
        "series_id": None,
        "previous_start_time": None,
        "cancelled_at": None,
        "cancellation_reason": "",
        "cancelled_by": None,
        "late_cancellation": False,
        "created_at": "2027-01-04T12:00:00.000000Z",
        "updated_at": "2027-01-04T12:00:00.000000Z",
    }
    assert (await api.get(answer.headers["Location"])).body == answer.body
    assert (await api.get("bookings/")).body["results"] == [as_listed(answer.body)]


async def test_a_time_may_be_written_in_every_way_of_rfc_3339(api: Client) -> None:
    ways = (
        "2027-01-05T15:00Z",
        "2027-01-05t15:00:00z",
        "2027-01-05 15:00:00+00:00",
        "2027-01-05T10:00",
        "2027-01-06T04:00:00.0+13:00",
    )
    for way in ways:
        made = await book(api, start_time=way)
        assert made["start_time"] == TEN, way
        await api.delete(f"bookings/{made['id']}/")


async def test_a_time_that_is_none_is_refused(api: Client) -> None:
    odd_ones = ("", "10:00", "2027-01-05", "2027-02-30T10:00", "2027-01-05T25:00", "tomorrow", "1799190000", "2027-W01-2T10:00")
    for odd in (
        *odd_ones,
        "2027-01-05T10:00:00.5-05:00",
        "0001-01-01T00:00Z",
        "9999-12-31T23:59Z",
        "٢٠٢٧-01-05T10:00",
        None,
        5,
    ):
        assert_refused(await api.post("bookings/", wish(start_time=odd)), 400, "validation_error", "start_time")


async def test_price_duration_buffers_and_names_are_frozen(box: RunningBox, api: Client) -> None:
    made = await book(api, service_id=COLOUR)
    later = CATALOGUE.replace("duration = 60", "duration = 90").replace("price = 8000", "price = 9000")
    box.apply(
        "acme", later.replace("buffer_after = 30", "buffer_after = 0").replace('"Colour"', '"Dye"').replace('"Ann"', '"Anna"')
    )
    assert (await api.get(f"bookings/{made['id']}/")).body == made
    # The half hour after it is still kept free, as was agreed when it was made.
    assert_refused(await api.post("bookings/", wish(start_time=ELEVEN, resource_id=ANN)), 409, "slot_unavailable")
    await book(api, start_time=on("05", "11:30"), resource_id=ANN)


async def test_a_price_that_varies_stays_open(api: Client) -> None:
    assert (await book(api, service_id=ADVICE))["price"] is None


async def test_without_a_resource_the_free_one_with_the_lowest_id_takes_it(api: Client) -> None:
    assert [(await book(api))["resource_id"] for _ in range(2)] == [ANN, BOB]
    assert_refused(await api.post("bookings/", wish()), 409, "slot_unavailable")


async def test_with_a_resource_it_is_that_one_or_none(api: Client) -> None:
    assert (await book(api, resource_id=BOB))["resource_name"] == "Bob"
    assert_refused(await api.post("bookings/", wish(resource_id=BOB)), 409, "slot_unavailable")
    assert (await book(api, resource_id=ANN))["resource_id"] == ANN


async def test_a_resource_that_does_not_offer_the_service_is_refused(api: Client) -> None:
    for stranger in (ROOM, 99):
        answer = await api.post("bookings/", wish(resource_id=stranger))
        assert_refused(answer, 400, "resource_not_eligible", "resource_id")


async def test_a_resource_that_left_the_catalogue_takes_no_more(box: RunningBox, api: Client) -> None:
    bob = CATALOGUE[CATALOGUE.index('[[resource]]\nkey = "bob"') : CATALOGUE.index('[[resource]]\nkey = "room"')]
    box.apply("acme", CATALOGUE.replace(bob, "").replace('["ann", "bob"]', '["ann"]').replace('["bob"]', '["ann"]'))
    assert_refused(await api.post("bookings/", wish(resource_id=BOB)), 400, "resource_not_eligible", "resource_id")


async def test_a_service_that_is_gone_or_unknown_is_refused(box: RunningBox, api: Client) -> None:
    assert_refused(await api.post("bookings/", wish(service_id=99)), 400, "validation_error", "service_id")
    box.apply("acme", CATALOGUE[: CATALOGUE.index('[[service]]\nkey = "colour"')])
    assert_refused(await api.post("bookings/", wish(service_id=COLOUR)), 400, "validation_error", "service_id")


async def test_a_party_larger_than_the_capacity_is_refused(api: Client) -> None:
    assert_refused(await api.post("bookings/", wish(party_size=2)), 400, "validation_error", "party_size")
    assert_refused(await api.post("bookings/", wish(party_size=0)), 400, "validation_error", "party_size")


async def test_a_customer_is_named_by_id_or_given_inline_but_not_both(api: Client) -> None:
    jane = await add_customer(api, **JANE)
    assert (await book(api, customer_id=jane["id"]))["customer_name"] == "Jane Doe"
    neither = {"service_id": CUT, "start_time": ELEVEN}
    assert_refused(await api.post("bookings/", neither), 400, "validation_error", "customer_id")
    both = neither | {"customer_id": jane["id"], "customer": JANE}
    assert_refused(await api.post("bookings/", both), 400, "validation_error", "customer_id")
    assert_refused(await api.post("bookings/", wish(customer_id=99)), 400, "validation_error", "customer_id")


async def test_an_inline_customer_is_matched_by_email_then_by_phone_else_added(api: Client) -> None:
    by_email = await add_customer(api, email="jane@example.com", phone="212 555 0100")
    by_phone = await add_customer(api, email="joe@example.com", phone="+1 212 555 0199")

    async def taker(**customer: str) -> int:
        made = await book(api, customer=customer)
        await api.delete(f"bookings/{made['id']}/")
        found: int = made["customer_id"]
        return found

    assert await taker(email="JANE@EXAMPLE.com", phone="212 555 0199") == by_email["id"]
    assert await taker(email="other@example.com", phone="(212) 555-0199") == by_phone["id"]
    assert await taker(phone="1-212-555-0199") == by_phone["id"]
    assert await taker(email="new@example.com", phone="212 555 0101") not in {by_email["id"], by_phone["id"]}
    assert (await api.get("customers/")).body["count"] == 3
    assert (await api.get(f"customers/{by_phone['id']}/")).body["email"] == "joe@example.com"


async def test_an_inline_customer_needs_an_email_or_a_phone(api: Client) -> None:
    answer = await api.post("bookings/", wish(customer={"first_name": "Nobody"}))
    assert_refused(answer, 400, "validation_error", "customer.email", "customer.phone")
    answer = await api.post("bookings/", wish(customer={"email": "nope"}))
    assert_refused(answer, 400, "validation_error", "customer.email")


async def test_a_blocked_customer_cannot_book_by_any_name(api: Client) -> None:
    jane = await add_customer(api, **JANE, phone="212 555 0100", status="BLOCKED")
    for who in ({"customer_id": jane["id"]}, {"customer": JANE}, {"customer": {"phone": "212-555-0100"}}):
        assert_refused(await api.post("bookings/", wish(**who)), 409, "customer_blocked")
    assert (await api.get("bookings/")).body["count"] == 0


async def test_a_refused_booking_leaves_no_customer_behind(api: Client) -> None:
    await api.post("bookings/", wish(start_time=on("05", "12:00")))
    await api.post("bookings/", wish(resource_id=ROOM))
    assert (await api.get("customers/")).body["count"] == 0


async def test_parallel_wishes_for_one_place_make_one_booking(api: Client) -> None:
    answers = await gather(*(api.post("bookings/", wish(service_id=COLOUR)) for _ in range(20)))
    assert sorted(answer.status for answer in answers) == [201] + [409] * 19
    assert (await api.get("bookings/")).body["count"] == 1

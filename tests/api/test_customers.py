"""customers/: GET, POST and PATCH. Their filters are in test_lists.py."""

import pytest

from tests.box import Client, StillClock

from .acme import JANE, add_customer, assert_refused, book, on

pytestmark = pytest.mark.gen_test


async def test_a_customer_is_added_and_can_be_read(api: Client) -> None:
    body = {
        **JANE,
        "phone": "(212) 555-0100",
        "notes": "Likes tea",
        "tags": ["vip", "vip-2"],
        "external_id": "crm-7",
        "address": "1 Main St",
        "metadata": {"size": 42, "half": 0.5, "new": True, "none": None, "text": "x"},
    }
    answer = await api.post("customers/", body)
    assert answer.status == 201
    assert answer.headers["Location"] == "/tenant-api/v1/customers/1/"
    assert answer.body == {
        "id": 1,
        "version": 1,
        **body,
        "name": "Jane Doe",
        "status": "ACTIVE",
        "booking_count": 0,
        "total_spend": 0,
        "last_visit": None,
        "created_at": "2027-01-04T12:00:00.000000Z",
        "updated_at": "2027-01-04T12:00:00.000000Z",
    }
    assert (await api.get(answer.headers["Location"])).body == answer.body


async def test_either_an_email_or_a_phone_is_required(api: Client) -> None:
    assert_refused(await api.post("customers/", {"first_name": "Nobody"}), 400, "validation_error", "email", "phone")
    assert_refused(await api.post("customers/", {"email": " ", "phone": " "}), 400, "validation_error", "email", "phone")
    assert (await add_customer(api, email="a@example.com"))["name"] == "a@example.com"
    assert (await add_customer(api, phone="212 555 0100"))["name"] == "212 555 0100"


async def test_an_address_that_no_mail_could_reach_is_refused(api: Client) -> None:
    for odd in (
        "nope",
        "a@b",
        "a@@example.com",
        "a b@example.com",
        "a@example..com",
        "a@exam ple.com",
        "@example.com",
        "a@\u202e.com",
    ):
        assert_refused(await api.post("customers/", {"email": odd}), 400, "validation_error", "email")


async def test_addresses_of_a_sandbox_and_of_other_alphabets_are_taken(api: Client) -> None:
    for fine in ("a@shop.test", "a@printer.local", "jörg@example.com", "a@münchen.de", "Mixed.Case@Example.COM"):
        assert (await api.post("customers/", {"email": fine})).status == 201, fine


async def test_a_phone_has_digits(api: Client) -> None:
    assert_refused(await api.post("customers/", {"phone": "call me"}), 400, "validation_error", "phone")


async def test_blanks_around_what_was_sent_are_dropped(api: Client) -> None:
    added = await add_customer(api, first_name=" Jane ", email=" jane@example.com ")
    assert (added["first_name"], added["email"]) == ("Jane", "jane@example.com")


async def test_a_second_customer_with_the_same_email_is_refused_in_any_case(api: Client) -> None:
    first = await add_customer(api, **JANE)
    answer = await api.post("customers/", {"email": "JANE@Example.com"})
    assert_refused(answer, 409, "duplicate_customer")
    assert answer.body["details"]["existing_id"] == first["id"]
    assert (await api.get("customers/")).body["count"] == 1


async def test_two_customers_may_share_a_phone(api: Client) -> None:
    await add_customer(api, email="a@example.com", phone="212 555 0100")
    await add_customer(api, email="b@example.com", phone="212 555 0100")


async def test_a_change_touches_only_what_it_names(api: Client, clock: StillClock) -> None:
    before = await add_customer(api, **JANE, phone="212 555 0100", tags=["a"], metadata={"k": 1})
    clock.advance(60)
    answer = await api.patch(f"customers/{before['id']}/", {"last_name": "Smith", "status": "BLOCKED"})
    assert answer.status == 200
    changed = {
        "last_name": "Smith",
        "name": "Jane Smith",
        "status": "BLOCKED",
        "version": 2,
        "updated_at": "2027-01-04T12:01:00.000000Z",
    }
    assert answer.body == before | changed


async def test_every_field_can_be_changed_and_external_id_taken_away(api: Client) -> None:
    added = await add_customer(api, **JANE, external_id="x")
    change = {
        "first_name": "J",
        "last_name": "D",
        "email": "new@example.com",
        "phone": "+33 1 23 45 67 89",
        "notes": "n",
        "tags": ["t"],
        "status": "BLOCKED",
        "external_id": None,
        "address": "a",
        "metadata": {"m": "m"},
    }
    answer = await api.patch(f"customers/{added['id']}/", change)
    assert answer.status == 200
    assert answer.body | change == answer.body


async def test_a_change_that_changes_nothing_keeps_the_version(api: Client, clock: StillClock) -> None:
    before = await add_customer(api, **JANE, tags=["a"], metadata={"k": 1})
    clock.advance(60)
    for same in ({}, JANE, {"tags": ["a"], "metadata": {"k": 1}}, {"first_name": " Jane "}):
        assert (await api.patch(f"customers/{before['id']}/", same)).body == before, same


async def test_a_change_may_not_leave_a_customer_without_contact(api: Client) -> None:
    added = await add_customer(api, **JANE)
    answer = await api.patch(f"customers/{added['id']}/", {"email": ""})
    assert_refused(answer, 400, "validation_error", "email", "phone")
    answer = await api.patch(f"customers/{added['id']}/", {"email": "", "phone": "212 555 0100"})
    assert (answer.status, answer.body["email"]) == (200, "")


async def test_a_change_may_not_take_the_email_of_another(api: Client) -> None:
    first = await add_customer(api, **JANE)
    second = await add_customer(api, email="joe@example.com")
    answer = await api.patch(f"customers/{second['id']}/", {"email": "Jane@example.com", "first_name": "Joe"})
    assert_refused(answer, 409, "duplicate_customer")
    assert answer.body["details"]["existing_id"] == first["id"]
    assert (await api.get(f"customers/{second['id']}/")).body == second
    assert (await api.patch(f"customers/{first['id']}/", {"email": "JANE@example.com"})).status == 200


async def test_it_counts_bookings_and_what_was_spent(api: Client) -> None:
    jane = (await book(api, start_time=on("05", "10:00")))["customer_id"]
    done = await book(api, start_time=on("05", "11:00"))
    gone = await book(api, start_time=on("05", "11:30"))
    await api.patch(f"bookings/{done['id']}/", {"status": "COMPLETED"})
    await api.delete(f"bookings/{gone['id']}/")
    body = (await api.get(f"customers/{jane}/")).body
    assert (body["booking_count"], body["total_spend"], body["last_visit"]) == (2, 2500, on("05", "11:00"))


async def test_there_is_no_customer_of_an_unknown_id(api: Client) -> None:
    assert_refused(await api.get("customers/99/"), 404, "not_found")
    assert_refused(await api.patch("customers/99/", {"first_name": "x"}), 404, "not_found")


async def test_customers_are_not_deleted(api: Client) -> None:
    added = await add_customer(api, **JANE)
    answer = await api.delete(f"customers/{added['id']}/")
    assert_refused(answer, 405, "method_not_allowed")
    assert answer.headers["Allow"] == "GET, HEAD, OPTIONS, PATCH"

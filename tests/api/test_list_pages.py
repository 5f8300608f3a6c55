"""Orderings, page sizes and cursors of every list."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from itertools import product
from typing import Any
from urllib.parse import parse_qs, urlsplit

import msgspec
import pytest

from tests.box import Client, RunningBox, StillClock

from .acme import add_customer, assert_refused, book, on
from .stock import LISTS, everything, fill

pytestmark = pytest.mark.gen_test

Row = dict[str, Any]


def key(row: Row, field: str) -> Any:
    """What a row is sorted by: text in any case, a price that varies before all others."""
    value = row[field]
    return value.casefold() if isinstance(value, str) else -1 if value is None else value


def in_order(rows: list[Row], ordering: str) -> list[int]:
    """The ids in the order asked for; where the last field is equal, the id goes the same way."""
    fields = ordering.split(",")
    if "id" not in ordering:
        fields.append("-id" if fields[-1].startswith("-") else "id")
    for field in reversed(fields):
        rows = sorted(rows, key=lambda row: key(row, field.removeprefix("-")), reverse=field.startswith("-"))
    return [row["id"] for row in rows]


async def walk(api: Client, address: str, link: str) -> tuple[list[list[int]], str]:
    """The ids of page after page, as far as the links go, and the address of the last page."""
    pages, following = [], address
    while following:
        address = following
        answer = await api.get(address)
        assert answer.status == 200, answer
        pages.append([row["id"] for row in answer.body["results"]])
        following = answer.body[link]
        assert len(pages) < 100
    return pages, address


def cursor_of(address: str) -> str:
    return parse_qs(urlsplit(address).query)["cursor"][0]


@pytest.mark.parametrize("name", LISTS)
async def test_every_ordering_sorts_both_ways(box: RunningBox, api: Client, clock: StillClock, name: str) -> None:
    await fill(box, api, clock)
    rows = await everything(api, name)
    fields = (*LISTS[name].orderings, "id")
    for ordering in (*fields, *(f"-{field}" for field in fields)):
        answer = await api.get(f"{name}/", ordering=ordering)
        assert [row["id"] for row in answer.body["results"]] == in_order(rows, ordering), ordering
    answer = await api.get(f"{name}/")
    assert [row["id"] for row in answer.body["results"]] == in_order(rows, LISTS[name].default_ordering)


@pytest.mark.parametrize("name", [name for name, listing in LISTS.items() if len(listing.orderings) > 1])
async def test_several_orderings_in_every_mixture_walk_over_everything_once(
    box: RunningBox, api: Client, clock: StillClock, name: str
) -> None:
    await fill(box, api, clock)
    rows = await everything(api, name)
    first, second = LISTS[name].orderings[:2]
    mixtures = [f"{a}{first},{b}{second}{c}" for a, b, c in product(("", "-"), ("", "-"), ("", ",id", ",-id"))]
    for ordering in (*mixtures, f"-{first},id", f"{first},-id", "id", "-id"):
        pages, _ = await walk(api, f"{name}/?ordering={ordering}&page_size=2", "next")
        assert [each for page in pages for each in page] == in_order(rows, ordering), ordering
        assert all(len(page) == 2 for page in pages[:-1])


@pytest.mark.parametrize("name", LISTS)
async def test_a_walk_forward_can_be_walked_back_and_forward_again(
    box: RunningBox, api: Client, clock: StillClock, name: str
) -> None:
    await fill(box, api, clock)
    for ordering in LISTS[name].orderings:
        first = f"{name}/?ordering=-{ordering}&page_size=2"
        assert (await api.get(first)).body["previous"] is None
        forward, last = await walk(api, first, "next")
        back, begin = await walk(api, last, "previous")
        again, _ = await walk(api, begin, "next")
        ids = [each for page in forward for each in page]
        assert [each for page in reversed(back) for each in page] == ids
        assert [each for page in again for each in page] == ids
        assert all([*forward, *back, *again]), "a link led to an empty page"


async def test_rows_that_are_added_meanwhile_neither_hide_nor_repeat_one(api: Client) -> None:
    there = [(await add_customer(api, last_name=name, phone="1"))["id"] for name in "bbddffhhjj"]
    address, seen, turn = "customers/?ordering=last_name&page_size=3", [], 0
    while address:
        answer = await api.get(address)
        seen += [row["id"] for row in answer.body["results"]]
        address, turn = answer.body["next"], turn + 1
        for name in "acegik":
            await add_customer(api, last_name=name, phone="1")
    assert [each for each in seen if each in there] == there
    assert len(set(seen)) == len(seen)
    back, _ = await walk(api, "customers/?ordering=-last_name&page_size=7", "next")
    assert sorted(each for page in back for each in page) == list(range(1, 11 + 6 * turn))


async def test_a_row_that_moves_away_or_is_changed_leaves_the_walk_intact(api: Client) -> None:
    made = [(await book(api, start_time=on("07", f"{hour:02}:00")))["id"] for hour in range(9, 15)]
    first = await api.get("bookings/", page_size=2)
    await api.patch(f"bookings/{made[1]}/", {"start_time": on("07", "16:00")})  # the row beside the cursor
    rest, _ = await walk(api, first.body["next"], "next")
    assert rest == [[made[2], made[3]], [made[4], made[5]], [made[1]]]


async def test_rows_with_equal_values_are_told_apart_by_id(api: Client) -> None:
    there = [(await add_customer(api, last_name="Same", phone="1"))["id"] for _ in range(7)]
    pages, _ = await walk(api, "customers/?page_size=3", "next")
    assert pages == [there[:3], there[3:6], there[6:]]
    pages, _ = await walk(api, "customers/?ordering=-last_name&page_size=3", "next")
    assert pages == [there[:3:-1], there[3:0:-1], there[:1]]


async def test_the_count_is_exact_on_every_page(api: Client) -> None:
    for number in range(9):
        await add_customer(api, last_name=f"n{number}", phone="1", tags=["odd"] if number % 2 else [])
    address: str | None = "customers/?page_size=2&tag=odd"
    while address:
        answer = await api.get(address)
        assert answer.body["count"] == 4
        address = answer.body["next"]
    assert (await api.get("customers/", page_size=200)).body["count"] == 9


async def test_links_keep_the_filters_and_name_the_address_that_was_used(api: Client) -> None:
    for number in range(3):
        await add_customer(api, last_name=f"Å & +{number}%", phone="1")
    answer = await api.get("customers/", search="å & +", page_size=1, email="")
    assert answer.body["next"].startswith(f"{api.url}/tenant-api/v1/customers/?search=")
    pages, _ = await walk(api, answer.body["next"], "next")
    assert pages == [[2], [3]]


async def test_a_page_has_fifty_results_unless_it_is_told_otherwise(api: Client) -> None:
    for _ in range(51):
        await add_customer(api, phone="1")
    assert len((await api.get("customers/")).body["results"]) == 50
    assert len((await api.get("customers/", page_size=200)).body["results"]) == 51
    assert len((await api.get("customers/", page_size=1)).body["results"]) == 1
    for odd in ("0", "201", "-1", "", "x", "1.0", "1e2"):
        assert_refused(await api.get("customers/", page_size=odd), 400, "invalid_parameter", "page_size")


@pytest.mark.parametrize("name", LISTS)
async def test_an_ordering_that_is_not_offered_is_refused_and_the_offered_are_named(api: Client, name: str) -> None:
    for odd in ("nope", "notes", "--id", "id,id", "id,-id", ",", "id,", "search_key", "id desc", "1", "(SELECT 1)"):
        answer = await api.get(f"{name}/", ordering=odd)
        assert_refused(answer, 400, "invalid_parameter", "ordering")
    (message,) = (await api.get(f"{name}/", ordering="nope")).body["details"]["ordering"]
    for offered in (*LISTS[name].orderings, "id"):
        assert offered in message


async def test_a_cursor_serves_no_other_list_filter_or_ordering(box: RunningBox, api: Client, clock: StillClock) -> None:
    await fill(box, api, clock)
    cursor = cursor_of((await api.get("customers/", page_size=1, ordering="created_at")).body["next"])
    assert (await api.get("customers/", cursor=cursor, page_size=3, ordering="created_at")).status == 200
    others: tuple[dict[str, str], ...] = (
        {},
        {"ordering": "-created_at"},
        {"ordering": "created_at,id"},
        {"ordering": "created_at", "search": "a"},
        {"ordering": "created_at", "email": ""},
    )
    for other in others:
        assert_refused(await api.get("customers/", cursor=cursor, **other), 400, "invalid_cursor")
    for name in ("bookings", "services", "resources"):
        ordering = "created_at" if name == "bookings" else "name"
        assert_refused(await api.get(f"{name}/", cursor=cursor, ordering=ordering), 400, "invalid_cursor")


async def test_a_cursor_that_is_made_up_is_refused(box: RunningBox, api: Client, clock: StillClock) -> None:
    await fill(box, api, clock)
    cursor = cursor_of((await api.get("bookings/", page_size=1)).body["next"])
    mark, backwards, (start, booking_id) = msgspec.json.decode(urlsafe_b64decode(cursor + "=="))
    forged: tuple[Any, ...] = (
        [mark, backwards, [start]],
        [mark, backwards, [start, booking_id, 1]],
        [mark, backwards, [None, booking_id]],
        [mark, backwards, [start, 1.5]],
        [mark, backwards, [start, True]],
        [mark, backwards, [start, [1]]],
        [mark, backwards, [2**60, booking_id]],
        [mark, "yes", [start, booking_id]],
        [mark, backwards],
        ["0" * 16, backwards, [start, booking_id]],
        {"mark": mark},
        None,
    )
    texts = [urlsafe_b64encode(msgspec.json.encode(each)).decode().rstrip("=") for each in forged]
    for text in (*texts, "x", "é", "====", "a" * 1500, cursor[:-2], cursor + "xxxx", "../..", '["' * 600):
        assert_refused(await api.get("bookings/", cursor=text), 400, "invalid_cursor")


async def test_a_cursor_holds_in_the_sandbox_and_at_a_neighbours_only_for_what_is_there(box: RunningBox, api: Client) -> None:
    for number in range(3):
        await add_customer(api, last_name=f"n{number}", phone="1")
    address = (await api.get("customers/", page_size=1)).body["next"]
    for other in (box.client("acme", "test"), box.client("rival")):
        assert (await other.get(address)).body["results"] == []


async def test_who_asks_for_what_changed_since_hears_of_every_change(api: Client, clock: StillClock) -> None:
    kept = [await book(api, start_time=on("07", f"{hour}:00")) for hour in (10, 11, 12, 13)]
    since = kept[-1]["updated_at"]
    clock.advance(1)
    await api.patch(f"bookings/{kept[0]['id']}/", {"start_time": on("07", "14:00")})
    await api.delete(f"bookings/{kept[1]['id']}/")
    await api.patch(f"bookings/{kept[2]['id']}/", {"status": "CONFIRMED"})
    made = await book(api, start_time=on("07", "15:00"))
    answer = await api.get("bookings/", updated_at__gt=since, ordering="updated_at")
    found = {row["id"]: (row["status"], row["version"]) for row in answer.body["results"]}
    assert found == {
        kept[0]["id"]: ("SCHEDULED", 2),
        kept[1]["id"]: ("CANCELLED", 2),
        kept[2]["id"]: ("CONFIRMED", 2),
        made["id"]: ("SCHEDULED", 1),
    }
    assert answer.body["results"][0]["previous_start_time"] == kept[0]["start_time"]


async def test_a_walk_by_change_meets_what_changes_meanwhile_once_more_and_loses_nothing(
    api: Client, clock: StillClock
) -> None:
    ids = []
    for hour in (9, 10, 11, 12, 13, 14):
        clock.advance(1)
        ids.append((await book(api, start_time=on("07", f"{hour:02}:00")))["id"])
    page, seen = (await api.get("bookings/", ordering="updated_at", page_size=2)).body, []
    while True:
        seen += [row["id"] for row in page["results"]]
        if len(seen) == 2:  # meanwhile somebody changes one that was seen and one that was not
            clock.advance(1)
            await api.delete(f"bookings/{ids[0]}/")
            await api.delete(f"bookings/{ids[4]}/")
        if page["next"] is None:
            break
        page = (await api.get(page["next"])).body
    assert seen == [*ids[:4], ids[5], ids[0], ids[4]]

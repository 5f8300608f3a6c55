"""Many want the same at once, from a real server: of what there is one, one gets it, and the others are told."""

from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest

from tests.process.ledger import EVERY_DAY
from tests.process.server import Server, call, make_box, make_token

RESOURCES = "\n".join(
    f'[[resource]]\nkey = "{name}"\nname = "{name.title()}"\ntype = "{kind}"'
    for name, kind in (("ann", "STAFF"), ("bob", "STAFF"), ("cyd", "STAFF"), ("blue", "ROOM"))
)
CATALOGUE = f"""
[business]
name = "Acme"
timezone = "America/New_York"
currency = "USD"
slot_interval = 30
max_advance_days = 30
[business.hours]
{EVERY_DAY}
{RESOURCES}
[[service]]
key = "cut"
name = "Haircut"
duration = 30
price = 2500
resources = ["ann"]
[[service]]
key = "class"
name = "Class"
duration = 30
price = 2500
capacity = 5
resources = ["ann"]
[[service]]
key = "shave"
name = "Shave"
duration = 30
price = 2500
resources = ["ann", "bob", "cyd"]
[[service]]
key = "treatment"
name = "Treatment"
duration = 30
price = 2500
needs = [["ann", "bob", "cyd"], ["blue"]]
"""
CUT, CLASS, SHAVE, TREATMENT = 1, 2, 3, 4
ANN, BOB, CYD, BLUE = 1, 2, 3, 4
FIRST = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(days=2)
JO = {"first_name": "Jo", "email": "jo@example.com"}
EVENING = 30  # half hours that no other test uses, whatever its day
WON, LOST = 201, 409

Said = tuple[int, Any]
Request = tuple[Any, ...]


class Day:
    """A running box, a day of its own on it, and those who call: one by one, or all at once."""

    def __init__(self, server: Server, data: Path, token: str, number: int) -> None:
        self.url, self.data, self.token = server.url, data, token
        self.first = FIRST + timedelta(days=number)

    def slot(self, number: int) -> str:
        """The start of the n-th half hour."""
        return (self.first + timedelta(minutes=30 * number)).isoformat().replace("+00:00", "Z")

    def wish(self, number: int, service_id: int = CUT, **fields: Any) -> Request:
        """A booking of the n-th half hour."""
        return "POST", "bookings/", {"service_id": service_id, "start_time": self.slot(number), "customer": JO, **fields}

    def hold(self, number: int) -> Request:
        """A hold of the n-th half hour."""
        return "POST", "holds/", {"service_id": CUT, "start_time": self.slot(number)}

    def ask(self, method: str, path: str, body: Any = None, token: str | None = None) -> Said:
        return call(self.url, token or self.token, method, path, body)

    def make(self, request: Request) -> int:
        """The id of what is made."""
        status, made = self.ask(*request)
        assert status == WON, made
        made_id: int = made["id"]
        return made_id

    def race(self, requests: Sequence[Request]) -> list[Said]:
        """Send all when all are ready; the answers in order."""
        ready = Barrier(len(requests))

        def run(request: Request) -> Said:
            ready.wait(20)
            return self.ask(*request)

        with ThreadPoolExecutor(len(requests)) as crowd:
            return list(crowd.map(run, requests))

    def blocking(self) -> list[dict[str, Any]]:
        """The bookings of the day that occupy something."""
        span = f"start_datetime={self.slot(0)}&end_datetime={self.slot(48)}"
        rows: list[dict[str, Any]] = self.ask("GET", f"bookings/?status=SCHEDULED,CONFIRMED&page_size=100&{span}")[1]["results"]
        return rows

    def booking(self, booking_id: int) -> dict[str, Any]:
        found: dict[str, Any] = self.ask("GET", f"bookings/{booking_id}/")[1]
        return found


@pytest.fixture(scope="module")
def days(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Iterator[Day]]:
    """One day after the other of one box: no test sees the bookings of another."""
    data = tmp_path_factory.mktemp("races") / "data"
    token = make_box(data, CATALOGUE)
    with Server(data) as server:
        yield (Day(server, data, token, number) for number in count())


@pytest.fixture
def day(days: Iterator[Day]) -> Day:
    return next(days)


def statuses(answers: Sequence[Said]) -> Counter[int]:
    """How many were told what; a refusal is always the one that belongs to a race."""
    assert {said["error"] for status, said in answers if status == LOST} <= {"slot_unavailable"}
    return Counter(status for status, _ in answers)


def test_one_place_goes_to_one_of_fifty(day: Day) -> None:
    assert statuses(day.race([day.wish(0)] * 50)) == {WON: 1, LOST: 49}
    assert len(day.blocking()) == 1


def test_five_seats_go_to_five_of_ten(day: Day) -> None:
    assert statuses(day.race([day.wish(0, CLASS)] * 10)) == {WON: 5, LOST: 5}
    assert len(day.blocking()) == 5


def test_parties_get_no_more_seats_than_there_are(day: Day) -> None:
    answers = day.race([day.wish(0, CLASS, party_size=1 + number % 3) for number in range(12)])
    seats = sum(said["party_size"] for status, said in answers if status == WON)
    assert seats in {4, 5}  # one seat may be too few for those who came last
    assert seats == sum(each["party_size"] for each in day.blocking())


def test_three_of_ten_each_get_somebody_else(day: Day) -> None:
    answers = day.race([day.wish(0, SHAVE)] * 10)
    assert statuses(answers) == {WON: 3, LOST: 7}
    assert sorted(said["resource_id"] for status, said in answers if status == WON) == [ANN, BOB, CYD]


def test_the_one_room_goes_to_one_of_ten_whoever_works_in_it(day: Day) -> None:
    answers = day.race([day.wish(0, TREATMENT, resource_id=(ANN, BOB, CYD)[number % 3]) for number in range(10)])
    assert statuses(answers) == {WON: 1, LOST: 9}
    assert [len(each["resource_ids"]) for each in day.blocking()] == [2]


def test_two_services_that_share_a_resource_do_not_both_get_it(day: Day) -> None:
    answers = day.race([day.wish(0, TREATMENT, resource_id=ANN), day.wish(0), day.wish(0, CLASS)] * 5)
    won = {said["service_id"] for status, said in answers if status == WON}
    assert len(won) == 1
    assert statuses(answers)[WON] == (5 if won == {CLASS} else 1)


def test_of_ten_who_move_to_one_place_nine_stay_where_they_were(day: Day) -> None:
    ids = [day.make(day.wish(number)) for number in range(1, 11)]
    answers = day.race([("PATCH", f"bookings/{each}/", {"start_time": day.slot(0)}) for each in ids])
    assert statuses(answers) == {200: 1, LOST: 9}
    now = {each["id"]: (each["version"], each["previous_start_time"] is None) for each in day.blocking()}
    assert Counter(now.values()) == {(1, True): 9, (2, False): 1}
    losers = [number for number, (status, _) in enumerate(answers, 1) if status == LOST]
    assert statuses(day.race([day.wish(number) for number in losers])) == {LOST: 9}


def test_two_who_want_to_change_places_both_stay(day: Day) -> None:
    ids = [day.make(day.wish(0)), day.make(day.wish(1))]
    places = [day.slot(1), day.slot(0)]
    answers = day.race([("PATCH", f"bookings/{each}/", {"start_time": to}) for each, to in zip(ids, places, strict=True)] * 5)
    assert statuses(answers) == {LOST: 10}


def test_one_hold_of_twenty_is_made_and_the_place_is_its_owners(day: Day) -> None:
    answers = day.race([day.hold(0)] * 20)
    assert statuses(answers) == {WON: 1, LOST: 19}
    assert statuses(day.race([day.wish(0)] * 5)) == {LOST: 5}


def test_who_holds_a_place_gets_it_while_twenty_others_try(day: Day) -> None:
    hold_id = day.make(day.hold(0))
    other = make_token(day.data)["token"]
    others = [(*day.wish(0), other)] * 10 + [(*day.wish(0, hold_id=hold_id), other)] * 10
    answers = day.race([*others[:10], day.wish(0, hold_id=hold_id), *others[10:]])
    mine = answers.pop(10)
    assert mine[0] == WON, mine
    assert Counter(status for status, _ in answers) == {LOST: 10, 400: 10}
    assert [each["id"] for each in day.blocking()] == [mine[1]["id"]]


def test_a_hold_is_booked_once_however_often_it_is_sent(day: Day) -> None:
    hold_id = day.make(day.hold(0))
    answers = day.race([day.wish(0, hold_id=hold_id)] * 10)
    assert Counter(status for status, _ in answers) == {WON: 1, 400: 9}
    assert len(day.blocking()) == 1


def test_a_hold_that_is_released_while_it_is_booked_ends_one_way(day: Day) -> None:
    for number in range(5):
        hold_id = day.make(day.hold(number))
        booked, released = day.race([day.wish(number, hold_id=hold_id), ("DELETE", f"holds/{hold_id}/")])
        assert (booked[0], released[0]) in {(WON, 404), (400, 204)}
        free = day.ask(*day.wish(number))[0]
        assert free == (LOST if booked[0] == WON else WON)


def test_a_place_that_is_cancelled_and_booked_at_once_is_never_had_twice(day: Day) -> None:
    for number in range(5):
        booking_id = day.make(day.wish(number))
        cancel = ("POST", f"bookings/{booking_id}/cancel/", {})
        answers = day.race([cancel, *[day.wish(number)] * 8, cancel])
        assert (answers[0][0], answers[-1][0]) == (200, 200)
        assert statuses(answers[1:-1])[WON] <= 1
        assert day.booking(booking_id)["status"] == "CANCELLED"
        assert sum(each["start_time"] == day.booking(booking_id)["start_time"] for each in day.blocking()) <= 1
        day.ask(*day.wish(number))
        assert day.ask(*day.wish(number))[0] == LOST


def test_who_comes_after_all_and_who_booked_meanwhile_do_not_both_have_the_place(day: Day) -> None:
    for number in range(5):
        booking_id = day.make(day.wish(number))
        assert day.ask("PATCH", f"bookings/{booking_id}/", {"status": "NO_SHOW"})[0] == 200
        back = ("PATCH", f"bookings/{booking_id}/", {"status": "CONFIRMED"})
        answers = day.race([*[day.wish(number)] * 4, back, *[day.wish(number)] * 4])
        came_back = answers.pop(4)[0] == 200
        assert statuses(answers)[WON] == (0 if came_back else 1)
        assert day.booking(booking_id)["status"] == ("CONFIRMED" if came_back else "NO_SHOW")


def test_two_series_that_cross_are_not_both_made(day: Day) -> None:
    rule = {"recurrence": "FREQ=DAILY;COUNT=5"}
    answers = day.race([day.wish(EVENING, **rule)] * 6)
    assert statuses(answers) == {WON: 1, LOST: 5}
    assert [said["count"] for status, said in answers if status == WON] == [5]
    assert len(day.blocking()) == 1

"""Odd values in every query parameter, every body field and every path: never a 500, and always the one error shape."""

from base64 import b64encode
from collections.abc import Callable, Coroutine
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import Struct, structs
from tornado.ioloop import IOLoop

from smoothbox.api.messages import STATUS
from smoothbox.api.routes import ROUTES
from smoothbox.contract.availability import PARAMETERS
from smoothbox.contract.bookings import STATUSES
from smoothbox.contract.business import BusinessChange
from smoothbox.contract.customers import NewCustomer
from smoothbox.contract.events import EVENT_TYPES
from smoothbox.contract.events import LIST as EVENTS
from smoothbox.contract.listing import PAGING
from smoothbox.contract.resources import NewResource, ResourceChange
from smoothbox.contract.services import NewService, ServiceChange
from smoothbox.contract.webhooks import DELIVERIES
from tests.box import Answer, Client

from .acme import JANE, NOBODY, TEN, add_customer, book, subscribe
from .stock import LISTS
from .test_bodies import WRITES
from .wire import exchange, head

BOUNDED = settings(max_examples=250, deadline=None, derandomize=True, database=None)

READS = {
    **{f"{name}/": (*listing.parameters, *PAGING) for name, listing in LISTS.items()},
    "availability/": tuple(PARAMETERS),
    "events/": (*EVENTS.parameters, *PAGING),
    "webhooks/<id>/deliveries/": (*DELIVERIES.parameters, *PAGING),
    **dict.fromkeys(("business/", "bookings/<id>/", "services/<id>/", "webhooks/event-types/"), ("x",)),
}
INTEGERS = st.sampled_from([0, 1, -1, 2, 5, 2**31, 2**53, 2**53 + 1, 2**63 - 1, -(2**63), 2**64, 10**30])
TIMES = st.one_of(
    st.datetimes().map(lambda moment: moment.isoformat()),
    st.datetimes().map(lambda moment: moment.isoformat() + "Z"),
    st.dates().map(str),
    st.sampled_from(
        [TEN, "2027-01-05T10:00", "2027-03-14T02:30", "2027-11-07T01:30", "2027-01-05T10:00+23:59", "0001-01-01T00:00+14:00"]
    ),
)
WORDS = st.sampled_from(
    [
        "",
        "true",
        "id",
        "-start_time,id",
        "name",
        *STATUSES,
        "Europe/Paris",
        "UTC",
        "Etc/GMT+12",
        "localtime",
        "..",
        "%",
        "\x00",
        "1,2,,3",
    ]
)
TEXTS = st.one_of(
    WORDS, TIMES, INTEGERS.map(str), st.text(max_size=50), st.text("0123456789+-() ext.;", max_size=30), st.emails()
)
SCALARS = st.one_of(st.none(), st.booleans(), INTEGERS, st.floats(), TEXTS, st.sampled_from(["x" * 6000, "é" * 300]))
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3), max_leaves=8
)


URLS = st.sampled_from(
    [
        NOBODY,
        "https://example.com/",
        "http://10.0.0.1/",
        "http://[::1]:8080/",
        "http://[",
        "http://a:b/",
        "http://x:99999/",
        "//x",
    ]
) | st.builds("http{}://{}:{}/{}".format, st.sampled_from(["", "s"]), st.text(max_size=8), st.integers(-1, 70000), TEXTS)

CLOCKS = st.sampled_from(["00:00", "09:00", "12:30", "24:00", "9:00", ""])
SPANS = st.lists(st.fixed_dictionaries({"start": CLOCKS, "end": CLOCKS}), max_size=2)
DATES = st.sampled_from(["2027-01-05", "2027-02-30", "2999-12-31", "1900-01-01", "9999-12-31"]) | st.dates().map(str)
WEEKS = st.lists(st.fixed_dictionaries({"day_of_week": st.integers(-1, 7), "intervals": SPANS}), max_size=3)
IDS = st.lists(st.sampled_from([1, 2, 3, 99, 2**53]), max_size=3)
CATALOGUE = {
    "name": st.text(max_size=20),
    "type": st.sampled_from(["STAFF", "ROOM", "PERSON"]),
    "duration": st.integers(1, 11000),
    "price": st.integers(0, 10**9) | st.none(),
    "timezone": WORDS,
    "working_hours": WEEKS,
    "business_hours": WEEKS,
    "exceptions": st.lists(st.fixed_dictionaries({"date": DATES, "intervals": SPANS}), max_size=3),
    "time_off": st.lists(st.fixed_dictionaries({"start_time": TIMES, "end_time": TIMES, "reason": TEXTS}), max_size=3),
    "closures": st.lists(st.fixed_dictionaries({"date": DATES, "name": TEXTS}), max_size=3),
    "resource_ids": IDS,
    "resource_groups": st.lists(IDS, max_size=3),
}


def bodies(shape: type[Struct], *, deep: bool = True) -> st.SearchStrategy[dict[str, Any]]:
    """Bodies with any of the declared fields, and now and then one that is not."""
    fields: dict[str, st.SearchStrategy[Any]] = {field.name: VALUES for field in structs.fields(shape)}
    if deep and "customer" in fields:
        fields["customer"] = bodies(NewCustomer, deep=False) | VALUES
    likely = CATALOGUE | {
        "service_id": st.just(1),
        "start_time": TIMES,
        "customer": st.just(JANE),
        "email": st.emails(),
        "status": WORDS,
        "url": URLS,
        "events": st.lists(st.sampled_from(["*", "booking.*", *EVENT_TYPES, "booking", "nope"]), max_size=3),
        "headers": st.dictionaries(st.sampled_from(["X-A", "x-a", "Host", "webhook-id", "a b", "é", "X:"]) | TEXTS, TEXTS),
        "secret": st.binary(max_size=70).map(lambda raw: "whsec_" + b64encode(raw).decode()),
        "since": TIMES,
    }
    fields |= {name: strategy | fields[name] for name, strategy in likely.items() if name in fields}
    return st.fixed_dictionaries({}, optional=fields | {"nope": SCALARS})


SHAPES = (NewService, ServiceChange, NewResource, ResourceChange, BusinessChange)
QUERIES = st.sampled_from(sorted(READS)).flatmap(
    lambda path: st.tuples(st.just(path), st.lists(st.tuples(st.sampled_from((*READS[path], "nope")), TEXTS), max_size=5))
)
REQUESTS = st.sampled_from(WRITES).flatmap(lambda write: st.tuples(st.just(write[:2]), bodies(write[2])))


def check(answer: Answer) -> None:
    """Not an accident, and well formed if it is a refusal."""
    assert answer.status < 500, answer
    if answer.status >= 400:
        assert list(answer.body) == ["error", "message", "details"], answer
        assert STATUS[answer.code] == answer.status
        assert isinstance(answer.body["message"], str)
        assert isinstance(answer.body["details"], dict)


@pytest.fixture
def run(io_loop: IOLoop, api: Client) -> Callable[[Coroutine[Any, Any, Answer]], None]:
    """Sends a request to a box that has something in it, and checks the answer."""

    async def prepare() -> None:
        await book(api)
        await add_customer(api, phone="+1 212 555 0100")
        await subscribe(api, events=("hold.expired",))

    def send(request: Coroutine[Any, Any, Answer]) -> None:
        async def asked() -> Answer:
            return await request

        check(io_loop.run_sync(asked))

    io_loop.run_sync(prepare)
    return send


def test_odd_queries(api: Client, run: Callable[..., None]) -> None:
    @BOUNDED
    @given(QUERIES)
    def hammer(query: tuple[str, list[tuple[str, str]]]) -> None:
        path, pairs = query
        encoded = urlencode(pairs, errors="replace")
        run(api.send("GET", f"{path.replace('<id>', '1')}?{encoded}"))

    hammer()


def test_each_parameter_with_each_odd_text(api: Client, run: Callable[..., None]) -> None:
    for path, names in READS.items():
        for name in names:
            for text in (
                "",
                "\x00",
                "-1",
                "9" * 25,
                "é",
                "2027-01-05",
                "2999-12-31T23:59:59.999999Z",
                "1900-01-01T00:00+23:59",
                "a" * 3000,
            ):
                given_too = {"service_id": "1", "date": "2027-01-05"} if path == "availability/" else {}
                run(api.get(path.replace("<id>", "1"), **{**given_too, name: text}))


def test_odd_bodies(api: Client, run: Callable[..., None]) -> None:
    @BOUNDED
    @given(REQUESTS)
    def hammer(request: tuple[tuple[str, str], dict[str, Any]]) -> None:
        (method, path), body = request
        run(api.send(method, path, body))

    hammer()


def test_odd_catalogues_leave_a_business_that_can_be_read_and_booked(api: Client, run: Callable[..., None]) -> None:
    required = {NewService: ("name", "duration", "price"), NewResource: ("name", "type"), BusinessChange: ("timezone",)}
    shapes = st.sampled_from(sorted((write for write in WRITES if write[2] in SHAPES), key=str))

    @BOUNDED
    @given(shapes.flatmap(lambda write: st.tuples(st.just(write), odd_or_sound(write[2], required.get(write[2], ())))))
    def hammer(request: tuple[tuple[str, str, type[Struct]], dict[str, Any]]) -> None:
        (method, path, _), body = request
        run(api.send(method, path, body))
        for address in ("services/1/", "resources/1/", "resources/", "business/"):
            run(api.get(address))
        run(api.get("availability/", service_id=1, start_date="2027-01-04", end_date="2027-01-20"))

    hammer()


def odd_or_sound(shape: type[Struct], required: tuple[str, ...]) -> st.SearchStrategy[dict[str, Any]]:
    """Bodies with the required fields and a few of the likely ones, or any body at all."""
    names = {field.name for field in structs.fields(shape)} & CATALOGUE.keys()
    optional = {name: CATALOGUE[name] for name in sorted(names - set(required))}
    return st.fixed_dictionaries({name: CATALOGUE[name] for name in required}, optional=optional) | bodies(shape)


def test_odd_bytes_for_a_body(api: Client, run: Callable[..., None]) -> None:
    @BOUNDED
    @given(
        st.sampled_from(WRITES),
        st.binary(max_size=60) | st.text('{}[]",:0123456789eE+-.\\u tfnrals', max_size=60).map(str.encode),
    )
    def hammer(write: tuple[str, str, type], body: bytes) -> None:
        run(api.send(write[0], write[1], raw=body))

    hammer()


def test_odd_paths_and_methods(api: Client, run: Callable[..., None]) -> None:
    parts = st.sampled_from(
        ["services", "bookings", "webhooks", "deliveries", "1", "0", "<id>", "cancel", "", "..", "tenant-api", "9" * 400]
    ) | st.text(max_size=8)
    methods = st.sampled_from(["GET", "POST", "PATCH", "DELETE", "PUT", "OPTIONS", "X", "get"])

    @BOUNDED
    @given(methods, st.lists(parts, max_size=7), st.booleans())
    def hammer(method: str, path: list[str], closed: bool) -> None:
        target = "/".join(quote(part, errors="replace", safe="<>") for part in path) + "/" * closed
        run(exchange(api, head(api, method, f"/tenant-api/v1/{target}")))

    hammer()


def test_every_route_and_every_list_is_hammered() -> None:
    reads = {pattern for pattern, methods in ROUTES.items() if "GET" in methods and not pattern.endswith("<id>/")}
    assert reads <= set(READS)
    writes = {(method, pattern.replace("<id>", "1")) for pattern, methods in ROUTES.items() for method in methods}
    assert {each for each in writes if each[0] in {"POST", "PATCH"}} == {write[:2] for write in WRITES}

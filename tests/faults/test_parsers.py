"""Whatever a parser is given, it answers with a value or with the refusal that its docstring names, and soon."""

import io
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any
from zipfile import ZipFile
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from smoothbox.contract.bookings import LIST as BOOKINGS
from smoothbox.contract.customers import LIST as CUSTOMERS
from smoothbox.contract.listing import Position
from smoothbox.contract.services import LIST as SERVICES
from smoothbox.errors import Problem
from smoothbox.keyring import Keyring, SealBrokenError
from smoothbox.keyring_file import create_keyring, load_keyring
from smoothbox.located_toml import load_toml
from smoothbox.operations import catalogue_file, client_tokens
from smoothbox.operations.importing import cells, columns, table
from smoothbox.parsing.cursor import position_of, query_of
from smoothbox.parsing.lists import parse_list
from smoothbox.parsing.questions import parse_question
from smoothbox.scheduling import recurrence
from smoothbox.settings import load_settings
from smoothbox.upkeep import archives, manifest
from tests.box import CATALOGUE
from tests.faults.extent import IS_FULL, times
from tests.faults.mutations import mutated, mutated_bytes

tried = settings(
    max_examples=times(20_000, 300),
    deadline=2000,
    derandomize=not IS_FULL,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture, HealthCheck.data_too_large],
)

SECRETS = [f'{{"keys":[{{"id":"{"ab" * 4}","created_at":"2027-01-01T00:00:00.000000Z","aes256":"', '","ed25519":"', '"}]}']
MANIFEST = (
    '{"format":1,"created_at":"2027-01-01T00:00:00.000000Z","program":"0.1.0","tenants":{"acme":"acme"},"files":['
    '{"path":"box.sqlite","size":10,"sha256":"00","schema":4},{"path":"tenants/acme/live.sqlite","size":1,"sha256":"00",'
    '"schema":7,"folder":"acme","mode":"live","counts":{"booking":1}}],"missing":[{"folder":"acme","mode":"test","reason":"x"}]}'
)
CSV_FILE = (
    'First name;Last name;E-mail;Phone;Notes\nJane;Doe;jane@example.com;+49 30 123;"a; b"\nJo;;;030 1;\'=1+1\n',
    "Service,Start,Staff,Customer email,Status\nCut,2027-03-02 10:00,Ann,jane@example.com,confirmed\n",
    "email\tphone\na@b.c\t1\n",
)


def refused_or_read(parse: Callable[..., Any], *values: Any, refusals: Iterable[type[Exception]] = (Problem,)) -> None:
    """Nothing else may come of it."""
    with suppress(*refusals):
        parse(*values)


@tried
@given(mutated(query_of(BOOKINGS, "ordering=-id", Position((5, 7), False)).partition("cursor=")[2]))  # type: ignore[union-attr]  # noqa: FBT003
def test_cursors(text: str) -> None:
    refused_or_read(position_of, BOOKINGS, "ordering=-id", text, 2)


@tried
@given(
    st.sampled_from([BOOKINGS, CUSTOMERS, SERVICES]),
    mutated(
        "status=SCHEDULED,CONFIRMED&start_date=2027-03-01&end_date=2027-03-09&ordering=-start_time&page_size=5",
        "price__lte=5000&name__contains=cut&is_active=true&id__in=1,2,3",
        "search=jo&created_at__gte=2027-01-01T00:00:00Z&email=a%40b.c&cursor=WyJh",
    ),
)
def test_lists(listing: Any, query: str) -> None:
    refused_or_read(parse_list, listing, query)


@tried
@given(
    mutated(
        "service_id=1&start_date=2027-03-01&end_date=2027-03-30&timezone=Europe/Paris&party_size=2&resource_id=1&resource_id=2"
    )
)
def test_questions_for_free_times(query: str) -> None:
    refused_or_read(parse_question, query, 1)


@tried
@given(
    mutated("FREQ=WEEKLY;BYDAY=MO,TU;COUNT=10", "FREQ=MONTHLY;BYDAY=-1FR;UNTIL=20271231", "FREQ=DAILY;INTERVAL=3;COUNT=52"),
    st.datetimes(datetime(1, 1, 1), datetime(9999, 12, 31)),  # noqa: DTZ001 -- wall clocks
    st.sampled_from([ZoneInfo("Europe/Paris"), ZoneInfo("Pacific/Apia"), ZoneInfo("Africa/Casablanca"), ZoneInfo("UTC")]),
)
def test_recurrence_rules(text: str, first: datetime, zone: ZoneInfo) -> None:
    refused_or_read(lambda: recurrence.starts(recurrence.parse(text), first, zone), refusals=(ValueError,))


@tried
@given(text=mutated(CATALOGUE))
def test_catalogue_files(tmp_path: Path, text: str) -> None:
    path = tmp_path / "catalogue.toml"
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    refused_or_read(lambda: catalogue_file.parse(*load_toml(path), path))


@tried
@given(
    text=mutated('[server]\nport = 8080\nhost = "::1"\ntrusted_proxies = ["10.0.0.0/8"]\n[webhooks]\nretry_schedule = [0, 5]\n')
)
def test_settings_files(tmp_path: Path, text: str) -> None:
    path = tmp_path / "smoothbox.toml"
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    refused_or_read(load_settings, path, {})


@tried
@given(
    text=mutated("8080"), name=st.sampled_from(["SERVER_PORT", "WEBHOOKS_RETRY_SCHEDULE", "WEBHOOKS_JITTER", "LOG_LEVEL", "X"])
)
def test_settings_of_the_environment(text: str, name: str) -> None:
    refused_or_read(load_settings, None, {f"SMOOTHBOX_{name}": text})


@tried
@given(text=mutated(*CSV_FILE), encoding=st.sampled_from([None, "cp1252", "utf-16", "shift_jis"]), of_bookings=st.booleans())
def test_csv_files(tmp_path: Path, text: str, encoding: str | None, of_bookings: bool) -> None:
    path = tmp_path / "table.csv"
    path.write_bytes(text.encode(encoding or "utf-8", "replace"))
    refused_or_read(table.read, path, columns.BOOKINGS if of_bookings else columns.CUSTOMERS, None, encoding)


@tried
@given(content=mutated_bytes("\ufeff".join(CSV_FILE).encode("utf-16")))
def test_csv_files_of_odd_bytes(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "table.csv"
    path.write_bytes(content)
    refused_or_read(table.read, path, columns.CUSTOMERS)


@tried
@given(
    parse=st.sampled_from(
        [cells.whole_name, cells.tags, cells.facts, cells.whole_number, cells.minutes, cells.cents, cells.status]
    ),
    text=mutated("Jane Doe", "a, b", '{"a": 1}', "1 h 30", "€ 12,50", "confirmed", "'=1+1"),
)
def test_cells(parse: Callable[[str], Any], text: str) -> None:
    refused_or_read(parse, text, refusals=(ValueError, Problem))


@tried
@given(time=mutated("2027-03-02 10:00", "02/03/2027 10:00 am", "10:00"), day=mutated("", "2027-03-02", "3/2/27"))
def test_cells_of_times(time: str, day: str) -> None:
    for order in (None, "dmy", "mdy"):
        refused_or_read(cells.moment, time, day, order, refusals=(ValueError, Problem))


@pytest.fixture(scope="module")
def keyring(tmp_path_factory: pytest.TempPathFactory) -> Keyring:
    path = tmp_path_factory.mktemp("keys") / "keyring"
    create_keyring(path, 0.0)
    return load_keyring(path)


def test_signed_tokens(keyring: Keyring) -> None:
    sample = keyring.sign("client-token", {"sub": "1", "scopes": ["a"], "exp": 4_000_000_000, "jti": "x"})

    @tried
    @given(mutated(sample, "eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0."))
    def read(text: str) -> None:
        found = client_tokens.granted(keyring, text)
        assert found is None or text.rstrip("=") == sample  # nobody else can sign

    read()


def test_sealed_secrets(keyring: Keyring) -> None:
    sample = keyring.seal(b"secret", "here")

    @tried
    @given(mutated_bytes(sample))
    def read(content: bytes) -> None:
        with suppress(SealBrokenError):
            assert (keyring.open(content, "here"), content) == (b"secret", sample)

    read()


@tried
@given(text=mutated(MANIFEST))
def test_manifests(tmp_path: Path, text: str) -> None:
    (tmp_path / manifest.NAME).write_bytes(text.encode("utf-8", "surrogatepass"))
    refused_or_read(manifest.read, tmp_path)


@tried
@given(text=mutated(f"{SECRETS[0]}{'A' * 43}={SECRETS[1]}{'B' * 42}A={SECRETS[2]}"))
def test_keyrings(tmp_path: Path, text: str) -> None:
    path = tmp_path / "keyring"
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    path.chmod(0o600)
    refused_or_read(load_keyring, path)


def _archive() -> bytes:
    packed = io.BytesIO()
    with ZipFile(packed, "w") as archive:
        archive.writestr("tenant.json", '{"format":1,"belongings":{}}')
        archive.writestr("live.sqlite", b"SQLite format 3\x00" * 40)
    return packed.getvalue()


@tried
@given(content=mutated_bytes(_archive()))
def test_archives(tmp_path: Path, keyring: Keyring, content: bytes) -> None:
    path = tmp_path / "acme.smoothbox"
    path.write_bytes(content)
    refused_or_read(archives.unpack, path, tmp_path, keyring)

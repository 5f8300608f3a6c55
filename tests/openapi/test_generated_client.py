"""A client that a generator made from the document: it lists, creates, and understands a refusal."""

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.box import CATALOGUE
from tests.process.server import Server, make_box, smoothbox

PROGRAM = """
import sys
from datetime import date
sys.path.insert(0, sys.argv[1])
from made import AuthenticatedClient
from made.api.bookings import create_booking, list_bookings
from made.api.services import get_service, list_services
from made.api.availability import get_availability
from made.models import Error, NewBooking, NewCustomer, ManagedBooking
from made.models.list_services_ordering_item import ListServicesOrderingItem

client = AuthenticatedClient(base_url=sys.argv[2] + "/tenant-api/v1", token=sys.argv[3])
page = list_services.sync(client=client, price_lte=9000, ordering=[ListServicesOrderingItem("-price")])
print("services", page.count, [each.name for each in page.results])
first, last = (date.fromisoformat(text) for text in sys.argv[4:])
days = get_availability.sync(client=client, service_id=1, start_date=first, end_date=last)
start = next(slot for day in days.days for slot in day.slots).start_time
wish = NewBooking(service_id=1, start_time=start.isoformat(), resource_id=1,
                  customer=NewCustomer(first_name="Jane", email="jane@example.com"))
made = create_booking.sync(client=client, body=wish, idempotency_key="once")
assert isinstance(made, ManagedBooking), made
print("booked", made.id, made.status.value, made.start_time == start, made.manage_url.startswith(sys.argv[2] + "/b/"))
again = create_booking.sync(client=client, body=wish)
assert isinstance(again, Error), again
print("refused", again.error.value, sorted(again.details.to_dict()))
missing = get_service.sync_detailed(999, client=client)
print("missing", missing.status_code.value, missing.parsed.error.value)
print("listed", [each.id for each in list_bookings.sync(client=client, service_id=1).results])
"""


@pytest.mark.timeout(120)
def test_a_generated_client_works_against_a_running_box(tmp_path: Path) -> None:
    document, folder = tmp_path / "openapi.json", tmp_path / "made"
    document.write_text(smoothbox(tmp_path, "openapi", "--url", "http://127.0.0.1").stdout, "utf-8")
    words = ["generate", "--path", str(document), "--output-path", str(folder), "--meta", "none", "--fail-on-warning"]
    program = Path(sys.executable).with_name("openapi-python-client")
    path = f"{program.parent}{os.pathsep}{os.environ['PATH']}"  # it tidies up with ruff
    env = {**os.environ, "PATH": path}
    made = subprocess.run([program, *words], capture_output=True, text=True, timeout=60, check=False, env=env)
    assert made.returncode == 0, made.stdout + made.stderr
    data = tmp_path / "data"
    token = make_box(data, CATALOGUE)
    with Server(data) as server:
        first, last = _days()
        words = [sys.executable, "-c", PROGRAM, str(tmp_path), server.url, token, first, last]
        ran = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)
    assert ran.stderr == ""
    assert ran.stdout.splitlines() == [
        "services 2 ['Colour', 'Haircut']",
        "booked 1 SCHEDULED True True",
        "refused slot_unavailable ['conflict', 'next_available', 'remaining']",
        "missing 404 not_found",
        "listed [1]",
    ]


def _days() -> tuple[str, str]:
    """Two weeks from tomorrow on, by the real clock."""
    today = datetime.now(UTC).date()
    return str(today + timedelta(days=1)), str(today + timedelta(days=14))

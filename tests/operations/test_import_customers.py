"""Customers of another program: added, changed or left as they are, and never half of a file."""

from pathlib import Path
from typing import Any

import pytest

from smoothbox.contract.business import BusinessChange
from smoothbox.contract.customers import NewCustomer
from smoothbox.contract.listing import ListQuery, Order
from smoothbox.contract.webhooks import NewEndpoint
from smoothbox.errors import Problem
from smoothbox.keyring import Keyring, Secrets
from smoothbox.operations import business, customers, events, webhooks
from smoothbox.operations.importing.whole import NotWrittenError
from smoothbox.store import transfers
from smoothbox.store.customers import CustomerRow
from smoothbox.store.direct import Direct
from tests.operations.old_diary import import_customers, refused, write


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "customers.csv"


def people(file: Direct) -> list[CustomerRow]:
    return file.read(transfers.customers_after, 0, 1000)


def outcome(file: Direct, path: Path, **how: bool) -> tuple[int, int, int, int]:
    report = import_customers(file, path, **how)
    return report.added, report.updated, report.unchanged, report.refused_rows


def test_a_row_becomes_a_customer_with_all_that_it_says(file: Direct, path: Path) -> None:
    write(
        path,
        "ID,Vorname,Nachname,E-Mail-Adresse,Handy,Adresse,Notizen,Tags,Status,Metadata",
        'k7,Chloé,Dubois,Chloe@Example.com,212 555 0103,1 Main St,"likes tea, black","vip; new",blocked,"{""shoe"": 38}"',
    )
    assert outcome(file, path) == (1, 0, 0, 0)
    (found,) = people(file)
    assert (found.external_id, found.first_name, found.last_name, found.email) == ("k7", "Chloé", "Dubois", "Chloe@example.com")
    assert (found.phone, found.address, found.notes) == ("212 555 0103", "1 Main St", "likes tea, black")
    assert (found.tags, found.status, found.metadata) == ('["vip","new"]', "BLOCKED", '{"shoe":38}')
    assert file.read(customers.find, found.id).name == "Chloé Dubois"
    assert file.read(transfers.people_by_phone, "+12125550103")[0].id == found.id


def test_a_whole_name_is_taken_apart(file: Direct, path: Path) -> None:
    import_customers(file, write(path, "Name,Phone", '"Martinez, Ava",1', "Ben Carter,2"))
    assert [(each.first_name, each.last_name) for each in people(file)] == [("Ava", "Martinez"), ("Ben", "Carter")]


def test_the_same_file_again_changes_nothing(file: Direct, path: Path) -> None:
    write(
        path,
        "ID,First Name,Email,Phone,Tags",
        "1,Ava,ava@example.com,,a;b",
        "2,Ben,,555 0102,",
        ",Cy,cy@example.com,,",
        ",Di,,555 0102,",
    )
    assert outcome(file, path) == (4, 0, 0, 0)
    before = people(file)
    assert outcome(file, path) == (0, 0, 4, 0)
    assert people(file) == before


@pytest.mark.parametrize(
    ("header", "row"),
    [
        ("ID,Phone,Notes", "k1,+1 212 555 0199,new"),
        ("Email,Phone,Notes", "AVA@example.com,+1 212 555 0199,new"),
        ("First Name,Last Name,Phone,Notes", "ava,martinez,(212) 555-0101,new"),
    ],
    ids=["external id", "e-mail address", "phone number and name"],
)
def test_a_customer_is_known_again_and_only_what_is_filled_in_is_changed(
    file: Direct, path: Path, header: str, row: str
) -> None:
    new = NewCustomer("Ava", "Martinez", "ava@example.com", "+1 212 555 0101", "old", ["vip"], external_id="k1")
    file.write(customers.create, new)
    assert outcome(file, write(path, header, row)) == (0, 1, 0, 0)
    (found,) = people(file)
    assert (found.first_name.title(), found.email.casefold()) == ("Ava", "ava@example.com")
    assert (found.external_id, found.notes, found.tags, found.version) == ("k1", "new", '["vip"]', 2)
    assert len(file.read(transfers.people_by_phone, "+12125550199" if "0199" in row else "+12125550101")) == 1


def test_somebody_else_with_the_same_phone_number_is_somebody_else(file: Direct, path: Path) -> None:
    file.write(customers.create, NewCustomer("Ella", "Nguyen", "", "+1 212 555 0105"))
    assert outcome(file, write(path, "Name,Phone", "Noah Nguyen,+1 212 555 0105")) == (1, 0, 0, 0)


def test_two_rows_for_one_customer_that_say_different_things_are_refused(file: Direct, path: Path) -> None:
    write(path, "First Name,Email", "Ava,ava@example.com", "Eva,ava@example.com", "Ava,ava@example.com")
    assert refused(import_customers, file, path) == [(3, "Email", "duplicate_customer")]
    assert people(file) == []
    assert outcome(file, path, skip_refused=True) == (1, 0, 1, 1)


def test_an_address_that_belongs_to_another_external_id_is_refused(file: Direct, path: Path) -> None:
    write(path, "ID,Email", "1,ava@example.com", "2,ben@example.com")
    import_customers(file, path)
    write(path, "ID,Email", "3,ava@example.com", "2,ava@example.com")
    assert refused(import_customers, file, path) == [(2, "ID", "duplicate_customer"), (3, "Email", "duplicate_customer")]


def test_every_mistake_of_every_row_is_told_and_nothing_is_written(file: Direct, path: Path) -> None:
    write(
        path,
        "First Name,Email,Phone,Tags,Status,Metadata",
        "Ava,ava@example.com,,,,",
        "Ben,no address,none,,sleeping,[1]",
        "Cy,,,,,",
        "Di,di@example.com,,,,,,,",
        f"{'E' * 101},e@example.com,,{'t' * 51},,",
    )
    assert refused(import_customers, file, path) == [
        *((3, name, "validation_error") for name in ("Email", "Status", "Metadata")),
        (4, "Email", "validation_error"),
        (5, "", "validation_error"),
        *((6, name, "validation_error") for name in ("First Name", "Tags")),
    ]
    assert people(file) == []
    assert outcome(file, path, skip_refused=True) == (1, 0, 0, 4)
    assert [each.first_name for each in people(file)] == ["Ava"]


def test_a_dry_run_says_what_a_real_one_would_and_changes_nothing(file: Direct, path: Path) -> None:
    write(path, "First Name,Email", "Ava,ava@example.com", "Ben,ben@example.com")
    with pytest.raises(NotWrittenError) as caught:
        import_customers(file, path, dry_run=True)
    assert people(file) == []
    assert caught.value.report == import_customers(file, path)


def test_an_import_tells_no_webhook_and_no_feed(file: Direct, path: Path) -> None:
    vault = Keyring({b"test": Secrets(b"k" * 32, b"e" * 32)}).vault("acme", "live")
    file.write(webhooks.create, NewEndpoint("https://example.com/hook", ("*",)), vault)
    everything = ListQuery((), (Order("sequence", descending=False),), 100)
    before = file.read(events.list_page, everything).count
    write(path, "Email", "ava@example.com")
    import_customers(file, path)
    write(path, "Email,Notes", "ava@example.com,tea")
    assert import_customers(file, path).updated == 1
    assert file.read(events.list_page, everything).count == before


def test_a_zone_that_changes_while_the_file_is_read_is_noticed(
    file: Direct, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from smoothbox.operations.importing import whole  # noqa: PLC0415 -- to step in between

    read = whole.plan

    def meanwhile(*args: Any) -> Any:
        said = read(*args)
        file.write(business.change, BusinessChange(timezone="Europe/Paris"), "acme", "live", ())
        return said

    monkeypatch.setattr(whole, "plan", meanwhile)
    with pytest.raises(Problem) as caught:
        import_customers(file, write(path, "Phone", "0612345678"))
    assert caught.value.code == "conflict"
    assert people(file) == []


@pytest.mark.parametrize("name", ["", "=1+1", "'=1+1", "+1 212", "-", "@x"])
def test_a_guard_against_formulas_is_taken_off(file: Direct, path: Path, name: str) -> None:
    from smoothbox.operations.importing.cells import guarded  # noqa: PLC0415 -- its other half

    import_customers(file, write(path, "First Name,Phone", f"{guarded(name)},1"))
    assert [each.first_name for each in people(file)] == [name]

"""Settings → API → People: who may open the console, by link and by password, and who no longer."""

import asyncio
import re
from dataclasses import replace
from html import unescape

import pytest

from smoothbox.operations import passwords, people
from smoothbox.settings import Console, Settings
from smoothbox.store.folder import open_box
from smoothbox.store.people import Person
from tests.box import RunningBox, StillClock
from tests.conftest import ROOMY
from tests.web.visitor import Seen, Visitor

pytestmark = pytest.mark.gen_test

PEOPLE = "/console/live/settings/api/people/"
PASSWORD = "correct horse battery"


@pytest.fixture
def settings() -> Settings:
    return replace(ROOMY, console=Console(session_hours=2.0, attempts=5))


def all_of(box: RunningBox, slug: str = "acme") -> dict[str, Person]:
    with open_box(box.folder, box.clock) as registry:
        return {each.name: each for each in registry.read(people.list_of, slug)}


def add(box: RunningBox, slug: str, name: str, password: str | None = None) -> Person:
    kept = None if password is None else passwords.hashed(password)
    with open_box(box.folder, box.clock) as registry:
        return registry.write(people.create, slug, name, kept)


def link_on(page: Seen) -> str:
    """The one link that a page shows, to log in."""
    (link,) = set(re.findall(r"/console/login/[A-Za-z0-9_-]{43}/", unescape(page.html)))
    return link


async def let_in(visitor: Visitor, name: str, **values: str) -> Seen:
    return await visitor.send(await visitor.see(f"{PEOPLE}new/"), "new/", name=name, **values)


async def test_the_list_shows_everybody_of_the_business_and_who_one_is(box: RunningBox, owner: Visitor) -> None:
    add(box, "acme", "Jane <script>alert(1)</script>", PASSWORD)
    add(box, "rival", "Mallory")
    page = await owner.see(PEOPLE)
    assert "acme@example.com you New link for acme@example.com by link only Mon 4 Jan 2027, 07:00" in page.text
    assert "Remove Jane <script>alert(1)</script> by password or link" in page.text
    assert "Mallory" not in page.text
    assert "<script>alert" not in page.html
    mine, jane = (all_of(box)[name].id for name in ("acme@example.com", "Jane <script>alert(1)</script>"))
    assert f"{PEOPLE}{jane}/remove/" in page.links
    assert f"{PEOPLE}{mine}/remove/" not in page.links


async def test_who_is_let_in_gets_a_link_that_works_once(box: RunningBox, owner: Visitor) -> None:
    form = await owner.see(f"{PEOPLE}new/")
    page = await owner.send(form, "new/", name="jane@example.com")
    link = link_on(page)
    assert f"{box.url}{link}" in page.text
    assert link not in (await owner.see(PEOPLE)).html
    assert link.split("/")[-2] not in str(owner.cookies)
    box.app._front.access.flush()
    assert link.split("/")[-2] not in box.log.getvalue()
    jane = Visitor(box.url)
    inside = await jane.send(await jane.see(link))
    assert "Log out jane@example.com" in inside.text
    assert (await Visitor(box.url).see(link)).status == 410
    again = await owner.send(form, "new/", name="other@example.com")
    assert (again.status, "This form was sent before" in again.text) == (409, True)
    assert "other@example.com" not in all_of(box)


@pytest.mark.parametrize(("lasts", "seconds"), [("3600", 3600), ("86400", 86400), ("604800", 604800)])
async def test_a_link_is_good_for_as_long_as_was_said(
    box: RunningBox, owner: Visitor, clock: StillClock, lasts: str, seconds: int
) -> None:
    link = link_on(await let_in(owner, "jane@example.com", lasts=lasts))
    clock.advance(seconds - 1)
    assert (await Visitor(box.url).see(link)).status == 200
    clock.advance(2)
    assert (await Visitor(box.url).see(link)).status == 410


async def test_who_has_lost_a_link_is_given_another(box: RunningBox, owner: Visitor) -> None:
    jane = add(box, "acme", "Jane", PASSWORD)
    page = await owner.send(await owner.see(f"{PEOPLE}{jane.id}/link/"), "link/")
    visitor = Visitor(box.url)
    assert "Log out Jane" in (await visitor.send(await visitor.see(link_on(page)))).text


@pytest.mark.parametrize(
    ("name", "status", "sentence"),
    [
        ("", 400, "Fill this in."),
        ("x" * 101, 400, "A name has 1 to 100 visible characters."),
        ("a\tb", 400, "visible characters"),
        ("ACME@example.com", 409, "on this box already"),
        ("mallory", 409, "on this box already"),
    ],
)
async def test_a_name_that_cannot_be_is_refused_and_kept(
    box: RunningBox, owner: Visitor, name: str, status: int, sentence: str
) -> None:
    add(box, "rival", "Mallory")
    page = await let_in(owner, name)
    assert (page.status, sentence in page.text) == (status, True)
    assert page.form("new/").values["name"] == [name]
    assert len(all_of(box)) == 1
    odd = await let_in(owner, "jane", lasts="999999999")
    assert (odd.status, "Choose one of these." in odd.text, len(all_of(box))) == (400, True, 1)


async def test_who_is_removed_is_out_at_once(box: RunningBox, owner: Visitor) -> None:
    jane = await Visitor(box.url).log_in(box, "acme", "jane@example.com")
    number = all_of(box)["jane@example.com"].id
    question = await owner.see(f"{PEOPLE}{number}/remove/")
    assert (await jane.see(PEOPLE)).url.endswith(PEOPLE)
    page = await owner.send(question, "remove/")
    assert "jane@example.com may open this console no longer." in page.text
    assert "/console/login/" in (await jane.see(PEOPLE)).url
    assert list(all_of(box)) == ["acme@example.com"]


async def test_nobody_removes_themselves(box: RunningBox, owner: Visitor) -> None:
    number = all_of(box)["acme@example.com"].id
    page = await owner.send(await owner.see(f"{PEOPLE}{number}/remove/"), "remove/")
    assert (page.status, "Nobody removes themselves" in page.text) == (409, True)
    assert list(all_of(box)) == ["acme@example.com"]


async def test_of_two_who_remove_each_other_one_is_left(box: RunningBox, owner: Visitor) -> None:
    jane = await Visitor(box.url).log_in(box, "acme", "jane@example.com")
    ids = {name: each.id for name, each in all_of(box).items()}
    against_jane = await owner.see(f"{PEOPLE}{ids['jane@example.com']}/remove/")
    against_owner = await jane.see(f"{PEOPLE}{ids['acme@example.com']}/remove/")
    await asyncio.gather(owner.send(against_jane, "remove/"), jane.send(against_owner, "remove/"))
    assert len(all_of(box)) == 1


async def test_somebody_of_another_business_is_missing(box: RunningBox, owner: Visitor) -> None:
    mallory = add(box, "rival", "Mallory")
    mine = all_of(box)["acme@example.com"].id
    for number in (mallory.id, 4711):
        for path in ("link/", "remove/"):
            page = await owner.see(f"{PEOPLE}{number}/{path}")
            assert (page.status, "Mallory" in page.text) == (404, False)
            values = (await owner.see(f"{PEOPLE}{mine}/{path}")).form(path).values
            assert (await owner.ask("POST", f"{PEOPLE}{number}/{path}", values)).status == 404
    assert "Mallory" in all_of(box, "rival")


async def new_password(visitor: Visitor, **values: str) -> Seen:
    return await visitor.send(await visitor.see(f"{PEOPLE}password/"), "password/", **values)


async def test_a_password_is_set_and_changed_by_who_knows_it(box: RunningBox, owner: Visitor) -> None:
    assert 'name="current"' not in (await owner.see(f"{PEOPLE}password/")).html
    page = await new_password(owner, password=PASSWORD, again=PASSWORD)
    assert "Your password is set." in page.text
    visitor = Visitor(box.url)
    assert (await visitor.send(await visitor.see("/console/login/"), name="acme@example.com", password=PASSWORD)).status == 200
    wrong = await new_password(owner, current="not the one", password="another long one", again="another long one")
    assert (wrong.status, "This is not your password." in wrong.text) == (400, True)
    assert "another long one" not in wrong.html
    right = await new_password(owner, current=PASSWORD, password="another long one", again="another long one")
    assert "Your password is set." in right.text
    assert passwords.matches("another long one", all_of(box)["acme@example.com"].password)


async def test_other_sessions_end_with_the_old_password_and_this_one_goes_on(box: RunningBox, owner: Visitor) -> None:
    elsewhere = await Visitor(box.url).log_in(box)
    before = owner.cookies["smoothbox_session"]
    await new_password(owner, password=PASSWORD, again=PASSWORD)
    assert owner.cookies["smoothbox_session"] != before
    assert (await owner.see(PEOPLE)).url.endswith(PEOPLE)
    assert "/console/login/" in (await elsewhere.see(PEOPLE)).url


@pytest.mark.parametrize(
    ("values", "field", "sentence"),
    [
        ({"password": "short", "again": "short"}, "password", "10 to 200 characters"),
        ({"password": "x" * 201, "again": "x" * 201}, "password", "10 to 200 characters"),
        ({"password": PASSWORD, "again": PASSWORD + "!"}, "again", "This is not the same as above."),
        ({"password": "", "again": ""}, "password", "Fill this in."),
    ],
)
async def test_a_password_that_cannot_be_is_refused_beside_its_field(
    box: RunningBox, owner: Visitor, values: dict[str, str], field: str, sentence: str
) -> None:
    page = await new_password(owner, **values)
    assert page.status == 400
    assert sentence in page.html.partition(f'id="field-{field}-wrong"')[2].partition("</p>")[0]
    assert all_of(box)["acme@example.com"].password is None
    assert PASSWORD not in page.html


async def test_guessing_the_current_password_is_slowed_down(box: RunningBox, owner: Visitor) -> None:
    await new_password(owner, password=PASSWORD, again=PASSWORD)
    wrong = {"current": "not the one", "password": "another long one", "again": "another long one"}
    answers = [(await new_password(owner, **wrong)).status for _ in range(7)]
    assert answers[:5] == [400] * 5
    assert answers[-1] == 429

"""The door of the console: who gets in, for how long, and who does not."""

import asyncio
from dataclasses import replace
from urllib.parse import quote

import pytest

from smoothbox.operations import passwords, people, tenants
from smoothbox.settings import Console, Server, Settings
from smoothbox.store.folder import open_box
from tests.box import RunningBox, StillClock
from tests.conftest import ROOMY
from tests.web.visitor import Seen, Visitor

PASSWORD = "correct horse battery"


@pytest.fixture
def settings() -> Settings:
    return replace(ROOMY, console=Console(session_hours=2.0, attempts=5))


@pytest.fixture
def jane(box: RunningBox) -> str:
    """Somebody with a password."""
    with open_box(box.folder, box.clock) as registry:
        registry.write(people.create, "acme", "Jane@example.com", passwords.hashed(PASSWORD))
    return "jane@example.com"


def link_for(box: RunningBox, name: str, lifetime: float = 900.0) -> str:
    with open_box(box.folder, box.clock) as registry:
        return f"/console/login/{registry.write(people.new_link, name, lifetime)}/"


async def tried(visitor: Visitor, name: str, password: str, wanted: str = "/console/") -> Seen:
    page = await visitor.see(f"/console/login/?next={quote(wanted)}")
    return await visitor.send(page, name=name, password=password)


@pytest.mark.gen_test
async def test_a_stranger_is_sent_to_the_door_and_back_to_where_they_wanted(stranger: Visitor, jane: str) -> None:
    door = await stranger.see("/console/test/")
    assert "/console/login/" in door.url
    inside = await stranger.send(door, name=jane, password=PASSWORD)
    assert inside.url.endswith("/console/test/")
    assert "Sandbox" in inside.text


@pytest.mark.gen_test
async def test_the_name_is_known_in_any_case(stranger: Visitor, jane: str) -> None:
    page = await tried(stranger, "JANE@Example.COM ", PASSWORD)
    assert page.url.endswith("/console/live/")


@pytest.mark.gen_test
@pytest.mark.parametrize(("name", "password"), [("jane@example.com", "not-the-one"), ("nobody", PASSWORD)])
async def test_a_wrong_name_and_a_wrong_password_are_refused_alike(
    stranger: Visitor, jane: str, name: str, password: str
) -> None:
    page = await tried(stranger, name, password)
    assert page.status == 400
    assert "Name and password do not belong together." in page.text
    assert page.form("login/").values["name"] == [name]
    assert password not in page.html
    assert "smoothbox_session" not in stranger.cookies


@pytest.mark.gen_test
async def test_a_link_asks_first_and_works_once(box: RunningBox, stranger: Visitor, jane: str) -> None:
    link = link_for(box, jane)
    for _ in range(3):  # whoever only looks does not use it up
        page = await stranger.see(link)
        assert "Log in as Jane@example.com" in page.text
    assert (await stranger.send(page)).url.endswith("/console/live/")
    again = await Visitor(box.url).see(link)
    assert again.status == 410
    assert "used already" in again.text


@pytest.mark.gen_test
async def test_of_two_who_use_a_link_at_once_one_gets_in(box: RunningBox, jane: str) -> None:
    link, racers = link_for(box, jane), [Visitor(box.url) for _ in range(4)]
    pages = [await each.see(link) for each in racers]
    answers = await asyncio.gather(*[racer.send(page) for racer, page in zip(racers, pages, strict=True)])
    assert sorted(each.status for each in answers) == [200, 410, 410, 410]


@pytest.mark.gen_test
async def test_a_link_is_good_for_a_while_only(box: RunningBox, clock: StillClock, stranger: Visitor, jane: str) -> None:
    link = link_for(box, jane)
    clock.advance(901)
    assert (await stranger.see(link)).status == 410


@pytest.mark.gen_test
async def test_a_session_ends_by_itself(clock: StillClock, stranger: Visitor, jane: str) -> None:
    await tried(stranger, jane, PASSWORD)
    clock.advance(2 * 3600 - 1)
    assert (await stranger.see("/console/live/")).url.endswith("/console/live/")
    clock.advance(2)
    assert "/console/login/" in (await stranger.see("/console/live/")).url


@pytest.mark.gen_test
async def test_logging_out_ends_the_session_on_the_box_too(stranger: Visitor, jane: str) -> None:
    page = await tried(stranger, jane, PASSWORD)
    kept = dict(stranger.cookies)
    (form,) = [each for each in page.forms if "logout" in each.action]
    await stranger.ask("POST", form.action, form.values)
    assert "smoothbox_session" not in stranger.cookies
    stranger.cookies = kept
    assert "/console/login/" in (await stranger.see("/console/live/")).url


@pytest.mark.gen_test
@pytest.mark.parametrize("end", ["password", "removal", "disabled", "deleted"])
async def test_what_the_command_line_ends_is_over_at_once(box: RunningBox, stranger: Visitor, jane: str, end: str) -> None:
    await tried(stranger, jane, PASSWORD)
    with open_box(box.folder, box.clock) as registry:
        if end == "password":
            registry.write(people.set_password, jane, None)
        elif end == "removal":
            registry.write(people.remove, jane)
        elif end == "disabled":
            registry.write(tenants.set_status, "acme", "DISABLED")
        else:
            registry.write(tenants.delete, "acme")
    assert "/console/login/" in (await stranger.see("/console/live/")).url


@pytest.mark.gen_test
async def test_cookies_are_for_this_site_alone_and_for_no_script(stranger: Visitor, jane: str) -> None:
    page = await stranger.see("/console/login/")
    sent = {**page.form("login/").values, "name": jane, "password": PASSWORD}
    answer = await stranger.ask("POST", "/console/login/", sent)
    (session,) = [each for each in answer.headers.get_list("Set-Cookie") if "smoothbox_session" in each]
    for word in ("HttpOnly", "SameSite=Lax", "Path=/"):
        assert word.lower() in session.lower()


@pytest.mark.gen_test
@pytest.mark.parametrize(
    "wanted",
    [
        "https://evil.example/",
        "//evil.example/console/",
        "/\\evil.example",
        "/console/\\..\\evil",
        "javascript:alert(1)",
        "/consolé/",
        "/console/\r\nSet-Cookie: a=b",
        "console/",
        "/help/api/",
    ],
)
async def test_the_door_leads_nowhere_but_into_the_console(stranger: Visitor, jane: str, wanted: str) -> None:
    page = await tried(stranger, jane, PASSWORD, wanted)
    assert page.url.endswith("/console/live/")


@pytest.mark.gen_test
async def test_guessing_is_slowed_down_for_everybody_at_that_address(stranger: Visitor, clock: StillClock, jane: str) -> None:
    for number in range(5):
        assert (await tried(stranger, f"name{number}", "wrong")).status == 400
    refused = await tried(stranger, jane, PASSWORD)
    assert refused.status == 429
    assert "Too many" in refused.text
    clock.advance(15)
    assert (await tried(stranger, jane, PASSWORD)).status == 200


@pytest.mark.gen_test
async def test_who_comes_to_a_disabled_business_is_told_so(box: RunningBox, stranger: Visitor, jane: str) -> None:
    link = link_for(box, jane)
    box.set_status("acme", "DISABLED")
    page = await tried(stranger, jane, PASSWORD)
    assert (page.status, "disabled" in page.text) == (403, True)
    page = await stranger.send(await stranger.see(link))
    assert (page.status, "disabled" in page.text) == (403, True)
    box.set_status("acme", "ACTIVE")
    assert (await stranger.send(await stranger.see(link))).status == 200  # it was not used up


class TestBehindTls:
    """A proxy that speaks TLS stands before the box."""

    @pytest.fixture
    def settings(self) -> Settings:
        return replace(ROOMY, server=Server(port=0, trusted_proxies=("127.0.0.1/32",)))

    @pytest.mark.gen_test
    async def test_every_cookie_is_sent_over_tls_only(self, stranger: Visitor, jane: str) -> None:
        page = await stranger.see("/console/login/", **{"X-Forwarded-Proto": "https"})
        sent = {**page.form("login/").values, "name": jane, "password": PASSWORD}
        answer = await stranger.ask("POST", "/console/login/", sent, **{"X-Forwarded-Proto": "https"})
        for line in (*page.headers.get_list("Set-Cookie"), *answer.headers.get_list("Set-Cookie")):
            assert "secure" in line.lower()
            assert "httponly" in line.lower()


class TestSubdomains:
    """Each business has a name of its own below one domain."""

    @pytest.fixture
    def settings(self) -> Settings:
        return replace(ROOMY, server=Server(port=0, base_domain="book.example"))

    @pytest.mark.gen_test
    async def test_a_console_is_seen_at_its_own_address_only(self, stranger: Visitor, jane: str) -> None:
        for host, status in (("acme.book.example", 200), ("rival.book.example", 403), ("127.0.0.1", 403)):
            page = await stranger.see("/console/login/", Host=host)
            sent = {**page.form("login/").values, "name": jane, "password": PASSWORD}
            await stranger.ask("POST", "/console/login/", sent, Host=host)
            assert (await stranger.ask("GET", "/console/live/", None, Host=host)).status == status


@pytest.mark.gen_test
@pytest.mark.parametrize("token", [None, "", "2|1|2|3", "nonsense"])
async def test_a_form_without_its_token_is_refused(stranger: Visitor, jane: str, token: str | None) -> None:
    await stranger.see("/console/login/")
    sent = {"name": jane, "password": PASSWORD} | ({} if token is None else {"_xsrf": token})
    answer = await stranger.ask("POST", "/console/login/", sent)
    assert answer.status == 403
    assert "smoothbox_session" not in stranger.cookies


@pytest.mark.gen_test
@pytest.mark.parametrize("headers", [{"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}])
async def test_another_site_sends_no_forms_of_ours(stranger: Visitor, jane: str, headers: dict[str, str]) -> None:
    page = await stranger.see("/console/login/")
    sent = {**page.form("login/").values, "name": jane, "password": PASSWORD}
    assert (await stranger.ask("POST", "/console/login/", sent, **headers)).status == 403


@pytest.mark.gen_test
async def test_one_business_does_not_see_another(box: RunningBox) -> None:
    acme, rival = await Visitor(box.url).log_in(box, "acme"), await Visitor(box.url).log_in(box, "rival")
    assert "Acme Barbers" in (await acme.see("/console/live/")).text
    assert "Rival" not in (await acme.see("/console/live/")).text
    assert "rival@example.com" in (await rival.see("/console/live/")).text

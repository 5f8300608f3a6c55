"""`smoothbox token …`."""

from datetime import datetime, timedelta

import pytest

from smoothbox.contract.scopes import SCOPES
from smoothbox.ids import is_well_formed
from tests.cli.conftest import Smoothbox


def made(smoothbox: Smoothbox, *options: str) -> dict[str, object]:
    answer: dict[str, object] = smoothbox.json("token", "create", "acme", "--name", "crm", *options)
    return answer


def test_a_new_token_is_shown_whole_in_exactly_this_shape(smoothbox: Smoothbox) -> None:
    answer = made(smoothbox, "--live", "--scopes", "bookings:write, bookings:read")
    assert list(answer) == ["id", "token", "name", "mode", "scopes", "expires_at", "created_at"]
    token = str(answer["token"])
    assert token.startswith("ss_live_")
    assert is_well_formed(token)
    assert answer["name"] == "crm"
    assert answer["mode"] == "live"
    assert answer["scopes"] == ["bookings:read", "bookings:write"]
    assert answer["expires_at"] is None


def test_all_scopes_are_all_but_those_that_change_what_is_for_sale(smoothbox: Smoothbox) -> None:
    answer = made(smoothbox, "--test", "--all-scopes")
    assert answer["scopes"] == sorted(set(SCOPES) - {"services:write", "resources:write", "business:write"})
    named = made(smoothbox, "--test", "--scopes", "business:write,services:read")
    assert named["scopes"] == ["business:write", "services:read"]
    assert str(answer["token"]).startswith("ss_test_")


def test_the_secret_is_never_shown_again(smoothbox: Smoothbox) -> None:
    answer = made(smoothbox, "--live", "--all-scopes")
    token = str(answer["token"])
    shown = smoothbox.done("token", "show", str(answer["id"])).out + smoothbox.done("token", "list", "acme").out
    assert token not in shown
    assert token[-4:] in shown


def test_people_get_the_bare_token_on_standard_output_and_a_line_to_try_it(smoothbox: Smoothbox) -> None:
    ended = smoothbox.done("token", "create", "acme", "--name", "crm", "--live", "--scopes", "services:read")
    token = ended.out.strip()
    assert is_well_formed(token)
    assert "shown only now" in ended.err
    assert f'curl -H "Authorization: Bearer {token}" http://127.0.0.1:8080/tenant-api/v1/services/\n' in ended.err


def test_a_token_that_cannot_read_gets_no_line_to_try(smoothbox: Smoothbox) -> None:
    ended = smoothbox.done("token", "create", "acme", "--name", "crm", "--live", "--scopes", "bookings:write")
    assert "curl" not in ended.err


@pytest.mark.parametrize(
    ("host", "url"),
    [("0.0.0.0", "http://127.0.0.1:9000/"), ("::1", "http://[::1]:9000/"), ("10.0.0.7", "http://10.0.0.7:9000/")],
)
def test_the_line_names_the_address_of_the_settings(smoothbox: Smoothbox, host: str, url: str) -> None:
    variables = {"SMOOTHBOX_SERVER_HOST": host, "SMOOTHBOX_SERVER_PORT": "9000"}
    ended = smoothbox("token", "create", "acme", "--name", "crm", "--live", "--all-scopes", env=variables)
    assert url in ended.err


@pytest.mark.parametrize(("span", "days"), [("90d", 90), ("2w", 14), ("24h", 1), ("1440m", 1)])
def test_a_token_may_end_after_a_span(smoothbox: Smoothbox, span: str, days: int) -> None:
    answer = made(smoothbox, "--live", "--all-scopes", "--expires", span)
    lasts = datetime.fromisoformat(str(answer["expires_at"])) - datetime.fromisoformat(str(answer["created_at"]))
    assert lasts == timedelta(days=days)


def test_a_token_may_have_limits_of_its_own(smoothbox: Smoothbox) -> None:
    answer = made(smoothbox, "--live", "--all-scopes", "--hourly", "50", "--burst", "5")
    shown = smoothbox.json("token", "show", str(answer["id"]))
    assert (shown["hourly"], shown["burst"]) == (50, 5)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--all-scopes",), "Say either --live or --test."),
        (("--live", "--test", "--all-scopes"), "Say either --live or --test."),
        (("--live",), "Say either --scopes or --all-scopes."),
        (("--live", "--all-scopes", "--scopes", "bookings:read"), "Say either --scopes or --all-scopes."),
        (("--live", "--scopes", " , "), "scopes: Name at least one scope."),
        (("--live", "--all-scopes", "--expires", "soon"), "'soon' is no span of time; write it as 30m, 24h, 90d or 2w."),
        (("--live", "--all-scopes", "--expires", "9999w"), "'9999w' is longer than a hundred years."),
        (("--live", "--all-scopes", "--expires", "0"), "expires: A token must last for some time."),
        (("--live", "--all-scopes", "--hourly", "0"), "Invalid value for '--hourly'"),
        (("--live", "--all-scopes", "--name", " "), "name: A name has 1 to 100 characters."),
    ],
)
def test_what_makes_no_token_says_why(smoothbox: Smoothbox, options: tuple[str, ...], said: str) -> None:
    ended = smoothbox("token", "create", "acme", "--name", "crm", *options)
    assert ended.status == 2
    assert said in ended.err
    assert smoothbox.json("token", "list", "acme") == []


def test_an_unknown_scope_is_told_the_nearest_one(smoothbox: Smoothbox) -> None:
    words = ("token", "create", "acme", "--name", "crm", "--live", "--scopes", "bokings:read,services:read,xyz")
    ended = smoothbox("--json", *words)
    assert ended.status == 2
    assert ended.complaint == {
        "error": "validation_error",
        "message": (
            "scopes: There is no scope 'bokings:read'. Did you mean 'bookings:read'?\nscopes: There is no scope 'xyz'."
        ),
        "hint": f"smoothbox --data-dir {smoothbox.data_dir} token scopes",
    }


def test_a_token_of_nobody_is_not_found(smoothbox: Smoothbox) -> None:
    ended = smoothbox("token", "create", "acne", "--name", "crm", "--live", "--all-scopes")
    assert ended.status == 4
    assert ended.err.endswith("tenant list\n")


@pytest.mark.parametrize("command", ["show", "rotate", "revoke"])
def test_an_unknown_token_is_not_found(smoothbox: Smoothbox, command: str) -> None:
    ended = smoothbox("token", command, "99")
    assert ended.status == 4
    assert "There is no token 99." in ended.err


def test_each_tenant_lists_its_own_tokens(smoothbox: Smoothbox) -> None:
    answer = made(smoothbox, "--live", "--all-scopes")
    assert [each["id"] for each in smoothbox.json("token", "list", "acme")] == [answer["id"]]
    assert smoothbox.json("token", "list", "rival") == []
    heading, row = smoothbox.done("token", "list", "acme").out.splitlines()
    assert heading.startswith("ID  NAME  MODE  STATUS  ENDS IN")
    assert row.startswith(f"{answer['id']}   crm   live  active  …{str(answer['token'])[-4:]}")


def test_a_rotated_token_works_on_for_the_overlap(smoothbox: Smoothbox) -> None:
    old = made(smoothbox, "--live", "--scopes", "bookings:read", "--hourly", "7")
    new = smoothbox.json("token", "rotate", str(old["id"]), "--overlap", "24h")
    assert list(new) == list(old)
    assert new["token"] != old["token"]
    assert (new["name"], new["mode"], new["scopes"]) == (old["name"], old["mode"], old["scopes"])
    left = smoothbox.json("token", "show", str(old["id"]))
    assert left["status"] == "active"
    lasts = datetime.fromisoformat(left["expires_at"]) - datetime.fromisoformat(new["created_at"])
    assert lasts == timedelta(days=1)
    assert smoothbox.json("token", "show", str(new["id"]))["hourly"] == 7


def test_with_an_overlap_of_0_the_old_token_ends_now(smoothbox: Smoothbox) -> None:
    old = made(smoothbox, "--live", "--all-scopes")
    smoothbox.done("token", "rotate", str(old["id"]), "--overlap", "0")
    assert smoothbox.json("token", "show", str(old["id"]))["status"] == "expired"
    ended = smoothbox("token", "rotate", str(old["id"]))
    assert ended.status == 5
    assert "create a new one instead" in ended.err


def test_a_token_is_revoked_at_once_and_without_a_question(smoothbox: Smoothbox) -> None:
    token = made(smoothbox, "--live", "--all-scopes")
    first = smoothbox.json("token", "revoke", str(token["id"]))
    assert first["status"] == "revoked"
    assert smoothbox.json("token", "revoke", str(token["id"]))["revoked_at"] == first["revoked_at"]


def test_the_scopes_are_listed_with_what_they_allow(smoothbox: Smoothbox) -> None:
    assert smoothbox.json("token", "scopes") == [{"scope": scope, "help": said} for scope, said in SCOPES.items()]
    for scope, said in SCOPES.items():
        assert scope in smoothbox.done("token", "scopes").out
        assert said in smoothbox.done("token", "scopes").out

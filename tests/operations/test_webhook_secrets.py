"""Secrets and keys: the forms they have, and which old secrets sign on after a new one has come."""

from base64 import b64decode, b64encode, urlsafe_b64encode

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from smoothbox.contract.webhooks import EndpointChange, NewEndpoint, Rotation
from smoothbox.errors import Problem
from smoothbox.keyring import Keyring, SealBrokenError, Secrets, Vault
from smoothbox.operations.webhook_secrets import (
    OldSecret,
    checked_secret,
    new_key_pair,
    new_secret,
    place,
    replaced,
    still_signing,
)
from smoothbox.store.endpoints import Sealed

NOW, DAY = 1799064000.0, 86400.0
REFUSAL = "A secret is whsec_ and the base64 of 24 to 64 random bytes."
ODD = b"\xfb\xef\xbe" * 10  # is ++++ and so on in base64, and ---- in its urlsafe form


def text(size: int) -> str:
    return "whsec_" + b64encode(bytes(each % 251 for each in range(size))).decode()


@pytest.fixture
def vault() -> Vault:
    """What seals for one data file."""
    return Keyring({b"aaaa": Secrets(b"k" * 32, b"e" * 32)}).vault("acme", "live")


def endpoint(vault: Vault, current: str, *old: OldSecret) -> Sealed:
    """Endpoint 7 with its secrets, as stored."""
    kept = vault.seal(msgspec.json.encode(list(old)), place(7, "old_secrets")) if old else None
    return Sealed(7, "https://example.com/", vault.seal(current.encode(), place(7, "secret")), kept, None, None)


def test_a_new_secret_is_one_of_32_bytes_and_another_each_time() -> None:
    made = [new_secret() for _ in range(20)]
    assert {len(b64decode(each.removeprefix("whsec_"), validate=True)) for each in made} == {32}
    assert len(set(made)) == 20
    assert [checked_secret(each) for each in made] == made


@pytest.mark.parametrize(
    "brought", [text(24), text(25), text(26), text(32), text(63), text(64), "whsec_" + b64encode(ODD).decode()]
)
def test_a_secret_that_somebody_brings_is_taken_as_it_is(brought: str) -> None:
    assert checked_secret(brought) == brought


@pytest.mark.parametrize(
    "brought",
    [
        *("", "whsec_", text(1), text(23), text(65), text(1000)),
        *(text(24).removeprefix("whsec_"), "whpk_" + text(24).removeprefix("whsec_"), "WHSEC_" + text(24)[6:], " " + text(24)),
        *("whsec_" + text(24), "whsec-" + text(24)[6:], text(24) + "\n", text(24) + " ", text(24) + "=", text(24) + "===="),
        *("whsec_" + b64encode(b"k" * 25).decode().rstrip("="), "whsec_" + b64encode(b"k" * 26).decode()[:-2] + "=k"),
        *("whsec_" + urlsafe_b64encode(ODD).decode(), text(24)[:-1] + "!", text(24)[:-1] + "\u00e9", "whsec_" + "\uff21" * 32),
        *(
            text(25)[:-3] + "H==",
            "whsec_" + "k" * 33,
            "whsec_" + "=" * 32,
            text(24)[:20] + "\n" + text(24)[20:],
            text(24)[:20] + "=" + text(24)[21:],
        ),
    ],
)
def test_one_of_another_form_is_refused(brought: str) -> None:
    with pytest.raises(Problem) as refusal:
        checked_secret(brought)
    assert (refusal.value.code, refusal.value.details) == ("validation_error", {"secret": [REFUSAL]})


def test_a_key_pair_is_one_and_shows_its_public_half() -> None:
    one, two = new_key_pair(), new_key_pair()
    key = Ed25519PublicKey.from_public_bytes(b64decode(one.public.removeprefix("whpk_"), validate=True))
    key.verify(Ed25519PrivateKey.from_private_bytes(one.private).sign(b"this"), b"this")
    assert one.public.startswith("whpk_")
    assert one.private not in b64decode(one.public.removeprefix("whpk_"))
    assert one != two


def test_without_a_change_nothing_old_signs(vault: Vault) -> None:
    assert still_signing(vault, endpoint(vault, "one"), NOW) == []


def test_the_one_that_is_replaced_signs_on_until_its_end(vault: Vault) -> None:
    old = replaced(vault, endpoint(vault, "one"), NOW, NOW + DAY)
    assert old == [OldSecret("one", NOW + DAY)]
    sealed = endpoint(vault, "two", *old)
    assert still_signing(vault, sealed, NOW) == old
    assert still_signing(vault, sealed, NOW + DAY - 0.001) == old
    assert still_signing(vault, sealed, NOW + DAY) == []


def test_at_most_two_old_ones_sign_the_newest_first(vault: Vault) -> None:
    old: list[OldSecret] = []
    for number in range(5):
        old = replaced(vault, endpoint(vault, f"secret {number}", *old), NOW + number, NOW + number + DAY)
    assert old == [OldSecret("secret 4", NOW + 4 + DAY), OldSecret("secret 3", NOW + 3 + DAY)]


def test_one_that_has_ended_makes_room(vault: Vault) -> None:
    before = (OldSecret("two", NOW - 1), OldSecret("one", NOW + 50))
    old = replaced(vault, endpoint(vault, "three", *before), NOW, NOW + DAY)
    assert old == [OldSecret("three", NOW + DAY), OldSecret("one", NOW + 50)]


def test_without_an_overlap_no_old_one_signs_any_more(vault: Vault) -> None:
    assert replaced(vault, endpoint(vault, "one"), NOW, NOW) == []
    assert replaced(vault, endpoint(vault, "two", OldSecret("one", NOW + 50)), NOW, NOW) == []


def test_no_repr_shows_a_secret() -> None:
    pair, secret = new_key_pair(), new_secret()
    for each in (OldSecret(secret, NOW), NewEndpoint("https://x/", ("*",), secret=secret), Rotation(secret=secret), pair):
        assert secret not in f"{each!r} {each}"
        assert str(pair.private) not in f"{each!r} {each}"
    assert "hunter2" not in repr(EndpointChange(headers={"X-A": "hunter2"}))
    assert "hunter2" not in repr(NewEndpoint("https://x/", ("*",), headers={"X-A": "hunter2"}))


def test_what_was_sealed_for_another_endpoint_does_not_open(vault: Vault) -> None:
    moved = msgspec.structs.replace(endpoint(vault, "two", OldSecret("one", NOW + 50)), id=8)
    with pytest.raises(SealBrokenError):
        still_signing(vault, moved, NOW)
    with pytest.raises(SealBrokenError):
        replaced(vault, moved, NOW, NOW + DAY)


def test_each_column_has_a_place_of_its_own() -> None:
    places = {place(number, column) for number in (1, 11) for column in ("secret", "old_secrets", "signing_key", "headers")}
    assert len(places) == 8

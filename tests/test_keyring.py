"""The keyring: what is sealed opens with its key and in its place, and nowhere else."""

from base64 import b64encode
from pathlib import Path

import jwt
import msgspec
import pytest

from smoothbox.errors import Problem
from smoothbox.keyring import Keyring, SealBrokenError, Secrets, SignatureBrokenError
from smoothbox.keyring_file import create_keyring, load_keyring

SECRET = b"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
PLACE = "acme/live/endpoint/1/secret"


def key(name: bytes = b"aaaa", secret: bytes = b"k" * 32, seed: bytes = b"e" * 32) -> dict[bytes, Secrets]:
    return {name: Secrets(secret, seed)}


def entry(**fields: str) -> dict[str, str]:
    """A key as it stands in the file."""
    known = {"id": "61616161", "created_at": "2027-01-04T12:00:00.000000Z", "aes256": b64encode(b"k" * 32).decode()}
    return {**known, "ed25519": b64encode(b"e" * 32).decode(), **fields}


def write(path: Path, *entries: object) -> Path:
    path.write_bytes(msgspec.json.encode({"keys": entries}))
    return path


def assert_broken(path: Path) -> None:
    with pytest.raises(Problem) as refusal:
        load_keyring(path)
    assert refusal.value.code == "unavailable"
    assert str(path) in refusal.value.message
    assert "k" * 32 not in refusal.value.message
    assert b64encode(b"k" * 32).decode() not in refusal.value.message


def test_what_is_sealed_opens_again() -> None:
    keyring = Keyring(key())
    for secret in (SECRET, b"", b"\x00" * 5000):
        assert keyring.open(keyring.seal(secret, PLACE), PLACE) == secret


def test_it_can_not_be_read_and_is_never_sealed_the_same_way_twice() -> None:
    keyring = Keyring(key())
    sealed = {keyring.seal(SECRET, PLACE) for _ in range(50)}
    assert len(sealed) == 50
    assert not any(SECRET in each for each in sealed)


@pytest.mark.parametrize(
    "place", ["", "acme/live/endpoint/2/secret", "rival/live/endpoint/1/secret", "acme/test/endpoint/1/secret", PLACE + "/"]
)
def test_in_another_place_it_does_not_open(place: str) -> None:
    keyring = Keyring(key())
    with pytest.raises(SealBrokenError):
        keyring.open(keyring.seal(SECRET, PLACE), place)


def test_with_another_key_it_does_not_open() -> None:
    sealed = Keyring(key()).seal(SECRET, PLACE)
    with pytest.raises(SealBrokenError):
        Keyring(key(secret=b"o" * 32)).open(sealed, PLACE)
    with pytest.raises(SealBrokenError):
        Keyring(key(name=b"bbbb")).open(sealed, PLACE)


def test_with_a_single_bit_turned_over_it_does_not_open() -> None:
    keyring = Keyring(key())
    sealed = keyring.seal(SECRET, PLACE)
    for bit in range(len(sealed) * 8):
        turned = bytearray(sealed)
        turned[bit // 8] ^= 1 << bit % 8
        with pytest.raises(SealBrokenError):
            keyring.open(bytes(turned), PLACE)


def test_cut_off_or_drawn_out_it_does_not_open() -> None:
    keyring = Keyring(key())
    sealed = keyring.seal(SECRET, PLACE)
    for size in range(len(sealed)):
        with pytest.raises(SealBrokenError):
            keyring.open(sealed[:size], PLACE)
    with pytest.raises(SealBrokenError):
        keyring.open(sealed + b"\x00", PLACE)


def test_a_broken_seal_tells_its_place_and_not_what_is_in_it() -> None:
    with pytest.raises(SealBrokenError, match=f"^{PLACE}$"):
        Keyring(key()).open(b"aaaa" + SECRET, PLACE)


def test_the_newest_key_seals_and_all_open() -> None:
    old, both = Keyring(key()), Keyring({**key(), **key(b"bbbb", b"n" * 32)})
    new = Keyring(key(b"bbbb", b"n" * 32))
    assert both.open(old.seal(SECRET, PLACE), PLACE) == SECRET
    assert new.open(both.seal(SECRET, PLACE), PLACE) == SECRET


def test_a_vault_seals_for_its_own_file() -> None:
    keyring = Keyring(key())
    live, test = keyring.vault("acme", "live"), keyring.vault("acme", "test")
    sealed = live.seal(SECRET, "endpoint/1/secret")
    assert live.open(sealed, "endpoint/1/secret") == SECRET
    for vault, row in ((test, "endpoint/1/secret"), (live, "endpoint/2/secret"), (live, "endpoint/1/headers")):
        with pytest.raises(SealBrokenError):
            vault.open(sealed, row)


def test_a_keyring_that_is_made_can_be_loaded(tmp_path: Path) -> None:
    path = tmp_path / "keyring.json"
    create_keyring(path, 1799064000.0)
    sealed = load_keyring(path).seal(SECRET, PLACE)
    assert load_keyring(path).open(sealed, PLACE) == SECRET
    assert path.stat().st_mode & 0o777 == 0o600
    assert [each.name for each in tmp_path.iterdir()] == ["keyring.json"]
    assert msgspec.json.decode(path.read_bytes())["keys"][0]["created_at"] == "2027-01-04T12:00:00.000000Z"


def test_each_that_is_made_is_another(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    create_keyring(one, 0.0)
    create_keyring(two, 0.0)
    with pytest.raises(SealBrokenError):
        load_keyring(two).open(load_keyring(one).seal(SECRET, PLACE), PLACE)


def test_none_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "keyring.json"
    create_keyring(path, 0.0)
    before = path.read_bytes()
    with pytest.raises(FileExistsError):
        create_keyring(path, 0.0)
    assert path.read_bytes() == before
    assert [each.name for each in tmp_path.iterdir()] == ["keyring.json"]


def test_a_file_with_several_keys_is_read_in_its_order(tmp_path: Path) -> None:
    path = write(tmp_path / "keyring.json", entry(), entry(id="62626262", aes256=b64encode(b"n" * 32).decode()))
    loaded = load_keyring(path)
    assert Keyring(key(b"bbbb", b"n" * 32)).open(loaded.seal(SECRET, PLACE), PLACE) == SECRET
    assert loaded.open(Keyring(key()).seal(SECRET, PLACE), PLACE) == SECRET


def test_a_keyring_that_is_missing_is_said_to_be(tmp_path: Path) -> None:
    with pytest.raises(Problem, match=r"is missing; put it back from where you keep it\."):
        load_keyring(tmp_path / "keyring.json")
    assert_broken(tmp_path / "keyring.json")


def test_a_keyring_that_can_not_be_read_is_said_to_be(tmp_path: Path) -> None:
    assert_broken(tmp_path)
    (tmp_path / "file").touch()
    assert_broken(tmp_path / "file" / "keyring.json")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"nonsense",
        b"[]",
        b"{}",
        b"null",
        b'{"keys": null}',
        b'{"keys": {}}',
        b'{"keys": [1]}',
        b"\xff\xfe",
        b'{"keys": ["\xff"]}',
    ],
)
def test_what_is_no_keyring_is_said_to_be_none(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "keyring.json"
    path.write_bytes(content)
    assert_broken(path)


@pytest.mark.parametrize(
    "fields",
    [
        *({"id": "zz"}, {"id": ""}, {"id": "6161"}, {"id": "6161616161"}),
        *(
            {"aes256": ""},
            {"aes256": "kkkk"},
            {"aes256": b64encode(b"k" * 16).decode()},
            {"aes256": b64encode(b"k" * 31).decode()},
        ),
        *({"aes256": b64encode(b"k" * 32).decode()[:-1]}, {"aes256": "!" + b64encode(b"k" * 32).decode()}, {"aes256": "é"}),
    ],
)
def test_a_broken_key_is_not_sealed_with(tmp_path: Path, fields: dict[str, str]) -> None:
    assert_broken(write(tmp_path / "keyring.json", entry(**fields)))


def test_nor_is_a_keyring_without_keys_or_with_half_of_one(tmp_path: Path) -> None:
    half = entry()
    del half["ed25519"]
    assert_broken(write(tmp_path / "none.json"))
    assert_broken(write(tmp_path / "half.json", half))
    create_keyring(tmp_path / "whole.json", 0.0)
    (tmp_path / "cut.json").write_bytes((tmp_path / "whole.json").read_bytes()[:-20])
    assert_broken(tmp_path / "cut.json")


CLAIMS = {"sub": "acme/live/7", "exp": 1_800_000_000}


def test_what_was_signed_for_a_purpose_is_read_again() -> None:
    keyring = Keyring(key())
    assert keyring.claims("booking", keyring.sign("booking", CLAIMS)) == {"aud": "booking", **CLAIMS}


def test_it_is_an_ordinary_web_token_that_names_its_key() -> None:
    signed = Keyring(key()).sign("booking", CLAIMS)
    header = jwt.get_unverified_header(signed)
    assert header == {"alg": "EdDSA", "kid": b"aaaa".hex(), "typ": "booking+jwt"}


def test_for_another_purpose_it_is_not_good() -> None:
    keyring = Keyring(key())
    with pytest.raises(SignatureBrokenError):
        keyring.claims("feed", keyring.sign("booking", CLAIMS))


def test_another_box_does_not_believe_it() -> None:
    signed = Keyring(key()).sign("booking", CLAIMS)
    for other in (Keyring(key(seed=b"o" * 32)), Keyring(key(b"bbbb"))):
        with pytest.raises(SignatureBrokenError):
            other.claims("booking", signed)


def test_it_outlives_a_new_key_but_is_not_signed_with_an_old_one() -> None:
    old, both = Keyring(key()), Keyring({**key(), **key(b"bbbb", seed=b"n" * 32)})
    assert both.claims("booking", old.sign("booking", CLAIMS))["sub"] == CLAIMS["sub"]
    with pytest.raises(SignatureBrokenError):
        old.claims("booking", both.sign("booking", CLAIMS))


@pytest.mark.parametrize("algorithm", ["none", "HS256"])
def test_no_weaker_signature_is_taken(algorithm: str) -> None:
    keyring = Keyring(key())
    forged = jwt.encode(
        {"aud": "booking", **CLAIMS}, "k" * 32 if algorithm == "HS256" else None, algorithm, {"kid": "61616161"}
    )
    with pytest.raises(SignatureBrokenError):
        keyring.claims("booking", forged)


def test_a_character_more_or_other_breaks_it() -> None:
    keyring = Keyring(key())
    signed = keyring.sign("booking", CLAIMS)
    swapped = [signed[:at] + ("A" if signed[at] != "A" else "B") + signed[at + 1 :] for at in range(0, len(signed) - 1, 7)]
    for broken in ("", ".", "..", "a.b.c", "é", signed[:-9], signed + "A" * 4096, signed.upper(), "{}." + signed, *swapped):
        with pytest.raises(SignatureBrokenError):
            keyring.claims("booking", broken)

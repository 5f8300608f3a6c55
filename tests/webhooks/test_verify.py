"""Verification as a receiver does it, with the package of the specification's authors as the judge."""

import time
from base64 import b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook

from smoothbox.errors import Problem
from smoothbox.operations.webhook_secrets import new_key_pair, new_secret
from smoothbox.webhooks.signing import signature_header
from smoothbox.webhooks.verify import NO_KEYS, TOLERANCE, Keys, fault, keys_of

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
OTHER = "whsec_" + b64encode(b"another secret of 24 byt").decode()
ID = "msg_p5jXN8AQM9LWM0D4loKWxJek"
BODY = b'{"test": 2432232314}'
SECOND = 1614265330
VECTOR = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def signed(second: int = SECOND, *secrets: str, key: bytes | None = None) -> dict[str, str]:
    signature = signature_header(ID, second, BODY, secrets, key)
    return {"webhook-id": ID, "webhook-timestamp": str(second), "webhook-signature": signature}


def test_it_takes_the_vector_of_the_specification() -> None:
    headers = {"webhook-id": ID, "webhook-timestamp": str(SECOND), "webhook-signature": VECTOR}
    assert fault(headers, BODY, keys_of([SECRET]), SECOND) is None


@pytest.mark.parametrize("age", [-310, -290, 0, 290, 310])
@pytest.mark.parametrize("secrets", [(SECRET,), (OTHER,), (OTHER, SECRET), ()])
@pytest.mark.parametrize(
    "forgery",
    [
        {},
        {"webhook-id": "msg_other"},
        {"webhook-id": ""},
        {"webhook-timestamp": ""},
        {"webhook-timestamp": "yesterday"},
        {"webhook-signature": VECTOR},
        {"webhook-signature": "v2,AAAA"},
        {"webhook-signature": "v1,AAAA"},
    ],
    ids=str,
)
def test_it_believes_what_the_judge_believes(forgery: dict[str, str], secrets: tuple[str, ...], age: int) -> None:
    now = int(time.time())
    headers = signed(now - age, *secrets) | forgery
    try:
        Webhook(SECRET).verify(BODY, headers)
        is_believed = True
    except Exception:  # noqa: BLE001 -- the judge does not always refuse in its own words
        is_believed = False
    assert (fault(headers, BODY, keys_of([SECRET]), now) is None) is is_believed


@given(st.binary(max_size=200), st.integers(0, 10**12 - 1))
def test_it_believes_what_is_signed_as_the_box_does_and_no_other_body(body: bytes, second: int) -> None:
    keys, headers = keys_of([SECRET]), {"webhook-id": ID, "webhook-timestamp": str(second)}
    headers["webhook-signature"] = signature_header(ID, second, body, [SECRET])
    assert fault(headers, body, keys, float(second)) is None
    assert fault(headers, body + b" ", keys, float(second)) is not None


@given(st.dictionaries(st.sampled_from([f"webhook-{name}" for name in ("id", "timestamp", "signature")]), st.text()))
def test_whatever_stands_in_the_headers_is_a_reason_and_no_defect(headers: dict[str, str]) -> None:
    assert isinstance(fault(headers, BODY, keys_of([SECRET]), SECOND), str)


@given(st.lists(st.text(st.sampled_from("v1a,=+/A é\t"), max_size=20)))
def test_whatever_stands_for_a_signature_is_a_reason_and_no_defect(words: list[str]) -> None:
    keys = keys_of([SECRET], [new_key_pair().public])
    headers = signed(SECOND, SECRET) | {"webhook-signature": " ".join(["v1a,AAAA", *words])}
    assert isinstance(fault(headers, BODY, keys, SECOND), str)


@pytest.mark.parametrize("name", ["id", "timestamp", "signature"])
def test_a_header_that_is_missing_is_named(name: str) -> None:
    headers = signed(SECOND, SECRET)
    del headers[f"webhook-{name}"]
    assert fault(headers, BODY, keys_of([SECRET]), SECOND) == f"the header webhook-{name} is missing"


@pytest.mark.parametrize("text", ["yesterday", "-5", "1e9", "16142653301614265330", "١٦١٤٢٦٥٣٣٠", "1614265330.5"])
def test_a_timestamp_is_whole_seconds(text: str) -> None:
    headers = signed(SECOND, SECRET) | {"webhook-timestamp": text}
    assert fault(headers, BODY, keys_of([SECRET]), SECOND) == "webhook-timestamp is no Unix second"


def test_what_is_too_old_or_too_new_says_by_how_much() -> None:
    headers, keys = signed(SECOND, SECRET), keys_of([SECRET])
    assert fault(headers, BODY, keys, SECOND + TOLERANCE) is None
    assert fault(headers, BODY, keys, SECOND - TOLERANCE) is None
    assert fault(headers, BODY, keys, SECOND + 301) == "it was sent 301 seconds ago; up to 300 are allowed"
    assert fault(headers, BODY, keys, SECOND - 3600) == "it was sent 3600 seconds ahead of this clock; up to 300 are allowed"


def test_another_secret_or_another_body_does_not_fit() -> None:
    said = "no signature fits: it was signed with another secret, or changed on its way"
    assert fault(signed(SECOND, OTHER), BODY, keys_of([SECRET]), SECOND) == said
    assert fault(signed(SECOND, SECRET), BODY + b" ", keys_of([SECRET]), SECOND) == said


def test_any_of_several_secrets_will_do() -> None:
    assert fault(signed(SECOND, OTHER), BODY, keys_of([SECRET, OTHER]), SECOND) is None
    assert fault(signed(SECOND, OTHER, SECRET), BODY, keys_of([SECRET]), SECOND) is None


def test_a_public_key_verifies_the_v1a_signature_and_no_other() -> None:
    pair, another = new_key_pair(), new_key_pair()
    headers = signed(SECOND, SECRET, key=pair.private)
    assert fault(headers, BODY, keys_of([], [pair.public]), SECOND) is None
    assert fault(headers, BODY, keys_of([OTHER], [another.public, pair.public]), SECOND) is None
    assert str(fault(headers, BODY, keys_of([], [another.public]), SECOND)).startswith("no signature fits")
    assert str(fault(headers, BODY + b" ", keys_of([], [pair.public]), SECOND)).startswith("no signature fits")


def test_a_signature_of_a_kind_that_is_not_asked_for_is_told_apart() -> None:
    pair = new_key_pair()
    said = fault(signed(SECOND, SECRET), BODY, keys_of([], [pair.public]), SECOND)
    assert said == "it carries no v1a signature"
    said = fault(signed(SECOND, key=pair.private), BODY, keys_of([SECRET]), SECOND)
    assert said == "it carries no v1 signature"
    neither = signed(SECOND) | {"webhook-signature": "v9,AAAA"}
    assert fault(neither, BODY, keys_of([SECRET], [pair.public]), SECOND) == "it carries no v1 or v1a signature"


def test_without_a_key_nothing_is_believed() -> None:
    assert fault(signed(SECOND, SECRET), BODY, Keys(), SECOND) == NO_KEYS


@pytest.mark.parametrize("text", ["", "secret", "whsec_", "whsec_c2hvcnQ=", "whsec_!!!", SECRET.removeprefix("whsec_")])
def test_what_is_no_secret_is_refused(text: str) -> None:
    with pytest.raises(Problem) as caught:
        keys_of([text])
    assert "secret" in caught.value.details


@pytest.mark.parametrize("text", ["", "key", "whpk_", "whpk_c2hvcnQ=", "whpk_!!!", SECRET])
def test_what_is_no_public_key_is_refused(text: str) -> None:
    with pytest.raises(Problem) as caught:
        keys_of([], [text])
    assert "public_key" in caught.value.details


def test_keys_do_not_show_themselves() -> None:
    secret = new_secret()
    assert repr(keys_of([secret])) == "Keys(1 secrets, 0 public)"
    assert bool(keys_of([secret]))
    assert not keys_of([])

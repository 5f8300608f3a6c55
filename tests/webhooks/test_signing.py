"""Signatures as the Standard Webhooks specification has them, judged by its own package and by its vector."""

import hmac
from base64 import b64decode, b64encode
from datetime import UTC, datetime

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook

from smoothbox.operations.webhook_secrets import new_key_pair, new_secret
from smoothbox.webhooks.signing import signature_header

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
AT = 1614265330


def test_the_vector_of_the_specification() -> None:
    header = signature_header("msg_p5jXN8AQM9LWM0D4loKWxJek", AT, b'{"test": 2432232314}', (SECRET,))
    assert header == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@given(st.binary(min_size=24, max_size=64), st.text(), st.integers(0, 2**32))
def test_the_package_signs_the_same(key: bytes, body: str, at: int) -> None:
    secret = "whsec_" + b64encode(key).decode()
    expected = Webhook(secret).sign("evt_1", datetime.fromtimestamp(at, UTC), body.encode("utf-8", "replace").decode())
    assert signature_header("evt_1", at, body.encode("utf-8", "replace"), (secret,)) == expected


def test_a_body_that_is_no_text_is_signed_as_it_is() -> None:
    body = bytes(range(256))
    digest = hmac.digest(b64decode(SECRET.removeprefix("whsec_")), b"evt_1.7." + body, "sha256")
    assert signature_header("evt_1", 7, body, (SECRET,)) == f"v1,{b64encode(digest).decode()}"


@pytest.mark.parametrize("other", [("evt_2", AT, b"{}"), ("evt_1", AT + 1, b"{}"), ("evt_1", AT, b"{} ")])
def test_every_part_counts(other: tuple[str, int, bytes]) -> None:
    assert signature_header(*other, (SECRET,)) != signature_header("evt_1", AT, b"{}", (SECRET,))


def test_each_secret_signs_in_its_order() -> None:
    secrets = [new_secret() for _ in range(3)]
    alone = [signature_header("evt_1", AT, b"{}", (each,)) for each in secrets]
    assert signature_header("evt_1", AT, b"{}", secrets).split(" ") == alone
    assert len(set(alone)) == 3


def test_a_key_signs_behind_the_secrets() -> None:
    pair = new_key_pair()
    first, second, last = signature_header("evt_1", AT, b"{}", (SECRET, new_secret()), pair.private).split(" ")
    assert first == signature_header("evt_1", AT, b"{}", (SECRET,))
    assert second.startswith("v1,")
    key = Ed25519PublicKey.from_public_bytes(b64decode(pair.public.removeprefix("whpk_")))
    key.verify(b64decode(last.removeprefix("v1a,")), f"evt_1.{AT}.{{}}".encode())
    with pytest.raises(InvalidSignature):
        key.verify(b64decode(last.removeprefix("v1a,")), f"evt_1.{AT + 1}.{{}}".encode())


def test_every_signature_is_padded_base64_of_its_size() -> None:
    header = signature_header("evt_1", AT, b"{}", (SECRET,), new_key_pair().private)
    sizes = [(kind, len(b64decode(text, validate=True))) for kind, text in (each.split(",") for each in header.split(" "))]
    assert sizes == [("v1", 32), ("v1a", 64)]

"""What a receiver is sent: the body to the byte, signatures that it can check, and headers, none of the box's own replaced."""

from base64 import b64decode

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from standardwebhooks import Webhook, WebhookVerificationError

from smoothbox import __version__
from smoothbox.operations.webhook_secrets import new_key_pair, new_secret
from tests.box import StillClock

from .receivers import OK, Request, listening, scripted
from .senders import SECRET, claim, sender

pytestmark = pytest.mark.gen_test


async def sent(clock: StillClock | None = None, **fields: object) -> Request:
    """The request that a receiver got."""
    async with listening(scripted(OK)) as receiver, sender(clock) as box:
        outcome = await box.attempt(claim(receiver.url(path="/hook?to=me"), **fields))
    assert outcome.status_code == 200
    return receiver.request


async def test_a_delivery_is_a_post_of_json() -> None:
    request = await sent()
    assert request.line == "POST /hook?to=me HTTP/1.1"
    assert request.headers["Content-Type"] == "application/json"
    assert request.headers["User-Agent"] == f"smoothbox/{__version__}"
    assert request.headers["Host"].startswith("127.0.0.1:")
    assert request.headers["Connection"] == "close"


@pytest.mark.parametrize(
    "body", [b'{"a":1}', '{"name":"Zoë 日本 🎈"}'.encode(), b"", b"\x00\xff\r\n\r\n", bytes(range(256)) * 300]
)
async def test_a_body_is_sent_to_the_byte(body: bytes) -> None:
    request = await sent(body=body)
    assert request.body == body
    assert request.headers.get_list("Content-Length") == [str(len(body))]
    assert "Transfer-Encoding" not in request.headers


async def test_it_says_which_event_it_is_and_when_it_was_tried(clock: StillClock) -> None:
    clock.advance(0.9)
    request = await sent(clock, event_id="evt_abc")
    assert request.headers["webhook-id"] == "evt_abc"
    assert request.headers["webhook-timestamp"] == str(int(clock.now()))


async def test_a_receiver_can_check_its_signature() -> None:
    body = '{"name":"Zoë"}'.encode()
    request = await sent(body=body)
    assert Webhook(SECRET).verify(request.body, dict(request.headers)) == {"name": "Zoë"}
    with pytest.raises(WebhookVerificationError):
        Webhook(SECRET).verify(request.body + b" ", dict(request.headers))
    with pytest.raises(WebhookVerificationError):
        Webhook(new_secret()).verify(request.body, dict(request.headers))


async def test_it_is_signed_with_every_secret_that_is_still_good() -> None:
    secrets = (new_secret(), new_secret(), new_secret())
    request = await sent(secrets=secrets)
    for secret in secrets:
        Webhook(secret).verify(request.body, dict(request.headers))
    assert len(request.headers["webhook-signature"].split(" ")) == 3


async def test_its_other_signature_is_checked_with_the_public_key() -> None:
    pair = new_key_pair()
    request = await sent(signing_key=pair.private)
    Webhook(SECRET).verify(request.body, dict(request.headers))
    (signature,) = (each for each in request.headers["webhook-signature"].split(" ") if each.startswith("v1a,"))
    content = f"evt_1.{request.headers['webhook-timestamp']}.".encode() + request.body
    key = Ed25519PublicKey.from_public_bytes(b64decode(pair.public.removeprefix("whpk_")))
    key.verify(b64decode(signature.removeprefix("v1a,")), content)
    with pytest.raises(InvalidSignature):
        key.verify(b64decode(signature.removeprefix("v1a,")), content + b" ")


async def test_headers_of_the_tenant_come_along() -> None:
    request = await sent(headers={"Authorization": "Bearer secret", "X-Odd": 'a, b;c="d"', "X-Empty": ""})
    assert request.headers["Authorization"] == "Bearer secret"
    assert request.headers["X-Odd"] == 'a, b;c="d"'
    assert request.headers["X-Empty"] == ""


async def test_headers_of_the_tenant_replace_none_of_the_box() -> None:
    own = await sent()
    names = ("webhook-id", "webhook-timestamp", "webhook-signature", "content-type", "user-agent", "content-length")
    for spelled in (str.lower, str.upper, str.title):
        request = await sent(headers={spelled(name): "1" for name in names})
        assert all(len(request.headers.get_list(name)) == 1 for name in names)
        for name in ("webhook-id", "content-type", "user-agent", "content-length"):
            assert request.headers[name] == own.headers[name]
        Webhook(SECRET).verify(request.body, dict(request.headers))

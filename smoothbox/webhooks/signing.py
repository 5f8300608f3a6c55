"""Signatures by the Standard Webhooks specification: `v1` is HMAC-SHA256, `v1a` Ed25519, over `id.timestamp.body`."""

import hmac
from base64 import b64decode, b64encode
from collections.abc import Iterable

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey


def signature_header(
    event_id: str, timestamp: int, body: bytes, secrets: Iterable[str], signing_key: bytes | None = None
) -> str:
    """The value of webhook-signature: one signature for each secret (`whsec_…`), and one of the Ed25519 key if there is one."""
    content = f"{event_id}.{timestamp}.".encode() + body
    signatures = [f"v1,{_hmac(secret, content)}" for secret in secrets]
    if signing_key is not None:
        signed = Ed25519PrivateKey.from_private_bytes(signing_key).sign(content)
        signatures.append(f"v1a,{b64encode(signed).decode()}")
    return " ".join(signatures)


def _hmac(secret: str, content: bytes) -> str:
    return b64encode(hmac.digest(b64decode(secret.removeprefix("whsec_")), content, "sha256")).decode()

"""Signatures by the Standard Webhooks specification: `v1` is HMAC-SHA256, `v1a` Ed25519, over `id.timestamp.body`."""

import hmac
from base64 import b64decode, b64encode
from collections.abc import Iterable


def signature_header(
    event_id: str, timestamp: int, body: bytes, secrets: Iterable[str], signing_key: bytes | None = None
) -> str:
    """The value of webhook-signature: one signature for each secret (`whsec_…`), and one of the Ed25519 key if there is one."""
    content = f"{event_id}.{timestamp}.".encode() + body
    signatures = [f"v1,{_hmac(secret, content)}" for secret in secrets]
    if signing_key is not None:
        signatures.append(f"v1a,{_ed25519(signing_key, content)}")
    return " ".join(signatures)


def _hmac(secret: str, content: bytes) -> str:
    return b64encode(hmac.digest(b64decode(secret.removeprefix("whsec_")), content, "sha256")).decode()


def _ed25519(key: bytes, content: bytes) -> str:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey  # noqa: PLC0415 -- 7 MB that few need

    return b64encode(Ed25519PrivateKey.from_private_bytes(key).sign(content)).decode()

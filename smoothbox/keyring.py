"""The keyring file: the keys that seal secrets at rest and sign links. Made once, by `init`; losing it loses what it sealed."""

import os
import secrets
from base64 import b64encode
from pathlib import Path

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from smoothbox.clock import instant_text


def create_keyring(path: Path, now: float) -> None:
    """Write a keyring with one AES-256 and one Ed25519 key, readable by its owner only.

    Raises FileExistsError rather than replace one.
    """
    key = Ed25519PrivateKey.generate().private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())
    document = {
        "keys": [
            {
                "id": secrets.token_hex(4),
                "created_at": instant_text(now),
                "aes256": b64encode(secrets.token_bytes(32)).decode(),
                "ed25519": b64encode(key).decode(),
            }
        ]
    }
    unfinished = path.with_name(path.name + ".new")
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(msgspec.json.format(msgspec.json.encode(document)) + b"\n")
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(unfinished, path)  # whole or not at all, and never over another
    finally:
        unfinished.unlink()

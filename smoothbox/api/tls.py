"""HTTPS without a proxy: from the files that the settings name to what connections are encrypted with."""

import ssl
from pathlib import Path

from smoothbox.errors import Problem
from smoothbox.settings import Server


def server_context(settings: Server) -> ssl.SSLContext | None:
    """What encrypts connections; None for plain HTTP. The files are read now, and not again.

    Raises Problem 'validation_error' that names the setting and what is wrong with its file.
    """
    if not settings.tls_cert and not settings.tls_key:
        return None
    for name, file in (("tls_cert", settings.tls_cert), ("tls_key", settings.tls_key)):
        _require_readable(f"server.{name}", file)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    try:
        context.load_cert_chain(settings.tls_cert, settings.tls_key, password="")  # or one with a pass phrase would ask for it
    except (ssl.SSLError, ValueError) as error:
        message = f"{settings.tls_cert} and {settings.tls_key} are no certificate and its private key without pass phrase"
        raise _refusal("server.tls_key", f"{message} ({getattr(error, 'reason', None) or error})") from error
    return context


def _require_readable(name: str, file: str) -> None:
    if not file:
        raise _refusal(name, "server.tls_cert and server.tls_key go together; set both, or none")
    try:
        with Path(file).open("rb"):
            pass
    except OSError as error:
        raise _refusal(name, f"{file} cannot be read: {error.strerror}") from error


def _refusal(name: str, reason: str) -> Problem:
    return Problem("validation_error", f"{name}: {reason}.", {"setting": name})

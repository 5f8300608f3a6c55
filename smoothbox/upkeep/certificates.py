"""Certificates that the box makes for itself: self-signed, for HTTPS without an authority and without a proxy."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address, IPv6Address, ip_address
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from smoothbox.clock import Clock
from smoothbox.errors import Problem
from smoothbox.store.folder import DataFolder
from smoothbox.upkeep.outputs import put

THIS_MACHINE: Final = ("localhost", "127.0.0.1", "::1")

_CLOCKS_DIFFER: Final = timedelta(hours=1)  # a client whose clock is slow takes a certificate that was made just now
_LONGEST_COMMON_NAME: Final = 64  # RFC 5280, ub-common-name


@dataclass(frozen=True, slots=True)
class Certificate:
    """What a certificate says; `hosts` are the names and addresses that it is good for."""

    path: Path
    subject: str
    issuer: str
    hosts: tuple[str, ...]
    begins: datetime
    ends: datetime
    fingerprint: str

    @property
    def is_self_signed(self) -> bool:
        """Whether nobody vouches for it."""
        return self.subject == self.issuer


def files(folder: DataFolder) -> tuple[Path, Path]:
    """Where the certificate of a box and its key are."""
    return folder.tls / "cert.pem", folder.tls / "key.pem"


def create(folder: DataFolder, clock: Clock, hosts: Sequence[str], days: int, *, may_replace: bool) -> Certificate:
    """Make a self-signed certificate and its key in the data folder; it is good for this machine's own names too.

    Raises Problem 'conflict' rather than replace one that it may not, 'validation_error' for what is no host.
    """
    certificate_path, key_path = files(folder)
    names = dict.fromkeys((*(checked_host(host) for host in hosts), *THIS_MACHINE))
    for path in (certificate_path, key_path):
        if path.exists() and not may_replace:
            raise Problem("conflict", f"{path} is there already.")
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = _signed(key, [*names], datetime.fromtimestamp(clock.now(), UTC), timedelta(days=days))
    folder.tls.mkdir(parents=True, exist_ok=True)
    with put(key_path, may_replace=may_replace) as file:
        file.write(
            key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        )
    with put(certificate_path, may_replace=may_replace) as file:
        file.write(certificate.public_bytes(serialization.Encoding.PEM))
    return read(certificate_path)


def read(path: Path) -> Certificate:
    """The certificate that stands first in a file. Raises Problem 'not_found', 'unavailable' where none stands there."""
    try:
        found = x509.load_pem_x509_certificate(path.read_bytes())
    except FileNotFoundError:
        raise Problem("not_found", f"There is no certificate in {path}.") from None
    except ValueError as error:
        raise Problem("unavailable", f"{path} is no certificate: {error}") from error
    fingerprint = found.fingerprint(hashes.SHA256()).hex(":").upper()
    subject, issuer = found.subject.rfc4514_string(), found.issuer.rfc4514_string()
    return Certificate(path, subject, issuer, _hosts(found), found.not_valid_before_utc, found.not_valid_after_utc, fingerprint)


def checked_host(host: str) -> str:
    """A host as the network has it: lower case, in ASCII, with a `*` for the first label at most.

    Raises Problem 'validation_error' for what is neither a name nor an address.
    """
    if (address := _address(host.strip("[]"))) is not None:
        return str(address)
    labels = host.rstrip(".").lower().split(".")
    try:
        plain = [label.encode("idna").decode() for label in labels[labels[0] == "*" :]]
    except UnicodeError:
        plain = []
    if not plain or plain[-1].isdigit() or not all(_is_label(label) for label in plain):
        raise Problem("validation_error", f"'{host}' is no host; write it as api.example.com, *.example.com or 192.0.2.7.")
    return ".".join((*labels[: labels[0] == "*"], *plain))


def _hosts(certificate: x509.Certificate) -> tuple[str, ...]:
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return ()
    return (*names.get_values_for_type(x509.DNSName), *map(str, names.get_values_for_type(x509.IPAddress)))


def _signed(key: ec.EllipticCurvePrivateKey, names: Sequence[str], now: datetime, lasts: timedelta) -> x509.Certificate:
    """Of the profile of RFC 5280 that strict clients ask for, though no authority stands behind it."""
    public = key.public_key()
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0][:_LONGEST_COMMON_NAME])])
    identity = x509.SubjectKeyIdentifier.from_public_key(public)
    builder = (
        x509.CertificateBuilder(name, name, public, x509.random_serial_number(), now - _CLOCKS_DIFFER, now + lasts)
        .add_extension(x509.SubjectAlternativeName([_general(each) for each in names]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_signs_only(), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(identity, critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identity), critical=False)
    )
    return builder.sign(key, hashes.SHA256())


def _signs_only() -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )


def _general(name: str) -> x509.GeneralName:
    address = _address(name)
    return x509.DNSName(name) if address is None else x509.IPAddress(address)


def _is_label(label: str) -> bool:
    return label.replace("-", "").isalnum() and label.isascii() and label.strip("-") == label


def _address(name: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(name)
    except ValueError:
        return None

"""An authority of the tests' own, and the certificates that it gives to receivers."""

import ssl
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

_DAY = timedelta(days=1)
_USES = ("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement", "key_cert_sign")
_SIGNS = x509.KeyUsage(**{use: use == "key_cert_sign" for use in (*_USES, "crl_sign", "encipher_only", "decipher_only")})


class Authority:
    """Signs certificates. Who reads `file` as SSL_CERT_FILE trusts them."""

    def __init__(self, folder: Path, name: str) -> None:
        self._folder = folder
        self._name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
        self._key = generate_private_key(SECP256R1())
        builder = self._builder(self._name, self._key)
        builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        builder = builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(self._key.public_key()), critical=False)
        builder = builder.add_extension(_SIGNS, critical=True)
        self._own = builder.sign(self._key, SHA256())
        self.file = folder / f"{name}.pem"
        self.file.write_bytes(self._own.public_bytes(Encoding.PEM))

    def context(self, *names: str, age: int = 1) -> ssl.SSLContext:
        """What a receiver with these names speaks TLS with; its certificate is good for two days from so many days ago."""
        key = generate_private_key(SECP256R1())
        builder = self._builder(x509.Name([]), key, age)
        builder = builder.add_extension(x509.SubjectAlternativeName([_general(each) for each in names]), critical=True)
        file = self._folder / f"{names[0]}-{age}.pem"
        private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        file.write_bytes(private + builder.sign(self._key, SHA256()).public_bytes(Encoding.PEM))
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(file)
        return context

    def _builder(self, subject: x509.Name, key: EllipticCurvePrivateKey, age: int = 1) -> x509.CertificateBuilder:
        begin = datetime.now(UTC) - age * _DAY
        builder = x509.CertificateBuilder(self._name, subject, key.public_key(), x509.random_serial_number())
        builder = builder.not_valid_before(begin).not_valid_after(begin + 2 * _DAY)
        public = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())
        return builder.add_extension(public, critical=False)


def _general(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name)

"""`smoothbox cert`."""

from pathlib import Path
from typing import Any, Final

import click

from smoothbox.cli.address import public_hosts
from smoothbox.cli.output import facts
from smoothbox.cli.session import Session, hint
from smoothbox.clock import instant_text
from smoothbox.upkeep import certificates
from smoothbox.upkeep.certificates import Certificate

_MOST_DAYS: Final = 3650


@click.command()
@click.option("--host", "hosts", metavar="NAME", multiple=True, help="Host name or address by which clients call; repeatable.")
@click.option("--days", type=click.IntRange(1, _MOST_DAYS), default=365, show_default=True, help="How long it is good.")
@click.option("--replace", is_flag=True, help="Replace the one that is there.")
@click.pass_obj
def create(session: Session, hosts: tuple[str, ...], days: int, replace: bool) -> None:
    """Make a self-signed certificate and its key.

    They are put into the folder 'tls' of the data folder, and are good for localhost too. Without --host, the hosts are those
    of server.public_url and server.base_domain. Clients have to be given the certificate, or told its fingerprint; the key is
    for the box alone. A server that has it in use takes up another one on SIGHUP.

    Example: smoothbox --data-dir /var/lib/smoothbox cert create --host box.example.com --host 192.0.2.7
    """
    session.require_box()
    wanted = hosts or public_hosts(session.settings().server)
    with hint("conflict", "Add --replace to make another."):
        made = certificates.create(session.folder, session.clock, wanted, days, may_replace=replace)
    certificate, key = (path.absolute() for path in certificates.files(session.folder))
    session.out.data({**_wire(made), "key": str(key)}, _text(made))
    if Path(session.settings().server.tls_cert) != certificate:
        session.out.remark(f'Write below [server] in smoothbox.toml:\ntls_cert = "{certificate}"\ntls_key = "{key}"')
    elif server := session.folder.server():
        session.out.next_step(f"kill -HUP {server.pid}")


@click.command()
@click.pass_obj
def show(session: Session) -> None:
    """Show the certificate in use: its hosts, and until when it is good.

    That is the one of server.tls_cert, or else the one that 'cert create' made. A server that runs may still have the one that
    was there before: it reads it anew on SIGHUP.

    Example: smoothbox --data-dir /var/lib/smoothbox cert show
    """
    named = session.settings().server.tls_cert
    with hint("not_found", session.command("cert create")):
        found = certificates.read(Path(named) if named else certificates.files(session.folder)[0])
    session.out.data(_wire(found), _text(found))


def _wire(certificate: Certificate) -> dict[str, Any]:
    return {
        "certificate": str(certificate.path.absolute()),
        "hosts": list(certificate.hosts),
        "begins": instant_text(certificate.begins.timestamp()),
        "ends": instant_text(certificate.ends.timestamp()),
        "self_signed": certificate.is_self_signed,
        "sha256": certificate.fingerprint,
    }


def _text(certificate: Certificate) -> str:
    said = _wire(certificate)
    signed = "itself" if certificate.is_self_signed else certificate.issuer
    return facts(
        (
            ("certificate", said["certificate"]),
            ("hosts", ", ".join(certificate.hosts)),
            ("good until", said["ends"]),
            ("signed by", signed),
            ("SHA-256", certificate.fingerprint),
        )
    )

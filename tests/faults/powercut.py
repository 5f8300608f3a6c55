"""What a disk holds after a power cut, put together from what the preloaded powercut.c has kept.

A file is there if its folder was synced since it got its name, with what it held when it was last synced. What was written
later, and names given or taken later, may have arrived or not: a seed decides for each block of 512 bytes, and for each
folder; without one nothing of it arrives.
"""

import random
import subprocess
import sys
from pathlib import Path
from typing import Final

BLOCK: Final = 512


def identities(folder: Path) -> dict[Path, str]:
    """Every file and folder that is there now, with the identity by which it was kept."""
    paths = [folder, *folder.rglob("*")]
    said = subprocess.run(["stat", "-c", "%i-%.9W", *map(str, paths)], capture_output=True, text=True, check=True).stdout
    return dict(zip(paths, said.split(), strict=True))


def rebuild(live: Path, kept: Path, target: Path, seed: int | None) -> None:
    """Make `target` what `live` would be after the cut."""
    known = identities(live)
    places = {identity: path for path, identity in known.items()}
    luck = None if seed is None else random.Random(seed)
    _folder(known[live], places, kept, target, luck)


def _folder(identity: str, places: dict[str, Path], kept: Path, target: Path, luck: random.Random | None) -> None:
    target.mkdir(mode=0o700, parents=True)
    for entry, name in sorted(_names(identity, places, kept, luck)):
        where = places.get(entry)
        if (kept / f"{entry}.list").exists() or (where is not None and where.is_dir()):
            _folder(entry, places, kept, target / name, luck)
        elif where is None or where.is_file():
            _file(kept / f"{entry}.data", where, target / name, luck)


def _names(identity: str, places: dict[str, Path], kept: Path, luck: random.Random | None) -> list[tuple[str, str]]:
    listed = kept / f"{identity}.list"
    lines = listed.read_text().splitlines() if listed.exists() else []
    synced = [(entry, name) for entry, _, name in (line.partition(" ") for line in lines)]
    folder = places.get(identity)
    if luck is None or folder is None or luck.random() < 0.5:
        return synced
    return [(entry, path.name) for entry, path in places.items() if path.parent == folder]


def _file(synced: Path, live: Path | None, target: Path, luck: random.Random | None) -> None:
    old = synced.read_bytes() if synced.exists() else b""
    new = live.read_bytes() if luck and live else old
    places = range(0, max(len(old), len(new)), BLOCK)
    blocks = [(old if luck is None or luck.random() < 0.5 else new)[at : at + BLOCK] for at in places]
    target.write_bytes(b"".join(blocks))
    target.chmod(0o600)


if __name__ == "__main__":
    live_folder, kept_folder, target_folder, *seeds = sys.argv[1:]
    rebuild(Path(live_folder), Path(kept_folder), Path(target_folder), int(seeds[0]) if seeds else None)

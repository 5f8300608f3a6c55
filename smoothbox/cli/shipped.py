"""Files that come with the program: in a wheel they lie beside its commands, in a checkout below config/."""

from pathlib import Path


def shipped(name: str) -> Path:
    """Where the file of this name is."""
    packaged = Path(__file__).with_name(name)
    return packaged if packaged.exists() else Path(__file__).parents[2] / "config" / name

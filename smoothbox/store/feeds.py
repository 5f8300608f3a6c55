"""The SQL of calendar feeds: the generation of their links."""

from smoothbox.store.connection import Tx


def generation(tx: Tx) -> int:
    """Which links are good."""
    number: int = tx.value("SELECT generation FROM feed_link")
    return number


def raise_generation(tx: Tx) -> None:
    """End all links that were handed out."""
    tx.run("UPDATE feed_link SET generation = generation + 1")

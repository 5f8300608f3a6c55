"""What a data file holds sealed, sealed anew: with another key, or for another place."""

from collections.abc import Mapping

from msgspec import Struct

from smoothbox.keyring import SealBrokenError, Vault
from smoothbox.operations.idempotency import place as answer_place
from smoothbox.operations.webhook_secrets import place as cell_place
from smoothbox.store import sealed
from smoothbox.store.connection import Tx
from smoothbox.store.sealed import SealedAnswer, SealedCell


class Resealed(Struct, frozen=True):
    """How many were sealed anew, and how many do not open and were left as they are."""

    count: int = 0
    broken: int = 0

    def __add__(self, other: "Resealed") -> "Resealed":
        """Both together."""
        return Resealed(self.count + other.count, self.broken + other.broken)


def reseal(tx: Tx, old: Vault, new: Vault) -> Resealed:
    """Open everything with one vault and seal it with another. The objects stay what they are, and their versions too."""
    cells, answers = sealed.cells(tx), sealed.answers(tx)
    broken = 0
    for cell in cells:
        place = cell_place(cell.endpoint_id, cell.column)
        fresh = _again(cell.sealed, old, new, place)
        if fresh is None:
            broken += 1
        else:
            sealed.put_cell(tx, SealedCell(cell.endpoint_id, cell.column, fresh))
    for answer in answers:
        fresh = _again(answer.sealed, old, new, answer_place(answer.owner, answer.key))
        if fresh is None:
            broken += 1
        else:
            sealed.put_answer(tx, SealedAnswer(answer.owner, answer.key, fresh))
    return Resealed(len(cells) + len(answers) - broken, broken)


def unreadable(tx: Tx, vault: Vault) -> dict[int, list[str]]:
    """The webhooks of which something does not open, by id, and which columns."""
    broken: dict[int, list[str]] = {}
    for cell in sealed.cells(tx):
        if _again(cell.sealed, vault, vault, cell_place(cell.endpoint_id, cell.column)) is None:
            broken.setdefault(cell.endpoint_id, []).append(cell.column)
    return dict(sorted(broken.items()))


def reown(tx: Tx, owners: Mapping[int, int], vault: Vault) -> None:
    """Let kept answers and holds belong to the tokens that have come in place of theirs (lineage → lineage).

    Answers and holds of tokens that have not come along are nobody's.
    """
    answers = [answer for answer in sealed.answers(tx) if answer.owner in owners]
    sealed.give_to(tx, owners)
    for answer in answers:
        owner = owners[answer.owner]
        body = _again(answer.sealed, vault, vault, answer_place(answer.owner, answer.key), answer_place(owner, answer.key))
        if body is not None:
            sealed.put_answer(tx, SealedAnswer(owner, answer.key, body))


def _again(text: bytes, old: Vault, new: Vault, place: str, new_place: str = "") -> bytes | None:
    try:
        return new.seal(old.open(text, place), new_place or place)
    except SealBrokenError:
        return None

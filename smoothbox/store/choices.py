"""Which way a page is read, and how many rows there are in all.

SQLite without statistics goes the same way for a status that all rows have and for one that none has. Here numbers decide:
those that a tally keeps, and of a range those that its index counts, up to MANY.
"""

import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from smoothbox.store.connection import Tx
from smoothbox.store.walks import Asked, Branch, Part, Walk, parted, pieces, shortened, texts

MANY: Final = 10_000  # rows; to gather so many and sort them for a page takes about ten milliseconds
_OPPOSITE: Final = {"<": ">=", "<=": ">", ">": "<=", ">=": "<"}


@dataclass(frozen=True, slots=True)
class Choice:
    """The walk to read a page from, whether it has the order that is wanted, and the walk to count along."""

    walk: Walk
    in_order: bool
    narrow: Walk


def choose(tx: Tx, walks: Sequence[Walk], asked: Sequence[Asked], order: str) -> Choice:
    """A walk in order, the one with the fewest rows; where another has far fewer, these are gathered and sorted."""
    narrowed = _narrowed(tx, walks, asked, order)
    ordered = [walk for walk in narrowed if walk.order == order] or [_whole(walks, order)]
    if not narrowed:
        return Choice(ordered[0], in_order=True, narrow=_whole(walks, "id" if asked else order))
    if len(narrowed) == 1 and narrowed == ordered:
        return Choice(ordered[0], in_order=True, narrow=ordered[0])
    sizes = {walk: _size(tx, walk, asked) for walk in dict.fromkeys([*narrowed, *ordered])}
    narrow, best = min(narrowed, key=sizes.__getitem__), min(ordered, key=sizes.__getitem__)
    is_few = sizes[narrow] <= MANY and 4 * sizes[narrow] <= sizes[best]
    return Choice(narrow if is_few else best, in_order=not is_few, narrow=narrow)


def count(tx: Tx, walk: Walk, asked: Sequence[Asked]) -> int:
    """How many rows there are, to the row; only what no tally tells is counted one by one."""
    return sum(_counted(tx, walk, branch, asked) for branch in walk.branches)


def _whole(walks: Sequence[Walk], order: str) -> Walk:
    return next(walk for walk in walks if walk.order == order and not walk.by)


def _narrowed(tx: Tx, walks: Sequence[Walk], asked: Sequence[Asked], order: str) -> list[Walk]:
    """The walks that what is asked for shortens: one by each filter, and one by a range where none of those has its order."""
    named, fields = {each.parameter for each in asked}, {each.field for each in asked}
    of_those = [walk for walk in walks if walk.by in named and _has_all(walk, asked)]
    by_filter = {walk.by: walk for walk in of_those} | {walk.by: walk for walk in of_those if walk.order == order}
    fields -= {walk.order for walk in by_filter.values()}
    by_range = [walk for walk in walks if not walk.by and walk.order in fields]
    return [_admitted(tx, walk, asked) for walk in (*by_filter.values(), *by_range)]


def _has_all(walk: Walk, asked: Sequence[Asked]) -> bool:
    """Whether there is a branch for each value that is asked for, where branches are for some values only."""
    known = {value for each in walk.branches if each.only and each.only[0] == walk.by for value in each.only[1]}
    return not known or all(known.issuperset(each.clause.values) for each in asked if each.parameter == walk.by)


def _admitted(tx: Tx, walk: Walk, asked: Sequence[Asked]) -> Walk:
    """The walk without the branches that have none of the rows."""
    if len(walk.branches) == 1:
        return walk
    return replace(walk, branches=tuple(each for each in walk.branches if not _is_empty(tx, each, asked)))


def _is_empty(tx: Tx, branch: Branch, asked: Sequence[Asked]) -> bool:
    values = {each.parameter: each.clause.values for each in asked}
    if branch.only and branch.only[1].isdisjoint(values.get(branch.only[0], branch.only[1])):
        return True
    return _tallied(tx, branch, [each for each in asked if branch.tally and each.parameter in branch.tally.columns]) == 0


def _size(tx: Tx, walk: Walk, asked: Sequence[Asked]) -> int:
    """How many rows the walk passes at most; more than anything where nobody knows."""
    own, others = parted(walk, asked)
    ends = [each for each in others if each.field and each.field == walk.order]
    return sum(_size_of(tx, walk, branch, own, ends) for branch in walk.branches)


def _size_of(tx: Tx, walk: Walk, branch: Branch, own: Sequence[Asked], ends: Sequence[Asked]) -> int:
    tallied = _tallied(tx, branch, own)
    if ends or (own and tallied is None):
        clauses = shortened(walk, branch, ends) if branch.detour else [each.clause for each in ends]
        found = _up_to_many(tx, texts(branch.rows, branch.where, own, clauses))
        if found <= MANY:
            return found
    return sys.maxsize if tallied is None else tallied


def _counted(tx: Tx, walk: Walk, branch: Branch, asked: Sequence[Asked]) -> int:
    found = _tallied(tx, branch, asked)
    if found is None:
        found = _all_but_few(tx, walk, branch, asked)
    return _one_by_one(tx, walk, branch, asked) if found is None else found


def _tallied(tx: Tx, branch: Branch, asked: Sequence[Asked]) -> int | None:
    """What the tally tells, if it tells these conditions apart; of values that are asked for, those of the branch."""
    tally, wanted = branch.tally, {each.parameter: set(each.clause.values) for each in asked}
    if tally is None or not wanted.keys() <= tally.columns.keys():
        return None
    if branch.only is not None:
        wanted[branch.only[0]] = wanted.get(branch.only[0], set(branch.only[1])) & branch.only[1]
    terms = [f"{tally.columns[each]} IN ({', '.join('?' * len(values))})" for each, values in wanted.items()]
    where = f" WHERE {' AND '.join(terms)}" if terms else ""
    values = [value for values in wanted.values() for value in values]
    found: int = tx.value(f"SELECT coalesce(sum(number), 0) FROM {tally.table}{where}", *values)
    return found


def _all_but_few(tx: Tx, walk: Walk, branch: Branch, asked: Sequence[Asked]) -> int | None:
    """Of a range with one end: those in it where they are few, or what the tally tells but for a few beyond its end.

    The later side comes first: of most businesses the past is longer than what is to come.
    """
    ends = [each for each in asked if each.field == walk.order and each.clause.text.endswith(f" {each.sign} ?")]
    rest = [each for each in asked if each not in ends]
    tallied = _tallied(tx, branch, rest) if len(ends) == 1 and ends[0].sign in _OPPOSITE else None
    if tallied is None or tallied <= MANY:
        return None
    sides = {1: asked, -1: [*rest, _beyond(ends[0])]}
    for sign in (1, -1) if ends[0].sign.startswith(">") else (-1, 1):
        if (found := _up_to_many(tx, pieces(walk, branch, sides[sign]))) <= MANY:
            return found if sign > 0 else tallied - found
    return None


def _beyond(end: Asked) -> Asked:
    sign = _OPPOSITE[end.sign]
    text = f"{end.clause.text.removesuffix(f'{end.sign} ?')}{sign} ?"
    return replace(end, clause=Part(text, end.clause.values), sign=sign)


def _up_to_many(tx: Tx, found: Sequence[Part]) -> int:
    """How many rows there are, of each piece no more than one beyond MANY."""
    limit = f" LIMIT {MANY + 1}"
    return sum(tx.value(f"SELECT count(*) FROM (SELECT 1 FROM {each.text}{limit})", *each.values) for each in found)


def _one_by_one(tx: Tx, walk: Walk, branch: Branch, asked: Sequence[Asked]) -> int:
    """By going along the index, which needs no other table where nothing else is asked for."""
    own, others = parted(walk, asked)
    found = pieces(walk, branch, asked) if others else texts(branch.rows, branch.where, own, [])
    return sum(tx.value(f"SELECT count(*) FROM {each.text}", *each.values) for each in found)

"""Who takes a booking: which resource when any will do, and one of each group when a service needs several."""

from collections.abc import Iterable, Mapping, Sequence

Groups = Sequence[Sequence[int]]
"""The ids that could serve in each group, the preferred ones first and none twice; one id may stand in several groups."""


def by_load(ids: Iterable[int], day: Mapping[int, int], week: Mapping[int, int]) -> list[int]:
    """The fewest seconds booked that local day first, then the fewest in the seven days around it, then the lowest id (P13).

    Who is absent from a mapping has nothing booked.
    """
    return sorted(ids, key=lambda each: (day.get(each, 0), week.get(each, 0), each))


def one_of_each(groups: Groups) -> tuple[int, ...] | None:
    """A resource for each group and none for two (P12): the first group has its best choice, then the second, and so on.

    None when there is no complete choice.
    """
    best = tuple(group[0] for group in groups if group)
    if len(set(best)) == len(groups):
        return best
    if not _can_complete(groups, ()):
        return None
    chosen: list[int] = []
    for number, group in enumerate(groups, 1):
        rest = groups[number:]
        chosen.append(next(each for each in group if each not in chosen and _can_complete(rest, (*chosen, each))))
    return tuple(chosen)


def able(groups: Groups) -> list[int]:
    """The sorted ids that some complete choice includes.

    All of them, if there is one: who is not in it can take the place of the one who is there for the same group.
    """
    return sorted(set().union(*groups)) if _can_complete(groups, ()) else []


def rounds(groups: Groups) -> int:
    """How many bookings fit one after another when each takes `one_of_each`."""
    if _are_disjoint(groups):
        return min(map(len, groups), default=0)
    left, count = groups, 0
    while chosen := one_of_each(left):
        left = [[each for each in group if each not in chosen] for group in left]
        count += 1
    return count


def _are_disjoint(groups: Groups) -> bool:
    return len(set().union(*groups)) == sum(map(len, groups))


def _can_complete(groups: Groups, taken: Iterable[int]) -> bool:
    """Whether each group can have a resource of its own besides those that are taken: a bipartite matching."""
    holders: dict[int, int] = {}
    return all(_find_place(number, groups, holders, set(taken)) for number in range(len(groups)))


def _find_place(number: int, groups: Groups, holders: dict[int, int], tried: set[int]) -> bool:
    """Give the group a resource that nobody holds, or one whose holder finds another (an augmenting path)."""
    for each in groups[number]:
        if each in tried:
            continue
        tried.add(each)
        if each not in holders or _find_place(holders[each], groups, holders, tried):
            holders[each] = number
            return True
    return False

"""Who a booking may take when somebody is asked for by name (P12)."""

from collections.abc import Sequence

from smoothbox.errors import Problem
from smoothbox.store.resources import Bookable

Groups = Sequence[Sequence[Bookable]]


def ways_with(groups: Groups, named: Sequence[int], service_id: int) -> Sequence[Groups]:
    """The groups of a service in each of the ways in which the named can be among those who are taken; mostly one way.

    A group that has some of the named takes one of them. Of groups that share members it is enough that one of them does:
    who is asked for may take the place of either. Raises Problem 'resource_not_eligible' naming those in no group.
    """
    wanted = set(named)
    if strangers := wanted - {each.id for group in groups for each in group}:
        messages = [f"Resource {each} does not offer service {service_id}, or is not active." for each in sorted(strangers)]
        raise Problem("resource_not_eligible", None, {"resource_id": messages})
    ways = [groups]
    for cluster in _clusters(groups) if wanted else ():
        positions = [position for position in cluster if any(each.id in wanted for each in groups[position])]
        ways = [_narrowed(way, position, wanted) for way in ways for position in positions] or ways
    return ways


def _narrowed(groups: Groups, position: int, wanted: set[int]) -> Groups:
    return [[each for each in group if number != position or each.id in wanted] for number, group in enumerate(groups)]


def _clusters(groups: Groups) -> list[list[int]]:
    """The positions of groups that hang together by members that they share."""
    clusters: list[tuple[set[int], list[int]]] = []
    for position, group in enumerate(groups):
        members, positions = {each.id for each in group}, [position]
        for other in [each for each in clusters if each[0] & members]:
            clusters.remove(other)
            members, positions = members | other[0], other[1] + positions
        clusters.append((members, positions))
    return [positions for _, positions in clusters]

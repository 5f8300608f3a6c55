"""Any resource is chosen by its load, and one of each group so that nobody has to serve two."""

from itertools import product

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from smoothbox.scheduling.assignment import able, by_load, one_of_each, rounds

from .drawing import STEADY

groups_of_few = st.lists(st.lists(st.integers(1, 6), min_size=1, max_size=4, unique=True) | st.just([]), min_size=1, max_size=4)
EVERYBODY = list(range(200))


def choices(groups: list[list[int]]) -> list[tuple[int, ...]]:
    """Every complete choice, the preferred ones first."""
    return [choice for choice in product(*groups) if len(set(choice)) == len(choice)]


def bookings(groups: list[list[int]]) -> int:
    """How often the preferred choice can be taken away."""
    found = choices(groups)
    if not found:
        return 0
    return 1 + bookings([[each for each in group if each not in found[0]] for group in groups])


def test_the_least_booked_that_day_comes_first() -> None:
    assert by_load([1, 2, 3], {1: 3600, 2: 1800, 3: 2700}, {1: 0, 2: 9000, 3: 0}) == [2, 3, 1]


def test_the_week_decides_between_equal_days_and_the_id_between_equal_weeks() -> None:
    assert by_load([5, 4, 3, 2], {2: 60, 3: 60, 4: 60, 5: 60}, {2: 900, 3: 600, 4: 900, 5: 600}) == [3, 5, 2, 4]


def test_who_has_no_bookings_comes_before_who_has_some() -> None:
    assert by_load([1, 2, 3], {1: 60}, {3: 60}) == [2, 3, 1]


def test_nobody_is_nobody() -> None:
    assert by_load([], {1: 60}, {}) == []


# the groups, who is chosen, who could be, how many bookings fit
CHOICES = [
    ([[7]], (7,), [7], 1),
    ([[3, 1, 2]], (3,), [1, 2, 3], 3),
    ([[]], None, [], 0),
    ([[1, 2], [11, 10]], (1, 11), [1, 2, 10, 11], 2),
    ([[1, 2, 3], [10]], (1, 10), [1, 2, 3, 10], 1),
    ([[1, 2], []], None, [], 0),
    ([[1, 2, 3], [1, 2, 3]], (1, 2), [1, 2, 3], 1),  # two of the same staff
    ([[1, 2, 3, 4], [4, 3, 2, 1]], (1, 4), [1, 2, 3, 4], 2),
    ([[1], [1]], None, [], 0),
    ([[1, 2], [1]], (2, 1), [1, 2], 1),  # the second group has no other
    ([[1, 2, 3], [2, 1], [1]], (3, 2, 1), [1, 2, 3], 1),
    ([[1, 2], [2, 3], [3, 1]], (1, 2, 3), [1, 2, 3], 1),
    ([[1, 2], [1, 2], [1, 2]], None, [], 0),
    ([[5, 1], [1, 2], [2, 1]], (5, 1, 2), [1, 2, 5], 1),
    ([[1, 4], [2, 3], [1, 2]], (1, 3, 2), [1, 2, 3, 4], 1),  # the third group has lost 1, so the second leaves it 2
    ([[1, 2, 3, 4], [1, 2]], (1, 2), [1, 2, 3, 4], 1),  # the next booking would need 3 or 4 and another of 1 and 2
]


@pytest.mark.parametrize(("groups", "chosen", "_possible", "_count"), CHOICES)
def test_each_group_in_turn_has_the_best_that_leaves_something_for_the_rest(
    groups: list[list[int]], chosen: tuple[int, ...] | None, _possible: list[int], _count: int
) -> None:
    assert one_of_each(groups) == chosen


@pytest.mark.parametrize(("groups", "_chosen", "possible", "_count"), CHOICES)
def test_able_is_who_stands_in_some_complete_choice(
    groups: list[list[int]], _chosen: tuple[int, ...] | None, possible: list[int], _count: int
) -> None:
    assert able(groups) == possible


@pytest.mark.parametrize(("groups", "_chosen", "_possible", "count"), CHOICES)
def test_rounds_count_the_bookings_that_fit(
    groups: list[list[int]], _chosen: tuple[int, ...] | None, _possible: list[int], count: int
) -> None:
    assert rounds(groups) == count


@settings(STEADY, max_examples=600)
@given(groups_of_few)
def test_it_chooses_what_trying_everything_would(groups: list[list[int]]) -> None:
    found = choices(groups)
    event("there is a choice" if found else "there is none")
    assert one_of_each(groups) == (found[0] if found else None)
    assert able(groups) == sorted({each for choice in found for each in choice})
    assert rounds(groups) == bookings(groups)


def test_without_groups_nobody_is_needed() -> None:
    assert one_of_each([]) == ()
    assert able([]) == []
    assert rounds([]) == 0


@pytest.mark.timeout(5)
def test_eight_groups_of_two_hundred_are_no_trouble() -> None:
    assert one_of_each([EVERYBODY] * 8) == tuple(range(8))
    assert able([EVERYBODY] * 8) == EVERYBODY
    assert rounds([EVERYBODY] * 8) == 25
    apart = [[200 * number + each for each in EVERYBODY] for number in range(8)]
    assert one_of_each(apart) == tuple(range(0, 1600, 200))
    assert rounds(apart) == 200


@pytest.mark.timeout(5)
def test_a_choice_that_only_fails_at_its_end_is_found_out_at_once() -> None:
    seven = EVERYBODY[:7]
    assert one_of_each([EVERYBODY, *[seven] * 7]) == (7, *seven)
    assert one_of_each([EVERYBODY, *[seven] * 8]) is None
    assert able([EVERYBODY, *[seven] * 8]) == []
    assert rounds([EVERYBODY, *[seven] * 7]) == 1

"""The keys of forms that must not be sent twice."""

import pytest

from smoothbox.errors import Problem
from smoothbox.web.form_keys import FormKeys


def test_a_key_is_good_once_and_for_its_person() -> None:
    keys = FormKeys()
    key = keys.issue(1)
    with pytest.raises(Problem):
        keys.take(2, key)
    keys.take(1, key)
    with pytest.raises(Problem) as caught:
        keys.take(1, key)
    assert caught.value.code == "conflict"


def test_of_too_many_the_oldest_end() -> None:
    keys = FormKeys()
    issued = [keys.issue(1) for _ in range(10_001)]
    with pytest.raises(Problem):
        keys.take(1, issued[0])
    for key in (issued[1], issued[-1]):
        keys.take(1, key)

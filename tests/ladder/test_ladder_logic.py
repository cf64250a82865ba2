"""Three-valued logic, by its whole truth table."""

from __future__ import annotations

from itertools import product

import pytest

from catheterview.ladder.logic import all3, any3, not3

VALUES = (True, False, None)
PAIRS = list(product(VALUES, repeat=2))


@pytest.mark.parametrize(("first", "second"), PAIRS)
def test_all_and_any_over_every_pair(first: bool | None, second: bool | None) -> None:
    """False decides `all`, True decides `any`; else one unknown makes it unknown."""
    both = False if False in (first, second) else (None if None in (first, second) else True)
    either = True if True in (first, second) else (None if None in (first, second) else False)
    assert all3(first, second) is both
    assert any3(first, second) is either
    assert any3(first, second) is not3(all3(not3(first), not3(second)))


def test_the_ends_of_the_table() -> None:
    """Nothing holds of nothing; what is not known stays so when negated."""
    assert all3() is True
    assert any3() is False
    assert [not3(value) for value in VALUES] == [False, True, None]

"""What catheterview raises on purpose."""

from __future__ import annotations

import inspect
import pickle

import pytest

from catheterview import errors
from catheterview.errors import CatheterviewError

KINDS = [kind for _, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, CatheterviewError)]


@pytest.mark.parametrize("kind", KINDS)
def test_an_error_says_what_and_where(kind: type[CatheterviewError]) -> None:
    """The text names the file, series or field first; without one it is the reason alone."""
    error = kind("missing slice: 3 mm where 1 mm is expected", where="1.2.3")
    assert str(error) == "1.2.3: missing slice: 3 mm where 1 mm is expected"
    assert (error.reason, error.where) == ("missing slice: 3 mm where 1 mm is expected", "1.2.3")
    assert str(kind("no reason")) == "no reason"


@pytest.mark.parametrize("kind", KINDS)
def test_an_error_comes_through_a_process_boundary(kind: type[CatheterviewError]) -> None:
    """An error raised in the process of a case can be sent to the one that waits for it."""
    copy = pickle.loads(pickle.dumps(kind("no reason", where="here")))
    assert type(copy) is kind
    assert copy.reason


def test_every_error_is_drawn_in_the_tree() -> None:
    """The module's picture of the errors names all of them."""
    for kind in KINDS:
        assert kind.__name__ in (errors.__doc__ or "")

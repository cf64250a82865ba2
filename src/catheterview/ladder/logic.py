"""Three-valued logic: True, False, and None for what is not known."""

from __future__ import annotations

from catheterview.ladder.fields import Tri


def not3(value: Tri) -> Tri:
    """Negate; unknown stays unknown."""
    return None if value is None else not value


def all3(*values: Tri) -> Tri:
    """Whether all hold: one that does not is enough for False, even beside unknown ones."""
    if False in values:
        return False
    return None if None in values else True


def any3(*values: Tri) -> Tri:
    """Whether one holds: one that does is enough for True, even beside unknown ones."""
    if True in values:
        return True
    return None if None in values else False

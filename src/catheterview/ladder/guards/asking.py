"""How a guard over a single fact is made, and the guards that hold whatever the facts."""

from __future__ import annotations

from catheterview.ladder.fields import Tri
from catheterview.ladder.rows import Guard, Here
from catheterview.ladder.view import View


def value(view: View, path: str) -> object:
    """The value of the fact at ``group.name``; None where it is unknown."""
    group, name = path.split(".")
    return getattr(getattr(view.facts, group), name)


def yes(path: str, text: str) -> Guard:
    """Ask whether a yes-or-no fact is true."""

    def test(view: View, _: Here) -> Tri:
        known = value(view, path)
        return None if known is None else bool(known)

    return Guard(name=path.split(".")[1], text=text, test=test, needs=(path,))


def _always(_: View, __: Here) -> Tri:
    return True


def always(text: str, name: str = "always") -> Guard:
    """Hold in every case."""
    return Guard(name=name, text=text, test=_always)


def chosen(policy: str, option: str, text: str) -> Guard:
    """Ask whether a policy has one of its options."""

    def test(view: View, _: Here) -> Tri:
        return bool(getattr(view.policies, policy) == option)

    return Guard(name=f"{policy} is {option}", text=text, test=test)


def loop_limit(view: View) -> int:
    """How often a loop is walked before what was treated counts as excluded."""
    return view.limits.loop_visits if view.policies.loops == "counted" else 1

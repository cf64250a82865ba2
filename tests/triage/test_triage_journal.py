"""The one boundary at which an error becomes a line of the report."""

from __future__ import annotations

import json

import pytest

from catheterview.errors import GeometryError, UnreadableError
from catheterview.triage.journal import Journal


def fail(error: Exception) -> None:
    """Raise what is given."""
    raise error


def test_a_step_that_works_returns_what_it_found() -> None:
    """Its result comes back, its time is counted, and nothing is noted."""
    journal = Journal()
    assert journal.attempt("read", "1.2.3", lambda: 17) == 17
    assert not journal.problems
    assert not journal.blocked
    assert journal.seconds["read"] >= 0.0


def test_bad_data_is_a_problem_of_its_series() -> None:
    """An error that was raised on purpose keeps its reason, and the name of what it is about."""
    journal = Journal()
    assert journal.attempt("read", "1.2.3", lambda: fail(GeometryError("missing slice"))) is None
    journal.attempt("read", "1.2.3", lambda: fail(UnreadableError("cut short", where="a/b.dcm")))
    told = [(problem.path_or_uid, problem.stage, problem.reason) for problem in journal.problems]
    assert told == [("1.2.3", "read", "missing slice"), ("a/b.dcm", "read", "cut short")]
    assert journal.blocked


def test_a_decoder_that_panics_costs_one_series() -> None:
    """What a decoder in Rust raises is no Exception; found by `make fuzz` in a spoilt RLE frame."""
    journal = Journal()

    def panic() -> None:
        raise type("PanicException", (BaseException,), {"__module__": "pyo3_runtime"})("index out of bounds")

    assert journal.attempt("read", "1.2", panic) is None
    assert journal.problems[0].reason.startswith("internal error: PanicException at ")
    with pytest.raises(KeyboardInterrupt):
        journal.attempt("read", "1.2", interrupt)


def interrupt() -> None:
    """What a person does who has waited too long."""
    raise KeyboardInterrupt


def test_an_unforeseen_error_is_told_by_place_and_without_identity() -> None:
    """What a library quotes of its input can be a patient's name: only the type and the place are kept."""
    journal = Journal()
    journal.attempt("trace", "1.2.3", lambda: json.loads('{"Doe^John": '))
    reason = journal.problems[0].reason
    assert reason.startswith("internal error: JSONDecodeError at ")
    assert "json/decoder.py" in reason.replace("\\", "/") or "decoder.py" in reason
    assert "Doe" not in reason
    assert "/home" not in reason


def test_an_error_in_the_boundary_itself_is_told_too() -> None:
    """A step that cannot even be called is a problem, not the end of the run."""
    journal = Journal()
    assert journal.attempt("trace", "1.2.3", None) is None  # type: ignore[arg-type, func-returns-value]
    assert "TypeError" in journal.problems[0].reason


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit])
def test_a_person_can_still_stop_it(error: type[BaseException]) -> None:
    """Being told to stop is not an error of a series."""
    journal = Journal()
    with pytest.raises(error):
        journal.attempt("read", "1.2.3", lambda: fail(error()))  # type: ignore[arg-type]


def test_a_problem_is_told_once() -> None:
    """The same problem met twice is one line, and times of one stage add up."""
    journal = Journal()
    journal.note("read", "1.2.3", "gantry tilt", blocks=False)
    journal.note("read", "1.2.3", "gantry tilt", blocks=False)
    assert len(journal.problems) == 1
    assert not journal.blocked
    for _ in range(2):
        journal.attempt("read", "1", lambda: None)
    assert list(journal.seconds) == ["read"]

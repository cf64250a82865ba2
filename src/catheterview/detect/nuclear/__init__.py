"""In-111 scintigraphy: where the tracer went, and whether it should be there yet.

A model of reservoir, catheter and CSF, blurred by the point spread that the reservoir itself shows, is fitted to the
counts; findings are what the model cannot explain. Nothing is called absent before flow and dead space say that it
should be there.
"""

from __future__ import annotations

from catheterview.detect.nuclear.study import CSF, LEAK, PASSAGE, TracerReading, read_tracer

__all__ = ["CSF", "LEAK", "PASSAGE", "TracerReading", "read_tracer"]

"""The catheter as a centreline, from pump to tip.

`trace_catheter` traces the catheter of a pump in CT; `trace_between` follows any tube between given seeds. A modality
of its own gets a file of its own.
"""

from __future__ import annotations

from catheterview.trace.ct import Tracing, trace_catheter
from catheterview.trace.seeds import trace_between

__all__ = ["Tracing", "trace_between", "trace_catheter"]

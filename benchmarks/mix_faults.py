"""What goes wrong in some cases of the mix: functions that the process of a case can import."""

from __future__ import annotations

import json
import os
import time
from typing import Any

import numpy as np

from catheterview.triage import staircase
from catheterview.triage.ledger import Job
from catheterview.triage.work import work


def hang(*_: Any) -> None:
    """Never come back."""
    time.sleep(1e6)


def crash(*_: Any) -> None:
    """End as a decoder does that writes where it must not."""
    os.abort()


def allocate(*_: Any) -> None:
    """Take 20 GiB, page by page."""
    np.ones(20 << 30, dtype=np.uint8).all()


FAULTS = {"hang": hang, "crash": crash, "allocate": allocate}


def work_with_faults(job: Job) -> None:
    """Examine a case; where its id is in ``faults.json`` beside the output, the search for the pump does harm."""
    fault = json.loads((job.out.parent / "faults.json").read_text()).get(job.case.case_id)
    if fault is not None:
        staircase.find_devices = FAULTS[fault]
    work(job)

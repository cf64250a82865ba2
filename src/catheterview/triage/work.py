"""What the process of one case does, wherever it runs."""

from __future__ import annotations

import sys

from catheterview.errors import CatheterviewError
from catheterview.triage.apart import end_with_parent, hold_to
from catheterview.triage.case import triage_case
from catheterview.triage.journal import without_identity
from catheterview.triage.ledger import Job

#: Exit status of a case's process that met an error outside every stage.
_UNFORESEEN = 70


def work(job: Job) -> None:
    """Examine one case, in its own process, and leave its files in the job's folder."""
    end_with_parent()
    hold_to(job.memory_bytes)
    try:
        triage_case(job.case, out=job.out, limits=job.limits, facts=job.facts, dicom=job.dicom)
    except CatheterviewError:  # the report cannot be written: the parent tries again, and says so
        raise SystemExit(1) from None
    except Exception as error:  # noqa: BLE001 - a traceback would tell the message, which can quote a name
        sys.stderr.write(f"{job.case.case_id}: {without_identity(error)}\n")
        raise SystemExit(_UNFORESEEN) from None

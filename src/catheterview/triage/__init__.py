"""One case from files to report, and many cases one after another."""

from __future__ import annotations

from catheterview.triage.case import triage_case
from catheterview.triage.cluster import SLURM
from catheterview.triage.run import CaseOutcome, Outcome, Plan, triage
from catheterview.triage.series import best_ct
from catheterview.triage.watch import watch

__all__ = ["SLURM", "CaseOutcome", "Outcome", "Plan", "best_ct", "triage", "triage_case", "watch"]

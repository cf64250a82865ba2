"""The types that the rooms hand to each other: frozen, keyword-only, arrays read-only, no patient identity.

Flow: `Image` (read) → `Pump`, `Implant` (device) → `Anatomy` → `Centreline` (trace) → `Finding`, `Examined` (detect)
→ `Decision` (ladder) → `Report` → `Review` (the radiologist's, in the store).
"""

from __future__ import annotations

from catheterview.model.anatomy import Anatomy, GivenAnatomy, VertebralLevel
from catheterview.model.centreline import Centreline, Landmarks
from catheterview.model.device import Implant, Pump
from catheterview.model.finding import Evidence, Examined, Finding
from catheterview.model.image import OUTSIDE_HU, Deposit, Image, Region, Voxels
from catheterview.model.mark import Mark, Reply
from catheterview.model.report import Decision, KeyImage, Problem, Report, Review, SeriesRecord, Step, StudyRecord
from catheterview.model.tracer import Delivery, FlatScan, LoneEvidence, Scintigram, TracerEvidence, Uptake
from catheterview.model.vocabulary import Kind, Outcome, Priority, Rung, Segment, Verdict
from catheterview.model.worklist import URGENCY, CaseRow

__all__ = [
    "OUTSIDE_HU",
    "URGENCY",
    "Anatomy",
    "CaseRow",
    "Centreline",
    "Decision",
    "Delivery",
    "Deposit",
    "Evidence",
    "Examined",
    "Finding",
    "FlatScan",
    "GivenAnatomy",
    "Image",
    "Implant",
    "KeyImage",
    "Kind",
    "Landmarks",
    "LoneEvidence",
    "Mark",
    "Outcome",
    "Priority",
    "Problem",
    "Pump",
    "Region",
    "Reply",
    "Report",
    "Review",
    "Rung",
    "Scintigram",
    "Segment",
    "SeriesRecord",
    "Step",
    "StudyRecord",
    "TracerEvidence",
    "Uptake",
    "Verdict",
    "VertebralLevel",
    "Voxels",
]

"""Reports measured against truth: JSON in, figures with intervals out.

``score_case`` holds one report.json against one truth.json; ``summarise`` puts cases together; ``score_folder`` does
both for a folder of triage results and writes JSON, CSV, Markdown and HTML. What a figure cannot be given for is
undefined (None) and says why: there is no sensitivity without a fault.
"""

from __future__ import annotations

from catheterview.limits.score import ScoreLimits
from catheterview.score.case import CaseScore, PumpScore, score_case
from catheterview.score.cohort import Subgroup, Summary, summarise
from catheterview.score.compare import Change, compare
from catheterview.score.course import CourseScore
from catheterview.score.detection import predictive_values
from catheterview.score.folder import score_folder, write_summary
from catheterview.score.match import FalseAlarm, Hit, Miss
from catheterview.score.measure import Measure
from catheterview.score.page import as_page
from catheterview.score.queueing import ReadingRoom, Wait, waiting_times
from catheterview.score.table import as_csv, as_json, as_markdown, subgroup_markdown

__all__ = [
    "CaseScore",
    "Change",
    "CourseScore",
    "FalseAlarm",
    "Hit",
    "Measure",
    "Miss",
    "PumpScore",
    "ReadingRoom",
    "ScoreLimits",
    "Subgroup",
    "Summary",
    "Wait",
    "as_csv",
    "as_json",
    "as_markdown",
    "as_page",
    "compare",
    "predictive_values",
    "score_case",
    "score_folder",
    "subgroup_markdown",
    "summarise",
    "waiting_times",
    "write_summary",
]

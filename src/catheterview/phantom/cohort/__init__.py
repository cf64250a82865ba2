"""One simulated study of any modality, and whole cohorts of them from a recipe file.

::

    plan = read_plan(Path("cohort.yaml"))              # counts, prevalence, faults, dials, seed, split
    made = make_cohort(plan, Path("out"), jobs=2)      # out/<case>/dicom, out/<case>/truth.json, out/cohort.json
    write_study(Study(modality="CAP-CT", fault="kink", seed=7), Path("one"))
"""

from __future__ import annotations

from catheterview.phantom.cohort.asked import Study
from catheterview.phantom.cohort.plan import CohortCase, CohortPlan, cases_of, plan_of, read_plan
from catheterview.phantom.cohort.run import Made, make_cohort
from catheterview.phantom.cohort.study import (
    MODALITIES,
    WITH_PRIOR,
    WITH_VIEWS,
    Modality,
    recipe_of,
    write_pair,
    write_study,
)

__all__ = [
    "MODALITIES",
    "WITH_PRIOR",
    "WITH_VIEWS",
    "CohortCase",
    "CohortPlan",
    "Made",
    "Modality",
    "Study",
    "cases_of",
    "make_cohort",
    "plan_of",
    "read_plan",
    "recipe_of",
    "write_pair",
    "write_study",
]

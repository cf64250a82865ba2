# %% [markdown]
# # How accurate is a reader?
#
# Reports against truth, as a paper needs it: per finding and per study, with intervals. The truths are those of
# `sample_data`. The reader here is a stand-in that sees large things and misses small ones, so that this notebook runs
# in seconds; put `catheterview triage sample_data/*/dicom --out out` in its place and hand `out` to
# `catheterview score`. **All figures are of simulated devices.** *Research use only. Not a medical device.*

# %%
import json
import os
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

from catheterview.score import as_markdown, score_case, summarise

samples = Path(os.environ.get("CATHETERVIEW_SAMPLES", "sample_data"))
truths = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(samples.glob("ct-*/truth.json"))]
truths += [json.loads(path.read_text(encoding="utf-8")) for path in sorted(samples.glob("*p-ct-*/truth.json"))]
print(len(truths), "studies;", sum(bool(truth["findings"]) for truth in truths), "with a fault")


# %% [markdown]
# ## A stand-in reader
# It reports what is there with a place a few mm off and a score; sometimes it misses, sometimes it sees a ghost.


# %%
def read(truth: dict, rng: np.random.Generator, *, skill: float) -> dict:
    """Make a report of a study by a reader of some skill, 0 to 1."""
    findings = []
    for finding in truth["findings"]:
        if rng.random() < skill:
            point = [value + float(step) for value, step in zip(finding["point"], rng.normal(0.0, 2.0, 3), strict=True)]
            findings.append({**finding, "point": point, "score": float(rng.uniform(0.5, 1.0))})
    if rng.random() < 0.3 * (1.0 - skill):
        ghost = truth["catheters"][0]["points"][40]
        findings.append({"kind": "kink", "point": ghost, "score": 0.4, "frame": "PATIENT", "segment": "connector"})
    kept = ("study_instance_uid", "catheters", "pumps")
    return {name: truth[name] for name in kept} | {"findings": findings}


rng = np.random.default_rng(4)
cases = [score_case(read(truth, rng, skill=0.8), truth) for truth in truths]
summary = summarise(cases)
print(as_markdown([one for one in summary.measures if one.about == "any fault"]))

# %% [markdown]
# ## Sensitivity with its interval
# With so few studies the intervals are wide: a lower bound above 0.8 needs 25 faulty cases when 0.95 of them are found.

# %%
shown = [one for one in summary.measures if one.name == "sensitivity by finding" and one.value is not None]
figure, axis = plt.subplots(figsize=(6.5, 0.5 + 0.4 * len(shown)), constrained_layout=True)
for row, one in enumerate(shown):
    axis.plot([one.low or 0.0, one.high or 1.0], [row, row], color="0.6", lw=3)
    axis.plot(one.value, row, "o", color="tab:blue")
axis.set_yticks(range(len(shown)), [f"{one.about} (n={one.count})" for one in shown])
axis.set_xlim(0, 1)
axis.set_xlabel("sensitivity, 95 % interval, simulated devices")
plt.close(figure)
assert shown

# %% [markdown]
# # Is the new version better?
#
# Two versions on the same cases, compared case by case: a paired bootstrap for means, McNemar for answers. What differs
# between cases cancels, so that a small cohort can tell. **Simulated devices, stand-in versions.**
# *Research use only. Not a medical device.*

# %%
import json
import os
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

from catheterview.score import compare, score_case

samples = Path(os.environ.get("CATHETERVIEW_SAMPLES", "sample_data"))
truths = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(samples.glob("*ct-*/truth.json"))]
truths = [truth for truth in truths if truth.get("catheters")]


# %% [markdown]
# ## Two versions
# The first traces the catheter with an error of half a millimetre and stops short of the tip; the second does better.


# %%
def trace(truth: dict, rng: np.random.Generator, *, error_mm: float, short_mm: float) -> dict:
    """Report the true course with noise, ended early."""
    (catheter,) = truth["catheters"]
    points = np.array(catheter["points"])
    last = max(len(points) - 1 - round(2.0 * short_mm), 60)
    points = points[: last + 1] + rng.normal(0.0, error_mm / np.sqrt(3.0), (last + 1, 3))
    pieces = [[first, min(end, last)] for first, end in catheter["pieces"] if first < last]
    course = {**catheter, "points": points.tolist(), "pieces": pieces, "radius": catheter["radius"][: last + 1]}
    course |= {
        "confidence": catheter["confidence"][: last + 1],
        "landmarks": {"pump": 0, "dural_entry": None, "tip": last},
    }
    return {
        "study_instance_uid": truth["study_instance_uid"],
        "catheters": [course],
        "pumps": truth["pumps"],
        "findings": truth["findings"] if short_mm < 2.0 else [],
    }


rng = np.random.default_rng(2)
old = [score_case(trace(truth, rng, error_mm=0.5, short_mm=4.0), truth) for truth in truths]
new = [score_case(trace(truth, rng, error_mm=0.3, short_mm=1.0), truth) for truth in truths]
kind = "extravasation"
changes = compare(old, new, kind=kind)
for change in changes:
    low, high = (f"{end:+.3f}" if end is not None else "?" for end in (change.low, change.high))
    print(f"{change.name}: {change.first:.3f} -> {change.second:.3f} (difference {low} to {high}, n={change.cases})")

# %% [markdown]
# ## The differences, with intervals
# One that does not cross zero is more than chance.

# %%
shown = [change for change in changes if change.low is not None and change.high is not None]
figure, axis = plt.subplots(figsize=(6.5, 0.8 + 0.4 * len(shown)), constrained_layout=True)
for row, change in enumerate(shown):
    axis.plot([change.low, change.high], [row, row], color="0.6", lw=3)
    axis.plot(change.difference, row, "o", color="tab:blue")
axis.axvline(0.0, color="k", lw=0.8)
axis.set_yticks(range(len(shown)), [change.name for change in shown])
axis.set_xlabel("new minus old, 95 % interval")
plt.close(figure)
error = next(change for change in changes if change.name.startswith("mean error"))
assert error.difference < 0.0

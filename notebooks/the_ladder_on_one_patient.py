# %% [markdown]
# # One patient up the ladder
#
# Loss of therapy, nothing on the films, no fluid from the access port: what the ladder asks at each step, until
# SPECT-CT shows where the tracer stops; and how long to wait for that, from flow and dead space.
# *Research use only. Not a medical device; every rule needs a clinician's sign-off.*

# %%
import matplotlib.pyplot as plt
import numpy as np

from catheterview.ladder import Reading, decide, facts_from
from catheterview.phantom.fluid import arrival_hours, dead_space_ml, indium_infusion

facts = {
    "schema": "catheterview/facts/1",
    "as_of": "2026-03-02",
    "device": {"has_idds": True, "manufacturer": "Medtronic", "model": "8637-20", "has_cap": True},
    "drug": {"agents": [{"name": "morphine", "concentration_mg_per_ml": 10}], "flow_ml_per_day": 0.3},
    "pres": {
        "overdose_signs": False,
        "withdrawal_signs": False,
        "new_or_progressive_neuro_deficit": False,
        "suspect_tip_mass": False,
        "severe_csf_leak": False,
        "infection": False,
        "loss_of_therapy": True,
        "non_device_cause": False,
    },
    "intr": {"motor_stall": "none", "programming_error": False, "alarm": False},
    "vol": {"aspirated_ml": 9.0, "expected_ml": 8.8},
    "bolus": {"expected_noticeable_response": False},
    "avail": {"ct": True, "nuclear_medicine": True},
}

# %% [markdown]
# ## Step by step
# Each study that is done is one more line of the facts; the ladder says where that leaves the case.

# %%
STEPS = [
    ("at the bedside", {}),
    ("films normal", {"img": {"radiograph": {"result": "normal", "findings": []}}}),
    ("no CSF from the access port", {"cap": {"csf_aspirated_ml": 0.0, "easy": False, "clear": False}}),
    ("CT without contrast normal", {"img": {"ct": {"result": "normal", "findings": []}}}),
    ("SPECT-CT: tracer stops", {"img": {"spect_ct": {"result": "abnormal", "findings": ["tracer_interruption"]}}}),
]
passed = []
for name, more in STEPS:
    for group, values in more.items():
        facts[group] = {**facts.get(group, {}), **values}
    decision = decide(facts_from(facts), reading=Reading())
    passed.append((name, decision.step))
    print(f"{name}: {decision.step} ({decision.urgency}) {decision.action[:90]}")

# %% [markdown]
# ## When will tracer be at the tip?
# "Not there yet" is normal for as long as the front needs; the guard waits half as long again.

# %%
flows = np.geomspace(0.048, 1.0, 60)
length_mm, inner_mm = 800.0, 0.529
hours = [arrival_hours(length_mm, inner_mm, indium_infusion(flow_ml_per_day=float(flow))) for flow in flows]
print(f"dead space {dead_space_ml(length_mm, inner_mm, 0.14):.3f} ml")
figure, axis = plt.subplots(figsize=(6, 3.4), constrained_layout=True)
axis.loglog(flows, hours, label="front at the tip")
axis.loglog(flows, 1.5 * np.array(hours), ls="--", label="1.5 times: absence means something")
for when in (24, 48, 72):
    axis.axhline(when, color="0.8", lw=0.8)
    axis.text(0.05, when * 1.03, f"{when} h", fontsize=8)
axis.axvline(facts["drug"]["flow_ml_per_day"], color="tab:orange", lw=1)
axis.set_xlabel("flow, ml/day")
axis.set_ylabel("hours after injection")
axis.legend(frameon=False)
plt.close(figure)
assert passed[-1][1] != passed[0][1]

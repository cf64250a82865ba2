# %% [markdown]
# # A device in your own CT
#
# Put a pump and a catheter into a CT of yours, with contrast through the access port and a leak of known size, and get
# the truth beside it. Set `CATHETERVIEW_CT` to a folder or zip of one thin-slice trunk CT; without it, a simulated
# patient stands in. *Research use only. Not a medical device.*

# %%
import os
import tempfile
from dataclasses import replace
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

from catheterview.anatomy import find_anatomy
from catheterview.limits import Limits
from catheterview.phantom import make_ct, small_recipe, write_phantom
from catheterview.read import load, scan

scratch = Path(tempfile.mkdtemp())
COARSE = {"shape": (64, 120, 126), "spacing_mm": (3.3, 2.6, 2.6), "slice_thickness_mm": 3.0}

# %% [markdown]
# ## The CT
# It is read as triage reads it: slices sorted by position, whatever the files are called.

# %%
given = os.environ.get("CATHETERVIEW_CT")
if not given:
    given = str(write_phantom(make_ct(small_recipe(5, fault="no_device", **COARSE)), scratch / "patient"))
inventory = scan([Path(given)], key=b"no name leaves this notebook")
series = max((one for one in inventory.series if one.role == "volume"), key=lambda one: len(one.files))
image = load(series)
anatomy = find_anatomy(image, Limits().anatomy)
print(image.voxels.shape, "voxels of", image.placed.spacing_mm.round(2), "mm;", len(anatomy.canal), "points of canal")

# %% [markdown]
# ## The device and the leak
# Every dial can be set; what is not set has a sensible default, and `random_recipe` would draw it from the seed.

# %%
recipe = small_recipe(8, fault="extravasation", study="cap_ct", background="given", leak_ml=3.0, leak_hu=250.0)
made = make_ct(recipe, into=image, anatomy=anatomy)
control = make_ct(replace(recipe, fault="healthy"), into=image, anatomy=anatomy)
(leak,) = made.findings
print(leak.message, {name: round(value, 1) for name, value in leak.measures.items()})
folder = write_phantom(made, scratch / "with-device")
print(len(list(folder.iterdir())), "slices and", folder.parent / "truth.json")

# %% [markdown]
# ## What changed
# The same slice before, with the healthy device, and with the leak; and what the leak alone adds.

# %%
k, j, i = (int(v) for v in np.round(made.image.placed.world_to_index(leak.point)))
panels = {
    "as given": image.voxels[k],
    "healthy device": control.image.voxels[k],
    "with the leak": made.image.voxels[k],
    "difference": made.image.voxels[k].astype(int) - control.image.voxels[k],
}
figure, axes = plt.subplots(1, 4, figsize=(13, 3.4), constrained_layout=True)
rows, columns = image.placed.spacing_mm[1:]
for axis, (name, plane) in zip(axes, panels.items(), strict=True):
    low, high = (-50, 300) if name == "difference" else (-160, 340)
    axis.imshow(plane, cmap="gray", vmin=low, vmax=high, aspect=rows / columns)
    axis.plot(i, j, "o", mfc="none", mec="tab:orange", ms=18)
    axis.set_title(name)
    axis.set_axis_off()
figure.savefig(scratch / "leak.png", dpi=150)
plt.close(figure)

# %%
added = panels["difference"][max(0, j - 3) : j + 4, max(0, i - 3) : i + 4]
assert added.max() > 60, "the leak shows"

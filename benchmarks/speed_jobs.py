"""What the speed bench times: each job is one fresh process, ``python speed_jobs.py JOB FOLDER``.

A job ends by printing one JSON line: a digest of the voxels that it read, so that no loader wins by reading less, and
times of parts of it. The clock of the whole is the parent's, from start of the process to its end.
"""

from __future__ import annotations

import json
import os
import re
import resource
import sys
import tempfile
from pathlib import Path
from time import perf_counter

#: How many threads a peer may use that has a switch for it.
THREADS = int(os.environ.get("SPEED_THREADS", "1"))


def index_ours(folder: Path) -> dict[str, object]:
    from catheterview.read import scan

    inventory = scan([folder], key=b"speed")
    series = sum(len(study.series) for case in inventory.cases for study in case.studies)
    return {"files": inventory.files, "series": series, "problems": len(inventory.problems)}


def index_pydicom(folder: Path) -> dict[str, object]:
    import pydicom

    names = (
        "StudyInstanceUID",
        "SeriesInstanceUID",
        "SOPInstanceUID",
        "ImagePositionPatient",
        "ImageOrientationPatient",
    )
    series: dict[str, list[tuple[object, ...]]] = {}
    for path in folder.iterdir():
        header = pydicom.dcmread(path, stop_before_pixels=True)
        row = tuple(header.get(name) for name in names)
        series.setdefault(str(row[1]), []).append(row)
    return {"files": sum(map(len, series.values())), "series": len(series)}


def _only_series(folder: Path):
    from catheterview.read import scan

    inventory = scan([folder], key=b"speed")
    found = [series for case in inventory.cases for study in case.studies for series in study.series]
    if len(found) != 1 or inventory.problems:
        raise SystemExit(f"{len(found)} series and {len(inventory.problems)} problems in {folder}")
    return found[0], inventory


def load_ours(folder: Path) -> dict[str, object]:
    began = perf_counter()
    from catheterview.read import load

    imported = perf_counter()
    series, _ = _only_series(folder)
    found = perf_counter()
    volume = load(series).voxels
    ended = perf_counter()
    times = {"import": imported - began, "scan": found - imported, "load": ended - found}
    return {**_digest(volume), "seconds": times}


def load_pydicom(folder: Path) -> dict[str, object]:
    import numpy as np
    import pydicom

    slices = [pydicom.dcmread(path) for path in folder.iterdir()]
    slices.sort(key=lambda one: float(one.ImagePositionPatient[2]))
    volume = np.empty((len(slices), slices[0].Rows, slices[0].Columns), dtype=np.int16)
    for k, one in enumerate(slices):
        volume[k] = one.pixel_array
        volume[k] += int(one.RescaleIntercept)  # in place: the stored values are HU but for this
    return _digest(volume)


def load_simpleitk(folder: Path) -> dict[str, object]:
    import SimpleITK

    SimpleITK.ProcessObject.SetGlobalDefaultNumberOfThreads(THREADS)
    reader = SimpleITK.ImageSeriesReader()
    reader.SetFileNames(reader.GetGDCMSeriesFileNames(str(folder)))
    image = reader.Execute()
    return _digest(SimpleITK.GetArrayViewFromImage(image))


def _digest(volume) -> dict[str, object]:
    """Shape, and the sum of every 37th slice: enough to see that the same voxels came in the same order."""
    if not os.environ.get("SPEED_CHECK"):
        return {"shape": list(volume.shape)}
    sums = volume[::37].astype("int64").sum(axis=(1, 2))
    return {"shape": list(volume.shape), "sums": [int(value) for value in sums]}


def triage_ct(folder: Path) -> dict[str, object]:
    return _triage(folder, pictures=False, contrast=False)


def triage_ct_with_contrast(folder: Path) -> dict[str, object]:
    return _triage(folder, pictures=False)


def triage_ct_with_pictures(folder: Path) -> dict[str, object]:
    return _triage(folder, pictures=True)


def _triage(folder: Path, *, pictures: bool, contrast: bool = True) -> dict[str, object]:
    """The whole staircase on one series; the parts are timed as well."""
    from triage_stages import examine

    times: dict[str, float] = {}
    walked = examine(folder, times, contrast=contrast)
    if pictures:
        began = perf_counter()
        from triage_report import picture

        with tempfile.TemporaryDirectory() as out:
            picture(walked, Path(out))
        times["picture"] = perf_counter() - began
    evidence = walked.evidence
    return {
        "bytes": evidence.image.voxels.nbytes,
        "pumps": len(evidence.pumps),
        "why": evidence.why_no_catheter,
        "pieces": [len(line.pieces) for line in evidence.catheters],
        "length_mm": [round(line.length_mm) for line in evidence.catheters],
        "findings": len(walked.findings),
        "seconds": {name: round(value, 3) for name, value in times.items()},
    }


JOBS = {
    "index_ours": index_ours,
    "index_pydicom": index_pydicom,
    "load_ours": load_ours,
    "load_pydicom": load_pydicom,
    "load_simpleitk": load_simpleitk,
    "triage": triage_ct,
    "triage_with_contrast": triage_ct_with_contrast,
    "triage_with_pictures": triage_ct_with_pictures,
}


def peak_bytes() -> int:
    """Most memory that this process held at once, and the most that any process it started held."""
    mine = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text(encoding="utf-8"))
    children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    return 1024 * (int(mine[1] if mine else 0) + children)


if __name__ == "__main__":
    said = JOBS[sys.argv[1]](Path(sys.argv[2]))
    print(json.dumps({**said, "peak_bytes": peak_bytes()}))

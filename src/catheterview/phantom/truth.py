"""The truth beside a simulated study, in the report's own terms."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from catheterview.model import Anatomy, Centreline, Finding, Pump
from catheterview.phantom.bones import level_near
from catheterview.phantom.faults import Lesion
from catheterview.phantom.make import Phantom
from catheterview.phantom.recipe import recipe_record

_DIGITS = 4  # a tenth of a micrometre


def truth_record(phantom: Phantom) -> dict[str, object]:
    """What `truth.json` holds: catheters, pumps and findings as in `report.json`, the canal, and the recipe."""
    return {
        "study_instance_uid": phantom.image.study_instance_uid,
        "series_instance_uid": phantom.image.series_instance_uid,
        "catheters": [_catheter(catheter) for catheter in phantom.catheters],
        "pumps": [_pump(pump) for pump in phantom.pumps],
        "findings": [
            _finding(finding) | _extent(lesion)
            for finding, lesion in zip(phantom.findings, phantom.lesions, strict=True)
        ],
        "anatomy": _anatomy(phantom.anatomy),
        "recipe": recipe_record(phantom.recipe),
        "contrast": _contrast(phantom),
        "implant": _implant(phantom),
        "levels": _levels(phantom),
    }


def _contrast(phantom: Phantom) -> dict[str, object]:
    """The study's rung, and what its contrast does."""
    dye = phantom.dye
    sac = dye.state.csf.concentration * dye.hu_per_mg if dye.state.csf else 0.0
    rung = {"non_contrast": "ct"}.get(phantom.recipe.study, phantom.recipe.study)
    return {"rung": rung, "sac_peak_hu": round(sac, 1), "hu_per_mg_iodine": round(dye.hu_per_mg, 3)}


def _implant(phantom: Phantom) -> dict[str, object]:
    """Where the tip was put, as an operation note has it."""
    tip = phantom.implanted_tip_mm
    level = level_near(phantom.anatomy.levels, np.array(tip)) if tip else None
    return {"tip_mm": _rounded(tip), "tip_level": level}


def _levels(phantom: Phantom) -> dict[str, object]:
    """The vertebrae in view with what they were counted from, and the level of the tip as it lies."""
    levels = phantom.anatomy.levels
    tips = [level_near(levels, catheter.points[-1]) for catheter in phantom.catheters]
    return {
        "from": phantom.anatomy.levels_from,
        "vertebrae": [{"name": level.name, "point": _rounded(list(level.point))} for level in levels],
        "tip": tips[0] if tips else None,
    }


def write_truth(phantom: Phantom, path: Path) -> None:
    """Write the truth as JSON with sorted keys; the same phantom gives the same bytes."""
    text = json.dumps(truth_record(phantom), indent=1, sort_keys=True, allow_nan=False)
    path.write_text(text + "\n", encoding="utf-8")


def _rounded(values: object) -> object:
    """Round every number in nested lists."""
    if isinstance(values, (list, tuple)):
        return [_rounded(value) for value in values]
    return round(values, _DIGITS) if isinstance(values, float) else values


def _catheter(catheter: Centreline) -> dict[str, object]:
    """One catheter."""
    marks = catheter.landmarks
    return {
        "series_instance_uid": catheter.series_instance_uid,
        "frame": str(catheter.frame),
        "points": _rounded(catheter.points.tolist()),
        "pieces": [list(piece) for piece in catheter.pieces],
        "radius": _rounded(catheter.radius.tolist()),
        "confidence": _rounded(catheter.confidence.tolist()),
        "length_mm": round(catheter.length_mm, _DIGITS),
        "landmarks": {"pump": marks.pump, "dural_entry": marks.dural_entry, "tip": marks.tip},
    }


def _pump(pump: Pump) -> dict[str, object]:
    """One pump."""
    return {
        "series_instance_uid": pump.series_instance_uid,
        "center_mm": _rounded(pump.center_mm),
        "normal": _rounded(pump.normal),
        "diameter_mm": pump.diameter_mm,
        "thickness_mm": pump.thickness_mm,
        "models": list(pump.models),
    }


def _finding(finding: Finding) -> dict[str, object]:
    """One finding."""
    return {
        "id": finding.id,
        "kind": str(finding.kind),
        "segment": str(finding.segment) if finding.segment else None,
        "score": finding.score,
        "frame": str(finding.frame),
        "point": _rounded(finding.point),
        "ends": _rounded(finding.ends),
        "series_instance_uid": finding.series_instance_uid,
        "sop_instance_uid": finding.sop_instance_uid,
        "index_kji": list(finding.index_kji) if finding.index_kji else None,
        "measures": {name: round(value, _DIGITS) for name, value in finding.measures.items()},
        "level": finding.level,
        "message": finding.message,
        "cautions": list(finding.cautions),
    }


def _extent(lesion: Lesion) -> dict[str, object]:
    """How far it reaches, where a point does not say it."""
    return {"extent": _rounded(lesion.extent.tolist())} if len(lesion.extent) else {}


def _anatomy(anatomy: Anatomy) -> dict[str, object]:
    """The canal."""
    return {"canal": _rounded(anatomy.canal.tolist()), "canal_radius_mm": _rounded(anatomy.canal_radius_mm.tolist())}

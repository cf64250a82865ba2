"""The pictures of a dye study show what was followed, and say when and where."""

from __future__ import annotations

import cv2
import numpy as np

from catheterview.detect.cine import detect_in_cine
from catheterview.limits.cine import CineDetectLimits, CineLimits
from catheterview.model.cine import DyeReading
from catheterview.picture import draw
from catheterview.picture.cine import cine_images
from catheterview.trace.cine import find_disc, read_dye
from dye_runs import drawn_run


def test_a_dye_study_has_an_overview_key_frames_a_kymograph_and_a_close_up_of_each_finding() -> None:
    """Every picture opens, the findings are marked, and a reading without frames has none."""
    cine = drawn_run(blob=(165.0, 150.0))
    reading = read_dye(cine, find_disc(cine, CineLimits()), CineLimits())
    findings, _ = detect_in_cine(reading, CineDetectLimits())
    images = cine_images(reading, [(f"F{n}", one) for n, one in enumerate(findings, 1)])
    assert [one.name for one in images[:3]] == ["dye-study", "dye-frames", "dye-kymograph"]
    assert [one.finding_id for one in images[3:]] == [one.id for one in findings]
    for one in images:
        pixels = cv2.imdecode(np.frombuffer(one.png, np.uint8), cv2.IMREAD_COLOR)
        assert min(pixels.shape[:2]) > 100
        assert len(one.caption) > 20
    marked = cv2.imdecode(np.frombuffer(images[0].png, np.uint8), cv2.IMREAD_COLOR)[..., ::-1]
    assert (marked == np.array(draw.PUMP)).all(axis=-1).any()
    assert cine_images(DyeReading(cine=cine), []) == ()

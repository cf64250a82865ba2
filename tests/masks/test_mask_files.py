"""Files of masks, written by other libraries on a grid that is oblique, anisotropic and flipped."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from pydicom.sr.codedict import codes

from catheterview.errors import UnreadableError, UnsuitableError
from catheterview.geometry import FloatArray
from catheterview.masks import Mask, read_nifti, read_seg
from mask_files import ct_slices, oblique_grid, points_of, with_labels, write_nifti, write_seg

GRID = oblique_grid()
MIDDLE = np.array([3.0, -6.0, 29.0])
UP, ASIDE = np.array([0.0, 0.0, 20.0]), np.array([22.0, 0.0, 0.0])


def ball(radius_mm: float, at: FloatArray = MIDDLE) -> FloatArray:
    """A ball on the oblique grid, 0 or 1."""
    return np.asarray((np.linalg.norm(points_of(GRID) - at, axis=-1) < radius_mm).astype(np.float64))


def middle_of(mask: Mask) -> FloatArray:
    """(3,) LPS mm, middle of a mask's voxels."""
    return np.asarray(mask.region.grid.index_to_world(np.argwhere(mask.region.mask)).mean(axis=0))


def test_nifti_is_turned_from_ras_into_lps(tmp_path: Path) -> None:
    """A ball written as RAS lies where it was drawn, with its volume, and is known by the file's name."""
    (mask,) = read_nifti(write_nifti(ball(14.0).astype(np.uint8), GRID, tmp_path / "vertebrae_L3.nii.gz")).masks
    assert mask.structure.level == "L3"
    assert middle_of(mask) == pytest.approx(MIDDLE, abs=0.3)
    assert mask.region.volume_ml == pytest.approx(4 / 3 * np.pi * 1.4**3, rel=0.03)


def test_probabilities_are_cut_at_one_half(tmp_path: Path) -> None:
    """A mask of fractions holds what is more likely than not."""
    soft = 0.4 * ball(20.0) + 0.5 * ball(10.0)
    (mask,) = read_nifti(write_nifti(soft.astype(np.float32), GRID, tmp_path / "kidney_left.nii")).masks
    assert mask.region.volume_ml == pytest.approx(4 / 3 * np.pi, rel=0.05)


def test_labels_of_one_file_are_named_by_its_header(tmp_path: Path) -> None:
    """Of many labels those that are known are read, the others left."""
    labels = 27.0 * ball(8.0) + 5.0 * ball(6.0, MIDDLE + UP) + 9.0 * ball(5.0, MIDDLE + ASIDE)
    path = write_nifti(labels.astype(np.uint8), GRID, tmp_path / "segmentations.nii.gz")
    read = read_nifti(with_labels(path, {27: "vertebrae_L5", 5: "spinal_cord", 9: "rib_left_3", 11: "sacrum"}))
    assert [(one.structure.part, one.structure.level, one.tool) for one in read.masks] == [
        ("vertebra", "L5", "TotalSegmentator"), ("course", "", "TotalSegmentator"),
    ]  # fmt: skip
    assert middle_of(read.masks[1]) == pytest.approx(MIDDLE + UP, abs=0.4)


def test_empty_masks_are_counted(tmp_path: Path) -> None:
    """A structure that the scan does not show is no error: tools write a file for each of their classes."""
    read = read_nifti(write_nifti(ball(0.0).astype(np.uint8), GRID, tmp_path / "vertebrae_C2.nii.gz"))
    assert (read.masks, read.empty, read.refused) == ((), 1, ())


def test_what_is_not_known_is_refused_by_name(tmp_path: Path) -> None:
    """A name that means nothing, and a broken file, are refused; a known structure of no use is left unread."""
    path = write_nifti(ball(9.0).astype(np.uint8), GRID, tmp_path / "my_own_thing.nii.gz")
    with pytest.raises(UnsuitableError, match="unknown structure"):
        read_nifti(path)
    broken = tmp_path / "vertebrae_L1.nii.gz"
    broken.write_bytes(path.read_bytes()[:300])
    with pytest.raises(UnreadableError):
        read_nifti(broken)
    (tmp_path / "rib_left_4.nii").write_bytes(b"never opened as an image")
    assert read_nifti(tmp_path / "rib_left_4.nii").masks == ()


def test_a_dicom_segmentation_lies_where_it_was_drawn(tmp_path: Path) -> None:
    """Segments are known by their labels, lie in LPS on an oblique grid, and name their tool."""
    masks = {"vertebrae_L4": ball(14.0) > 0, "Left kidney": ball(9.0, MIDDLE + ASIDE) > 0}
    path = write_seg(masks, ct_slices(GRID, "1.2.3.4"), tmp_path / "seg.dcm")
    with path.open("rb") as stream:
        read = read_seg(stream, name=path.name)
    vertebra, kidney = read.masks
    assert (vertebra.structure.level, kidney.structure.part) == ("L4", "elsewhere")
    assert middle_of(vertebra) == pytest.approx(MIDDLE, abs=0.3)
    assert vertebra.region.volume_ml == pytest.approx(4 / 3 * np.pi * 1.4**3, rel=0.03)
    assert vertebra.tool == "Segmenter 2.4"


def test_a_lesion_that_is_called_l1_is_no_vertebra(tmp_path: Path) -> None:
    """What is no anatomy by its category is never taken, whatever its label."""
    path = write_seg(
        {"L1": ball(6.0) > 0},
        ct_slices(GRID, "1.2.3.4"),
        tmp_path / "seg.dcm",
        category=codes.SCT.MorphologicallyAbnormalStructure,
    )
    with path.open("rb") as stream, pytest.raises(UnsuitableError, match="none of its 1 segments"):
        read_seg(stream, name=path.name)


def test_what_is_no_segmentation_is_refused(tmp_path: Path) -> None:
    """Bytes that are no DICOM Segmentation are an error of ours, with the file's name."""
    (tmp_path / "x.dcm").write_bytes(b"\0" * 128 + b"DICM" + b"nothing")
    with (tmp_path / "x.dcm").open("rb") as stream, pytest.raises(UnreadableError, match=r"x\.dcm"):
        read_seg(stream, name="x.dcm")

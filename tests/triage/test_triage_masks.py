"""Masks of another segmentation tool, from files to the report."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pydicom
import pytest
import SimpleITK
from numpy.typing import NDArray
from pydicom.uid import generate_uid
from simulated_studies import Studies

from catheterview.anatomy import find_anatomy
from catheterview.errors import InputError
from catheterview.geometry import FloatArray, Grid
from catheterview.ladder import Facts
from catheterview.limits import Limits
from catheterview.model import Anatomy, Examined, Image
from catheterview.read import Case, load, scan
from catheterview.triage import Plan, triage, triage_case
from catheterview.triage.journal import Journal
from catheterview.triage.ledger import Job
from catheterview.triage.masks import masked, masks_of, with_masks
from mask_files import points_of, write_nifti, write_seg

KEY = b"a key of these tests"
LIMITS = Limits()
ASIDE = np.array([4.0, 0.0, 0.0])
#: Marks made by hand on the real lumbar CT: its canal (z, x, y) and its bodies, LPS mm.
BY_HAND = json.loads((Path(__file__).parents[1] / "anatomy" / "marks.json").read_text())["ct-lumbar-pelvis-5mm.zip"]
MARKS = BY_HAND["canal"][:-1]
BODIES = {name: float(np.mean(BY_HAND["bodies"][name])) for name in ("L5", "L4", "L3", "L2", "L1", "T12")}


def case_of(*inputs: Path) -> Case:
    """The only case of some inputs."""
    (case,) = scan(inputs, key=KEY).cases
    return case


def image_of(case: Case) -> Image:
    """The thinnest CT of a case."""
    series = [one for study in case.studies for one in study.series if one.role == "volume"]
    return load(max(series, key=lambda one: len(one.instances)))


def tube(points: FloatArray, middle: FloatArray, radius_mm: float) -> NDArray[np.bool_]:
    """Voxels within the axial distance of a course (N, 3) from feet to head, and within its heights."""
    x, y = (np.interp(points[..., 2], middle[:, 2], middle[:, n]) for n in (0, 1))
    inside = (points[..., 2] >= middle[0, 2]) & (points[..., 2] <= middle[-1, 2])
    return np.asarray((np.hypot(points[..., 0] - x, points[..., 1] - y) < radius_mm) & inside)


def coarse_grid(image: Image) -> Grid:
    """Another grid over the same place: 2 mm, its rows forward and its slices down."""
    corners = image.placed.corners()
    low, high = corners.min(axis=0), corners.max(axis=0)
    affine = np.eye(4)
    affine[:3, :3] = np.diag([2.0, -2.0, -2.2])[:, ::-1]
    affine[:3, 3] = low[0], high[1], high[2]
    shape = tuple(int(n) for n in ((high - low) / [2.0, 2.0, 2.2])[::-1])
    return Grid(shape=(shape[0], shape[1], shape[2]), affine=affine)


@pytest.fixture(scope="module")
def read(studies: Studies) -> tuple[Case, Image, Anatomy]:
    """The patient with a device, read, and the anatomy that is found."""
    case = case_of(studies.device)
    image = image_of(case)
    return case, image, find_anatomy(image, LIMITS.anatomy)


@pytest.fixture(scope="module")
def folder(read: tuple[Case, Image, Anatomy], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Masks on another grid: a canal 4 mm aside, vertebrae renamed by two, an empty one and a rib."""
    _, image, found = read
    out, grid = tmp_path_factory.mktemp("masks"), coarse_grid(image)
    points = points_of(grid)
    write_nifti(tube(points, found.canal + ASIDE, 6.0), grid, out / "spinal_canal.nii.gz")
    for level, name in zip(found.levels[1:4], ("T8", "T7", "T6"), strict=True):
        body = np.array(level.point) - [0.0, 24.0, 0.0]
        ball = np.linalg.norm((points - body) / [18.0, 14.0, 11.0], axis=-1) < 1.0
        write_nifti(ball, grid, out / f"vertebrae_{name}.nii.gz")
    write_nifti(np.zeros(grid.shape, bool), grid, out / "vertebrae_C1.nii.gz")
    (out / "rib_left_1.nii.gz").write_bytes(b"of no use, and not opened")
    (out / "statistics.json").write_text("{}")
    return out


def taken(case: Case, image: Image, found: Anatomy) -> tuple[Anatomy, tuple[Examined, ...], Journal]:
    """What the masks of a case make of an anatomy."""
    journal = Journal()
    return *masked(image, found, masks_of(case), limits=LIMITS, journal=journal), journal


def test_masks_on_another_grid_are_used(read: tuple[Case, Image, Anatomy], folder: Path) -> None:
    """The canal goes 4 mm aside with the masks, the vertebrae bear their names, and the report's line says so."""
    case, image, found = read
    (given,), problems = with_masks([case], folder, limits=LIMITS, key=KEY)
    anatomy, (line,), journal = taken(given, image, found)
    assert (problems, journal.problems) == ((), [])
    inner = slice(5, -5)
    z = anatomy.canal[inner, 2]
    ours = np.column_stack([np.interp(z, found.canal[:, 2], found.canal[:, n]) for n in (0, 1)])
    assert anatomy.canal[inner, 0] - ours[:, 0] == pytest.approx(4.0, abs=0.7)
    names = {level.name: level.point[2] for level in anatomy.levels}
    assert [abs(names[n] - one.point[2]) < 12.0 for n, one in zip(("T8", "T7", "T6"), found.levels[1:4], strict=True)]
    assert anatomy.levels_from == "masks"
    assert (line.detector, line.outcome) == ("masks", "RAN")
    assert "canal: masks; levels: masks" in line.why
    assert "TotalSegmentator" in line.why


def test_other_masks_are_another_input(read: tuple[Case, Image, Anatomy], folder: Path, tmp_path: Path) -> None:
    """A resumed run examines a case again when its masks have changed."""
    case = read[0]
    (given,), _ = with_masks([case], folder, limits=LIMITS, key=KEY)
    shutil.copytree(folder, tmp_path / "masks")
    (tmp_path / "masks" / "vertebrae_T8.nii.gz").unlink()
    (fewer,), _ = with_masks([case], tmp_path / "masks", limits=LIMITS, key=KEY)
    jobs = [Job(case=one, out=tmp_path, limits=LIMITS, facts=Facts()) for one in (case, given, fewer)]
    digests = {job.input_digest for job in jobs}
    assert len(digests) == 3


def test_masks_of_another_place_are_refused(read: tuple[Case, Image, Anatomy], folder: Path, tmp_path: Path) -> None:
    """Vertebrae that lie on no bone, and masks outside of the scan, leave the anatomy as it was, with the reason."""
    case, image, found = read
    for by_mm, reason in (([45.0, -60.0, 0.0], "no bone"), ([900.0, 0.0, 0.0], "no overlap")):
        moved = tmp_path / reason.replace(" ", "_")
        for path in folder.glob("vertebrae_T*"):
            one = SimpleITK.ReadImage(str(path))
            one.SetOrigin((np.array(one.GetOrigin()) + by_mm).tolist())
            moved.mkdir(exist_ok=True)
            SimpleITK.WriteImage(one, str(moved / path.name))
        (given,), _ = with_masks([case], moved, limits=LIMITS, key=KEY)
        anatomy, (line,), journal = taken(given, image, found)
        assert anatomy is found
        assert line.outcome == "SKIPPED"
        assert [reason in problem.reason for problem in journal.problems] == [True]


def test_what_cannot_be_a_mask_is_a_problem(read: tuple[Case, Image, Anatomy], folder: Path, tmp_path: Path) -> None:
    """Unknown names, empty masks alone, a frame of reference of no CT, and no file at all are told by name."""
    case, image, found = read
    shutil.copy(folder / "vertebrae_T8.nii.gz", tmp_path / "my_lesion.nii.gz")
    (given,), _ = with_masks([case], tmp_path / "my_lesion.nii.gz", limits=LIMITS, key=KEY)
    assert "my_lesion.nii.gz: unknown structure" in taken(given, image, found)[2].problems[0].reason
    (given,), _ = with_masks([case], folder / "vertebrae_C1.nii.gz", limits=LIMITS, key=KEY)
    assert taken(given, image, found)[2].problems[0].reason == "all masks are empty"
    with pytest.raises(InputError, match="not there"):
        with_masks([case], tmp_path / "nothing", limits=LIMITS, key=KEY)


def test_nifti_has_to_say_whose_it_is_where_there_are_several(
    read: tuple[Case, Image, Anatomy], folder: Path, tmp_path: Path
) -> None:
    """With two cases a folder named by case id, study or series gives masks to one; others are a problem each."""
    case = read[0]
    other = replace(case, case_id="another", studies=())
    _, problems = with_masks([case, other], folder, limits=LIMITS, key=KEY)
    assert {problem.reason.split(":")[0] for problem in problems} == {"masks without a case"}
    uid = case.studies[0].series[0].series_instance_uid
    for name in (case.case_id, case.studies[0].study_instance_uid, uid):
        shutil.copytree(folder, tmp_path / name / "segmentations")
        (given, nothing), problems = with_masks([case, other], tmp_path, limits=LIMITS, key=KEY)
        assert problems == ()
        assert (len(given.masks), nothing.masks) == (6, ())
        assert {one.series_instance_uid for one in given.masks} == {uid if name == uid else ""}
        shutil.rmtree(tmp_path / name)


def test_a_segmentation_among_the_images_is_used_in_a_run(
    read: tuple[Case, Image, Anatomy], studies: Studies, tmp_path: Path
) -> None:
    """A DICOM Segmentation of the CT's frame of reference is taken unasked; of another frame it is left, or refused."""
    case, image, found = read
    inputs = tmp_path / "in"
    shutil.copytree(studies.device, inputs)
    headers = {str(one.SOPInstanceUID): one for one in map(pydicom.dcmread, studies.device.iterdir())}
    slices = [headers[uid] for uid in image.sop_instance_uids]
    canal = tube(points_of(image.placed), found.canal + ASIDE, 6.0)
    write_seg({"Spinal canal": canal}, slices, inputs / "canal.dcm")
    report = triage_case(case_of(inputs), out=tmp_path / "out")
    (line,) = [line for line in report.examined if line.detector == "masks"]
    assert "canal: masks" in line.why
    assert "Segmenter 2.4" in line.why
    assert report.problems == ()
    foreign = pydicom.dcmread(inputs / "canal.dcm")
    foreign.FrameOfReferenceUID = generate_uid()
    foreign.save_as(tmp_path / "foreign.dcm")
    _, problems = with_masks([case], tmp_path / "foreign.dcm", limits=LIMITS, key=KEY)
    assert "wrong frame of reference" in problems[0].reason


def test_masks_belong_to_a_run(tiny: Path, folder: Path, tmp_path: Path) -> None:
    """A run that is given masks which are nobody's lists them with its problems and does the rest."""
    outcome = triage([tiny / "p0", tiny / "p1"], out=tmp_path / "out", plan=Plan(masks=folder))
    assert not outcome.complete
    told = json.loads((tmp_path / "out" / "problems.json").read_text())["problems"]
    assert {one["stage"] for one in told} == {"masks"}
    assert len(outcome.cases) == 2


@pytest.mark.real
def test_masks_by_hand_of_a_real_ct_are_used(real_data: Path, tmp_path: Path) -> None:
    """In the lumbar CT a canal marked by hand, 4 mm aside, and vertebrae renamed by one are taken."""
    case = case_of(real_data / "ct-lumbar-pelvis-5mm.zip")
    image = image_of(case)
    found = find_anatomy(image, LIMITS.anatomy)
    marks = np.array(MARKS)[:, [1, 2, 0]]
    grid = coarse_grid(image)
    points = points_of(grid)
    write_nifti(tube(points, marks + ASIDE, 7.0), grid, tmp_path / "spinal_canal.nii.gz")
    wrong = dict(zip(BODIES, [*list(BODIES)[1:], "T11"], strict=True))
    for name, z in BODIES.items():
        x, y = (np.interp(z, marks[:, 2], marks[:, n]) for n in (0, 1))
        body = np.linalg.norm((points - [x, y - 30.0, z]) / [18.0, 12.0, 12.0], axis=-1) < 1.0
        write_nifti(body, grid, tmp_path / f"vertebrae_{wrong[name]}.nii.gz")
    (given,), problems = with_masks([case], tmp_path, limits=LIMITS, key=KEY)
    anatomy, (line,), journal = taken(given, image, found)
    assert (problems, journal.problems) == ((), [])
    for z, x, y in MARKS[1:-1]:
        at = [float(np.interp(z, anatomy.canal[:, 2], anatomy.canal[:, n])) for n in (0, 1)]
        assert at == pytest.approx([x + 4.0, y], abs=1.0)
    named = {level.name: level.point[2] for level in anatomy.levels}
    assert all(abs(named[wrong[name]] - z) < 12.0 for name, z in BODIES.items())
    assert "counted from the sacrum, L4 of the masks is L5" in line.why

"""The results as DICOM objects: what was found comes back equal, in the same study, and validators agree."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path
from typing import Any

import highdicom
import numpy as np
import pydicom
import pytest
from PIL import Image as Picture

from catheterview.errors import InputError
from catheterview.export import write_report
from catheterview.export.dicom import differences, read_structured_report, write_results, write_reviewed
from catheterview.export.dicom.codes import kind_code, kind_of, level_code, published, word_code
from catheterview.export.settle import settled
from catheterview.geometry import Frame, Grid, grid_from_axes
from catheterview.model import Centreline, Deposit, Finding, KeyImage, Kind, Mark, Region, Report, Review, Rung

FRAME = "1.2.826.0.1.3680043.8.498.9"


@dataclass(frozen=True, kw_only=True)
class Written:
    """A case's folder with its DICOM results."""

    folder: Path
    report: Report
    paths: tuple[Path, ...]


def slices(report: Report, grid: Grid) -> dict[str, Any]:
    """Headers of an oblique, anisotropic CT without pixels, of the patient Canary, listed from last to first."""
    study = report.studies[0]
    steps = grid.affine[:3, :3]
    headers = {}
    for k in reversed(range(grid.shape[0])):
        header = pydicom.Dataset()
        header.PatientName, header.PatientID = "Canary^Yellow", "CANARY-1"
        header.PatientBirthDate, header.PatientSex = "19500101", "O"
        header.StudyInstanceUID, header.StudyID, header.AccessionNumber = study.study_instance_uid, "1", "A1"
        header.StudyDate, header.StudyTime, header.ReferringPhysicianName = "20260302", "120000", ""
        header.SeriesInstanceUID, header.SOPClassUID = study.series[0].series_instance_uid, "1.2.840.10008.5.1.4.1.1.2"
        header.SOPInstanceUID = f"{study.series[0].series_instance_uid}.{k}"
        header.FrameOfReferenceUID, header.Modality, header.PositionReferenceIndicator = FRAME, "CT", ""
        header.BodyPartExamined = "LSPINE"
        header.Rows, header.Columns = grid.shape[1:]
        header.ImagePositionPatient = [float(v) for v in grid.index_to_world([k, 0, 0])]
        along = [steps[:, 2] / np.linalg.norm(steps[:, 2]), steps[:, 1] / np.linalg.norm(steps[:, 1])]
        header.ImageOrientationPatient = [round(float(v), 9) for v in np.concatenate(along)]
        header.PixelSpacing = [round(float(np.linalg.norm(steps[:, n])), 6) for n in (1, 2)]
        header.SliceThickness = 3.0
        header.file_meta = pydicom.dataset.FileMetaDataset()
        header.file_meta.TransferSyntaxUID = pydicom.uid.ExplicitVRLittleEndian
        headers[str(header.SOPInstanceUID)] = header
    return headers


def oblique() -> Grid:
    """A feet-first, turned, anisotropic grid around the report's catheter."""
    turn = np.array([[np.cos(0.1), -np.sin(0.1), 0.0], [np.sin(0.1), np.cos(0.1), 0.0], [0.0, 0.0, 1.0]])
    axes = np.array([[0.0, 0.0, -9.0], [0.0, 2.6, 0.0], [2.2, 0.0, 0.0]]) @ turn.T
    return grid_from_axes((40, 110, 130), origin=[-120.0, -190.0, 1190.0], axes_mm=axes)


def picture() -> KeyImage:
    """A small grey picture."""
    buffer = BytesIO()
    Picture.new("L", (240, 120), 90).save(buffer, "PNG")
    return KeyImage(name="mip-coronal", caption="Coronal MIP", png=buffer.getvalue())


def on_grid(report: Report, grid: Grid) -> Report:
    """The report with its findings named in slices that there are."""
    series = report.studies[0].series[0].series_instance_uid
    findings = tuple(
        replace(one, index_kji=(20, 50, 60), sop_instance_uid=f"{series}.{20 + n}")
        for n, one in enumerate(report.findings)
    )
    del grid
    return settled(replace(report, findings=findings))


@pytest.fixture
def written(report: Report, tmp_path: Path) -> Written:
    """The report of the other tests, with its DICOM results."""
    grid = oblique()
    told = on_grid(report, grid)
    write_report(told, tmp_path)
    headers = {told.studies[0].study_instance_uid: slices(told, grid)}
    return Written(folder=tmp_path, report=told, paths=write_results(told, [picture()], headers, tmp_path))


def test_what_was_found_comes_back_equal(written: Written) -> None:
    """Findings, measures, catheter pieces, priority and what ran are read back from the SR as they were told."""
    read = read_structured_report(written.folder / "sr-1.dcm")
    assert differences(written.report, read) == ()
    assert read.study_instance_uid == written.report.studies[0].study_instance_uid
    assert [len(piece) for piece in read.catheters[0]] == [126, 174]
    assert len(read.examined) == 3
    assert any("Research use only" in text for text in read.comments)
    assert any("SKIPPED: no contrast was given" in text for text in read.comments)


def test_a_difference_is_seen(written: Written) -> None:
    """The comparison is no formality: a moved point, another measure and a shorter catheter are told."""
    read = read_structured_report(written.folder / "sr-1.dcm")
    report = written.report
    first, *others = report.findings
    moved = replace(report, findings=(replace(first, point=(1.0, 2.0, 3.0)), *others))
    assert differences(moved, read)
    assert differences(replace(report, catheters=()), read) == ("catheters",)
    assert differences(replace(report, priority="routine"), read) == ("priority",)


def test_every_object_lies_in_the_patient_s_study_and_says_what_it_is(written: Written) -> None:
    """SR, SEG, KO and capture carry the study's patient, are marked for research only, and are not verified."""
    assert [path.name for path in written.paths] == ["sr-1.dcm", "seg-1-1.dcm", "ko-1.dcm", "sc-1-1.dcm"]
    for path in written.paths:
        made = pydicom.dcmread(path)
        assert (made.PatientID, made.StudyInstanceUID) == ("CANARY-1", written.report.studies[0].study_instance_uid)
        assert made.SeriesDescription.endswith("research use only")
    report = pydicom.dcmread(written.folder / "sr-1.dcm")
    assert (report.VerificationFlag, report.CompletionFlag) == ("UNVERIFIED", "PARTIAL")
    assert report.CodingSchemeIdentificationSequence[0].CodingSchemeDesignator == "99CATHV"


def test_the_same_report_makes_the_same_objects(written: Written, tmp_path: Path) -> None:
    """UIDs are those of the content: sending twice makes no second result in an archive."""
    grid = oblique()
    headers = {written.report.studies[0].study_instance_uid: slices(written.report, grid)}
    again = write_results(written.report, [picture()], headers, tmp_path / "again")
    for first, second in zip(written.paths, again, strict=True):
        assert untimed(first) == untimed(second)


def untimed(path: Path) -> list[str]:
    """Every line of a file's dump that tells no time of making."""
    return [line for line in str(pydicom.dcmread(path)).splitlines() if "Time" not in line and "Date" not in line]


def test_segments_lie_where_the_catheter_and_the_pump_are(written: Written) -> None:
    """In the frame of the images, on a turned and flipped grid, the tube lies on the line and the disc on the pump."""
    seg = highdicom.seg.segread(written.folder / "seg-1-1.dcm")
    volume = seg.get_volume()
    at = volume.map_indices_to_reference(np.argwhere(volume.array[..., 0]))
    points = written.report.catheters[0].points
    away = np.sqrt(((at[:, None, :] - points[None]) ** 2).sum(-1)).min(axis=1)
    half_diagonal = float(np.linalg.norm([9.0, 2.6, 2.2])) / 2.0
    assert len(at) > 50
    assert away.max() <= half_diagonal + 0.6
    disc = volume.map_indices_to_reference(np.argwhere(volume.array[..., 1]))
    assert np.linalg.norm(disc.mean(axis=0) - written.report.pumps[0].center_mm) < 6.0
    expected_ml = np.pi * 43.2**2 * 19.8 / 1000.0
    assert len(disc) * 9.0 * 2.6 * 2.2 / 1000.0 == pytest.approx(expected_ml, rel=0.15)


def test_a_region_is_taken_to_the_grid_of_the_images(report: Report) -> None:
    """A ball of contrast on another grid has the same place and volume in the segmentation."""
    from catheterview.export.dicom.segmentation import _resampled

    fine = grid_from_axes((30, 40, 44), origin=[0.0, -80.0, 1000.0], axes_mm=np.diag([1.5, 1.3, 1.1])[::-1] * -1.0)
    index = np.stack(np.meshgrid(*[np.arange(n) for n in fine.shape], indexing="ij"), axis=-1)
    center = fine.index_to_world([15, 20, 22])
    ball = np.linalg.norm(fine.index_to_world(index) - center, axis=-1) < 14.0
    region, target = Region.of(ball, fine), oblique()
    mask = _resampled(region, target)
    assert mask.sum() * target.voxel_volume_mm3 / 1000.0 == pytest.approx(region.volume_ml, rel=0.2)
    assert np.linalg.norm(target.index_to_world(np.argwhere(mask).mean(axis=0)) - center) < 3.0


def test_the_disclaimer_is_burnt_in(written: Written) -> None:
    """The capture is the picture with a band of text below, in pixels that no viewer can hide."""
    made = pydicom.dcmread(written.folder / "sc-1-1.dcm")
    pixels = made.pixel_array
    assert (pixels[:120, :240] == 90).all()
    assert pixels.shape[0] > 140
    yellow = (pixels[120:, :, 0] > 200) & (pixels[120:, :, 2] < 80)
    assert yellow.sum() > 200
    assert made.BurnedInAnnotation == "YES"


def test_key_objects_are_the_images_with_findings(written: Written) -> None:
    """The selection names each image that a finding lies in."""
    made = pydicom.dcmread(written.folder / "ko-1.dcm")
    chosen = [
        item.ReferencedSOPSequence[0].ReferencedSOPInstanceUID
        for item in made.ContentSequence
        if item.ValueType == "IMAGE"
    ]
    assert chosen == [finding.sop_instance_uid for finding in written.report.findings]


def review(report: Report, verdict: Any, **more: Any) -> Review:
    """A verdict on the first finding, or on what `more` says."""
    told = {"finding_id": report.findings[0].id, "reader": "Dr Reader", "reason": "a streak"} | more
    return Review(case_id=report.case_id, verdict=verdict, at="2026-03-03T09:00:00+00:00", version="0.1.0", **told)


def test_after_review_a_second_report_follows_the_first(written: Written) -> None:
    """It holds the verdict on its finding and what the reader added, and names the first as its predecessor."""
    series = written.report.studies[0].series[0].series_instance_uid
    mark = Mark(series_instance_uid=series, frame=Frame.PATIENT, points=((5.0, 6.0, 1000.0),), kind=Kind.KINK)
    reviews = [review(written.report, "rejected"), review(written.report, "missed", finding_id="", mark=mark)]
    (path,) = write_reviewed(written.folder, reviews)
    first, second = read_structured_report(written.folder / "sr-1.dcm"), read_structured_report(path)
    assert second.previous == (first.sop_instance_uid,)
    assert second.sop_instance_uid != first.sop_instance_uid
    by_id = {finding.id: finding for finding in second.findings}
    assert by_id[written.report.findings[0].id].verdict == word_code("V", "rejected").value
    (added,) = (finding for finding in second.findings if finding.id not in {one.id for one in first.findings})
    assert (added.kind, added.point) == (Kind.KINK, (5.0, 6.0, 1000.0))
    assert pydicom.dcmread(path).VerificationFlag == "UNVERIFIED"


def test_a_catheter_drawn_anew_takes_the_place_of_the_traced_one(written: Written) -> None:
    """The report after review holds the reader's line; the first keeps what was traced."""
    series = written.report.studies[0].series[0].series_instance_uid
    line = ((1.0, 2.0, 3.0), (4.0, 5.0, 60.0), (7.0, 8.0, 90.0))
    mark = Mark(series_instance_uid=series, frame=Frame.PATIENT, points=line, pieces=((0, 2),))
    (path,) = write_reviewed(written.folder, [review(written.report, "corrected", finding_id="", mark=mark)])
    ((piece,),) = read_structured_report(path).catheters
    assert piece.tolist() == [list(point) for point in line]
    assert len(read_structured_report(written.folder / "sr-1.dcm").catheters[0]) == 2


def test_a_signature_and_a_correction_are_the_last_word_on_the_case(written: Written) -> None:
    """The report after review says so with the reader's name, in its description too; the first has no such word."""
    series = written.report.studies[0].series[0].series_instance_uid
    mark = Mark(series_instance_uid=series, frame=Frame.PATIENT, points=((1.0, 2.0, 3.0), (4.0, 5.0, 60.0)))
    corrected = review(written.report, "corrected", finding_id="", mark=mark)
    signed = review(written.report, "signed", finding_id="", reason="seen")
    for reviews, verdict in (((corrected,), "corrected"), ((corrected, signed), "signed")):
        (path,) = write_reviewed(written.folder, reviews)
        read, made = read_structured_report(path), pydicom.dcmread(path)
        assert read.verdict == word_code("V", verdict).value
        assert "after review" in made.SeriesDescription
        assert "Dr^Reader" in str(made)
        assert len(read.catheters[0][0]) == 2
    assert any("seen" in text for text in read.comments)
    assert read_structured_report(written.folder / "sr-1.dcm").verdict == ""


def test_without_a_verdict_there_is_no_second_report(written: Written) -> None:
    """Nobody's reading is not written down as one."""
    assert write_reviewed(written.folder, []) == ()
    assert not list(written.folder.glob("*reviewed*"))


def on_film(report: Report) -> Report:
    """A radiograph: a catheter and a finding in pixels of one film."""
    series = report.studies[0].series[0]
    uid = f"{series.series_instance_uid}.5"
    points = np.array([[10.0, 200.25], [300.5, 180.0], [700.0, 90.0]])
    line = Centreline(
        series_instance_uid=series.series_instance_uid,
        sop_instance_uid=uid,
        frame=Frame.PIXEL,
        points=points,
        pieces=((0, 2),),
        radius=np.full(3, 2.0),
        confidence=np.ones(3),
        contrast=np.zeros(3),
        noise=np.zeros(3),
    )
    found = Finding(
        kind=Kind.KINK,
        score=0.5,
        frame=Frame.PIXEL,
        point=(300.5, 180.0),
        series_instance_uid=series.series_instance_uid,
        sop_instance_uid=uid,
        message="A kink.",
    )
    study = replace(report.studies[0], rung=Rung.RADIOGRAPH)
    return settled(replace(report, studies=(study,), pumps=(), implants=(), catheters=(line,), findings=(found,)))


def test_a_film_has_its_line_in_pixels_of_that_film(report: Report, tmp_path: Path) -> None:
    """Rows and columns come back as they were, though DICOM counts columns first and from the corner of a pixel."""
    told = on_film(report)
    headers = {told.studies[0].study_instance_uid: slices(told, oblique())}
    write_results(told, [], headers, tmp_path)
    read = read_structured_report(tmp_path / "sr-1.dcm")
    assert differences(told, read) == ()
    text = str(pydicom.dcmread(tmp_path / "sr-1.dcm"))
    assert "[200.75, 10.5" in text
    assert not list(tmp_path.glob("seg-*"))


def test_any_viewer_draws_what_was_found_on_a_film(report: Report, tmp_path: Path) -> None:
    """A presentation state of that film: the line in its pieces, a ring round the finding, and the disclaimer."""
    told = on_film(report)
    headers = {told.studies[0].study_instance_uid: slices(told, oblique())}
    for header in headers[told.studies[0].study_instance_uid].values():
        header.Rows, header.Columns, header.SamplesPerPixel = 720, 480, 1
    write_results(told, [], headers, tmp_path)
    (path,) = tmp_path.glob("pr-*.dcm")
    made = pydicom.dcmread(path)
    (annotation,) = made.GraphicAnnotationSequence
    line, ring = annotation.GraphicObjectSequence
    drawn = np.array(line.GraphicData).reshape(-1, 2)
    assert np.allclose(drawn[:, ::-1] - 0.5, told.catheters[0].points, atol=1e-4)
    assert (line.GraphicType, ring.GraphicType) == ("POLYLINE", "CIRCLE")
    assert np.allclose(np.array(ring.GraphicData)[1::-1] - 0.5, told.findings[0].point, atol=1e-4)
    texts = [one.UnformattedTextValue for one in annotation.TextObjectSequence]
    assert texts[0].startswith("Research use only")
    assert texts[1] == "kink (0.50)"
    (series,) = made.ReferencedSeriesSequence
    assert series.ReferencedImageSequence[0].ReferencedSOPInstanceUID == told.catheters[0].sop_instance_uid
    if shutil.which("dciodvfy"):
        assert not list(validated(["dciodvfy", "-new"], path, says="GrayscaleSoftcopyPresentationState"))


def test_contrast_outside_the_catheter_is_a_segment(report: Report, tmp_path: Path) -> None:
    """A region on a grid of its own has its place and volume in the segmentation of its series."""
    told, grid = on_grid(report, oblique()), oblique()
    fine = grid_from_axes((30, 40, 44), origin=[0.0, -80.0, 1000.0], axes_mm=np.diag([1.5, 1.3, 1.1])[::-1] * -1.0)
    index = np.stack(np.meshgrid(*[np.arange(n) for n in fine.shape], indexing="ij"), axis=-1)
    center = fine.index_to_world([15, 20, 22])
    pool = Region.of(np.linalg.norm(fine.index_to_world(index) - center, axis=-1) < 14.0, fine)
    headers = {told.studies[0].study_instance_uid: slices(told, grid)}
    write_results(
        told,
        [],
        headers,
        tmp_path,
        deposits={told.studies[0].series[0].series_instance_uid: (Deposit(substance="contrast", region=pool),)},
    )
    seg = highdicom.seg.segread(tmp_path / "seg-1-1.dcm")
    assert [one.SegmentLabel for one in seg.SegmentSequence] == ["catheter", "pump", "contrast"]
    volume = seg.get_volume()
    at = volume.map_indices_to_reference(np.argwhere(volume.array[..., 2]))
    assert np.linalg.norm(at.mean(axis=0) - center) < 3.0
    assert len(at) * 9.0 * 2.6 * 2.2 / 1000.0 == pytest.approx(pool.volume_ml, rel=0.2)


def test_what_is_no_report_is_refused(written: Written, tmp_path: Path) -> None:
    """A segmentation, and a file that is no DICOM, are named and refused."""
    (tmp_path / "x.dcm").write_bytes(b"nothing")
    for path in (written.folder / "seg-1-1.dcm", tmp_path / "x.dcm"):
        with pytest.raises(InputError, match=path.name):
            read_structured_report(path)


def test_every_kind_has_a_code_of_its_own() -> None:
    """Codes are unique, and each leads back to its kind; levels are the standard's vertebrae."""
    assert len({(kind_code(kind).value, kind_code(kind).scheme_designator) for kind in Kind}) == len(Kind)
    assert all(kind_of(kind_code(kind)) is kind for kind in Kind)
    assert level_code("L3/L4").value == "36470004"
    assert level_code("nowhere") is None


def test_the_private_scheme_is_published(repository: Path) -> None:
    """The page lists every numbered code with its meaning, and no other."""
    page = (repository / "docs" / "dicom-results.md").read_text()
    rows = [line.strip("| ").split(" | ") for line in page.splitlines() if line.startswith(("| K", "| S", "| C"))]
    assert [(row[0].strip(), row[1].strip()) for row in rows if row[0].strip()[1:].isdigit()] == list(published())


def validated(command: list[str], path: Path, *, says: str) -> Iterator[str]:
    """Lines of a validator that tell of an error; it must say that it knew what it looked at."""
    done = subprocess.run([*command, str(path)], capture_output=True, text=True, check=False, timeout=300)
    said = f"{done.stdout}\n{done.stderr}"
    assert says in said
    yield from (line for line in said.splitlines() if line.startswith("Error"))


def test_dciodvfy_finds_no_error(written: Written) -> None:
    """The validator of dicom3tools has nothing against any object, nor against them as a set."""
    if not shutil.which("dciodvfy"):
        pytest.skip("dicom3tools is not installed (make system does, as root)")
    (second,) = write_reviewed(written.folder, [review(written.report, "accepted")])
    iods = {"sr": "Comprehensive3DSR", "se": "Segmentation", "ko": "KeyObjectSelectionDocument", "sc": "SCImage"}
    for path in (*written.paths, second):
        assert not list(validated(["dciodvfy", "-new"], path, says=iods[path.name[:2]])), path.name
    done = subprocess.run(["dcentvfy", *map(str, written.paths)], capture_output=True, text=True, check=False)
    assert "Error" not in done.stdout + done.stderr


@pytest.mark.slow
def test_pixelmed_finds_no_error_in_the_structured_reports(written: Written) -> None:
    """The validator that IHE's connectathon asks for has nothing against the reports before and after review."""
    jars = sorted(Path("/usr/share/java").glob("*.jar"))
    if not shutil.which("java") or not any("pixelmed" in jar.name for jar in jars):
        pytest.skip("libpixelmed-java is not installed (make system does, as root)")
    verdicts = [review(written.report, "rejected"), review(written.report, "signed", finding_id="")]
    (second,) = write_reviewed(written.folder, verdicts)
    unlimited = [f"-Djdk.xml.{name}=0" for name in ("xpathTotalOpLimit", "xpathExprOpLimit", "xpathExprGrpLimit")]
    classpath = ":".join(map(str, jars))
    command = ["java", *unlimited, "-cp", classpath, "com.pixelmed.validate.DicomSRValidator"]
    assert not list(validated(command, second, says="Root Template Validation Complete"))

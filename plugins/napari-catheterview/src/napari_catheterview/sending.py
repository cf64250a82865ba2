"""What of a signed case leaves as DICOM: objects of what was read, and their way to an archive. No Qt, no napari."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from catheterview.errors import UnsuitableError
from catheterview.model import KeyImage, Report, Review
from catheterview.read import Case, Study
from napari_catheterview.hanging import Plan

#: Tries for each object while a reader waits for the word; what does not arrive waits in the outbox.
ATTEMPTS = 2


def case_of(plans: Iterable[Plan], report: Report) -> Case:
    """Return the images of a report as the library's exporters want them."""
    series = {id(one): one for plan in plans for one in (*plan.series, *plan.fused)}
    studies = tuple(
        Study(
            study_instance_uid=study.study_instance_uid,
            date=study.date,
            rung=study.rung,
            series=tuple(one for one in series.values() if one.study_instance_uid == study.study_instance_uid),
        )
        for study in report.studies
    )
    return Case(case_id=report.case_id, studies=studies)


def write_objects(report: Report, images: Sequence[KeyImage], plans: Sequence[Plan], folder: Path) -> tuple[Path, ...]:
    """Write structured report, segmentation, key objects and captures of a report as it was read.

    Parameters
    ----------
    folder : Path
        Where they go; made when it is not there.

    Raises
    ------
    UnsuitableError
        When highdicom is not installed.
    InputError
        When an image or an object cannot be read or written.
    """
    from catheterview.triage.results import write_dicom  # noqa: PLC0415 - what triage imports is heavy

    return write_dicom(case_of(plans, report), report, images, folder)


def write_verdicts(folder: Path, reviews: Sequence[Review]) -> tuple[Path, ...]:
    """Write the structured reports that follow triage's, with the verdicts; none where triage wrote none.

    Raises
    ------
    UnsuitableError
        When highdicom is not installed.
    InputError
        When the first report cannot be read.
    """
    if not any(folder.glob("sr-*.dcm")):
        return ()
    try:
        from catheterview.export.dicom import write_reviewed  # noqa: PLC0415 - highdicom is an extra, and heavy
    except ModuleNotFoundError as error:
        raise UnsuitableError(f"DICOM needs the extra archive: {error.name} is missing") from error
    return write_reviewed(folder, reviews)


def send(paths: Sequence[Path], out: Path, archive: str) -> str:
    """Send objects to an archive, and say how many arrived; what did not waits in the outbox of `out`.

    Raises
    ------
    InputError
        When `archive` is no destination, or there is nothing to send.
    UnsuitableError
        When what speaks to archives is not installed.
    """
    try:
        from catheterview.archive import Patience, destination, open_outbox, post  # noqa: PLC0415 - an extra
        from catheterview.export.dicom import uid_of  # noqa: PLC0415 - as above
    except ModuleNotFoundError as error:
        raise UnsuitableError(f"an archive needs the extra archive: {error.name} is missing") from error
    to, uids = destination(archive), {uid_of(path): path for path in paths}
    with open_outbox(out / "outbox.sqlite") as outbox:
        for uid, path in uids.items():
            outbox.put(uid, path.relative_to(out).as_posix(), to=to.name)
        left = post(outbox, to, out=out, patience=Patience(attempts=ATTEMPTS))
    waiting = [one for one in left if one.sop_instance_uid in uids]
    sent = f"{len(uids) - len(waiting)} of {len(uids)} objects sent to {to.name}"
    return "; ".join([sent, *[one.why for one in waiting[:1] if one.why]])

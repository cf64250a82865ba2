"""What leaves the room when a case is signed: the report as it was read, in every form that the library writes."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from catheterview.errors import CatheterviewError
from catheterview.export import EXPORTERS
from catheterview.model import URGENCY, Anatomy, Decision, Evidence, Image, KeyImage, Report, Review, Rung
from catheterview.picture import key_images
from napari_catheterview.session import ReviewSession

#: Folder of a case that signed reports go to; triage writes its own beside it and is never overwritten.
SIGNED = "signed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """What was written, and what could not be."""

    written: tuple[Path, ...]
    problems: tuple[str, ...]

    def __str__(self) -> str:
        """Both in one line."""
        made = ", ".join(path.name for path in self.written)
        return "; ".join([f"written: {made}" if made else "nothing written", *self.problems])


def as_read(session: ReviewSession, decision: Decision) -> Report:
    """Return the report as the readers left it: without what was rejected, with what was missed, lines corrected.

    Parameters
    ----------
    session : ReviewSession
    decision : Decision
        The ladder's, climbed with the readers' verdicts and facts. Its urgency is the report's, unless the machine
        could not examine the whole: then the report stays at least as urgent as it was.
    """
    report = session.report
    urgencies = [decision.urgency, *([report.priority] if report.priority == "cannot_tell" else [])]
    return replace(
        report,
        findings=session.standing_findings,
        catheters=tuple(session.catheter(found) for found in report.catheters),
        decision=decision,
        priority=min(urgencies, key=URGENCY.index),
    )


def write_signed(
    report: Report, image: Image | None, reviews: Sequence[Review], folder: Path
) -> Generator[str, None, Signed]:
    """Write a signed report, saying what is being done; a generator, so that it can run in a thread.

    Parameters
    ----------
    report : Report
        From `as_read`.
    image : Image or None
        What was read on, for the key images.
    reviews : sequence of Review
        All of the case, for the structured report that follows the first.
    folder : Path
        Of the case.
    """
    yield "drawing key images"
    images = _pictures(report, image)
    written: list[Path] = []
    problems: list[str] = []
    for exporter in EXPORTERS:
        yield f"writing {exporter.name}"
        try:
            written.append(exporter.run(report, images, folder / SIGNED))
        except CatheterviewError as error:
            problems.append(f"{exporter.name}: {error}")
    yield "writing DICOM"
    made, why = _dicom(folder, reviews)
    return Signed(written=(*written, *made), problems=(*problems, *([why] if why else [])))


def _pictures(report: Report, image: Image | None) -> tuple[KeyImage, ...]:
    if image is None or image.grid is None:
        return ()
    uid = image.series_instance_uid
    rungs = {series.series_instance_uid: study.rung for study in report.studies for series in study.series}
    evidence = Evidence(
        image=image,
        rung=rungs.get(uid, Rung.OTHER),
        pumps=tuple(pump for pump in report.pumps if pump.series_instance_uid == uid),
        anatomy=Anatomy(series_instance_uid=uid),
        catheters=tuple(one for one in report.catheters if one.series_instance_uid == uid),
    )
    return key_images(evidence, report.findings)


def _dicom(folder: Path, reviews: Sequence[Review]) -> tuple[tuple[Path, ...], str]:
    """Write the structured reports that follow triage's, where triage wrote any; else say nothing."""
    if not any(folder.glob("sr-*.dcm")):
        return (), ""
    try:
        from catheterview.export.dicom import write_reviewed  # noqa: PLC0415 - highdicom is an extra, and heavy

        return write_reviewed(folder, reviews), ""
    except ModuleNotFoundError as error:
        return (), f"DICOM needs the extra archive: {error.name} is missing"
    except CatheterviewError as error:
        return (), f"DICOM: {error}"

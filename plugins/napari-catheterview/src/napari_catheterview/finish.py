"""What leaves the room when a case is signed: the report as it was read, in every form that the library writes."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from catheterview.errors import CatheterviewError
from catheterview.export import EXPORTERS
from catheterview.model import URGENCY, Anatomy, Decision, Evidence, Image, KeyImage, Report, Review, Rung
from catheterview.picture import key_images
from napari_catheterview.hanging import Plan
from napari_catheterview.sending import send, write_objects, write_verdicts
from napari_catheterview.session import ReviewSession

#: Folder of a case that signed reports go to; triage writes its own beside it and is never overwritten.
SIGNED = "signed"

#: What the library for DICOM objects raises for images that lack what the standard requires of them.
_FILES_LACK = (AttributeError, KeyError, TypeError, ValueError)


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """What was written, and what else there is to say: what could not be written, what was sent."""

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


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Signing:
    """What is signed.

    Parameters
    ----------
    report : Report
        From `as_read`.
    image : Image or None
        What was read on, for the key images.
    reviews : tuple of Review
        All of the case, for the structured report that follows the first.
    folder : Path
        Of the case.
    plans : tuple of Plan
        The case's images, which DICOM objects refer to.
    archive : str
        Where to send what is DICOM; empty: nowhere.
    """

    report: Report
    image: Image | None
    reviews: tuple[Review, ...]
    folder: Path
    plans: tuple[Plan, ...] = ()
    archive: str = ""


def write_signed(signing: Signing) -> Generator[str, None, Signed]:
    """Write a signed report and send it, saying what is being done; a generator, so that it can run in a thread."""
    yield "drawing key images"
    images = _pictures(signing.report, signing.image)
    written: list[Path] = []
    problems: list[str] = []
    for exporter in EXPORTERS:
        yield f"writing {exporter.name}"
        try:
            written.append(exporter.run(signing.report, images, signing.folder / SIGNED))
        except CatheterviewError as error:
            problems.append(f"{exporter.name}: {error}")
    yield "writing DICOM"
    made, why = _dicom(signing, images)
    problems += why
    if signing.archive and made:
        yield f"sending to {signing.archive}"
        problems.append(_sent(signing, made))
    return Signed(written=(*written, *made), problems=tuple(problems))


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


def _dicom(signing: Signing, images: Sequence[KeyImage]) -> tuple[tuple[Path, ...], list[str]]:
    """Write DICOM where triage wrote DICOM or an archive waits for it: these files name the patient.

    Where a structured report of triage is followed by one with the verdicts, that is the case's; no other is written.
    """
    folder = signing.folder
    if not signing.archive and not any(folder.glob("sr-*.dcm")):
        return (), []
    try:
        verdicts = write_verdicts(folder, signing.reviews)
        made = write_objects(signing.report, images, signing.plans, folder / SIGNED)
    except (CatheterviewError, *_FILES_LACK) as error:
        return (), [f"DICOM: {error if isinstance(error, CatheterviewError) else _what_lacks(error)}"]
    twice = [path for path in made if verdicts and path.name.startswith("sr-")]
    for path in twice:
        path.unlink()
    return (*verdicts, *(path for path in made if path not in twice)), []


def _what_lacks(error: Exception) -> str:
    """Say what failed without the error's own words, which could quote the patient's name."""
    return f"the images' headers lack what an object needs ({type(error).__name__})"


def _sent(signing: Signing, made: Sequence[Path]) -> str:
    """Send, and say what came of it."""
    try:
        return send(made, signing.folder.parent.parent, signing.archive)
    except CatheterviewError as error:
        return f"not sent: {error}"

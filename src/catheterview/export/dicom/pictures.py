"""Key objects, and key images as secondary captures with the disclaimer burnt in."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from typing import Any

import numpy as np
from highdicom.ko import KeyObjectSelection, KeyObjectSelectionDocument
from highdicom.sc import SCImage
from highdicom.sr import DeviceObserverIdentifyingAttributes, ObserverContext
from numpy.typing import NDArray
from PIL import Image as Picture
from PIL import ImageDraw, ImageFont
from pydicom.sr.codedict import codes

from catheterview.export.dicom.report_sr import SERIES_NUMBER, evidence, label
from catheterview.export.dicom.study import DISCLAIMER, MANUFACTURER, StudyResults, stable_uid
from catheterview.model import KeyImage

_BAND_PX = 22


def key_objects(study: StudyResults) -> KeyObjectSelectionDocument | None:
    """The images that findings lie in, so that a reader can go to them; None where nothing was found in an image."""
    named = dict.fromkeys(finding.sop_instance_uid for finding in study.report.findings)
    chosen = [study.headers[uid] for uid in named if uid in study.headers]
    if not chosen:
        return None
    device = DeviceObserverIdentifyingAttributes(uid=stable_uid(MANUFACTURER, study.report.version), name=MANUFACTURER)
    content = KeyObjectSelection(
        document_title=codes.DCM.OfInterest,
        referenced_objects=chosen,
        observer_device_context=ObserverContext(codes.DCM.Device, device),
        description=f"Images with findings of catheterview. {DISCLAIMER}",
    )
    made = KeyObjectSelectionDocument(
        evidence=chosen,
        content=content,
        series_instance_uid=study.uid("series", "ko"),
        series_number=SERIES_NUMBER + 2,
        sop_instance_uid=study.uid("ko"),
        instance_number=1,
        manufacturer=MANUFACTURER,
    )
    return label(made, "catheterview key images", study)


def captures(study: StudyResults, images: Sequence[KeyImage]) -> tuple[SCImage, ...]:
    """Every key image as a secondary capture (RGB) under which the disclaimer is burnt in."""
    reference = evidence(study)
    return (
        tuple(_capture(study, image, reference[0], number=n) for n, image in enumerate(images, 1)) if reference else ()
    )


def _capture(study: StudyResults, image: KeyImage, reference: Any, *, number: int) -> SCImage:
    made = SCImage.from_ref_dataset(
        reference,
        pixel_array=burnt_in(image.png),
        photometric_interpretation="RGB",
        bits_allocated=8,
        coordinate_system="PATIENT",
        series_instance_uid=study.uid("series", "sc"),
        series_number=SERIES_NUMBER + 3,
        sop_instance_uid=study.uid("sc", image.name),
        instance_number=number,
        manufacturer=MANUFACTURER,
        patient_orientation=("L", "F"),
    )
    made.BurnedInAnnotation = "YES"
    made.DerivationDescription = image.caption[:1024]
    made.BodyPartExamined = reference.get("BodyPartExamined") or "SPINE"
    return label(made, "catheterview captures", study)


def burnt_in(png: bytes) -> NDArray[np.uint8]:
    """The pixels (rows, columns, 3) of a picture with the disclaimer in a band below it, cut where it is too narrow."""
    with Picture.open(BytesIO(png)) as opened:
        source = opened.convert("RGB")
    font = ImageFont.load_default(size=13)
    lines = _wrapped(DISCLAIMER, font, source.width - 8)
    page = Picture.new("RGB", (source.width, source.height + _BAND_PX * len(lines)), "black")
    page.paste(source, (0, 0))
    drawn = ImageDraw.Draw(page)
    for number, line in enumerate(lines):
        drawn.text((4, source.height + _BAND_PX * number + 3), line, fill="yellow", font=font)
    return np.asarray(page, dtype=np.uint8)


def _wrapped(text: str, font: Any, width_px: int) -> list[str]:
    """Break a text into lines that fit."""
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and font.getlength(longer) > width_px:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines

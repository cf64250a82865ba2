"""What a signed case leaves as DICOM, and its way to a real node; from a window, and without any."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pydicom
import pytest
from pynetdicom import AE, evt
from pynetdicom.sop_class import Verification
from qtpy.QtCore import Qt
from review_acts import press
from review_cases import UID, image, report
from test_plugin_opening import run
from written import write_ct, write_out

from catheterview.export.dicom import read_structured_report
from catheterview.store import open_store
from napari_catheterview.desk import Desk
from napari_catheterview.finish import SIGNED, Signing, as_read, write_signed
from napari_catheterview.layers import CATHETER, FINDINGS
from napari_catheterview.opening import open_case
from napari_catheterview.sending import send, write_objects
from napari_catheterview.session import ReviewSession
from napari_catheterview.writer import write_dicom

CASE = "case-a"


@pytest.fixture
def node():
    """Return (destination, what arrived) of a node on this machine that takes everything."""
    arrived = []

    def store(event):
        arrived.append(str(event.request.AffectedSOPClassUID.name))
        return 0x0000

    entity = AE(ae_title="ARCHIVE")
    entity.add_supported_context(Verification)
    for uid in ("66.4", "88.34", "88.59", "7"):
        entity.add_supported_context(f"1.2.840.10008.5.1.4.1.1.{uid}")
    server = entity.start_server(("127.0.0.1", 0), block=False, evt_handlers=[(evt.EVT_C_STORE, store)])
    yield f"ARCHIVE@127.0.0.1:{server.socket.getsockname()[1]}", arrived
    server.shutdown()


@pytest.fixture
def out(tmp_path):
    """Return a triage output with one case on its images."""
    folder = write_ct(image("feet first"), tmp_path / "ct")
    known = report("feet first")
    known = replace(known, findings=tuple(replace(one, sop_instance_uid=f"{UID}.5") for one in known.findings))
    return write_out(tmp_path / "out", [known], [folder])


@pytest.fixture
def signing(out, tmp_path):
    """Return what is signed of a case whose gap was rejected, and whose catheter was drawn 2 mm to the left."""
    _, case = run(open_case(out, CASE, [tmp_path / "ct"]))
    known = case.report
    with open_store(out / "worklist.sqlite") as store:
        session = ReviewSession(case.report, ledger=store, reader="reader-1")
        session.select(next(one.id for one in known.findings if one.kind == "discontinuity"))
        session.say("rejected", reason="normal loop")
        (found,) = case.report.catheters
        session.correct(replace(found, points=found.points + np.array([2.0, 0.0, 0.0])))
        session.sign()
        read = as_read(session, case.report.decision)
        return Signing(
            report=read, image=case.image, reviews=session.reviews, folder=out / "cases" / CASE, plans=case.plans
        )


def test_nothing_that_names_the_patient_is_written_unasked(signing):
    """Where triage wrote no DICOM and no archive waits, signing writes none."""
    _, signed = run(write_signed(signing))
    assert {path.suffix for path in signed.written} == {".json", ".html"}
    assert not list(signing.folder.rglob("*.dcm"))


def test_a_signed_case_arrives_at_the_archive(signing, node):
    """Report, segmentation and key objects of what was read arrive; of the rejected finding nothing is in them."""
    to, arrived = node
    said, signed = run(write_signed(replace(signing, archive=to)))
    assert f"sending to {to}" in said
    assert {"Comprehensive 3D SR Storage", "Segmentation Storage", "Key Object Selection Document Storage"} <= set(
        arrived
    )
    assert f"{len(arrived)} of {len(arrived)} objects sent" in str(signed)
    read = read_structured_report(signing.folder / SIGNED / "sr-1.dcm")
    assert [finding.kind for finding in read.findings] == ["kink"]
    mask = pydicom.dcmread(signing.folder / SIGNED / "seg-1-1.dcm")
    assert mask.pixel_array.any()


def test_the_key_that_signs_sends(room, node, out, qtbot):
    """In a window with an archive in its preferences Ctrl+Return writes, sends and says how many arrived."""
    to, arrived = node
    room.preferences = replace(room.preferences, archive=to)
    room.verdicts.say("accepted")
    press(room, qtbot, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: "objects sent to" in room.findings.saved.text(), timeout=300_000)
    assert "Comprehensive 3D SR Storage" in arrived
    assert f"{len(arrived)} of {len(arrived)} objects sent" in room.findings.saved.text()
    assert len(list((out / "cases" / CASE / SIGNED).glob("*.dcm"))) == len(arrived)


def test_the_report_that_follows_triages_is_the_only_one(signing, node):
    """Where triage wrote a structured report, the one with the verdicts goes to the archive, and no second one."""
    write_objects(report("feet first"), (), signing.plans, signing.folder)
    to, arrived = node
    _, signed = run(write_signed(replace(signing, archive=to)))
    assert arrived.count("Comprehensive 3D SR Storage") == 1
    assert "sr-1-reviewed.dcm" in str(signed)
    assert not list((signing.folder / SIGNED).glob("sr-*.dcm"))


def test_an_archive_that_is_away_is_told_and_goes_on_waiting(signing, node):
    """What cannot be sent is told with its reason, stays in the outbox, and arrives the next time."""
    to, arrived = node
    out = signing.folder.parent.parent
    _, signed = run(write_signed(replace(signing, archive="ARCHIVE@127.0.0.1:9")))
    assert "0 of " in str(signed)
    paths = [path for path in signed.written if path.suffix == ".dcm"]
    assert send(paths, out, to).startswith(f"{len(paths)} of {len(paths)}")
    assert len(arrived) == len(paths)
    _, signed = run(write_signed(replace(signing, archive="nowhere")))
    assert "not sent" in str(signed)


def test_layers_are_written_as_dicom(signing, tmp_path):
    """The writer makes a structured report of a findings layer and a segmentation of a catheter, as they were read."""
    from napari.components import ViewerModel

    out = signing.folder.parent.parent
    _, case = run(open_case(out, CASE, [tmp_path / "ct"]))
    desk = Desk(ViewerModel())
    desk.show(case, case.report.findings, {})
    for what, modality in ((FINDINGS, "SR"), (CATHETER, "SEG")):
        layer = desk.layer(what)
        path = tmp_path / f"{modality}.dcm"
        assert write_dicom(str(path), layer.data, {"metadata": layer.metadata}) == [str(path)]
        assert pydicom.dcmread(path).Modality == modality
    read = read_structured_report(tmp_path / "SR.dcm")
    assert [finding.kind for finding in read.findings] == ["kink"]
    assert write_dicom(str(tmp_path / "no.dcm"), None, {"metadata": {}}) == []

"""Real peers on loopback: a storage SCP of pynetdicom, an Orthanc, and small objects to send."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from pynetdicom import AE, evt

from canaries import BORN

SC = "1.2.840.10008.5.1.4.1.1.7"
CT = "1.2.840.10008.5.1.4.1.1.2"
STUDY = "1.2.826.0.1.3680043.8.498.1"


def instance(number: int, *, sop_class: str = SC, patient: str = "CANARY-1", rows: int = 8) -> Any:
    """One small image."""
    made = pydicom.Dataset()
    made.file_meta = pydicom.dataset.FileMetaDataset()
    made.file_meta.TransferSyntaxUID = pydicom.uid.ExplicitVRLittleEndian
    made.file_meta.MediaStorageSOPClassUID = made.SOPClassUID = sop_class
    made.file_meta.MediaStorageSOPInstanceUID = made.SOPInstanceUID = f"{STUDY}.{number}"
    made.StudyInstanceUID, made.SeriesInstanceUID = STUDY, f"{STUDY}.0"
    made.PatientID, made.PatientName, made.Modality = patient, "Canary^Yellow", "OT"
    made.StudyDate = made.StudyTime = made.AccessionNumber = made.StudyID = made.ReferringPhysicianName = ""
    made.PatientBirthDate, made.PatientSex = BORN, ""
    made.ConversionType, made.SeriesNumber, made.InstanceNumber = "WSD", 1, number
    made.Rows, made.Columns, made.SamplesPerPixel = rows, 8, 1
    made.PhotometricInterpretation = "MONOCHROME2"
    made.BitsAllocated = made.BitsStored = 16
    made.HighBit, made.PixelRepresentation = 15, 0
    made.PixelData = np.full((rows, 8), number % 4000, dtype="<u2").tobytes()
    return made


def written(folder: Path, count: int) -> list[Path]:
    """Some images as files."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"{number}.dcm" for number in range(1, count + 1)]
    for number, path in enumerate(paths, 1):
        instance(number).save_as(path, enforce_file_format=True)
    return paths


@dataclass(kw_only=True)
class Archive:
    """A storage SCP that remembers what it was sent, and answers as it is told."""

    port: int = 0
    associations: int = 0
    got: list[str] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)


@contextmanager
def archive(*answers: int, secure: Any = None) -> Iterator[Archive]:
    """Run a storage SCP; it gives these answers first, then takes everything."""
    told = Archive(answers=list(answers))

    def store(event: Any) -> int:
        answer = told.answers.pop(0) if told.answers else 0
        if answer == 0:
            told.got.append(str(event.dataset.SOPInstanceUID))
        return answer

    def count(_event: Any) -> None:
        told.associations += 1

    entity = AE(ae_title="ARCHIVE")
    entity.require_called_aet = True
    entity.add_supported_context(SC)
    handlers = [(evt.EVT_C_STORE, store), (evt.EVT_ACCEPTED, count)]
    server = entity.start_server(("127.0.0.1", 0), block=False, evt_handlers=handlers, ssl_context=secure)
    told.port = server.server_address[1]
    try:
        yield told
    finally:
        server.shutdown()


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@dataclass(frozen=True, kw_only=True)
class Orthanc:
    """A running Orthanc; it sends what we ask for by C-MOVE to the port `ours`."""

    http: int
    dicom: int
    ours: int = 104

    @property
    def web(self) -> str:
        """Its DICOMweb service."""
        return f"http://127.0.0.1:{self.http}/dicom-web"

    def ask(self, path: str) -> Any:
        """Ask its REST service."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.http}{path}", timeout=20) as answer:
            return json.load(answer)


@contextmanager
def orthanc(folder: Path) -> Iterator[Orthanc]:
    """Run an Orthanc that takes objects from this machine only, and end it afterwards."""
    program, plugin = shutil.which("Orthanc"), Path("/usr/share/orthanc/plugins/libOrthancDicomWeb.so")
    if not program or not plugin.is_file():
        pytest.skip("Orthanc with its DICOMweb plugin is not installed (make system does, as root)")
    made = Orthanc(http=free_port(), dicom=free_port(), ours=free_port())
    settings = {
        "HttpPort": made.http, "DicomPort": made.dicom, "RemoteAccessAllowed": False, "AuthenticationEnabled": False,
        "DicomAlwaysAllowStore": False, "DicomAlwaysAllowEcho": False, "DicomCheckModalityHost": True,
        "DicomModalities": {"us": ["CATHETERVIEW", "127.0.0.1", made.ours], "node": ["NODE", "127.0.0.1", 104]},
        "StorageDirectory": str(folder / "storage"), "IndexDirectory": str(folder / "storage"),
        "Plugins": [str(plugin)], "DicomWeb": {"Enable": True, "Root": "/dicom-web/"},
    }  # fmt: skip
    (folder / "orthanc.json").write_text(json.dumps(settings))
    with (folder / "orthanc.log").open("wb") as log:
        process = subprocess.Popen([program, str(folder / "orthanc.json")], stdout=log, stderr=log)
        try:
            _wait_for(made, process)
            yield made
        finally:
            process.terminate()
            process.wait(timeout=30)


def _wait_for(made: Orthanc, process: subprocess.Popen[bytes]) -> None:
    """Wait until it answers."""
    ends_s = time.monotonic() + 60.0
    while True:
        try:
            made.ask("/system")
        except (urllib.error.URLError, ConnectionError):
            assert process.poll() is None, "Orthanc ended"
            assert time.monotonic() < ends_s, "Orthanc does not answer"
            time.sleep(0.1)
        else:
            return

"""A node from end to end: studies in, results out, in the same study, and nothing of the patient on the way."""

from __future__ import annotations

import copy
import json
import signal
import socket
import subprocess
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pydicom
import pytest
from click.testing import CliRunner
from node_peers import CT, archive, conversation, instance, orthanc, sender

from canaries import CANARY, named_in, plant, traces
from catheterview.cli import main
from catheterview.export.dicom import read_structured_report
from catheterview.phantom import CtRecipe, make_ct, write_phantom
from catheterview.store import open_store


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> list[Any]:
    """A small simulated CT without a device, of a patient with canaries in every text."""
    coarse = {"shape": (60, 150, 160), "spacing_mm": (3.5, 2.1, 2.1), "slice_thickness_mm": 3.5}
    folder = tmp_path_factory.mktemp("study")
    write_phantom(make_ct(CtRecipe(seed=2, fault="no_device", physics=False, **coarse)), folder)  # type: ignore[arg-type]
    images = [pydicom.dcmread(path) for path in sorted((folder / "dicom").iterdir())]
    for image in images:
        plant(image)
    return images


class Node:
    """``catheterview serve`` in a process of its own."""

    def __init__(self, out: Path, *more: object) -> None:
        command = Path(sys.executable).with_name("catheterview")
        words = ["serve", "--out", out, "--aet", "NODE", "--port", 0, "--quiet", 1, "--least-free", 0, "--json", *more]
        self.process = subprocess.Popen(
            [str(command), *map(str, words)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        self.said: list[dict[str, str]] = []
        self.port = int(self.until("listening")["detail"].rsplit(" ", 1)[1])

    def until(self, event: str) -> dict[str, str]:
        """Read what it says up to an event."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.said.append(json.loads(line))
            if self.said[-1]["event"] == event:
                return self.said[-1]
        raise AssertionError(f"ended without {event}: {self.process.stderr and self.process.stderr.read()}")

    def end(self, number: int) -> tuple[int, str]:
        """End it; return its status and what it said on standard error."""
        self.process.send_signal(number)
        rest, errors = self.process.communicate(timeout=60)
        self.said += [json.loads(line) for line in rest.splitlines()]
        return self.process.returncode, errors


@pytest.fixture
def ended() -> Iterator[list[Node]]:
    """Nodes that are ended whatever happens."""
    nodes: list[Node] = []
    yield nodes
    for node in nodes:
        if node.process.poll() is None:
            node.process.kill()
            node.process.communicate()


def test_a_study_comes_in_and_its_report_goes_out(study: list[Any], tmp_path: Path, ended: list[Node]) -> None:
    """Received, triaged when quiet, and the structured report is in Orthanc, in the study of the images."""
    with orthanc(tmp_path) as peer:
        node = Node(tmp_path / "out", "--to", f"CATHETERVIEW@127.0.0.1:{peer.dicom}")
        ended.append(node)
        assert sender(node.port, study) == [0] * len(study)
        node.until("sent")
        status, errors = node.end(signal.SIGTERM)
        assert (status, errors) == (0, "")
        (found,) = peer.ask("/studies?expand")
        assert found["MainDicomTags"]["StudyInstanceUID"] == study[0].StudyInstanceUID
        series = [peer.ask(f"/series/{one}")["MainDicomTags"] for one in found["Series"]]
        assert "SR" in {one["Modality"] for one in series}
    (path,) = (tmp_path / "out" / "cases").rglob("sr-1.dcm")
    assert read_structured_report(path).findings == ()
    assert named_in(json.dumps(node.said)) == []
    assert traces(tmp_path / "out") == []
    assert node.said[-1]["event"] == "stopped"


def test_cases_are_triaged_side_by_side(study: list[Any], tmp_path: Path, ended: list[Node]) -> None:
    """Three patients, two at a time, each held to some memory and time: every one is on the worklist."""
    node = Node(tmp_path, "--jobs", 2, "--memory", 4, "--timeout", 300)
    ended.append(node)
    few = [study[n] for n in (20, 24, 28, 32)]  # too few slices to be read far
    for patient in range(3):
        assert sender(node.port, [of_patient(image, patient) for image in few]) == [0] * len(few)
    told: set[str] = set()
    while len(told) < 3:  # on a busy machine images come so slowly that a patient is triaged before the last, and again
        told.add(node.until("triaged")["detail"].split()[0])
    with open_store(tmp_path / "worklist.sqlite") as store:
        assert {row.case_id for row in store.cases()} == told


def of_patient(image: Any, patient: int) -> Any:
    """The same image of another patient."""
    other = copy.deepcopy(image)
    other.PatientID = f"{CANARY}-{patient}"
    for keyword in ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID"):
        setattr(other, keyword, f"1.2.{patient}.{getattr(image, keyword)[5:40]}")
    other.file_meta.MediaStorageSOPInstanceUID = other.SOPInstanceUID
    return other


def test_a_node_that_is_killed_goes_on(study: list[Any], tmp_path: Path, ended: list[Node]) -> None:
    """Killed after the last image and before triage, the next start triages what was received, and sends it."""
    with archive() as peer:
        to = f"ARCHIVE@127.0.0.1:{peer.port}"
        first = Node(tmp_path, "--quiet", 600, "--to", to)
        ended.append(first)
        assert sender(first.port, study) == [0] * len(study)
        first.end(signal.SIGKILL)
        second = Node(tmp_path, "--to", to)
        ended.append(second)
        assert second.until("triaged")["detail"].split()[0].isalnum()
        second.end(signal.SIGINT)
    with open_store(tmp_path / "worklist.sqlite", create=False) as store:
        assert len(store.cases()) == 1
    assert not list((tmp_path / "incoming").rglob("pending"))


def test_results_are_sent_by_command(study: list[Any], tmp_path: Path) -> None:
    """triage --dicom, then send: status 1 while the archive is away, 0 when all has arrived."""
    folder = tmp_path / "study"
    folder.mkdir()
    for number, image in enumerate(study):
        image.save_as(folder / f"{number}.dcm", enforce_file_format=True)
    out = tmp_path / "out"
    done = run("triage", folder, "--out", out, "--dicom", "--json")
    assert done.exit_code == 0, done.output
    with archive() as peer:
        port = peer.port
    away = run("send", out, "--to", f"ARCHIVE@127.0.0.1:{port}", "--attempts", 1, "--json")
    assert away.exit_code == 1
    assert json.loads(away.stdout)["waiting"][0]["why"].endswith("(tried 1 times)")
    with orthanc(tmp_path) as peer_web:
        sent = run("send", out, "--to", peer_web.web)
        assert sent.exit_code == 0, sent.output
        assert "0 wait" in sent.stdout
        assert len(peer_web.ask("/instances")) == len(list(out.rglob("*.dcm")))


def run(*words: object) -> Any:
    """Run one command."""
    return CliRunner().invoke(main, [str(word) for word in words])


def test_without_results_there_is_nothing_to_send(tmp_path: Path) -> None:
    """No worklist, or no DICOM result in it, is misuse that says what to do."""
    assert "worklist" in run("send", tmp_path, "--to", "A@b:104").output
    open_store(tmp_path / "worklist.sqlite").close()
    result = run("send", tmp_path, "--to", "A@b:104")
    assert result.exit_code == 2
    assert "--dicom" in result.output


def test_what_libraries_say_of_a_broken_object_is_not_heard(tmp_path: Path, ended: list[Node]) -> None:
    """A name where a UID or a date belongs, and a command that is none: not quoted by any warning, log or traceback."""
    node = Node(tmp_path, "--quiet", 600)
    ended.append(node)
    broken = instance(1, sop_class=CT)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what this process says of it
        broken.StudyInstanceUID, broken.PatientBirthDate = CANARY, "1933-04-17"
        assert sender(node.port, [broken]) == [0]
    whole = conversation()
    asked, at = whole.index(b"\x04\0\0\0"), whole.index(b"\0\0\0\x01\x02\0\0\0\x01\0")  # the kind of command
    with socket.create_connection(("127.0.0.1", node.port), timeout=60) as door:
        door.sendall(whole[:asked])
        assert door.recv(65536)[:1] == b"\x02"  # accepted
        door.sendall(whole[asked:at] + b"\0\0\x01\x01" + whole[at + 4 :])
        assert node.until("failed")["detail"].startswith("a connection was given up: ")
    assert sender(node.port, [instance(2, sop_class=CT)]) == [0]
    status, errors = node.end(signal.SIGTERM)
    assert (status, errors) == (0, "")
    assert named_in(json.dumps(node.said)) == []


def test_two_nodes_do_not_share_a_folder(tmp_path: Path, ended: list[Node]) -> None:
    """The second ends with status 2 and says why; the first goes on."""
    first = Node(tmp_path)
    ended.append(first)
    second = run("serve", "--out", tmp_path, "--aet", "NODE", "--port", 0)
    assert second.exit_code == 2
    assert "another run" in second.output
    assert first.process.poll() is None


def test_a_node_that_cannot_write_says_so(tmp_path: Path) -> None:
    """An output that is a file ends with status 2."""
    (tmp_path / "out").write_text("a file")
    result = run("serve", "--out", tmp_path / "out", "--aet", "NODE", "--port", 0)
    assert result.exit_code == 2
    assert (tmp_path / "out").is_file()

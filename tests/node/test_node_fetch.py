"""Studies out of a real archive, both ways, into triage's hands: whole, once, and by no name of the patient's."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pydicom
import pytest
from node_peers import CT, Orthanc, free_port, instance, orthanc, sender

from canaries import named_in, traces
from catheterview.archive import Destination, Wanted, destination
from catheterview.errors import InputError
from catheterview.node import Inbox, Listening, fetch
from catheterview.node.inbox import RECEIVING
from catheterview.read import scan
from catheterview.triage.apart import alone

COMMAND = Path(sys.executable).with_name("catheterview")


def study(number: int, count: int, day: str) -> list[object]:
    """Some images of one study of one patient."""
    made = [instance(100 * number + n, sop_class=CT, patient=f"CANARY-{number}") for n in range(1, count + 1)]
    for one in made:
        one.StudyInstanceUID, one.SeriesInstanceUID = f"1.2.826.0.1.{number}", f"1.2.826.0.1.{number}.1"
        one.StudyDate, one.Modality = day, "CT"
    return made


@pytest.fixture(scope="module")
def peer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Orthanc]:
    """An archive with three studies of three patients."""
    with orthanc(tmp_path_factory.mktemp("orthanc")) as made:
        for number, day in ((1, "20260101"), (2, "20260201"), (3, "20260301")):
            images = study(number, 2 + number, day)
            assert sender(made.dicom, images, calling="CATHETERVIEW", called="ORTHANC") == [0] * len(images)
        yield made


@pytest.fixture(params=["web", "node"])
def source(request: pytest.FixtureRequest, peer: Orthanc) -> tuple[Destination, Listening]:
    """The archive by either road."""
    written = peer.web if request.param == "web" else f"ORTHANC@127.0.0.1:{peer.dicom}"
    return destination(written, option="--from"), Listening(port=peer.ours)


def test_what_is_wanted_comes_once_and_whole(source: tuple[Destination, Listening], tmp_path: Path) -> None:
    """By date: two of three studies, every object as it was; the next run takes only what is new."""
    first = fetch(source[0], Wanted(since=date(2026, 1, 15)), out=tmp_path, listening=source[1])
    assert (first.offered, first.fetched, first.objects, first.problems) == (2, 2, 9, ())
    files = sorted((tmp_path / "incoming").rglob("*.dcm"))
    found = {str(pydicom.dcmread(path).SOPInstanceUID): pydicom.dcmread(path) for path in files}
    for sent in (*study(2, 4, "20260201"), *study(3, 5, "20260301")):
        assert found[sent.SOPInstanceUID].PixelData == sent.PixelData
    assert (tmp_path / "fetched.sqlite").is_file()
    assert traces(tmp_path) == []
    again = fetch(source[0], Wanted(modalities=("CT", "NM")), out=tmp_path, listening=source[1])
    assert (again.offered, again.fetched, again.objects) == (3, 1, 3)


def test_what_a_node_received_waits_for_it(source: tuple[Destination, Listening], tmp_path: Path) -> None:
    """Fetching takes no case of a stopped node's for triaged, and is refused while a node writes there."""
    inbox = Inbox(tmp_path, key=b"secret", most_waiting=9, least_free_bytes=0)
    inbox.put("0" * 16, "1.2", b"received before the node was stopped")
    fetch(source[0], Wanted(studies=("1.2.826.0.1.1",)), out=tmp_path, listening=source[1])
    assert [path.parent.name for path in (tmp_path / "incoming").rglob("pending")] == ["0" * 16]
    with alone(tmp_path, RECEIVING), pytest.raises(InputError, match="another run"):
        fetch(source[0], Wanted(studies=("1.2.826.0.1.1",)), out=tmp_path, listening=source[1])


def test_a_study_or_a_patient_by_name(source: tuple[Destination, Listening], tmp_path: Path) -> None:
    """Only these are asked for; triage's scan finds them, and nothing that it does not know."""
    one = fetch(source[0], Wanted(studies=("1.2.826.0.1.1",)), out=tmp_path, listening=source[1])
    two = fetch(source[0], Wanted(patient_id="CANARY-2"), out=tmp_path, listening=source[1])
    none = fetch(source[0], Wanted(patient_id="nobody"), out=tmp_path, listening=source[1])
    assert (one.objects, two.objects, none.offered) == (3, 4, 0)
    inventory = scan([tmp_path / "incoming"], key=b"secret")
    assert inventory.files == 7
    assert len(inventory.cases) == 2


def test_a_study_that_grew_is_taken_again(peer: Orthanc, tmp_path: Path) -> None:
    """One more image in the archive: its study, and no other, comes anew."""
    images = study(4, 2, "20251201")
    wanted = Wanted(until=date(2025, 12, 31))
    assert sender(peer.dicom, images[:1], calling="CATHETERVIEW", called="ORTHANC") == [0]
    assert fetch(destination(peer.web), wanted, out=tmp_path).objects == 1
    assert fetch(destination(peer.web), wanted, out=tmp_path).objects == 0
    assert sender(peer.dicom, images[1:], calling="CATHETERVIEW", called="ORTHANC") == [0]
    assert fetch(destination(peer.web), wanted, out=tmp_path).objects == 2


def test_an_archive_that_does_not_know_us_is_a_problem_of_the_study(peer: Orthanc, tmp_path: Path) -> None:
    """A title that it has no address for: the studies wait for the next run, with the reason."""
    stranger = destination(f"ORTHANC@127.0.0.1:{peer.dicom}", calling="NODE")
    done = fetch(stranger, Wanted(studies=("1.2.826.0.1.1",)), out=tmp_path, listening=Listening(port=free_port()))
    assert (done.offered, done.fetched) == (1, 0)
    assert len(done.problems) == 1


@pytest.mark.parametrize("written", ["ARCHIVE@127.0.0.1:{}", "http://127.0.0.1:{}/dicom-web"])
def test_an_archive_that_is_away_is_said(tmp_path: Path, written: str) -> None:
    """Nobody listens: misuse, and nothing is left behind but an empty inbox."""
    with pytest.raises(InputError, match="--from"):
        fetch(destination(written.format(free_port())), Wanted(patient_id="A"), out=tmp_path)
    assert not list(tmp_path.rglob("*.dcm"))


def test_a_whole_archive_is_not_fetched_by_mistake() -> None:
    """Something must be named, and named in full."""
    for wrong in ({}, {"studies": ("1.2'; DROP",)}, {"patient_id": "*"}):
        with pytest.raises(InputError):
            Wanted(**wrong)


def test_the_command_fetches_and_says_so(peer: Orthanc, tmp_path: Path) -> None:
    """From the command line, with JSON and an exit status; no name in what it says."""
    words = [COMMAND, "fetch", "--from", peer.web, "--out", tmp_path, "--since", "2026-03-01", "--json"]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert (told["offered"], told["fetched"], told["objects"]) == (1, 1, 5)
    assert named_in(done.stdout + done.stderr) == []
    assert traces(tmp_path) == []

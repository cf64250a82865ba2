"""Sending: everything arrives once, in spite of refusals, absence and crashes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from archive_peers import STUDY, archive, free_port, orthanc, written

from catheterview.archive import Destination, Patience, destination, open_outbox, post
from catheterview.errors import InputError

QUICK = Patience(attempts=3, first_wait_s=0.01, longest_wait_s=0.05)


def entered(out: Path, to: Destination, count: int = 4) -> None:
    """Write objects and enter them into the outbox."""
    paths = written(out / "cases" / "a", count)
    with open_outbox(out / "outbox.sqlite") as outbox:
        for number, path in enumerate(paths, 1):
            outbox.put(f"{STUDY}.{number}", path.relative_to(out).as_posix(), to=to.name)


def node(port: int) -> Destination:
    """A peer on loopback."""
    return destination(f"ARCHIVE@127.0.0.1:{port}")


def test_everything_arrives_once(tmp_path: Path) -> None:
    """What waits is sent; sent again, nothing is."""
    with archive() as peer, open_outbox(tmp_path / "outbox.sqlite") as outbox:
        to = node(peer.port)
        entered(tmp_path, to)
        assert post(outbox, to, out=tmp_path, patience=QUICK) == ()
        assert post(outbox, to, out=tmp_path, patience=QUICK) == ()
        entered(tmp_path, to)  # entered again: known by its UID
        assert post(outbox, to, out=tmp_path, patience=QUICK) == ()
        assert sorted(peer.got) == [f"{STUDY}.{n}" for n in range(1, 5)]
        assert outbox.delivered(to=to.name) == 4


def test_one_association_carries_all_objects_and_is_made_anew_when_there_is_no_room(tmp_path: Path) -> None:
    """A node that has room for ten would turn away an eleventh: four objects take one, and a second after a refusal."""
    with archive(0, 0, 0xA700) as peer, open_outbox(tmp_path / "outbox.sqlite") as outbox:
        to = node(peer.port)
        entered(tmp_path, to)
        assert post(outbox, to, out=tmp_path, patience=QUICK) == ()
        assert len(peer.got) == 4
        assert peer.associations == 2


def test_a_full_archive_is_asked_again(tmp_path: Path) -> None:
    """Out of resources is answered by waiting; the object arrives in the end."""
    with archive(0xA700, 0xA701) as peer, open_outbox(tmp_path / "outbox.sqlite") as outbox:
        to = node(peer.port)
        entered(tmp_path, to, 1)
        assert post(outbox, to, out=tmp_path, patience=QUICK) == ()
        assert len(peer.got) == 1


def test_a_refusal_costs_no_other_object(tmp_path: Path) -> None:
    """An object that is refused for good waits with its reason; the others arrive; a warning is no refusal."""
    with archive(0xC001, 0xB000) as peer, open_outbox(tmp_path / "outbox.sqlite") as outbox:
        to = node(peer.port)
        entered(tmp_path, to, 4)
        (left,) = post(outbox, to, out=tmp_path, patience=QUICK)
        assert left.sop_instance_uid == f"{STUDY}.1"
        assert left.why == "refused with status C001"
        assert len(peer.got) == 2  # and one with a warning
        assert outbox.delivered(to=to.name) == 3
        assert post(outbox, to, out=tmp_path, patience=QUICK) == ()


@pytest.mark.parametrize("written_as", ["ARCHIVE@127.0.0.1:{}", "http://127.0.0.1:{}/dicom-web"])
def test_an_archive_that_is_away_loses_nothing(tmp_path: Path, written_as: str) -> None:
    """Nobody listens: after all attempts the object waits and says why."""
    to = destination(written_as.format(free_port()))
    entered(tmp_path, to, 1)
    with open_outbox(tmp_path / "outbox.sqlite") as outbox:
        (left,) = post(outbox, to, out=tmp_path, patience=QUICK)
    assert left.why.endswith("(tried 3 times)")
    assert left.attempts == 1


def test_a_wrong_title_is_rejected(tmp_path: Path) -> None:
    """An archive that does not know the title that we call says so."""
    with archive() as peer, open_outbox(tmp_path / "outbox.sqlite") as outbox:
        to = destination(f"NOBODY@127.0.0.1:{peer.port}")
        entered(tmp_path, to, 1)
        (left,) = post(outbox, to, out=tmp_path, patience=Patience(attempts=1))
        assert "rejects the association" in left.why
        assert peer.got == []


SEND_AND_DIE = """
import os, sys
from pathlib import Path
from catheterview.archive import destination, open_outbox, post
out, to = Path(sys.argv[1]), destination(sys.argv[2])
with open_outbox(out / "outbox.sqlite") as outbox:
    post(outbox, to, out=out, tell=lambda done, total, what: os._exit(9) if done == 2 else None)
"""


def test_a_crash_loses_nothing(tmp_path: Path) -> None:
    """A sender that dies after two objects: the next run sends the others, and only those."""
    with archive() as peer:
        to = node(peer.port)
        entered(tmp_path, to)
        done = subprocess.run([sys.executable, "-c", SEND_AND_DIE, tmp_path, to.name], check=False)
        assert done.returncode == 9
        assert len(peer.got) == 2
        with open_outbox(tmp_path / "outbox.sqlite") as outbox:
            assert len(outbox.waiting(to=to.name)) == 2
            assert post(outbox, to, out=tmp_path, patience=QUICK) == ()
        assert sorted(peer.got) == [f"{STUDY}.{n}" for n in range(1, 5)]


def test_orthanc_takes_both_ways(tmp_path: Path) -> None:
    """Sent by STOW-RS and by C-STORE, the objects are in the archive, in their study."""
    with orthanc(tmp_path) as peer, open_outbox(tmp_path / "outbox.sqlite") as outbox:
        for to in (destination(peer.web), destination(f"ORTHANC@127.0.0.1:{peer.dicom}")):
            entered(tmp_path, to, 3)
            assert post(outbox, to, out=tmp_path, patience=QUICK) == ()
        (study,) = peer.ask("/studies?expand")
        assert study["MainDicomTags"]["StudyInstanceUID"] == STUDY
        assert len(peer.ask("/instances")) == 3


@pytest.mark.parametrize(
    "wrong", ["nowhere", "A@b", "A@b:0", "A@b:99999", "TITLE-OF-MORE-THAN-16@b:104", "https://me:secret@b/", "http://"]
)
def test_a_destination_that_makes_no_sense_is_named(wrong: str) -> None:
    """A typing mistake is misuse; a password in the command line is refused without being repeated."""
    with pytest.raises(InputError, match="--to") as raised:
        destination(wrong)
    assert "secret" not in str(raised.value)


def test_what_is_no_outbox_is_refused(tmp_path: Path) -> None:
    """A file of another kind in its place is named."""
    (tmp_path / "outbox.sqlite").write_text("not a database, certainly")
    with pytest.raises(InputError, match=r"outbox\.sqlite"), open_outbox(tmp_path / "outbox.sqlite"):
        pass

"""A case is known by a keyed hash; the key stays with the site."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from synthetic_series import KEY, STUDY, oblique_grid, write_series

from catheterview.errors import InputError
from catheterview.read import pseudonym, scan, site_key


def test_the_same_patient_is_the_same_case(tmp_path: Path) -> None:
    """A case id is the pseudonym of issuer and PatientID, and what facts files compute is the same."""
    write_series(tmp_path, oblique_grid())
    (case,) = scan([tmp_path], key=KEY).cases
    assert case.case_id == pseudonym(issuer="HOSPITAL", patient_id=" PID-4711 ", key=KEY)


@given(issuer=st.none() | st.text(max_size=8), patient=st.text(min_size=1, max_size=8))
def test_issuer_number_and_key_all_count(issuer: str | None, patient: str) -> None:
    """Other issuers, numbers and keys give other cases; an issuer cannot be shifted into a number."""
    one = pseudonym(issuer=issuer, patient_id=patient, key=KEY)
    assert one == pseudonym(issuer=issuer, patient_id=patient, key=KEY)
    others = [
        pseudonym(issuer=issuer, patient_id=patient, key=KEY + b"."),
        pseudonym(issuer=(issuer or "") + "x", patient_id=patient, key=KEY),
        pseudonym(issuer=issuer, patient_id=patient + "x", key=KEY),
        pseudonym(issuer=None, patient_id=f"{(issuer or '').strip()}{patient.strip()}yy", key=KEY),
    ]
    assert one not in others
    assert len(one) == 16


def test_without_a_number_each_study_is_its_case(tmp_path: Path) -> None:
    """Patients without an id are not thrown together."""

    def nameless(study):
        def change(one, k):
            one.PatientID = ""
            one.StudyInstanceUID, one.SeriesInstanceUID = study, f"{study}.1"
            one.SOPInstanceUID = f"{study}.1.{k}"

        return change

    write_series(tmp_path / "a", oblique_grid(), change=nameless(f"{STUDY}.1"))
    write_series(tmp_path / "b", oblique_grid(), change=nameless(f"{STUDY}.2"))
    cases = scan([tmp_path], key=KEY).cases
    assert len(cases) == 2
    assert all(len(case.studies) == 1 for case in cases)


def test_a_name_beyond_ascii_is_what_a_person_types(tmp_path: Path) -> None:
    """PatientID is decoded by the file's character set before it is hashed."""

    def change(one, _k):
        one.SpecificCharacterSet, one.PatientID, one.IssuerOfPatientID = "ISO_IR 192", "Ärztin-7", ""

    write_series(tmp_path, oblique_grid(), change=change)
    (case,) = scan([tmp_path], key=KEY).cases
    assert case.case_id == pseudonym(issuer=None, patient_id="Ärztin-7", key=KEY)


def test_an_empty_key_is_refused() -> None:
    """Without a key the hash could be undone by trying all numbers."""
    with pytest.raises(InputError, match="key is empty"):
        pseudonym(issuer=None, patient_id="1", key=b"")


def test_the_key_is_made_once_and_is_private(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A site makes its key on first use, for its owner only, and keeps it."""
    monkeypatch.delenv("CATHETERVIEW_KEY", raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    first = site_key()
    path = tmp_path / "catheterview" / "key"
    assert len(first) >= 32
    assert site_key() == first
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(path.parent.iterdir()) == [path]


def test_the_environment_gives_the_key(monkeypatch: pytest.MonkeyPatch) -> None:
    """A department that runs many machines gives them one key."""
    monkeypatch.setenv("CATHETERVIEW_KEY", "shared secret")
    assert site_key() == b"shared secret"


@pytest.mark.parametrize(("mode", "content", "reason"), [(0o644, "abc", "private"), (0o600, " \n", "empty")])
def test_a_bad_key_file_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mode: int, content: str, reason: str
) -> None:
    """A key that others can read, or that is no key, is not used."""
    monkeypatch.delenv("CATHETERVIEW_KEY", raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    path = tmp_path / "catheterview" / "key"
    path.parent.mkdir()
    path.write_text(content)
    path.chmod(mode)
    with pytest.raises(InputError, match=reason):
        site_key()

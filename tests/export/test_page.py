"""The pages: self-contained, escaped, honest, and usable without sight or mouse."""

from __future__ import annotations

import base64
import itertools
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given, settings

from catheterview.errors import InputError
from catheterview.export import EXPORTERS, write_page, write_worklist
from catheterview.model import CaseRow, KeyImage, Problem, Report, Rung
from strategies import reports

#: One grey pixel, 7 wide and 5 high as far as its header says; pages do not decode pictures.
PNG = bytes.fromhex("89504e470d0a1a0a0000000d49484452" + "00000007" + "00000005" + "0800000000" + "00" * 8)
HOSTILE = "<script>alert('Doe^Jane')</script> & \"quoted\" {{ 7 * 7 }}"
VOID = {"meta", "img", "br", "link", "input", "hr"}


class Page(HTMLParser):
    """A page taken apart: its elements in order, its text, and whether every element is closed in order."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self._open: list[str] = []
        self.feed(path.read_text(encoding="utf-8"))
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self._open[-1:] not in (["style"], ["script"]):
            self.words.append(data)

    @property
    def text(self) -> str:
        """All that a reader sees, spaces evened out."""
        return " ".join(" ".join(self.words).split())

    def every(self, tag: str) -> list[dict[str, str | None]]:
        """The attributes of every element of one kind."""
        return [attributes for name, attributes in self.elements if name == tag]


def pictures(report: Report) -> list[KeyImage]:
    """An overview and a close-up of the first finding."""
    return [
        KeyImage(name="mip-coronal", caption="Coronal projection <all of it>", png=PNG),
        KeyImage(name="finding", caption="A close look", png=PNG, finding_id=report.findings[0].id),
    ]


@pytest.fixture
def page(report: Report, tmp_path: Path) -> Page:
    """The page of the example report."""
    return Page(write_page(report, pictures(report), tmp_path))


@pytest.mark.parametrize("exporter", EXPORTERS, ids=lambda exporter: exporter.name)
@given(reports())
@settings(max_examples=20)
def test_every_exporter_writes_every_report_under_its_name(exporter, tmp_path_factory, report: Report) -> None:
    """Whatever a report holds, it leaves in every form, whole, and the same each time."""
    folder = tmp_path_factory.mktemp("case")
    written = exporter.run(report, [], folder)
    first = written.read_bytes()
    exporter.run(report, [], folder)
    assert [path.name for path in folder.iterdir()] == [exporter.writes]
    assert (written.read_bytes(), report.case_id in first.decode()) == (first, True)


@given(reports())
@settings(max_examples=20)
def test_a_page_is_well_formed_whatever_the_report_says(tmp_path_factory, report: Report) -> None:
    """Text with quotes, ampersands and brackets opens no element."""
    made = Page(write_page(report, [], tmp_path_factory.mktemp("case")))
    assert not made.every("script")
    assert " ".join(report.decision.action.split()) in made.text


def test_text_from_files_is_shown_and_never_run(report: Report, tmp_path: Path) -> None:
    """A name that is a program is shown as it is written."""
    hostile = replace(
        report,
        case_id=HOSTILE,
        findings=tuple(replace(f, message=HOSTILE, level=HOSTILE, cautions=(HOSTILE,)) for f in report.findings),
        decision=replace(report.decision, action=HOSTILE, step=HOSTILE, ask=(HOSTILE,)),
        problems=(Problem(path_or_uid=HOSTILE, stage="read", reason=HOSTILE),),
        limits={HOSTILE: HOSTILE},
    )
    image = KeyImage(name="x", caption=HOSTILE, png=PNG)
    made = Page(write_page(hostile, [image], tmp_path))
    assert not made.every("script")
    assert made.text.count(HOSTILE) >= 10
    assert made.every("img")[0]["alt"] == HOSTILE


def test_a_page_needs_nothing_but_itself(report: Report, tmp_path: Path) -> None:
    """It opens from a disk without a network: pictures are in it, and it may load nothing."""
    path = write_page(report, pictures(report), tmp_path)
    made, source = Page(path), path.read_text()
    assert all(image["src"] == "data:image/png;base64," + base64.b64encode(PNG).decode() for image in made.every("img"))
    assert not re.search(r"https?://|url\(|@import", source)
    assert not made.every("link")
    (policy,) = [m["content"] for m in made.every("meta") if m.get("http-equiv") == "Content-Security-Policy"]
    assert "default-src 'none'" in policy


def test_a_page_always_says_what_it_is(page: Page, report: Report, tmp_path: Path) -> None:
    """The banner stands on every page, the worklist included."""
    write_worklist([CaseRow.of(report)], tmp_path / "worklist.html")
    for made in (page, Page(tmp_path / "worklist.html")):
        assert made.text.count("Research use only.") >= 2
        assert "Not a medical device" in made.text


@pytest.mark.parametrize("empty", [True, False])
def test_a_page_never_says_normal(report: Report, tmp_path: Path, empty: bool) -> None:
    """Nothing found is said as what it is: nothing reported by what ran."""
    quiet = replace(report, findings=(), decision=replace(report.decision, because=())) if empty else report
    made = Page(write_page(quiet, [], tmp_path))
    assert not re.search(r"\b(normal|healthy|unremarkable|all clear|no abnormality)\b", made.text, re.IGNORECASE)
    assert ("does not rule out a malfunction" in made.text) is empty


def test_a_page_shows_all_that_a_radiologist_asks(page: Page, report: Report) -> None:
    """Decision, findings, device, coverage, problems, limits and version are all there."""
    told = [
        "Urgent",
        report.decision.action,
        "M3",
        "gate.mri_excludes_granuloma_or_compression",
        "A gap of 7.3 mm in CT.",
        "6.2",
        "discontinuity",
        "subcutaneous tract",
        "L3",
        report.findings[0].message,
        report.findings[0].cautions[0],
        "7.2 mm",
        "84.0°",
        "SynchroMed II 20 ml",
        "86 mm across, 20 mm thick",
        "interrupted over",
        "dural entry at",
        "Distance from the pump end",
        "no contrast was given",
        "not examined",
        "truncated: pixel data ends after 40 of 512 rows",
        "detect.kink_turn_deg",
        "0.1.0",
        "2026-03-02",
        "long and straight, inside the bone",
        "Plain CT shows the course of the catheter, not its flow",
    ]
    assert [words for words in told if words not in page.text] == []


def test_what_could_not_be_examined_is_told_first(page: Page) -> None:
    """A reader sees the holes before the rest."""
    section = page.text[page.text.index("What was examined, and what was not") :]
    assert section.index("contrast not examined") < section.index("discontinuity examined")


def test_a_page_can_be_used_without_sight_or_mouse(page: Page) -> None:
    """Pictures have words, headings do not skip a level, tables have headers, links go somewhere, and one can skip."""
    assert all(image["alt"] for image in page.every("img"))
    levels = [int(tag[1]) for tag, _ in page.elements if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))
    assert all("scope" in header for header in page.every("th"))
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    targets = [link["href"] for link in page.every("a")]
    assert all(target.startswith("#") and target[1:] in ids for target in targets)
    assert targets[0] == "#content"
    assert page.every("html")[0]["lang"] == "en"


def test_a_finding_has_its_close_up_and_the_decision_points_to_it(page: Page, report: Report) -> None:
    """A reader goes from the decision to the finding to its picture."""
    order = [attributes.get("alt") or attributes.get("id") for _, attributes in page.elements]
    anchor = f"finding-{report.findings[0].id}"
    assert {"href": f"#{anchor}"} in page.every("a")
    assert order.index(anchor) < order.index("A close look") < order.index(f"finding-{report.findings[1].id}")
    assert order.index("pictures") < order.index("Coronal projection <all of it>") < order.index(anchor)


def test_a_case_without_anything_still_makes_a_page(report: Report, tmp_path: Path) -> None:
    """An empty case says that nothing can be said."""
    bare = replace(report, studies=(), pumps=(), catheters=(), findings=(), examined=(), implants=(), problems=())
    text = Page(write_page(bare, [], tmp_path)).text
    assert "Nothing can be said about this case" in text
    assert "No pump was found" in text
    assert "No catheter was traced" in text


def test_a_film_s_pump_is_not_called_missing(report: Report, tmp_path: Path) -> None:
    """Without a CT no pump is placed in the patient, which is not the same as none found."""
    film = replace(report.studies[0], rung=Rung.RADIOGRAPH)
    text = Page(write_page(replace(report, pumps=(), studies=(film,)), [], tmp_path)).text
    assert "No pump was found" not in text
    assert "No CT was read" in text


def test_everything_lies_in_a_landmark_and_every_table_has_a_name(page: Page) -> None:
    """Banner, header, main and footer are landmarks, so that one can jump; a table says what it is."""
    assert [name for name, _ in page.elements if name in ("aside", "header", "main", "footer")] == [
        "aside", "header", "main", "footer",
    ]  # fmt: skip
    assert all(attributes.get("aria-label") for attributes in page.every("aside") + page.every("nav"))
    assert len(page.every("caption")) == len(page.every("table"))


def luminance(colour: str) -> float:
    """Relative luminance of #rrggbb (WCAG 2.2)."""
    parts = [int(colour[n : n + 2], 16) / 255.0 for n in (1, 3, 5)]
    linear = [one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts]
    return sum(share * one for share, one in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def test_colours_can_be_told_apart(repository: Path) -> None:
    """Text and what it stands on differ by 4.5 to 1, as WCAG AA asks: ink, notes, links, and white on every badge."""
    style = (repository / "src/catheterview/export/templates/style.css").read_text()
    named = dict(re.findall(r"--([a-z_]+): (#[0-9a-f]{6})", style))
    pairs = [(named[text], named[under]) for text in ("ink", "soft") for under in ("ground", "tint")]
    pairs += [("#0b5394", named[under]) for under in ("ground", "tint")]
    pairs += [("#ffffff", named[badge]) for badge in ("emergent", "urgent", "soon", "routine", "cannot_tell", "ink")]
    assert "#0b5394" in style
    for pair in pairs:
        dark, light = sorted(map(luminance, pair))
        assert (light + 0.05) / (dark + 0.05) >= 4.5, pair


def test_the_worklist_is_sorted_and_links_to_the_cases(report: Report, tmp_path: Path) -> None:
    """The most urgent case is on top, whatever order they came in, and its page is one click away."""
    rows = [
        CaseRow.of(replace(report, case_id=f"case{n}", priority=priority))
        for n, priority in enumerate(["routine", "cannot_tell", "emergent"])
    ]
    made = Page(write_worklist(rows, tmp_path / "worklist.html"))
    links = [link["href"] for link in made.every("a")]
    assert links == ["#content", *(f"cases/case{n}/report.html" for n in (2, 1, 0))]
    assert "3 cases, most urgent first: 1 emergent, 1 cannot tell, 1 routine" in made.text


def test_an_empty_worklist_is_a_page_too(tmp_path: Path) -> None:
    """A run over a folder without studies leaves a page that says so."""
    assert "No case yet" in Page(write_worklist([], tmp_path / "worklist.html")).text


def test_a_hostile_case_id_opens_no_element_in_the_worklist(report: Report, tmp_path: Path) -> None:
    """The worklist escapes as the page does."""
    row = CaseRow.of(replace(report, case_id='"><script>x</script>'))
    made = Page(write_worklist([row], tmp_path / "worklist.html"))
    assert len(made.every("script")) == 1  # ours
    assert '"><script>x</script>' in made.text


def test_a_place_that_cannot_be_written_is_named(report: Report, tmp_path: Path) -> None:
    """A file where the folder should be is one clear error."""
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(InputError, match=r"report\.html"):
        write_page(report, [], tmp_path / "file")

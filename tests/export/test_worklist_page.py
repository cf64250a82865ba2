"""The worklist in a browser: it sorts and filters from the disk, without a network, for eyes, keys and ears."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from catheterview.export import write_worklist
from catheterview.model import URGENCY, CaseRow, Report

ACT = """
<script>
const form = document.querySelector("#filters");
const say = (name) => {
  const shown = [...document.querySelectorAll("#cases tbody tr")].filter((row) => !row.hidden);
  document.body.setAttribute("data-" + name, shown.map((row) => row.cells[1].textContent.trim().slice(-2)).join(" "));
};
const type = (value) => { form.words.value = value; form.dispatchEvent(new Event("input", {bubbles: true})); };
const head = (n) => document.querySelectorAll("#cases thead th button")[n];
say("first");
type("KINK soon"); say("words"); document.body.setAttribute("data-told", document.querySelector("#told").textContent);
type("");
const changed = () => form.dispatchEvent(new Event("input", {bubbles: true}));
form.priority.value = "routine"; changed(); say("routine");
form.priority.value = ""; form.unread.checked = true; changed(); say("unread");
form.unread.checked = false; changed();
head(7).click(); head(7).click(); say("problems");
head(0).click(); say("again");
head(0).focus(); document.body.setAttribute("data-focus", document.activeElement.textContent);
</script>
"""


def rows(report: Report) -> list[CaseRow]:
    """Ten cases of every priority; every second was read, and numbers that sort otherwise as text."""
    row = CaseRow.of(report)
    return [
        replace(
            row,
            case_id=f"{n:016x}",
            priority=URGENCY[n % 5],
            problems=n * 3,
            reviews=n % 2,
            kinds=("kink",) if n > 4 else ("migration",),
        )
        for n in range(10)
    ]


def shown(page: Path) -> str:
    """The page's elements after its scripts ran, in Chromium without a network."""
    browser = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if not browser:
        pytest.skip("Chromium is not installed (make system does, as root)")
    words = [browser, "--headless", "--no-sandbox", "--disable-gpu", "--proxy-server=127.0.0.1:9", "--dump-dom"]
    done = subprocess.run([*words, page.as_uri()], capture_output=True, text=True, check=True, timeout=120)
    return done.stdout


def test_the_page_s_policy_allows_its_own_script_alone(report: Report, tmp_path: Path) -> None:
    """As it is opened from the disk the script runs, and one that somebody smuggled in does not."""
    path = write_worklist(rows(report), tmp_path / "worklist.html")
    path.write_text(path.read_text().replace("</main>", "</main><script>document.title = 'smuggled'</script>"))
    dom = shown(path)
    assert "All 10 cases are shown." in dom
    assert "smuggled</title>" not in dom


def test_it_sorts_and_filters(report: Report, tmp_path: Path) -> None:
    """By words, priority and verdict; by numbers as numbers; and a hidden case is told as hidden, not as done."""
    path = write_worklist(rows(report), tmp_path / "worklist.html")
    free = re.sub(r"<meta http-equiv[^>]*>", "", path.read_text())
    path.write_text(free.replace("</body>", f"{ACT}</body>"))
    dom = shown(path)
    said = dict(re.findall(r'data-(\w+)="([^"]*)"', dom[dom.index("<body") : dom.index(">", dom.index("<body"))]))
    assert said["first"] == "00 05 01 06 02 07 03 08 04 09"
    assert said["words"] == "07"
    assert said["told"].startswith("1 of 10 cases are shown")
    assert said["routine"] == "04 09"
    assert said["unread"] == "00 06 02 08 04"
    assert said["problems"] == "09 08 07 06 05 04 03 02 01 00"
    assert said["again"] == said["first"]
    assert said["focus"] == "Priority"


def test_it_can_be_read_without_scripts_eyes_or_mouse(report: Report, tmp_path: Path) -> None:
    """Without scripts the list is whole and the filters are hidden; every field has a label, changes are announced."""
    source = write_worklist(rows(report), tmp_path / "worklist.html").read_text()
    assert source.count("cases/0000") == 10
    assert '<form id="filters" class="filters" hidden' in source
    assert 'role="status" aria-live="polite"' in source
    form = source[source.index("<form") : source.index("</form>")]
    assert form.count("<label>") == len(re.findall(r"<(input|select)", form))
    assert source.count('scope="col"') == 9
    assert source.count('scope="row"') == 10

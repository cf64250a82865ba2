"""Accuracy on simulated devices: ``python benchmarks/accuracy.py --split train --count 12``.

Makes the cohort (kept in the scratch folder for the next run), examines every case from its DICOM files, scores it
against truth, prints a line a case and the bars with their intervals. Stopped half way, it goes on where it was: a
report is kept as long as neither the case nor the code has changed.

The test split is for measuring: nothing is ever set by looking at it. Tune on train.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import tempfile
import traceback
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path

import one_thread  # noqa: F401 sets how many threads the libraries below take, before they are loaded
from accuracy_table import bar_table, document, failures, head, line
from cohort import ARCHIVES, Member, members, members_elsewhere, source_digest, study_of, truth_of
from document import put_table

from catheterview.score import CaseScore, Summary, score_case, summarise, write_summary

HERE = Path(__file__).resolve().parent
DOCUMENT = HERE.parent / "docs" / "accuracy.md"
KINDS = ("discontinuity", "kink")


def main() -> None:
    wanted = _arguments()
    main_cases = members(wanted.split, wanted.count, thick=False)
    thick_cases = members(wanted.split, wanted.thick, thick=True)
    elsewhere = members_elsewhere(wanted.split, wanted.elsewhere)
    groups = (main_cases, thick_cases, elsewhere)
    chosen = [member for group in groups for member in group if wanted.case in member.name]
    if wanted.background:
        chosen = [member for member in chosen if member.tags["background"] == wanted.background]
    scores = dict(_scored(chosen, wanted))
    scored = [[(m.name, scores[m.name]) for m in group if m.name in scores] for group in groups]
    summaries = [summarise([score for _, score in group], kinds=KINDS) if group else None for group in scored]
    _tell(scored, summaries, wanted)


def _tell(
    groups: Sequence[Sequence[tuple[str, CaseScore]]], summaries: Sequence[Summary | None], wanted: argparse.Namespace
) -> None:
    """Print the bars and what failed; write the files, and the page when asked."""
    summary = summaries[0]
    for title, one, group in zip(("main", "thick slices", "elsewhere"), summaries, groups, strict=True):
        if one is not None:
            print(f"\n{title}, {wanted.split} split, {len(one.cases)} cases\n\n{bar_table(one)}")
            print(f"failed:\n{failures(group)}")
    if summary is None:
        return
    if wanted.out:
        write_summary(summary, wanted.out)
    if wanted.write:
        put_table(
            DOCUMENT, document(summary, summaries[1:], split=wanted.split, seeds="seeds fixed in benchmarks/cohort.py")
        )


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--split", choices=("train", "test"), default="train")
    parser.add_argument("--count", type=int, default=48, help="cases at about 1 mm (default 48)")
    parser.add_argument("--thick", type=int, default=0, help="more cases at 2, 3 and 5 mm (default none)")
    parser.add_argument("--elsewhere", type=int, default=0, help="more in two other real patients (default none)")
    parser.add_argument("--quick", action="store_true", help="without metal projection: seconds a case, few streaks")
    parser.add_argument("--case", default="", help="only cases with this in their name")
    parser.add_argument("--background", choices=("synthetic", "real"), help="only this half")
    parser.add_argument("--jobs", type=int, default=2, help="cases at the same time (default 2)")
    parser.add_argument("--scratch", type=Path, default=_scratch(), help="where cases and reports are kept")
    parser.add_argument("--again", action="store_true", help="examine anew even where nothing has changed")
    parser.add_argument("--out", type=Path, help="write score.json, .csv, .md and .html here")
    parser.add_argument("--write", action="store_true", help="put the tables into docs/accuracy.md")
    return parser.parse_args()


def _scratch() -> Path:
    return Path(os.environ.get("TMPDIR", tempfile.gettempdir())) / "catheterview-accuracy"


def _real(member: Member) -> Path:
    """Where a real patient is: in the folder that the tests use, too."""
    folder = os.environ.get("CATHETERVIEW_REAL_DATA")
    return (Path(folder) if folder else HERE.parents[1] / "shared" / "data") / ARCHIVES[member.patient]


def _scored(chosen: Sequence[Member], wanted: argparse.Namespace) -> Iterator[tuple[str, CaseScore]]:
    """Score every case, as they end, and print its line."""
    print(head(), flush=True)
    with ProcessPoolExecutor(max_workers=wanted.jobs) as pool:
        waiting = {pool.submit(_one, member, wanted): member for member in chosen}
        for ended in as_completed(waiting):
            member, score = waiting[ended], ended.result()
            print(line(member.name, member.recipe.wall_hu, str(member.tags["slice"]), score), flush=True)
            yield member.name, score


def _one(member: Member, wanted: argparse.Namespace) -> CaseScore:
    """Make, examine and score one case, in a process of the pool."""
    member = member.quick() if wanted.quick else member
    folder = study_of(member, wanted.scratch / "cases" / wanted.split, _real(member))
    kept = wanted.scratch / "reports" / wanted.split / folder.name / "report.json"
    key = kept.with_name("source.txt")
    known = key.read_text(encoding="utf-8") if key.exists() else ""
    if wanted.again or known != source_digest() or not kept.exists():
        # Reports on what an older phantom made under this name go.
        for stale in kept.parent.parent.glob(f"{member.name}-{'[0-9a-f]' * 12}"):
            shutil.rmtree(stale, ignore_errors=True)
        kept.parent.mkdir(parents=True, exist_ok=True)
        _examine(folder, kept.parent)
        key.write_text(source_digest(), encoding="utf-8")
    report = json.loads(kept.read_text(encoding="utf-8")) if kept.exists() else None
    return score_case(report, truth_of(member, folder))


def _examine(folder: Path, out: Path) -> None:
    """Examine one case and write its report; a crash leaves none, is printed, and counts as everything missed."""
    from triage_report import report_on
    from triage_stages import examine

    from catheterview.export import write_report

    times: dict[str, float] = {}
    (out / "report.json").unlink(missing_ok=True)
    try:
        walked = examine(folder, times)
        write_report(report_on(walked, times), out)
    except Exception:  # noqa: BLE001 a bench must say which case broke and go on with the next
        print(f"{folder.name} broke:\n{traceback.format_exc()}", flush=True)


if __name__ == "__main__":
    main()

"""How fast the reading room is on a CT of 512 x 512 x 600, and what fifty cases leave behind.

Run as ``xvfb-run -a python benchmarks/reading_room.py [--work FOLDER] [--cases 50] [--write]``. Wall time and, beside
it, the time that this process kept a core busy: on a machine that does other work only the second is a measure.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "plugins" / "napari-catheterview" / "tests"))

from document import put_table  # noqa: E402 - beside this file
from review_cases import image, report  # noqa: E402 - the plugin's own small cases
from written import write_ct, write_out  # noqa: E402 - as above

from catheterview.geometry import Frame, grid_from_axes  # noqa: E402
from catheterview.model import Image, Report  # noqa: E402

SHAPE = (600, 512, 512)
#: Points of the drawn catheter, and the findings on it.
POINTS, FINDINGS_AT = 700, (100, 600)
PATIENCE_S = 600.0
#: Steps to the next finding and the next case of which the middle one is told.
STEPS = 8


@dataclass(kw_only=True)
class Line:
    """One line of the table."""

    what: str
    bar: str
    wall_s: float = 0.0
    cpu_s: float = 0.0
    said: str = ""

    def __str__(self) -> str:
        found = f"{self.said} |" if self.said else f"{self.wall_s:.2f} s | {self.cpu_s:.2f} s"
        return f"| {self.what} | {self.bar} | {found} |"


def big_case(folder: Path) -> Path:
    """Write a feet-first CT of 600 slices with a drawn catheter, and two cases on it; kept when it is there."""
    out = folder / "out"
    if out.is_dir():
        return out
    axes = [[0, 0, -1.0], [0, 0.78, 0], [-0.78, 0, 0]]
    grid = grid_from_axes(SHAPE, origin=(200.0, -200.0, 300.0), axes_mm=axes)
    along = np.linspace(0, 1, POINTS)
    index = np.stack([50 + 500 * along, 256 + 80 * np.sin(9 * along), 100 + 300 * along], axis=1)
    noise = np.random.default_rng(0).normal(40, 20, SHAPE[1:]).astype(np.int16)
    voxels = np.empty(SHAPE, dtype=np.int16)
    for k in range(SHAPE[0]):
        voxels[k] = np.roll(noise, 7 * k)
    k, j, i = np.rint(index).astype(int).T
    voxels[k, j, i] = 1200
    known = report("feet first", case_id="case-a")
    drawn = _drawn(known, grid.index_to_world(index))
    uid = known.catheters[0].series_instance_uid
    names = {"series_instance_uid": uid, "study_instance_uid": f"{uid}.1"}
    made = Image(voxels=voxels, grid=grid, frame=Frame.PATIENT, modality="CT", **names)
    write_ct(made, folder / "ct")
    return write_out(out, [drawn, replace(drawn, case_id="case-b")], [folder / "ct"])


def _drawn(known: Report, points: np.ndarray) -> Report:
    ones = np.ones(POINTS)
    parts = {"radius": ones, "confidence": ones, "contrast": ones, "noise": ones}
    catheter = replace(known.catheters[0], points=points, pieces=((0, POINTS - 1),), **parts)
    places = [tuple(float(v) for v in points[at]) for at in FINDINGS_AT]
    found = tuple(replace(one, point=place) for one, place in zip(known.findings, places, strict=True))
    return replace(known, catheters=(catheter,), findings=found)


def small_cases(folder: Path, count: int) -> Path:
    """Write a number of small cases on two sets of images."""
    names = ("feet first", "oblique")
    reports = [report(names[n % 2], case_id=f"case-{n:03d}") for n in range(count)]
    out = write_out(folder / "out", reports, [])
    folders = [write_ct(image(name), folder / name.replace(" ", "-")) for name in names]
    for n, one in enumerate(reports):
        noted = f'{{"inputs": ["{folders[n % 2]}"]}}'
        (out / "cases" / one.case_id / "source.json").write_text(noted, encoding="utf-8")
    return out


@contextmanager
def timed(line: Line) -> Iterator[None]:
    """Note how long something took, by the wall and by the process."""
    wall, cpu = time.perf_counter(), time.process_time()
    yield
    line.wall_s, line.cpu_s = time.perf_counter() - wall, time.process_time() - cpu


class Reader:
    """A window with a room in it, and how to wait for it."""

    def __init__(self) -> None:
        import napari
        import psutil
        from qtpy.QtWidgets import QApplication

        self.viewer, self.turn = napari.Viewer(), QApplication.processEvents
        self.viewer.window.resize(1500, 950)
        self.process = psutil.Process()
        self.room = None

    def enter(self, out: Path) -> None:
        from napari_catheterview.app import open_room

        self.room = open_room(self.viewer, out)

    def stand(self, scratch: Path) -> None:
        """Furnish the window on a worklist without cases, and let it be painted."""
        self.enter(write_out(scratch, [], []))
        self.painted()

    def until(self, done: Callable[[], bool]) -> None:
        patience = time.monotonic() + PATIENCE_S
        while not done():
            if time.monotonic() > patience:
                raise TimeoutError(self.room.cases.status.text())
            self.turn()
            time.sleep(0.002)

    def painted(self) -> None:
        """Let everything that is due be painted."""
        self.turn()
        self.viewer.screenshot(canvas_only=True, flash=False)

    def shown(self, case_id: str) -> bool:
        return self.room.ready and self.room.desk.case.report.case_id == case_id

    def rss_mb(self) -> float:
        return self.process.memory_info().rss / 2**20


def open_big(reader: Reader, out: Path) -> tuple[Line, Line]:
    """Open the big case: its first picture, and all of it."""
    first = Line(what="first picture of a case", bar="2 s")
    everything = Line(what="all of it", bar="5 s after page cache")
    for path in sorted((out.parent / "ct").iterdir()):
        path.read_bytes()
    with timed(everything):
        with timed(first):
            reader.enter(out)
            reader.until(lambda: reader.room.session is not None)
            reader.painted()
        reader.until(lambda: reader.room.ready and not reader.room.opener.busy)
        reader.painted()
    return first, everything


def fast(reader: Reader, out: Path) -> list[Line]:
    """Open the big case, go on among its findings, and to the next case."""
    finding = Line(what="next finding", bar="0.3 s")
    following = Line(what="next case, read ahead", bar="2 s")
    before = reader.rss_mb()
    lines = open_big(reader, out)
    steps = []
    for _ in range(STEPS):
        step = Line(what="", bar="")
        with timed(step):
            reader.room.step(1)
            reader.painted()
        steps.append(step)
    middle = sorted(steps, key=lambda one: one.cpu_s)[STEPS // 2]
    finding.wall_s, finding.cpu_s = middle.wall_s, middle.cpu_s
    one = reader.rss_mb() - before
    reader.room.opener.prefetch("case-b")
    reader.until(lambda: reader.room.opener.ready)
    two = reader.rss_mb() - before
    with timed(following):
        reader.room.open("case-b")
        reader.until(lambda: reader.shown("case-b"))
        reader.painted()
    volume = np.prod(SHAPE) * 2 / 2**20
    memory = (
        f"{one:.0f} MB, {one / volume:.2f} volumes; with the next case read ahead {two:.0f} MB, {two / volume:.2f}; "
        f"the window before it {before:.0f} MB"
    )
    return [*lines, finding, following, Line(what="memory that the case takes", bar="2.5 volumes", said=memory)]


def cold(out: Path) -> list[Line]:
    """Open the big case in a window that has nothing in it yet, in a process of its own."""
    done = subprocess.run([sys.executable, __file__, "--cold", str(out)], capture_output=True, text=True, check=True)
    return [Line(**one) for one in json.loads(done.stdout.splitlines()[-1])]


def measure_cold(out: Path) -> None:
    """Print what `cold` asks for."""
    never_ahead()
    reader = Reader()
    reader.painted()
    lines = open_big(reader, out)
    reader.room.close()
    reader.viewer.close()
    what = ("first picture, with the docks put into an empty window", "all of it, likewise")
    print(json.dumps([vars(replace(line, what=words, bar="")) for line, words in zip(lines, what, strict=True)]))


def never_ahead() -> None:
    """Have the next case read ahead only when that is measured."""
    import napari_catheterview.arrivals

    napari_catheterview.arrivals.AHEAD_MS = 2**30


def leaks(reader: Reader, out: Path, count: int) -> Line:
    """Open many cases, and count what is alive after the sixth and after the last."""
    import gc

    from napari.layers import Layer
    from napari.qt import QtViewer

    def alive() -> tuple[int, ...]:
        gc.collect()
        found = gc.get_objects()
        kinds = [sum(isinstance(one, kind) for one in found) for kind in (QtViewer, Layer)]
        return (*kinds, threading.active_count(), len(list(Path("/proc/self/fd").iterdir())))

    reader.enter(out)
    before, used = (), 0.0
    for n in range(count):
        reader.room.open(f"case-{n:03d}")
        reader.until(lambda n=n: reader.shown(f"case-{n:03d}"))
        if n == 6:
            before, used = alive(), reader.rss_mb()
    reader.room.cancel()
    after = alive()
    words = ("canvases", "layers", "threads", "handles")
    said = ", ".join(f"{name} {a} to {b}" for name, a, b in zip(words, before, after, strict=True))
    grown = f"{said}, memory {reader.rss_mb() - used:+.0f} MB"
    return Line(what=f"case 7 to case {count}", bar="nothing grows", said=grown)


def main() -> None:
    """Measure, print the table, and with ``--write`` put it into the page."""
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--work", type=Path, help="where the big case is kept between runs")
    asked.add_argument("--cases", type=int, default=50)
    asked.add_argument("--write", action="store_true")
    asked.add_argument("--cold", type=Path, help="of an output folder only: what the bench asks itself")
    options = asked.parse_args()
    if options.cold:
        measure_cold(options.cold)
        return
    with tempfile.TemporaryDirectory() as scratch:
        big = big_case(options.work or Path(scratch) / "big")
        lines = cold(big)
        never_ahead()
        opened = Line(what="a window with its docks, without a case", bar="")
        with timed(opened):
            reader = Reader()
            reader.stand(Path(scratch) / "none")
        lines = [opened, *fast(reader, big), *lines]
        print(*lines, sep="\n", flush=True)
        lines += [leaks(reader, small_cases(Path(scratch), options.cases), options.cases)]
        reader.room.close()
        reader.viewer.close()
    load = os.getloadavg()[0] / (os.cpu_count() or 1)
    head = "| what | bar | wall | processor |\n|---|---|---|---|"
    note = f"Measured with software rendering on {os.cpu_count()} cores that had {load:.1f} times their work to do."
    table = "\n".join([head, *(str(line) for line in lines), "", note])
    print(table)
    if options.write:
        put_table(HERE.parent / "docs" / "reading-room.md", table)


if __name__ == "__main__":
    main()

"""The tools in hand, joined with the views: ruler and angle, dragging and tracing the catheter again. No Qt."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from catheterview.errors import CatheterviewError
from catheterview.geometry import FloatArray
from catheterview.model import Centreline
from napari_catheterview.case import READING, LoadedCase
from napari_catheterview.desk import Desk
from napari_catheterview.hand.draft import Draft
from napari_catheterview.hand.marks import HANDLES, MEASURE_LINES, MEASURE_WORDS, handles_layer, measure_layers
from napari_catheterview.hand.measure import Measured, Ruler
from napari_catheterview.linked import Linked
from napari_catheterview.straight import straightened

#: Names of the tools and how many clicks each takes.
RULERS = {"ruler": 2, "angle": 3}


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """What the tools tell: words for the reader, a catheter as it now is, and one that is to be kept.

    Parameters
    ----------
    work : callable
        Given a generator function, does it in a thread and hands what it returns, or the error that it raised, to the
        second.
    """

    say: Callable[[str], None]
    redraw: Callable[[LoadedCase], None]
    keep: Callable[[Centreline], None]
    work: Callable[[Callable[[], Generator[str, None, Any]], Callable[[Any], None]], None]


class Tools:
    """At most one tool is in hand; while there is one, clicks are its own.

    Parameters
    ----------
    views : Linked
    bench : Bench
    """

    def __init__(self, views: Linked, bench: Bench) -> None:
        self._views, self._bench = views, bench
        self.measured: list[tuple[int, Measured]] = []
        self.draft: Draft | None = None
        self._ruler: Ruler | None = None
        self._clicks: list[FloatArray] = []
        self._tracing: object | None = None

    @property
    def tracing(self) -> bool:
        """Whether a piece is being traced again in a thread."""
        return self._tracing is not None

    @property
    def case(self) -> LoadedCase | None:
        """What hangs in the main view."""
        return self._views.main.case

    def take_ruler(self, name: str) -> None:
        """Take the ruler or the angle in hand; its next clicks are measured between."""
        self._ruler = Ruler(clicks=RULERS[name])
        self._views.tool = self._measure
        self._bench.say(f"{name}: click {RULERS[name]} points; Escape puts it away")

    def _measure(self, desk: Desk, world: FloatArray) -> None:
        mark = None if desk.case is None else desk.case.mark_at(world)
        if self._ruler is None or mark is None:
            return
        done = self._ruler.add(mark, world)
        if done is not None:
            self.measured.append((id(desk), done))
            self._draw_measures()
            self._bench.say(f"measured {done.words}")
            self.put_away()

    def clear_measures(self) -> None:
        """Take all measures off the views."""
        self.measured.clear()
        self._draw_measures()

    def _draw_measures(self) -> None:
        for desk in self._views.desks:
            if desk.case is None:
                continue
            mine = [one for where, one in self.measured if where == id(desk) or self._shared(desk)]
            lines, words = measure_layers(mine, desk.case.place)
            desk.put(MEASURE_LINES, [lines] if mine else [])
            desk.put(MEASURE_WORDS, [words] if mine else [])

    def _shared(self, desk: Desk) -> bool:
        """Whether a desk shows what the main one shows, so that its measures lie there too."""
        return desk.case is self.case

    def toggle_edit(self) -> None:
        """Begin to draw the catheter anew; when it is being drawn, keep it and stop."""
        if self.draft is not None:
            self.finish_edit(keep=True)
        elif self.case is None or not self.case.catheters or self.case.image is None:
            self._bench.say("there is no catheter here to correct")
        elif self.case.partial:
            self._bench.say(READING)
        else:
            self.draft = Draft(self.case.catheters[0])
            self._views.tool = self._trace
            self._clicks = []
            self._draw_handles()
            self._bench.say("E keeps, Escape drops; drag the handles, or click two places to trace again between them")

    def finish_edit(self, *, keep: bool) -> None:
        """Stop drawing; what was drawn is kept, or the catheter is again what it was."""
        draft, self.draft, self._tracing = self.draft, None, None
        self._clear_handles()
        self.put_away()
        if draft is None or self.case is None:
            return
        if keep and draft.changed:
            self._bench.keep(draft.catheter)
        else:
            while draft.undo():
                pass
            self._show(draft.catheter)
            self._bench.say("the catheter is as it was")

    def put_away(self) -> None:
        """Put ruler or angle away; clicks move the crosshair again."""
        self._ruler = None
        self._views.tool = self._trace if self.draft is not None else None

    def reset(self) -> None:
        """Drop everything: another sheet hangs."""
        self.draft = self._tracing = None
        self._clear_handles()
        self.put_away()
        self.clear_measures()

    def escape(self) -> None:
        """Stop tracing; else put away whatever is in hand, and drop what was drawn and not kept."""
        if self._cancel():
            self._bench.say("tracing stopped; Escape again drops what was drawn")
            return
        self.put_away()
        if self.draft is not None:
            self.finish_edit(keep=False)

    def _cancel(self) -> bool:
        """Have no use for what is being traced; False when nothing is."""
        was, self._tracing = self._tracing, None
        return was is not None

    def undo(self) -> bool:
        """Take the last stroke back while the catheter is being drawn; False when it is not."""
        if self.draft is None:
            return False
        if not self._cancel() and self.draft.undo():
            self._show_draft(self.draft)
        return True

    def redo(self) -> bool:
        """Make the stroke that was last taken back once more; False when the catheter is not being drawn."""
        if self.draft is None:
            return False
        if not self.tracing and self.draft.redo():
            self._show_draft(self.draft)
        return True

    def _show_draft(self, draft: Draft) -> None:
        self._show(draft.catheter)
        self._draw_handles()

    def _trace(self, desk: Desk, world: FloatArray) -> None:
        """Take a click; with the second one trace again between them."""
        if self.draft is None or desk.case is None or desk.case is not self.case or self.case.image is None:
            return
        self._clicks.append(desk.case.place.frame.to_patient(world))
        if len(self._clicks) < 2:
            self._bench.say("first click taken: click where the piece to trace again ends")
            return
        (first, second), self._clicks = self._clicks, []
        self._bench.say("tracing again; Escape stops it")
        asked = self._tracing = object()
        work = partial(_traced, partial(self.draft.trace_again, self.case.image, first, second))
        self._bench.work(work, partial(self._take, asked))

    def _take(self, asked: object, traced: Centreline | Exception) -> None:
        """Take what was traced, unless it is no longer wanted."""
        if asked is not self._tracing or self.draft is None:
            return
        self._tracing = None
        if isinstance(traced, Exception):
            why = traced.reason if isinstance(traced, CatheterviewError) else type(traced).__name__
            self._bench.say(f"not traced: {why}")
            return
        self.draft.take(traced)
        self._show_draft(self.draft)
        self._bench.say(f"traced again; the catheter is now {self.draft.catheter.length_mm:.0f} mm long")

    def _dragged(self, layer: Any) -> None:
        """Let the catheter follow a handle that was dragged on any view."""
        if self.draft is None or self.case is None:
            return
        places = self.case.place.frame.to_patient(np.asarray(layer.data) * self.case.place.voxel_mm)
        if len(places) != len(self.draft.handles):
            self._draw_handles()
            return
        off = np.linalg.norm(places - self.draft.places, axis=1)
        if off.max() > 1e-3:
            self._cancel()
            self.draft.move(int(np.argmax(off)), places[int(np.argmax(off))])
            self._show_draft(self.draft)

    def _draw_handles(self) -> None:
        """Draw the handles where they now are, and make them ready to be dragged."""
        if self.draft is None or self.case is None:
            return
        for desk in self._views.desks:
            if not self._shared(desk):
                continue
            fresh = desk.layer(HANDLES) is None
            desk.put(HANDLES, [handles_layer(self.draft.places, self.case.place)])
            desk.set_slab(desk.slab_mm)
            layer = desk.layer(HANDLES)
            if layer is not None and fresh:
                layer.mouse_drag_callbacks.append(self._drag)
                desk.viewer.layers.selection.active = layer

    def _drag(self, layer: Any, event: Any) -> Any:
        """Drag the handle under the pointer in the plane that is shown; a drag elsewhere moves the view, as ever."""
        looking = {"view_direction": event.view_direction, "dims_displayed": event.dims_displayed}
        value = layer.get_value(event.position, world=True, **looking)
        if value is None or self.draft is None:
            return
        layer.mouse_pan = False
        start = np.asarray(event.position, dtype=np.float64)
        yield
        while event.type == "mouse_move":
            yield
        layer.mouse_pan = True
        # Where the button was let go: the position of a move is that of the move before it.
        by = np.asarray(event.position, dtype=np.float64) - start
        if np.any(by):
            data = np.array(layer.data)
            data[int(value)] += by / np.asarray(layer.scale)
            layer.data = data
            self._dragged(layer)

    def _clear_handles(self) -> None:
        for desk in self._views.desks:
            desk.put(HANDLES, [])

    def _show(self, catheter: Centreline) -> None:
        """Draw the catheter as it now is, in every view and straightened out."""
        case = self.case
        if case is None or case.image is None:
            return
        drawn = tuple(catheter if _same(one, catheter) else one for one in case.drawn or case.report.catheters)
        self._bench.redraw(replace(case, drawn=drawn, straight=straightened(case.image, catheter)))


def _traced(trace: Callable[[], Centreline]) -> Generator[str, None, Centreline]:
    """Trace, as work for a thread."""
    yield "tracing"
    return trace()


def _same(one: Centreline, other: Centreline) -> bool:
    return one.series_instance_uid == other.series_instance_uid and one.sop_instance_uid == other.sop_instance_uid

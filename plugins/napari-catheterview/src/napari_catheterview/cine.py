"""Plays a run: frame after frame, round and round."""

from __future__ import annotations

from qtpy.QtCore import QObject, QTimer

from napari_catheterview.desk import Desk


class Cine:
    """The play key of a room.

    Parameters
    ----------
    desk : Desk
        Whose run is played.
    parent : QObject
        Whose end is the end of the clock.
    """

    def __init__(self, desk: Desk, parent: QObject) -> None:
        self._desk = desk
        self._clock = QTimer(parent)
        self._clock.timeout.connect(self._step)

    @property
    def playing(self) -> bool:
        """Whether frames follow each other."""
        return bool(self._clock.isActive())

    def toggle(self, frames_per_s: float) -> bool:
        """Play or stop; False where no run hangs."""
        if self.playing:
            self.stop()
        elif self._frames > 1:
            self._clock.start(round(1000 / frames_per_s))
        return self._frames > 1

    def stop(self) -> None:
        """Stop where it is."""
        self._clock.stop()

    @property
    def _frames(self) -> int:
        case = self._desk.case
        return 0 if case is None else max((len(film.image.voxels) for film in case.films), default=0)

    def _step(self) -> None:
        dims = self._desk.viewer.dims
        dims.set_current_step(0, (dims.current_step[0] + 1) % max(1, self._frames))

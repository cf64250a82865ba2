"""The straightened catheter's dock: a picture, where one is on it, and what was found along it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from qtpy.QtCore import QPointF, QSize, Qt, Signal
from qtpy.QtGui import QColor, QImage, QPainter, QPen
from qtpy.QtWidgets import QComboBox, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from napari_catheterview.dock_parts import research_label
from napari_catheterview.straight import Straightened
from napari_catheterview.windows import FIRST_WINDOW, Window

#: 48 mm of patient across, at two pixels a mm and as much as a usual screen can spare.
STRIP_HEIGHT_PX = 84
#: As much of a sheet's name as tells it from another: rung, modalities and day.
SHEET_LETTERS = 26
#: The height that Qt takes for none.
UNBOUNDED_PX = 2**24 - 1
#: Height of the ruler under the strip, and of its ticks.
RULER_PX, TICK_PX = 16, 4


class StraightDock(QWidget):  # type: ignore[misc]  # Qt has no types here
    """The catheter straightened out, pump on the left; a click asks to go to a column."""

    column_requested = Signal(float)
    sheet_requested = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self.strip = Strip()
        self.strip.column_requested.connect(self.column_requested)
        self.words = QLabel("")
        self.sheets = QComboBox()
        self.sheets.setToolTip("what hangs: H and Shift+H step through it, B hangs the prior beside")
        self.sheets.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.sheets.setMinimumContentsLength(SHEET_LETTERS)
        self.sheets.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.sheets.activated.connect(self.sheet_requested)
        line = QHBoxLayout()
        line.addWidget(self.sheets)
        line.addWidget(self.words, 1)
        line.addWidget(research_label())
        box = QVBoxLayout(self)
        box.addWidget(self.strip)
        box.addLayout(line)

    def show_sheets(self, names: Sequence[str], at: int) -> None:
        """Show what there is to hang, and what hangs."""
        self.sheets.clear()
        self.sheets.addItems(list(names))
        self.sheets.setCurrentIndex(at)
        self.sheets.setVisible(bool(names))

    def show_straight(self, straight: Straightened | None, why: str = "") -> None:
        """Show a catheter, or why there is none; then the room for one goes to the views."""
        self.strip.setVisible(straight is not None)
        self.setMaximumHeight(UNBOUNDED_PX if straight is not None else self.minimumSizeHint().height())
        self.strip.show_straight(straight)
        self.words.setText(why)

    def show_cursor(self, column: float | None, words: str) -> None:
        """Show where the crosshair is along the catheter; None where it is not on it."""
        self.strip.show_cursor(column)
        self.words.setText(words)


class Strip(QWidget):  # type: ignore[misc]  # Qt has no types here
    """Paints a straightened catheter over its whole width."""

    column_requested = Signal(float)

    def __init__(self) -> None:
        super().__init__()
        self._straight: Straightened | None = None
        self._picture: QImage | None = None
        self._window = FIRST_WINDOW
        self._cursor: float | None = None
        self._marks: tuple[tuple[float, str], ...] = ()
        self.setMinimumHeight(STRIP_HEIGHT_PX)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Return a strip that is wide and low."""
        return QSize(800, 120)

    def show_straight(self, straight: Straightened | None) -> None:
        """Paint another catheter."""
        self._straight, self._cursor, self._marks = straight, None, ()
        self._shade()

    def set_window(self, window: Window) -> None:
        """Paint with another black and white."""
        self._window = window
        self._shade()

    def show_marks(self, marks: Sequence[tuple[float, str]]) -> None:
        """Mark columns, each in a colour."""
        self._marks = tuple(marks)
        self.update()

    def show_cursor(self, column: float | None) -> None:
        """Mark the column where the crosshair is."""
        self._cursor = column
        self.update()

    def _shade(self) -> None:
        """Turn the values into a picture; its bytes are copied, so nothing outlives what it points to."""
        if self._straight is None:
            self._picture = None
        else:
            grey = self._straight.shades(*self._window.limits_hu)
            rows, columns = grey.shape
            self._picture = QImage(grey.tobytes(), columns, rows, columns, QImage.Format.Format_Grayscale8).copy()
        self.update()

    def _columns(self) -> int:
        return 1 if self._straight is None else max(1, len(self._straight.centre) - 1)

    def paintEvent(self, _event: Any) -> None:  # noqa: N802 - Qt's name
        """Paint the picture over the whole width, a ruler under it, then marks and cursor."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor("black"))
        if self._picture is not None:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawImage(self.rect().adjusted(0, 0, 0, -RULER_PX), self._picture)
            self._ruler(painter)
            for column, color in self._marks:
                self._line(painter, column, color)
            if self._cursor is not None:
                self._line(painter, self._cursor, "#30d158")
        painter.end()

    def _ruler(self, painter: QPainter) -> None:
        """Say which end is which, and how far along the catheter one is."""
        painter.setPen(QPen(QColor("#8e8e93"), 1.0))
        letters = painter.fontMetrics()
        for column, words in () if self._straight is None else self._straight.ticks():
            x = column / self._columns() * self.width()
            top, wide = self.height() - RULER_PX, letters.horizontalAdvance(words)
            painter.drawLine(QPointF(x, top), QPointF(x, top + TICK_PX))
            painter.drawText(QPointF(min(max(0.0, x - wide / 2), self.width() - wide), self.height() - 2.0), words)

    def _line(self, painter: QPainter, column: float, color: str) -> None:
        x = column / self._columns() * self.width()
        painter.setPen(QPen(QColor(color), 1.5))
        painter.drawLine(QPointF(x, 0), QPointF(x, self.height()))

    def mousePressEvent(self, event: Any) -> None:  # noqa: N802 - Qt's name
        """Ask to go to the column that is clicked."""
        if self._straight is not None and event.button() == Qt.MouseButton.LeftButton:
            self.column_requested.emit(event.position().x() / max(1, self.width()) * self._columns())

"""Tables for Qt: thin models that ask plain objects for their words and hold nothing of their own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from qtpy.QtCore import QAbstractTableModel, QModelIndex, Qt
from qtpy.QtGui import QColor

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True, kw_only=True)
class Column(Generic[Row]):
    """One column: its heading, and how a row says its word, its tooltip and its colour."""

    heading: str
    text: Callable[[Row], str]
    tip: Callable[[Row], str] = lambda _row: ""
    color: Callable[[Row], str | None] = lambda _row: None


class RowsModel(QAbstractTableModel, Generic[Row]):  # type: ignore[misc]  # Qt has no types here
    """A read-only table of rows.

    Parameters
    ----------
    columns : sequence of Column
    """

    def __init__(self, columns: Sequence[Column[Row]]) -> None:
        super().__init__()
        self._columns = tuple(columns)
        self._rows: tuple[Row, ...] = ()

    @property
    def rows(self) -> tuple[Row, ...]:
        """What is shown, top first."""
        return self._rows

    def show(self, rows: Sequence[Row]) -> None:
        """Replace the rows; the view's selection survives when their number does not change."""
        if len(rows) != len(self._rows):
            self.beginResetModel()
            self._rows = tuple(rows)
            self.endResetModel()
            return
        self._rows = tuple(rows)
        if self._rows:
            last = self.index(len(self._rows) - 1, len(self._columns) - 1)
            self.dataChanged.emit(self.index(0, 0), last)

    def rowCount(self, parent: QModelIndex | None = None) -> int:  # noqa: N802 - Qt's name
        """Return the number of rows; a cell has no children."""
        return 0 if parent is not None and parent.isValid() else len(self._rows)

    def columnCount(self, parent: QModelIndex | None = None) -> int:  # noqa: N802 - Qt's name
        """Return the number of columns."""
        return 0 if parent is not None and parent.isValid() else len(self._columns)

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return the word, tooltip or colour of a cell."""
        if not index.isValid():
            return None
        row, column = self._rows[index.row()], self._columns[index.column()]
        if role == Qt.ItemDataRole.DisplayRole:
            return column.text(row)
        if role == Qt.ItemDataRole.ToolTipRole:
            return column.tip(row) or None
        color = column.color(row) if role == Qt.ItemDataRole.ForegroundRole else None
        return None if color is None else QColor(color)

    def headerData(  # noqa: N802 - Qt's name
        self, section: int, orientation: Any, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Return a column's heading."""
        horizontal = orientation == Qt.Orientation.Horizontal
        return self._columns[section].heading if horizontal and role == Qt.ItemDataRole.DisplayRole else None

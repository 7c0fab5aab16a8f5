"""The cases as a table, and the search, filter and order over it."""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum
from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QSize,
    QSortFilterProxyModel,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap

from karyogui.domain.case import CaseState, CaseSummary
from karyogui.ui import theme
from karyogui.ui.widgets import untinted

Index = QModelIndex | QPersistentModelIndex

ID_ROLE = Qt.ItemDataRole.UserRole
SORT_ROLE = Qt.ItemDataRole.UserRole + 1
SEARCH_ROLE = Qt.ItemDataRole.UserRole + 2
STATE_ROLE = Qt.ItemDataRole.UserRole + 3
THUMBNAIL = QSize(56, 40)
"""Logical pixels."""

STATE_ICONS = {
    CaseState.NEW: "state-new",
    CaseState.ANALYSED: "state-analysed",
    CaseState.IN_REVIEW: "state-in-review",
    CaseState.REVIEWED: "state-reviewed",
}


class Column(IntEnum):
    """The table's columns in their order."""

    PICTURE = 0
    CASE = 1
    CELLS = 2
    CHROMOSOMES = 3
    STATE = 4
    FINDINGS = 5
    DATE = 6


HEADERS = {
    Column.PICTURE: "",
    Column.CASE: "Case",
    Column.CELLS: "Cells",
    Column.CHROMOSOMES: "Chromosomes",
    Column.STATE: "State",
    Column.FINDINGS: "Findings in cells",
    Column.DATE: "Imported",
}


def count_text(summary: CaseSummary) -> str:
    """Chromosomes of each cell: one number, or the range over the cells."""
    counts = sorted({cell.chromosome_count for cell in summary.cells})
    if len(counts) > 1:
        return f"{counts[0]}–{counts[-1]}"
    return str(counts[0]) if counts else "–"


class CaseTableModel(QAbstractTableModel):
    """One row a case. Editing the name only asks: `rename_requested(case id, name)`."""

    rename_requested = Signal(int, str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._summaries: tuple[CaseSummary, ...] = ()
        self._thumbnails: dict[int, tuple[bytes | None, QIcon]] = {}

    @property
    def summaries(self) -> tuple[CaseSummary, ...]:
        """What is shown, in the order of the library."""
        return self._summaries

    def set_summaries(self, summaries: Sequence[CaseSummary]) -> None:
        """Show other rows; the same cases in the same order keep selection and scrolling."""
        new = tuple(summaries)
        same = [s.id for s in new] == [s.id for s in self._summaries]
        if not same:
            self.beginResetModel()
        self._summaries = new
        kept = {s.id for s in new}
        self._thumbnails = {i: v for i, v in self._thumbnails.items() if i in kept}
        if not same:
            self.endResetModel()
        elif new:
            self.dataChanged.emit(self.index(0, 0), self.index(len(new) - 1, len(Column) - 1))

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._summaries)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(Column)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:  # noqa: ANN401
        if orientation is not Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return HEADERS[Column(section)]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(Column(section))
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        flags = super().flags(index)
        if index.column() == Column.CASE:
            flags |= Qt.ItemFlag.ItemIsEditable
        return flags

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:  # noqa: ANN401
        name = str(value).strip()
        summary = self._summaries[index.row()]
        if role != Qt.ItemDataRole.EditRole or not name or name == summary.name:
            return False
        self.rename_requested.emit(summary.id, name)
        return True

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:  # noqa: ANN401
        if not index.isValid():
            return None
        summary, column = self._summaries[index.row()], Column(index.column())
        match role:
            case Qt.ItemDataRole.DisplayRole | Qt.ItemDataRole.EditRole:
                return _text(summary, column)
            case Qt.ItemDataRole.DecorationRole:
                return self._decoration(summary, column)
            case Qt.ItemDataRole.ToolTipRole:
                return _tool_tip(summary, column)
            case Qt.ItemDataRole.TextAlignmentRole:
                return _alignment(column)
            case _ if role == ID_ROLE:
                return summary.id
            case _ if role == SORT_ROLE:
                return _sort_key(summary, column)
            case _ if role == SEARCH_ROLE:
                words = [summary.name, *summary.findings, *(c.iscn for c in summary.cells)]
                return " ".join([*words, *(cell.name for cell in summary.cells)])
            case _ if role == STATE_ROLE:
                return summary.state.value
            case _:
                return None

    def _decoration(self, summary: CaseSummary, column: Column) -> object:
        if column is Column.PICTURE:
            return self._thumbnail(summary)
        if column is Column.STATE:
            return theme.icon(STATE_ICONS[summary.state])
        if column is Column.FINDINGS and summary.findings:
            return theme.icon("alert", theme.current().amber_mark)
        return None

    def _thumbnail(self, summary: CaseSummary) -> QIcon:
        kept = self._thumbnails.get(summary.id)
        if kept is not None and kept[0] == summary.thumbnail:
            return kept[1]
        picture = untinted(thumbnail(summary.thumbnail))
        self._thumbnails[summary.id] = (summary.thumbnail, picture)
        return picture


def thumbnail(data: bytes | None, size: QSize = THUMBNAIL, ratio: float = 2.0) -> QPixmap:
    """A picture from PNG data fitted on white; sharp on a screen of twice the resolution."""
    result = QPixmap(size * ratio)
    result.fill(QColor(theme.PAPER))
    source = QPixmap()
    if data is not None and source.loadFromData(data):
        fitted = source.scaled(
            result.size(),
            Qt.AspectRatioMode.KeepAspectRatio,
            Qt.TransformationMode.SmoothTransformation,
        )
        painter = QPainter(result)
        painter.drawPixmap(
            (result.width() - fitted.width()) // 2, (result.height() - fitted.height()) // 2, fitted
        )
        painter.end()
    result.setDevicePixelRatio(ratio)
    return result


def _text(summary: CaseSummary, column: Column) -> str:
    match column:
        case Column.CASE:
            return summary.name
        case Column.CELLS:
            return str(len(summary.cells))
        case Column.CHROMOSOMES:
            return count_text(summary)
        case Column.STATE:
            return summary.state.value
        case Column.FINDINGS:
            return " ".join(summary.findings)
        case Column.DATE:
            return f"{summary.created.astimezone():%Y-%m-%d %H:%M}"
        case _:
            return ""


def _tool_tip(summary: CaseSummary, column: Column) -> str | None:
    if column is Column.FINDINGS and summary.findings:
        return "\n".join(summary.findings)
    if column is Column.CHROMOSOMES and len(summary.cells) > 1:
        return "\n".join(f"{cell.name}: {cell.chromosome_count}" for cell in summary.cells)
    return None


def _sort_key(summary: CaseSummary, column: Column) -> object:
    match column:
        case Column.CELLS:
            return len(summary.cells)
        case Column.CHROMOSOMES:
            return max((cell.chromosome_count for cell in summary.cells), default=0)
        case Column.STATE:
            return list(CaseState).index(summary.state)
        case Column.FINDINGS:
            return len(summary.findings)
        case Column.DATE:
            return summary.created.timestamp()
        case _:
            return summary.name.casefold()


def _alignment(column: Column) -> Qt.AlignmentFlag:
    middle = Qt.AlignmentFlag.AlignVCenter
    if column in (Column.CELLS, Column.CHROMOSOMES):
        return middle | Qt.AlignmentFlag.AlignRight
    return middle | Qt.AlignmentFlag.AlignLeft


class CaseFilterModel(QSortFilterProxyModel):
    """Rows that contain every word searched for, and are in the state asked for."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._words: tuple[str, ...] = ()
        self._state = ""
        self.setSortRole(SORT_ROLE)
        self.setDynamicSortFilter(True)

    def search(self, text: str) -> None:
        """Keep the rows with all of these words, whatever their case."""
        self.beginFilterChange()
        self._words = tuple(text.casefold().split())
        self.endFilterChange()

    def filter_state(self, state: CaseState | None) -> None:
        """Keep the rows in a state; None keeps all."""
        self.beginFilterChange()
        self._state = state.value if state else ""
        self.endFilterChange()

    def filterAcceptsRow(self, source_row: int, source_parent: Index) -> bool:
        index = self.sourceModel().index(source_row, Column.CASE, source_parent)
        if self._state and index.data(STATE_ROLE) != self._state:
            return False
        text = str(index.data(SEARCH_ROLE)).casefold()
        return all(word in text for word in self._words)

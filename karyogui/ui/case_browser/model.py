"""The cases as a tree with their slides and cells, and the search, filter and order over it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import (
    QAbstractItemModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QSize,
    QSortFilterProxyModel,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QFont, QIcon, QPainter, QPixmap
from PySide6.QtWidgets import QApplication

from karyogui.domain.case import CaseState, CaseSummary, CellSummary
from karyogui.ui import theme
from karyogui.ui.case_browser.rows import (
    FIGURES,
    HEADER_TIPS,
    HEADERS,
    Column,
    Row,
    SlideRow,
    children_of,
    count_text,
    findings,
    has_doubt,
    search_text,
    sort_key,
    text,
    tool_tip,
)
from karyogui.ui.theme import GRID
from karyogui.ui.widgets import untinted

__all__ = ["CaseFilterModel", "CaseTreeModel", "Column", "count_text"]

Index = QModelIndex | QPersistentModelIndex

ID_ROLE = Qt.ItemDataRole.UserRole
"""The id of the case that a row is, or belongs to."""
SORT_ROLE = Qt.ItemDataRole.UserRole + 1
SEARCH_ROLE = Qt.ItemDataRole.UserRole + 2
STATE_ROLE = Qt.ItemDataRole.UserRole + 3
CELL_ROLE = Qt.ItemDataRole.UserRole + 4
"""The id of the cell that a row is; None for cases and slides."""
KEY_ROLE = Qt.ItemDataRole.UserRole + 5
"""What names a row across news about the library."""
THUMBNAIL = QSize(56, 40)
"""Logical pixels."""
ROW_HEIGHT = THUMBNAIL.height() + 2 * GRID
LOW_ROW_HEIGHT, REASON_HEIGHT = 7 * GRID, 10 * GRID
"""Logical pixels of a row without a picture, and with a reason of two lines."""

STATE_ICONS = {
    CaseState.NEW: "state-new",
    CaseState.ANALYSED: "state-analysed",
    CaseState.IN_REVIEW: "state-in-review",
    CaseState.REVIEWED: "state-reviewed",
    CaseState.APPROVED: "state-approved",
    CaseState.AMENDED: "state-amended",
}
EXCLUDED_ICON = "exclude"

Key = tuple[str, int, str]


@dataclass(eq=False)
class _Node:
    """A row with its place in the tree; `number` names it in Qt's indexes."""

    row: Row
    number: int
    place: int
    parent: _Node | None
    children: list[_Node]

    @property
    def key(self) -> Key:
        if isinstance(self.row, SlideRow):
            return "slide", self.row.case_id, self.row.name
        kind = "cell" if isinstance(self.row, CellSummary) else "case"
        return kind, self.row.id, ""

    def all(self) -> Iterator[_Node]:
        """The row and everything below it, from the top."""
        yield self
        for child in self.children:
            yield from child.all()


class CaseTreeModel(QAbstractItemModel):
    """Cases with their slides and cells. Editing a case's name only asks: `rename_requested`."""

    rename_requested = Signal(int, str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._summaries: tuple[CaseSummary, ...] = ()
        self._cases: list[_Node] = []
        self._by_number: dict[int, _Node] = {}
        self._thumbnails: dict[int, tuple[bytes | None, QIcon]] = {}
        self._open: frozenset[Key] = frozenset()

    @property
    def summaries(self) -> tuple[CaseSummary, ...]:
        """What is shown, in the order of the library."""
        return self._summaries

    def set_summaries(self, summaries: Sequence[CaseSummary]) -> None:
        """Show other rows; the same rows in the same order keep selection and scrolling."""
        self._summaries = tuple(summaries)
        cases = _grown(self._summaries)
        new = {node.number: node for case in cases for node in case.all()}
        same = [n.key for n in new.values()] == [n.key for n in self._by_number.values()]
        if not same:
            self.beginResetModel()
        self._cases, self._by_number = cases, new
        kept = {summary.id for summary in self._summaries}
        self._thumbnails = {i: v for i, v in self._thumbnails.items() if i in kept}
        if not same:
            self.endResetModel()
            return
        for node in (None, *new.values()):
            rows = cases if node is None else node.children
            if rows:
                last = self._index(rows[-1], len(Column) - 1)
                self.dataChanged.emit(self._index(rows[0], 0), last)

    def show_open(self, case_id: int | None, cell_id: int | None) -> None:
        """Mark the rows of the open case and cell."""
        opened = (("case", case_id, ""), ("cell", cell_id, ""))
        self._open = frozenset((kind, i, name) for kind, i, name in opened if i is not None)
        for node in self._by_number.values():
            self.dataChanged.emit(self._index(node, 0), self._index(node, len(Column) - 1))

    # -- Qt --------------------------------------------------------------------------------------

    def index(self, row: int, column: int, parent: Index = QModelIndex()) -> QModelIndex:  # noqa: B008
        rows = self._rows(parent)
        inside = 0 <= row < len(rows) and 0 <= column < len(Column)
        return self._index(rows[row], column) if inside else QModelIndex()

    def parent(self, index: Index) -> QModelIndex:  # type: ignore[override]
        above = self._by_number[index.internalId()].parent if index.isValid() else None
        return QModelIndex() if above is None else self._index(above, 0)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return len(self._rows(parent))

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return len(Column)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:  # noqa: ANN401
        if orientation is not Qt.Orientation.Horizontal:
            return None
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return HEADERS[Column(section)]
            case Qt.ItemDataRole.ToolTipRole:
                return HEADER_TIPS.get(Column(section))
            case Qt.ItemDataRole.TextAlignmentRole:
                return _alignment(Column(section))
            case _:
                return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        flags = super().flags(index)
        is_case = index.isValid() and isinstance(self.row(index), CaseSummary)
        if is_case and index.column() == Column.CASE:
            flags |= Qt.ItemFlag.ItemIsEditable
        return flags

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:  # noqa: ANN401
        name = str(value).strip()
        row = self.row(index)
        if role != Qt.ItemDataRole.EditRole or not name or name == row.name:
            return False
        self.rename_requested.emit(_case_id(row), name)
        return True

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:  # noqa: ANN401
        if not index.isValid():
            return None
        node, column = self._by_number[index.internalId()], Column(index.column())
        row = node.row
        match role:
            case Qt.ItemDataRole.DisplayRole | Qt.ItemDataRole.EditRole:
                return text(row, column)
            case Qt.ItemDataRole.DecorationRole:
                return self._decoration(row, column)
            case Qt.ItemDataRole.ToolTipRole:
                return tool_tip(row, column)
            case Qt.ItemDataRole.TextAlignmentRole:
                return _alignment(column)
            case Qt.ItemDataRole.ForegroundRole:
                return QColor(theme.current().muted) if _is_excluded(row) else None
            case Qt.ItemDataRole.FontRole:
                return _font(row, column, node.key in self._open)
            case Qt.ItemDataRole.SizeHintRole:
                return QSize(0, _height(row))
            case _ if role == ID_ROLE:
                return _case_id(row)
            case _ if role == CELL_ROLE:
                return row.id if isinstance(row, CellSummary) else None
            case _ if role == SORT_ROLE:
                return sort_key(row, column)
            case _ if role == SEARCH_ROLE:
                return search_text(row) if isinstance(row, CaseSummary) else ""
            case _ if role == STATE_ROLE:
                return "" if isinstance(row, SlideRow) else row.state.value
            case _:
                return node.key if role == KEY_ROLE else None

    def row(self, index: Index) -> Row:
        """What a valid index shows."""
        return self._by_number[index.internalId()].row

    # -- inside ----------------------------------------------------------------------------------

    def _rows(self, parent: Index) -> list[_Node]:
        if not parent.isValid():
            return self._cases
        return self._by_number[parent.internalId()].children

    def _index(self, node: _Node, column: int) -> QModelIndex:
        return self.createIndex(node.place, column, node.number)

    def _decoration(self, row: Row, column: Column) -> object:
        if isinstance(row, SlideRow):
            return None
        if column is Column.PICTURE and isinstance(row, CaseSummary):
            return self._thumbnail(row)
        if column is Column.STATE:
            return theme.icon(state_icon(row))
        found = column is Column.FINDINGS and bool(row.findings)
        if found or (column is Column.QUALITY and has_doubt(row)):
            return theme.icon("alert", theme.current().amber_mark)
        return None

    def _thumbnail(self, summary: CaseSummary) -> QIcon:
        kept = self._thumbnails.get(summary.id)
        if kept is not None and kept[0] == summary.thumbnail:
            return kept[1]
        picture = untinted(thumbnail(summary.thumbnail))
        self._thumbnails[summary.id] = (summary.thumbnail, picture)
        return picture


def _grown(summaries: Sequence[CaseSummary]) -> list[_Node]:
    """The tree of the rows, numbered from the top."""
    count = 0

    def grow(row: Row, place: int, parent: _Node | None) -> _Node:
        nonlocal count
        count += 1
        node = _Node(row, count, place, parent, [])
        node.children = [grow(child, n, node) for n, child in enumerate(children_of(row))]
        return node

    return [grow(summary, place, None) for place, summary in enumerate(summaries)]


def _height(row: Row) -> int:
    """A case has a picture; a reason and a finding may take two lines."""
    if isinstance(row, CaseSummary):
        return ROW_HEIGHT
    has_sentence = isinstance(row, CellSummary) and bool(findings(row) or row.quality)
    return REASON_HEIGHT if has_sentence else LOW_ROW_HEIGHT


def state_icon(row: CaseSummary | CellSummary) -> str:
    """The name of the icon for how far a case or cell has come."""
    return EXCLUDED_ICON if _is_excluded(row) else STATE_ICONS[row.state]


def _is_excluded(row: Row) -> bool:
    return isinstance(row, CellSummary) and row.is_excluded


def _font(row: Row, column: Column, is_open: bool) -> QFont | None:
    """Bold for what is open, the name of an excluded cell struck through."""
    struck = _is_excluded(row) and column is Column.CASE
    if not (struck or (is_open and column is Column.CASE)):
        return None
    font = QFont(QApplication.font())
    font.setStrikeOut(struck)
    font.setBold(is_open)
    return font


def _case_id(row: Row) -> int:
    return row.id if isinstance(row, CaseSummary) else row.case_id


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


def _alignment(column: Column) -> Qt.AlignmentFlag:
    middle = Qt.AlignmentFlag.AlignVCenter
    return middle | (
        Qt.AlignmentFlag.AlignRight if column in FIGURES else Qt.AlignmentFlag.AlignLeft
    )


class CaseFilterModel(QSortFilterProxyModel):
    """Cases that contain every word searched for, and are in the state asked for, whole."""

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

    def lessThan(self, source_left: Index, source_right: Index) -> bool:
        left, right = source_left.data(SORT_ROLE), source_right.data(SORT_ROLE)
        return bool(left < right)

    def filterAcceptsRow(self, source_row: int, source_parent: Index) -> bool:
        # What belongs to a case that is shown is shown with it: no search hides a cell.
        if source_parent.isValid():
            return True
        index = self.sourceModel().index(source_row, Column.CASE, source_parent)
        if self._state and index.data(STATE_ROLE) != self._state:
            return False
        text = str(index.data(SEARCH_ROLE)).casefold()
        return all(word in text for word in self._words)

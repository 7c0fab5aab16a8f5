"""The cases as a tree with their slides and cells: as many pages of the list as were asked for.

Search, filter and order are the list's own (`CaseQuery`); what is in the tree is a part of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from PySide6.QtCore import (
    QAbstractItemModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QFont, QIcon, QPixmap
from PySide6.QtWidgets import QApplication

from karyogui.domain.case import CaseState, CaseSummary, CellSummary
from karyogui.domain.case_list import (
    CaseOrder,
    CasePage,
    CaseQuery,
    Row,
    SlideRow,
    cells_of,
    findings,
)
from karyogui.errors import KaryoError
from karyogui.services.library import PAGE
from karyogui.ui import theme
from karyogui.ui.case_browser.rows import (
    FIGURES,
    HEADER_TIPS,
    HEADERS,
    ORDERS,
    Column,
    children_of,
    count_text,
    has_doubt,
    sort_key,
    text,
    tool_tip,
)
from karyogui.ui.images import on_paper
from karyogui.ui.theme import GRID
from karyogui.ui.widgets import untinted

__all__ = ["CaseTreeModel", "Column", "count_text"]

Index = QModelIndex | QPersistentModelIndex

ID_ROLE = Qt.ItemDataRole.UserRole
"""The id of the case that a row is, or belongs to."""
CELL_ROLE = Qt.ItemDataRole.UserRole + 1
"""The id of the cell that a row is; None for cases and slides."""
KEY_ROLE = Qt.ItemDataRole.UserRole + 2
"""What names a row across news about the library."""
MOST_AGAIN = 10 * PAGE
"""Of the rows shown, so many at most are read again at once; the others when one scrolls there."""
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


class CaseSource(Protocol):
    """The list that is shown."""

    def page(self, query: CaseQuery, start: int, count: int) -> CasePage:
        """Some rows of a query; `KaryoError` when they cannot be read."""


class CaseTreeModel(QAbstractItemModel):
    """Cases with their slides and cells. Editing a case's name only asks: `rename_requested`.

    `failed` reports a `KaryoError` at reading; what was shown before is then shown still.
    """

    rename_requested = Signal(int, str)
    failed = Signal(object)

    def __init__(self, source: CaseSource, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._source = source
        self._query = CaseQuery()
        self._is_shown = False
        self._cases: list[_Node] = []
        self._by_number: dict[int, _Node] = {}
        self._order: tuple[CaseOrder, bool] | None = None
        self._count = 0
        self._matching = self._total = 0
        self._thumbnails: dict[int, tuple[bytes | None, QIcon]] = {}
        self._open: frozenset[Key] = frozenset()

    @property
    def summaries(self) -> tuple[CaseSummary, ...]:
        """The cases that were read, in the order shown."""
        return tuple(node.row for node in self._cases if isinstance(node.row, CaseSummary))

    @property
    def query(self) -> CaseQuery:
        """What is shown, and in which order."""
        return self._query

    @property
    def matching(self) -> int:
        """Cases that pass search and filter, read or not."""
        return self._matching

    @property
    def total(self) -> int:
        """All cases, or all in the bin where that is shown."""
        return self._total

    @property
    def has_quality(self) -> bool:
        """Whether the quality of any photograph shown is known."""
        return any(c.quality is not None for n in self._cases for c in cells_of(n.row))

    def ask(self, query: CaseQuery) -> None:
        """Show other rows, or these in another order; from the first."""
        before, self._query = self._query, query
        # A view that is set up asks for orders before anything is to be shown.
        if self._is_shown and query != before and not self._read(PAGE):
            self._query = before

    def reload(self) -> None:
        """Read again what is shown; the same rows in the same order keep selection and place."""
        self._is_shown = True
        self._read(min(max(PAGE, len(self._cases)), MOST_AGAIN))

    def _read(self, count: int) -> bool:
        try:
            page = self._source.page(self._query, 0, count)
        except KaryoError as error:
            self.failed.emit(error)
            return False
        self._take(page.summaries, page.matching, page.total)
        return True

    def take_news(
        self, ids: Sequence[int], rows: Mapping[int, CaseSummary], matching: int, total: int
    ) -> None:
        """Show the cases `ids`: those in `rows` as they are there, the others as before."""
        known = {summary.id: summary for summary in self.summaries} | dict(rows)
        self._take([known[i] for i in ids if i in known], matching, total)

    def _take(self, summaries: Sequence[CaseSummary], matching: int, total: int) -> None:
        self._matching, self._total = matching, total
        kept = {summary.id for summary in summaries}
        self._thumbnails = {i: v for i, v in self._thumbnails.items() if i in kept}
        order = self._query.order, self._query.descending
        is_same_order, self._order = order == self._order, order
        ids = [summary.id for summary in summaries]
        if is_same_order and ids == [summary.id for summary in self.summaries]:
            changed = [
                self._grown(summary, node.place)
                for summary, node in zip(summaries, self._cases, strict=True)
                if summary is not node.row and summary != node.row
            ]
            if all(_same(new, self._cases[new.place]) for new in changed):
                for node in changed:
                    self._replace(node)
                return
        self.beginResetModel()
        self._by_number.clear()
        self._cases = [self._grown(summary, place) for place, summary in enumerate(summaries)]
        self._register(self._cases)
        self.endResetModel()

    def _replace(self, new: _Node) -> None:
        """Take news about a case whose rows are the same and where they were."""
        for old, node in zip(self._cases[new.place].all(), new.all(), strict=True):
            is_same, old.row = old.row == node.row, node.row
            if not is_same:  # a view measures every row that it is told of
                self._tell(old)

    def _tell(self, node: _Node) -> None:
        self.dataChanged.emit(self._index(node, 0), self._index(node, len(Column) - 1))

    def _grown(self, summary: CaseSummary, place: int) -> _Node:
        """The rows of a case, in the order asked for."""
        column = next(c for c in Column if c and ORDERS[c] is self._query.order)

        def grow(row: Row, place: int, parent: _Node | None) -> _Node:
            self._count += 1
            node = _Node(row, self._count, place, parent, [])
            below = sorted(
                children_of(row),
                key=lambda child: sort_key(child, column),
                reverse=self._query.descending,
            )
            node.children = [grow(child, n, node) for n, child in enumerate(below)]
            return node

        return grow(summary, place, None)

    def _register(self, cases: Sequence[_Node]) -> None:
        self._by_number |= {node.number: node for case in cases for node in case.all()}

    def show_open(self, case_id: int | None, cell_id: int | None) -> None:
        """Mark the rows of the open case and cell."""
        opened, before = (("case", case_id, ""), ("cell", cell_id, "")), self._open
        self._open = frozenset((kind, i, name) for kind, i, name in opened if i is not None)
        for node in self._by_number.values():
            if node.key in self._open | before:
                self._tell(node)

    def rows(self) -> Iterator[QModelIndex]:
        """Every row that was read, from the top."""
        for case in self._cases:
            for node in case.all():
                yield self._index(node, Column.CASE)

    def index_of_cell(self, cell_id: int) -> QModelIndex:
        """Where a cell stands; an invalid index for one that is not shown."""
        for node in self._by_number.values():
            if isinstance(node.row, CellSummary) and node.row.id == cell_id:
                return self._index(node, Column.CASE)
        return QModelIndex()

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

    # Not Qt's own `fetchMore`: a view calls that at every layout, scrolled or not.

    @property
    def has_more(self) -> bool:
        """Whether more cases match than were read."""
        return len(self._cases) < self._matching

    def read_on(self) -> None:
        """Read the next page."""
        if not self.has_more:
            return
        try:
            page = self._source.page(self._query, len(self._cases), PAGE)
        except KaryoError as error:
            self._matching = len(self._cases)  # or the view would ask again and again
            self.failed.emit(error)
            return
        shown = {summary.id for summary in self.summaries}
        start = len(self._cases)
        new = [summary for summary in page.summaries if summary.id not in shown]
        if not new:
            self._matching = start
            return
        cases = [self._grown(summary, start + n) for n, summary in enumerate(new)]
        self.beginInsertRows(QModelIndex(), start, start + len(cases) - 1)
        self._cases += cases
        self._register(cases)
        self.endInsertRows()

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        is_descending = order == Qt.SortOrder.DescendingOrder
        self.ask(replace(self._query, order=ORDERS[Column(column)], descending=is_descending))

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


def _same(left: _Node, right: _Node) -> bool:
    """Whether two cases have the same rows in the same order."""
    return [node.key for node in left.all()] == [node.key for node in right.all()]


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
    source = QPixmap()
    if data is not None:
        source.loadFromData(data)
    return on_paper(source, size, ratio)


def _alignment(column: Column) -> Qt.AlignmentFlag:
    middle = Qt.AlignmentFlag.AlignVCenter
    return middle | (
        Qt.AlignmentFlag.AlignRight if column in FIGURES else Qt.AlignmentFlag.AlignLeft
    )

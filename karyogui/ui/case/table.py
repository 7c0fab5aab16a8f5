"""The table of a case's cells: its item model, and the view with notes or the matrix."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, cast

from PySide6.QtCore import (
    QAbstractItemModel,
    QItemSelection,
    QItemSelectionModel,
    QItemSelectionRange,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QFont, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHeaderView,
    QStyleOptionViewItem,
    QTreeView,
)

from karyogui.domain.case_result import CellStatus
from karyogui.ui import theme
from karyogui.ui.case import rows
from karyogui.ui.case.rows import COLUMN_COUNT, HEADERS, OF_MATRIX, OF_NOTES, Column, CultureRow
from karyogui.ui.case_browser.tree import FramedDelegate
from karyogui.ui.theme import GRID

Index = QModelIndex | QPersistentModelIndex
CELL_ROLE = Qt.ItemDataRole.UserRole
"""The id of a cell; None for a culture."""
_CULTURE = 0
"""Internal id of an index of a culture; those of cells are the culture's row and one more."""
_CENTRED = frozenset(
    (Column.COUNT, Column.LINE, Column.BANDS, *range(Column.FIRST_TYPE, rows.OTHER))
)
_ICONS = {
    CellStatus.OPEN: "status-open",
    CellStatus.COUNTED: "status-counted",
    CellStatus.ANALYSED: "status-analysed",
    CellStatus.KARYOTYPED: "status-karyotyped",
    CellStatus.SCORED: "status-scored",
    CellStatus.EXCLUDED: "exclude",
}


class CellsModel(QAbstractItemModel):
    """Shows `CultureRow`s. Deviations are marked by their sign and by a colour."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._cultures: tuple[CultureRow, ...] = ()
        self._places: dict[int, tuple[int, int]] = {}
        self._order: tuple[int, Qt.SortOrder] = (Column.CELL, Qt.SortOrder.AscendingOrder)

    def show(self, cultures: tuple[CultureRow, ...]) -> bool:
        """Show other rows, in the present order; whether they are of other cells, or elsewhere."""
        before, after = self._cultures, tuple(self._sorted(culture) for culture in cultures)
        if _standing(before) == _standing(after):
            self._cultures = after
            self._tell_changed(before)
            return False
        self.beginResetModel()
        self._set_cultures(after)
        self.endResetModel()
        return True

    def _tell_changed(self, before: tuple[CultureRow, ...]) -> None:
        """Let what says something else than before be drawn again: mostly one row of hundreds."""
        for at, (old, new) in enumerate(zip(before, self._cultures, strict=True)):
            above = self.index(at, 0)
            if rows.culture_text(old) != rows.culture_text(new):
                self.dataChanged.emit(above, above)
            pairs = enumerate(zip(old.cells, new.cells, strict=True))
            changed = [row for row, (was, now) in pairs if was != now]
            if changed:
                first = self.index(changed[0], 0, above)
                self.dataChanged.emit(first, self.index(changed[-1], COLUMN_COUNT - 1, above))

    def _set_cultures(self, cultures: tuple[CultureRow, ...]) -> None:
        """Stand in this order."""
        self._cultures = cultures
        self._places = {
            cell.cell.id: (row, at)
            for at, culture in enumerate(self._cultures, 1)
            for row, cell in enumerate(culture.cells)
        }

    @property
    def cultures(self) -> tuple[CultureRow, ...]:
        """What is shown, in its order."""
        return self._cultures

    def index_of(self, cell_id: int) -> QModelIndex:
        """Where a cell stands; invalid for one that is not here."""
        place = self._places.get(cell_id)
        if place is None:
            return QModelIndex()
        row, culture = place
        return self.createIndex(row, 0, culture)

    # -- Qt --------------------------------------------------------------------------------------

    def index(self, row: int, column: int, parent: Index | None = None) -> QModelIndex:
        """A cell of the table."""
        above = parent or QModelIndex()
        if not self.hasIndex(row, column, above):
            return QModelIndex()
        inside = above.row() + 1 if above.isValid() else _CULTURE
        return self.createIndex(row, column, inside)

    def parent(self, index: Index | None = None) -> Any:  # noqa: ANN401
        """The culture of a cell."""
        if index is None:
            return super().parent()
        if not index.isValid() or index.internalId() == _CULTURE:
            return QModelIndex()
        return self.createIndex(int(index.internalId()) - 1, 0, _CULTURE)

    def rowCount(self, parent: Index | None = None) -> int:
        """Cultures, or cells of one."""
        if parent is None or not parent.isValid():
            return len(self._cultures)
        is_culture = parent.internalId() == _CULTURE and parent.column() == 0
        return len(self._cultures[parent.row()].cells) if is_culture else 0

    def columnCount(self, parent: Index | None = None) -> int:
        """Notes and matrix together."""
        return COLUMN_COUNT

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:  # noqa: ANN401
        """The columns' names."""
        if orientation is not Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return HEADERS[section]
        if role == Qt.ItemDataRole.TextAlignmentRole and section in _CENTRED:
            return Qt.AlignmentFlag.AlignCenter
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:  # noqa: ANN401
        """Texts, and what makes them plain at a glance."""
        if not index.isValid():
            return None
        if index.internalId() == _CULTURE:
            return self._culture_data(self._cultures[index.row()], index.column(), role)
        row = self._cultures[int(index.internalId()) - 1].cells[index.row()]
        column = index.column()
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return rows.text(row, column)
            case Qt.ItemDataRole.ToolTipRole:
                return rows.tool_tip(row, column)
            case Qt.ItemDataRole.DecorationRole if column == Column.STATUS:
                return theme.icon(_ICONS[row.cell.status])
            case Qt.ItemDataRole.TextAlignmentRole if column in _CENTRED:
                return Qt.AlignmentFlag.AlignCenter
            case Qt.ItemDataRole.ForegroundRole:
                return _colour(row, column)
            case Qt.ItemDataRole.BackgroundRole if rows.deviates(row, column):
                ground = QColor(theme.current().amber_mark)
                ground.setAlphaF(0.18)
                return ground
            case Qt.ItemDataRole.FontRole if rows.deviates(row, column):
                return _bold()
            case _ if role == CELL_ROLE:
                return row.cell.id
        return None

    def _culture_data(self, row: CultureRow, column: int, role: int) -> Any:  # noqa: ANN401
        if column == 0 and role == Qt.ItemDataRole.DisplayRole:
            return rows.culture_text(row)
        if role == Qt.ItemDataRole.FontRole:
            return _bold()
        return None

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Order the cells of each culture; what is selected stays selected."""
        self.layoutAboutToBeChanged.emit()
        before = self.persistentIndexList()
        ids = [index.data(CELL_ROLE) for index in before]
        self._order = (column, order)
        self._set_cultures(tuple(self._sorted(culture) for culture in self._cultures))
        after = [
            index if cell_id is None else self.index_of(cell_id).siblingAtColumn(index.column())
            for index, cell_id in zip(before, ids, strict=True)
        ]
        self.changePersistentIndexList(before, after)
        self.layoutChanged.emit()

    def _sorted(self, culture: CultureRow) -> CultureRow:
        column, order = self._order
        backwards = order is Qt.SortOrder.DescendingOrder
        cells = sorted(culture.cells, key=lambda row: rows.sort_key(row, column), reverse=backwards)
        return CultureRow(culture.name, tuple(cells))


def _standing(cultures: tuple[CultureRow, ...]) -> list[tuple[str, list[int]]]:
    """Which cells stand where."""
    return [(each.name, [row.cell.id for row in each.cells]) for each in cultures]


def _colour(row: rows.ShownCell, column: int) -> QColor | None:
    colours = theme.current()
    if rows.deviates(row, column):
        return QColor(colours.amber)
    is_silent = row.cell.status in (CellStatus.EXCLUDED, CellStatus.OPEN)
    if is_silent or rows.text(row, column) in (rows.NORMAL, rows.NOTHING):
        return QColor(colours.muted)
    return None


def _bold() -> QFont:
    font = theme.body_font()
    font.setWeight(QFont.Weight.DemiBold)
    return font


_WIDTHS = {
    Column.CELL: 192,
    Column.STATUS: 104,
    Column.COUNT: 60,
    Column.CHANGES: 160,
    Column.LINE: 48,
    Column.SLIDE: 84,
    Column.COLONY: 72,
    Column.STAGE: 116,
    Column.BANDS: 64,
}
_TYPE_WIDTH, _MARKER_WIDTH = 26, 36


ROW_HEIGHT = 22


class CellDelegate(FramedDelegate):
    """Rows with some air; marks where the cursor of the keys stands."""

    def initStyleOption(self, option: QStyleOptionViewItem, index: Index) -> None:
        super().initStyleOption(option, index)
        if rows.kind_of(index.column()) is not None:
            option.textElideMode = Qt.TextElideMode.ElideNone

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        hint = super().sizeHint(option, index)
        return QSize(hint.width(), max(hint.height(), ROW_HEIGHT))


class CellsTable(QTreeView):
    """Cells under their cultures. Enter opens a cell, and so does a click in the matrix."""

    open_requested = Signal(int, str)
    """The cell, and the type that was clicked in the matrix (empty for the whole cell)."""
    chosen_changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.cells = CellsModel(self)
        self._collapsed: set[str] = set()
        self._is_filling = False
        self._chosen: tuple[int, ...] | None = None
        self.setModel(self.cells)
        self.setItemDelegate(CellDelegate(self))
        self.setAccessibleName("Cells of the case")
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.setUniformRowHeights(True)
        self.setIndentation(4 * GRID)
        self.setExpandsOnDoubleClick(False)
        self.setIconSize(QSize(16, 16))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setTabKeyNavigation(False)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self._set_header()
        self.show_matrix(False)
        self.doubleClicked.connect(lambda index: self._open(index))
        self.clicked.connect(self._on_click)
        self.selectionModel().selectionChanged.connect(lambda *_: self._on_selection())
        self.cells.layoutChanged.connect(self._forget_chosen)
        self.cells.modelReset.connect(self._forget_chosen)
        self.collapsed.connect(lambda index: self._on_fold(index, folded=True))
        self.expanded.connect(lambda index: self._on_fold(index, folded=False))

    def _set_header(self) -> None:
        header = self.header()
        header.setSectionsClickable(True)
        header.setHighlightSections(False)
        header.setStretchLastSection(False)
        header.setMinimumSectionSize(_TYPE_WIDTH - 2)
        for column, width in _WIDTHS.items():
            header.resizeSection(column, width)
        for kind in range(Column.FIRST_TYPE, rows.OTHER):
            header.resizeSection(kind, _TYPE_WIDTH)
            header.setSectionResizeMode(kind, QHeaderView.ResizeMode.Fixed)
        header.resizeSection(rows.OTHER - 1, _MARKER_WIDTH)
        # One of the two is shown, and takes what room is left.
        header.setSectionResizeMode(Column.CHANGES, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(rows.OTHER, QHeaderView.ResizeMode.Stretch)
        header.setSortIndicator(Column.CELL, Qt.SortOrder.AscendingOrder)
        self.setSortingEnabled(True)

    def show_cultures(self, cultures: tuple[CultureRow, ...]) -> None:
        """Show the cells; selected ones stay so, and what was folded stays folded."""
        chosen, current = self.chosen, self.currentIndex().data(CELL_ROLE)
        self._is_filling = True
        if self.cells.show(cultures):
            self._stand_again(chosen, current)
        self._is_filling = False
        self.chosen_changed.emit()

    def _stand_again(self, chosen: tuple[int, ...], current: int | None) -> None:
        """Unfold and select after the table has been filled with other rows."""
        for row, culture in enumerate(self.cells.cultures):
            index = self.cells.index(row, 0)
            self.setFirstColumnSpanned(row, QModelIndex(), True)
            self.setExpanded(index, culture.name not in self._collapsed)
        if current is not None:
            at = self.cells.index_of(int(current))
            self.selectionModel().setCurrentIndex(at, QItemSelectionModel.SelectionFlag.NoUpdate)
        self.choose(chosen, scroll=False)

    def show_matrix(self, shown: bool) -> None:
        """Show the matrix of types, or the notes."""
        for column in range(COLUMN_COUNT):
            hidden = (column in OF_NOTES and shown) or (column in OF_MATRIX and not shown)
            self.setColumnHidden(column, hidden)

    @property
    def chosen(self) -> tuple[int, ...]:
        """Ids of the selected cells; a culture stands for all of its cells."""
        # Every action asks for it, at every change, and there may be hundreds.
        if self._chosen is None:
            self._chosen = self._selected()
        return self._chosen

    def _selected(self) -> tuple[int, ...]:
        found: dict[int, None] = {}
        parts = cast("Iterable[QItemSelectionRange]", self.selectionModel().selection())
        for part in parts:
            rows, above = range(part.top(), part.bottom() + 1), part.parent()
            cultures = self.cells.cultures
            if above.isValid():
                chosen = [cultures[above.row()].cells[row] for row in rows]
            else:
                chosen = [cell for row in rows for cell in cultures[row].cells]
            found.update((cell.cell.id, None) for cell in chosen)
        return tuple(found)

    def _forget_chosen(self) -> None:
        self._chosen = None

    def choose(self, cell_ids: Sequence[int], scroll: bool = True) -> None:
        """Select exactly these cells, and bring the first one into view."""
        places = [at for cell_id in cell_ids if (at := self.cells.index_of(cell_id)).isValid()]
        first = places[0] if places else QModelIndex()
        selection = QItemSelection()
        places.sort(key=lambda at: (at.parent().row(), at.row()))
        start = 0
        # Neighbours are one range: hundreds of them would be slow.
        for end, at in enumerate(places, 1):
            if end < len(places) and places[end] == at.siblingAtRow(at.row() + 1):
                continue
            selection.select(places[start], at)
            start = end
        flags = QItemSelectionModel.SelectionFlag
        self.selectionModel().select(selection, flags.ClearAndSelect | flags.Rows)
        if scroll and first.isValid():
            self.selectionModel().setCurrentIndex(first, flags.NoUpdate)
            self.scrollTo(first)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter opens the cell under the cursor."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._open(self.currentIndex())
            return
        super().keyPressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """In the matrix the first click has opened the cell already."""
        if rows.kind_of(self.columnAt(event.position().toPoint().x())) is None:
            super().mouseDoubleClickEvent(event)

    def _on_click(self, index: QModelIndex) -> None:
        kind = rows.kind_of(index.column())
        if kind is not None and index.data(CELL_ROLE) is not None:
            self.open_requested.emit(int(index.data(CELL_ROLE)), kind)

    def _open(self, index: QModelIndex) -> None:
        cell_id = index.data(CELL_ROLE)
        if cell_id is not None:
            self.open_requested.emit(int(cell_id), "")
        elif index.isValid():
            self.setExpanded(index, not self.isExpanded(index))

    def _on_selection(self) -> None:
        self._forget_chosen()
        if not self._is_filling:
            self.chosen_changed.emit()

    def _on_fold(self, index: QModelIndex, *, folded: bool) -> None:
        if self._is_filling or index.row() >= len(self.cells.cultures):
            return
        name = self.cells.cultures[index.row()].name
        (self._collapsed.add if folded else self._collapsed.discard)(name)

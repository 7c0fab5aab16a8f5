"""The item model of a case's cells: cultures, and the cells of each."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QColor, QFont

from karyogui.domain.case_result import CellStatus
from karyogui.ui import theme
from karyogui.ui.case import rows
from karyogui.ui.case.rows import COLUMN_COUNT, HEADERS, Column, CultureRow

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

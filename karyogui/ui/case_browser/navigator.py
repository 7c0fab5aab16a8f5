"""The left dock: the cases in a compact list, and the cells of the open case."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QEvent,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QSize,
    Qt,
    Signal,
    SignalInstance,
)
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QFrame,
    QLabel,
    QListView,
    QSplitter,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QToolButton,
    QWidget,
)

from karyogui.domain.case import CaseSummary, CellSummary
from karyogui.domain.case_list import findings
from karyogui.services.library import PAGE
from karyogui.ui import theme
from karyogui.ui.boxes import column_of, filling, row_of
from karyogui.ui.case_browser.model import state_icon
from karyogui.ui.case_browser.rows import (
    Column,
    count_text,
    quality_text,
    sort_key,
    state_text,
)
from karyogui.ui.case_browser.tree import reads_on
from karyogui.ui.theme import GRID
from karyogui.ui.widgets import ElidedLabel

ID_ROLE = Qt.ItemDataRole.UserRole
COUNT_ROLE = Qt.ItemDataRole.UserRole + 1
FOUND_ROLE = Qt.ItemDataRole.UserRole + 2
_LAST_NUMBER = re.compile(r" ?\(?\d{1,4}\)?$")
MARK = 16
"""Logical pixels of the amber mark."""

Index = QModelIndex | QPersistentModelIndex


class SummaryListModel(QAbstractListModel):
    """Cases or cells, one line each: state, name, count, and a mark when something was found."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.rows: tuple[CaseSummary | CellSummary, ...] = ()
        self.more: Callable[[int], Sequence[CaseSummary]] = lambda start: ()
        """Reads on from a line, as far as a person scrolls."""
        self._is_whole = False

    def set_rows(self, rows: Sequence[CaseSummary | CellSummary]) -> None:
        """Show other lines; what was read after them stays where the first ones are the same."""
        new, ids = tuple(rows), [row.id for row in rows]
        self._is_whole = False
        if [row.id for row in self.rows[: len(new)]] == ids and len(new) >= PAGE:
            new += self.rows[len(new) :]
        same = [row.id for row in new] == [row.id for row in self.rows]
        if not same:
            self.beginResetModel()
        self.rows = new
        if not same:
            self.endResetModel()
        elif new:
            self.dataChanged.emit(self.index(0), self.index(len(new) - 1))

    def take(self, rows: Mapping[int, CaseSummary]) -> None:
        """Take news about cases that are shown."""
        changed = [n for n, row in enumerate(self.rows) if row.id in rows]
        self.rows = tuple(
            rows.get(row.id, row) if isinstance(row, CaseSummary) else row for row in self.rows
        )
        for line in changed:
            self.dataChanged.emit(self.index(line), self.index(line))

    def read_on(self) -> None:
        """Read the next page, where there is one."""
        if self._is_whole or len(self.rows) < PAGE:
            return
        known = {row.id for row in self.rows}
        new = [row for row in self.more(len(self.rows)) if row.id not in known]
        if not new:
            self._is_whole = True
            return
        self.beginInsertRows(QModelIndex(), len(self.rows), len(self.rows) + len(new) - 1)
        self.rows += tuple(new)
        self.endInsertRows()

    def row_of(self, row_id: int | None) -> int | None:
        """The line of a case or cell; None when it is not here."""
        return next((n for n, row in enumerate(self.rows) if row.id == row_id), None)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:  # noqa: ANN401
        if not index.isValid():
            return None
        row = self.rows[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            slide = row.slide if isinstance(row, CellSummary) else ""
            return f"{slide} · {row.name}" if slide else row.name
        if role == Qt.ItemDataRole.DecorationRole:
            return theme.icon(state_icon(row))
        if role == Qt.ItemDataRole.ToolTipRole:
            quality = quality_text(row) if isinstance(row, CellSummary) else ""
            lines = [f"{row.name}: {state_text(row)}", *findings(row)]
            return "\n".join([*lines, f"Quality: {quality}"] if quality else lines)
        if role == COUNT_ROLE:
            return count_text(row)
        if role == FOUND_ROLE:
            return bool(row.findings)
        if role in (Qt.ItemDataRole.ForegroundRole, Qt.ItemDataRole.FontRole):
            return _look_of_excluded(row, Qt.ItemDataRole(role))
        return row.id if role == ID_ROLE else None


def _look_of_excluded(
    row: CaseSummary | CellSummary, role: Qt.ItemDataRole
) -> QColor | QFont | None:
    """A muted name, struck through; None for what counts."""
    if not (isinstance(row, CellSummary) and row.is_excluded):
        return None
    if role is Qt.ItemDataRole.ForegroundRole:
        return QColor(theme.current().muted)
    font = QFont(QApplication.font())
    font.setStrikeOut(True)
    return font


def shortened(name: str, metrics: QFontMetrics, room: int) -> str:
    """A case's name in so many pixels: as much of its beginning as fits, and its last number.

    `Smith, A… (2)` can be read, and is not taken for another case of nearly the same name.
    """
    if metrics.horizontalAdvance(name) <= room:
        return name
    number = _LAST_NUMBER.search(name)
    end = number.group() if number else ""
    left = room - metrics.horizontalAdvance(end)
    return metrics.elidedText(name[: len(name) - len(end)], Qt.TextElideMode.ElideRight, left) + end


class LineDelegate(QStyledItemDelegate):
    """Draws the count at the right end of a line, with an amber mark when something was found."""

    def __init__(self, model: SummaryListModel, parent: QWidget) -> None:
        super().__init__(parent)
        self._model = model

    def initStyleOption(self, option: QStyleOptionViewItem, index: Index) -> None:
        super().initStyleOption(option, index)
        taken = option.fontMetrics.horizontalAdvance(str(index.data(COUNT_ROLE)))
        if index.data(FOUND_ROLE):
            taken += MARK + GRID
        room = option.rect.width() - MARK - 8 * GRID - taken
        if isinstance(self._model.rows[index.row()], CellSummary):
            # A cell's name differs from its neighbours' at its end.
            elide = Qt.TextElideMode.ElideLeft
            option.text = option.fontMetrics.elidedText(option.text, elide, max(room, 0))
        else:
            option.text = shortened(option.text, option.fontMetrics, max(room, 0))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        super().paint(painter, option, index)
        box = QRect(option.rect)
        box.setRight(box.right() - 2 * GRID)
        if index.data(FOUND_ROLE):
            width = option.fontMetrics.horizontalAdvance(str(index.data(COUNT_ROLE)))
            left, top = box.right() - width - GRID - MARK, box.center().y() - MARK // 2
            mark = theme.icon("alert", theme.current().amber_mark)
            mark.paint(painter, QRect(left, top, MARK, MARK))
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        colours = theme.current()
        painter.setPen(QColor(colours.on_selection if selected else colours.muted))
        alignment = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(box, alignment, str(index.data(COUNT_ROLE)))


class NavigatorPanel(QWidget):
    """Cases above, the open case's cells below; a click opens."""

    case_requested = Signal(int)
    cell_requested = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self.cases = SummaryListModel(self)
        self.cells = SummaryListModel(self)
        self.case_list = _list_view(self.cases)
        self.cell_list = _list_view(self.cells)
        self.find_case: Callable[[int], CaseSummary | None] = lambda case_id: None
        """Reads the open case where the list has not come to it yet."""
        self._case_id: int | None = None
        self._cell_id: int | None = None
        self._cells_title = ElidedLabel("", Qt.TextElideMode.ElideMiddle)
        self.best_first = QToolButton()
        self.best_first.setText("Best first")
        self.best_first.setToolTip("Order the cells by the quality of their photographs")
        self.best_first.setCheckable(True)
        self.best_first.toggled.connect(lambda _: self._show_cells())
        for view, asked in (
            (self.case_list, self.case_requested),
            (self.cell_list, self.cell_requested),
        ):
            view.activated.connect(partial(self._ask, asked))
            view.clicked.connect(partial(self._ask, asked))
        reads_on(self.case_list, self.cases.read_on)
        splitter = QSplitter(Qt.Orientation.Vertical)
        splitter.setChildrenCollapsible(False)
        splitter.setHandleWidth(1)
        splitter.addWidget(self.case_list)
        splitter.addWidget(_titled(self._cells_title, self.best_first, self.cell_list))
        splitter.setStretchFactor(0, 3)
        splitter.setStretchFactor(1, 2)
        self.setLayout(column_of(splitter, margins=0))

    def read_from(
        self,
        more: Callable[[int], Sequence[CaseSummary]],
        find_case: Callable[[int], CaseSummary | None],
    ) -> None:
        """Where cases beyond the first page come from, and an open one among them."""
        self.cases.more, self.find_case = more, find_case

    def set_summaries(self, summaries: Sequence[CaseSummary]) -> None:
        """Show these cases; the open one keeps its cells."""
        self.cases.set_rows(summaries)
        self.show_open(self._case_id, self._cell_id)

    def take(self, rows: Mapping[int, CaseSummary]) -> None:
        """Take news about cases."""
        self.cases.take(rows)
        if self._case_id in rows:
            self._show_cells()

    def show_open(self, case_id: int | None, cell_id: int | None) -> None:
        """Mark the open case and cell, and list the case's cells."""
        self._case_id, self._cell_id = case_id, cell_id
        self._show_cells()
        _mark(self.case_list, self.cases.row_of(case_id))

    def _ask(self, asked: SignalInstance, index: Index) -> None:
        """Ask for a row to be opened; one that could not be is not marked."""
        asked.emit(index.data(ID_ROLE))
        self.show_open(self._case_id, self._cell_id)

    def _show_cells(self) -> None:
        """The cells of the open case, as they were imported or the best ones first."""
        summary = next((s for s in self.cases.rows if s.id == self._case_id), None)
        if summary is None and self._case_id is not None:
            summary = self.find_case(self._case_id)
        cells = summary.cells if isinstance(summary, CaseSummary) else ()
        self.best_first.setHidden(not any(cell.quality for cell in cells))
        if self.best_first.isChecked() and not self.best_first.isHidden():
            cells = tuple(sorted(cells, key=lambda cell: sort_key(cell, Column.QUALITY)))
        self.cells.set_rows(cells)
        self._cells_title.setText(f"Cells of {summary.name}" if summary else "Cells")
        self._cells_title.setToolTip(summary.name if summary else "")
        _mark(self.cell_list, self.cells.row_of(self._cell_id))

    def refresh_icons(self) -> None:
        """Draw the icons in the colours of the present theme."""
        for view in (self.case_list, self.cell_list):
            view.viewport().update()


def _mark(view: QListView, row: int | None) -> None:
    if row is None:
        view.clearSelection()
        return
    index, selection = view.model().index(row, 0), view.selectionModel()
    if view.currentIndex() != index or not selection.isSelected(index):
        selection.setCurrentIndex(index, QItemSelectionModel.SelectionFlag.ClearAndSelect)


class OpenedList(QListView):
    """Marks what is open and nothing else: the arrows move the cursor of the keys alone."""

    def selectionCommand(
        self, index: Index, event: QEvent | None = None
    ) -> QItemSelectionModel.SelectionFlag:
        return QItemSelectionModel.SelectionFlag.NoUpdate


def _list_view(model: SummaryListModel) -> QListView:
    view = OpenedList()
    view.setModel(model)
    view.setItemDelegate(LineDelegate(model, view))
    view.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    view.setUniformItemSizes(True)
    view.setIconSize(QSize(MARK, MARK))
    view.setFrameShape(QFrame.Shape.NoFrame)
    view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    return view


def _titled(title: QLabel, choice: QToolButton, content: QWidget) -> QWidget:
    result = QWidget()
    head = row_of(filling(title), choice, margins=(3, 1, 1, 0))
    result.setLayout(column_of(head, content, gap=1, margins=0))
    return result

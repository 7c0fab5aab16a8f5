"""The tree view of the case browser: how rows are drawn, its keys, and what stays across news."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import (
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QKeyEvent, QPainter, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTreeView,
)

from karyogui.ui import theme
from karyogui.ui.case_browser.model import KEY_ROLE, THUMBNAIL, CaseTreeModel, Column
from karyogui.ui.theme import GRID

ICON = QSize(16, 16)
WIDTHS = {
    Column.PICTURE: THUMBNAIL.width() + 4 * GRID,
    Column.CASE: 200,
    Column.CELLS: 56,
    Column.CHROMOSOMES: 104,
    Column.STATE: 96,
    Column.QUALITY: 208,
    Column.OBJECTS: 76,
    Column.CROSSINGS: 84,
    Column.TOUCHING: 80,
    Column.CORRECTIONS: 96,
    Column.MINUTES: 76,
    Column.FINDINGS: 200,
    Column.DATE: 128,
}
"""Logical pixels at first; findings take the room that is left, and at least this."""


class FramedDelegate(QStyledItemDelegate):
    """Frames the row that has the keyboard focus but is not selected, as after Ctrl+arrow."""

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        super().paint(painter, option, index)
        # The style's own frame lays a veil over a whole row, and over its thumbnail.
        state = QStyle.StateFlag
        if option.state & state.State_HasFocus and not option.state & state.State_Selected:
            painter.setPen(theme.current().accent)
            painter.drawRect(option.rect.adjusted(0, 0, -1, -1))


class CaseDelegate(FramedDelegate):
    """Thumbnails at their size, every other icon small; long texts may take two lines."""

    def initStyleOption(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        super().initStyleOption(option, index)
        if index.column() != Column.PICTURE:
            option.decorationSize = ICON
        if index.column() == Column.CASE:
            # The cells of a case often differ in the ends of their names.
            option.textElideMode = Qt.TextElideMode.ElideMiddle
        if index.column() not in (Column.FINDINGS, Column.QUALITY):
            option.features &= ~QStyleOptionViewItem.ViewItemFeature.WrapText


class CaseTree(QTreeView):
    """Cases with their slides and cells; Enter opens the row under the cursor."""

    open_requested = Signal()
    delete_pressed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._cases: CaseTreeModel | None = None
        self._expanded: set[object] = set()
        self._selected: set[object] = set()
        self._current: object = None
        self._scrolled = 0
        self.expanded.connect(lambda index: self._expanded.add(index.data(KEY_ROLE)))
        self.collapsed.connect(lambda index: self._expanded.discard(index.data(KEY_ROLE)))

    def show_cases(self, cases: CaseTreeModel) -> None:
        """Show a model; across its news, what is open, selected and in sight stays so."""
        self._cases = cases
        # The view's own answer to a reset comes before: there must be rows to select again.
        cases.modelAboutToBeReset.connect(self._keep)
        self.setModel(cases)
        cases.modelReset.connect(self._take_up_again)
        reads_on(self, cases.read_on)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        # An editor passes its Enter on to the tree: there it ends a renaming.
        editing = self.state() is QAbstractItemView.State.EditingState
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not editing:
            self.open_requested.emit()
            return
        # Comes here only where no action takes it: cells are selected, and no case.
        if event.key() == Qt.Key.Key_Delete and not editing:
            self.delete_pressed.emit()
            return
        super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.fit_findings()

    def fit_findings(self) -> None:
        """Give the findings the room that the other columns leave."""
        header = self.header()
        others = header.length() - header.sectionSize(Column.FINDINGS)
        room = self.viewport().width() - others
        header.resizeSection(Column.FINDINGS, max(room, WIDTHS[Column.FINDINGS]))

    def _keep(self) -> None:
        """Before other rows come in."""
        selection = self.selectionModel()
        self._selected = {index.data(KEY_ROLE) for index in selection.selectedRows(Column.CASE)}
        current = self.currentIndex()
        self._current = current.data(KEY_ROLE) if current.isValid() else None
        self._scrolled = self.verticalScrollBar().value()

    def _take_up_again(self) -> None:
        """After other rows came in: what was open, selected and in sight before is so again."""
        wanted, self._expanded = self._expanded, set()
        selected, self._selected = self._selected, set()
        if self._cases is None or not (wanted or selected or self._current):
            return
        selection, flags = self.selectionModel(), QItemSelectionModel.SelectionFlag
        for index in self._cases.rows():
            key = index.data(KEY_ROLE)
            if key in wanted:
                self.expand(index.siblingAtColumn(0))
            if key in selected:
                selection.select(index, flags.Select | flags.Rows)
            if key == self._current:
                selection.setCurrentIndex(index, flags.NoUpdate)
        self.verticalScrollBar().setValue(self._scrolled)


def reads_on(view: QAbstractItemView, read_on: Callable[[], None]) -> None:
    """Have more rows read when a person comes near the end of those that were read."""
    bar = view.verticalScrollBar()

    def at(value: int) -> None:
        if value > 0 and value >= bar.maximum() - bar.pageStep():
            read_on()

    bar.valueChanged.connect(at)

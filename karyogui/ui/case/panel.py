"""The page of a case: what its cells are, and what they say together."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QButtonGroup,
    QSplitter,
    QToolButton,
    QWidget,
)

from karyogui.services.case_work import CaseView
from karyogui.ui.boxes import REST, column_of, filling, row_of, space
from karyogui.ui.case.head import CaseHead
from karyogui.ui.case.result_tree import ResultTree
from karyogui.ui.case.rows import rows_of
from karyogui.ui.case.table import CellsTable
from karyogui.ui.widgets import act_button, line


class CasePanel(QWidget):
    """Head, cells and lines, one above the other. It edits nothing itself."""

    menu_requested = Signal(QPoint)
    """The right button was pressed over cells: a point on the screen."""

    def __init__(self) -> None:
        super().__init__()
        self.view: CaseView | None = None
        self.head = CaseHead()
        self.table = CellsTable()
        self.result = ResultTree()
        self._notes = _switch("Notes", "Status, slide, coordinates and bands of each cell")
        self._matrix = _switch("Matrix", "What each cell has too many or too few of, by type")
        self._acts = row_of(gap=1)
        self._lay_out()
        self.setFocusProxy(self.table)
        self.table.customContextMenuRequested.connect(
            lambda at: self.menu_requested.emit(self.table.viewport().mapToGlobal(at))
        )
        self.result.cells_chosen.connect(self.table.choose)

    def _lay_out(self) -> None:
        switches = QButtonGroup(self)
        for each in (self._notes, self._matrix):
            switches.addButton(each)
        self._notes.setChecked(True)
        self._matrix.toggled.connect(self.table.show_matrix)
        parts = (self._notes, self._matrix, space(4), self._acts, REST)
        bar = row_of(*parts, gap=1, margins=(3, 1, 3, 1))
        cells = QWidget()
        cells.setLayout(column_of(bar, filling(self.table), gap=0, margins=0))
        self.splitter = QSplitter(Qt.Orientation.Vertical)
        self.splitter.setChildrenCollapsible(False)
        self.splitter.setHandleWidth(1)
        self.splitter.addWidget(cells)
        self.splitter.addWidget(self.result)
        self.splitter.setSizes([420, 200])
        self.setLayout(column_of(self.head, line(), filling(self.splitter), gap=0, margins=0))

    def show_view(self, view: CaseView) -> None:
        """Show a case."""
        self.view = view
        self.head.show_view(view)
        self.table.show_cultures(rows_of(view))
        self.result.show_view(view)

    def show_matrix(self, shown: bool) -> None:
        """Show the matrix instead of the notes."""
        (self._matrix if shown else self._notes).setChecked(True)

    def add_acts(self, actions: list[QAction]) -> None:
        """Put what can be done with the selected cells above the table."""
        for action in actions:
            self._acts.addWidget(act_button(action))

    def refresh_icons(self) -> None:
        """Draw everything in the colours of the present theme."""
        if self.view is not None:
            self.show_view(self.view)
            self.table.viewport().update()


def _switch(text: str, tip: str) -> QToolButton:
    result = QToolButton()
    result.setText(text)
    result.setToolTip(tip)
    result.setCheckable(True)
    return result

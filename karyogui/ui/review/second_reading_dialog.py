"""The blind second reading of a cell: who reads, the board alone, then what differs.

While it is read nothing of the first result can be seen: the window behind is covered.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import (
    QDialog,
    QLineEdit,
    QListWidget,
    QStackedWidget,
    QWidget,
)

from karyogui.domain.cell import Cell
from karyogui.domain.iscn import formula
from karyogui.domain.karyogram import Change
from karyogui.domain.second_reading import SecondReading
from karyogui.errors import KaryoError
from karyogui.services.workspace import Workspace
from karyogui.ui.board.actions import board_actions
from karyogui.ui.board.panel import BoardPanel
from karyogui.ui.boxes import REST, column_of, filling, row_of
from karyogui.ui.dialogs.parts import ask, keep_return
from karyogui.ui.review.reading_differences import ReadingDifferences
from karyogui.ui.theme import Theme
from karyogui.ui.widgets import button, text_label

START, READ, COMPARE = range(3)
KEYS = (
    "N: next to review   ·   Enter: it is right   ·   1 … 22, X, Y, M: move there   ·   "
    "R: turn   ·   Del: to the tray   ·   Ctrl+Z: undo"
)


class SecondReadingDialog(QDialog):
    """Three pages: who reads which cell, the board without the first result, the differences."""

    cell_changed = Signal(int)
    """The first reading of a cell was changed, as the second was found right."""

    def __init__(
        self,
        parent: QWidget | None,
        workspace: Workspace,
        cells: Sequence[Cell],
        chosen: int | None,
        colours: Theme,
        from_tray: bool = False,
    ) -> None:
        """`cells` are those of the case that can be read, `chosen` the id of the one meant."""
        super().__init__(parent)
        self._readings = workspace.second_readings
        self._cells, self._from_tray = tuple(cells), from_tray
        self._cell: Cell | None = None
        self._started = datetime.now(UTC)
        self._changes = 0
        self.setWindowTitle("Second reading")
        self.name = QLineEdit()
        self.name.setPlaceholderText("First and last name")
        self.name.setAccessibleName("Name of the second reader")
        self.list = QListWidget()
        self.list.setAccessibleName("Cells")
        self.problem = text_label("", "error", wrap=True)
        self.begin = button("Begin to read", self._begin, "primary")
        self.board = BoardPanel(self._on_change, colours=colours)
        self.iscn = QLineEdit()
        self.iscn.setAccessibleName("Your karyotype of this cell")
        self.iscn.setPlaceholderText("Your karyotype of this cell")
        self.heading = text_label("", "title")
        self.reading_problem = text_label("", "error", wrap=True)
        self.finish = button("Finish and compare", self._finish, "primary")
        self.compare = ReadingDifferences(self._resolve)
        self.pages = QStackedWidget()
        self._lay_out()
        self._add_keys()
        self._fill_list(chosen)
        self.resize(1220, 740)

    # -- building --------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        for page in (self._start_page(), self._reading_page(), self._compare_page()):
            self.pages.addWidget(page)
        self.setLayout(column_of(self.pages, margins=4))
        self.begin.setDefault(True)  # on its page alone, as what is hidden is never pressed
        keep_return(self)

    def _start_page(self) -> QWidget:
        page = QWidget()
        self.name.setMaximumWidth(360)
        close = button("Close", self.reject)
        row = row_of(REST, close, self.begin, gap=2)
        page.setLayout(
            column_of(
                text_label("Blind second reading", "title"),
                text_label(
                    "The second reader can sit down now: the window behind is covered. The first "
                    "result is shown when the reading is finished, and the two are compared.",
                    "muted",
                    wrap=True,
                ),
                text_label("Who reads", "caption"),
                self.name,
                text_label("Which cell", "caption"),
                filling(self.list),
                self.problem,
                row,
                gap=3,
            )
        )
        return page

    def _reading_page(self) -> QWidget:
        page = QWidget()
        row = row_of(
            filling(self.iscn),
            button("From the board", self._take_from_board, "link"),
            button("Give up", self.reject),
            self.finish,
            gap=2,
        )
        page.setLayout(
            column_of(
                self.heading,
                filling(self.board),
                text_label(KEYS, "note"),
                self.reading_problem,
                row,
                gap=2,
                margins=0,
            )
        )
        self.reading_problem.hide()
        return page

    def _compare_page(self) -> QWidget:
        page = QWidget()
        row = row_of(REST)
        again = button("Another cell", self._show_start)
        close = button("Close", self.accept)
        for each in (again, close):
            row.addWidget(each)
        self.compare.all_resolved.connect(close.setFocus)
        page.setLayout(column_of(filling(self.compare), row, margins=0))
        return page

    def _add_keys(self) -> None:
        """The keys of the board, as in the window, and undo."""
        for spec in board_actions(self.board, lambda: self.pages.currentIndex() == READ):
            self._add_key(spec.text, spec.shortcuts, spec.callback)
        self._add_key("Next to review", ("N",), self.board.next_to_review)
        self._add_key("Previous to review", ("Shift+N",), self.board.previous_to_review)
        self._add_key("It is right", ("Return", "Enter"), self.board.confirm_and_go_on)
        self._add_key("Undo", ("Ctrl+Z",), self.board.undo_stack.undo)
        self._add_key("Redo", ("Ctrl+Shift+Z",), self.board.undo_stack.redo)

    def _add_key(self, text: str, keys: Sequence[str], callback: Callable[[], object]) -> None:
        action = QAction(text, self.board)
        action.setShortcuts([QKeySequence(key) for key in keys])
        action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        action.triggered.connect(lambda _=False: callback())
        self.board.addAction(action)

    def _fill_list(self, chosen: int | None) -> None:
        """Names alone: what a cell shows is nobody's business here."""
        self.list.clear()
        for cell in self._cells:
            reading = self._readings.last(cell.id)
            told = f"{cell.name}: read by {reading.who}" if reading else cell.name
            self.list.addItem(told)
            if cell.id == chosen:
                self.list.setCurrentRow(self.list.count() - 1)
        if self.list.currentRow() < 0 and self._cells:
            self.list.setCurrentRow(0)

    # -- what the reader does --------------------------------------------------------------------

    def _begin(self) -> None:
        row = self.list.currentRow()
        if row < 0:
            return
        try:
            cell = self._readings.begin(self._cells[row].id, self.name.text(), self._from_tray)
        except KaryoError as error:
            self.problem.setText(str(error))
            return
        self.problem.setText("")
        self._cell, self._started, self._changes = cell, datetime.now(UTC), 0
        self.heading.setText(f"{cell.name}, read by {self.name.text().strip()}")
        self.iscn.clear()
        self.reading_problem.hide()
        self.board.show_cell(cell)
        self.pages.setCurrentIndex(READ)
        self.board.setFocus()

    def _on_change(self, _: Change) -> None:
        """The board is the reader's own: nothing of it is stored before the reading is finished."""
        self._changes += 1

    def _take_from_board(self) -> None:
        if self.board.karyogram is not None:
            self.iscn.setText(formula(self.board.karyogram.counts))

    def _finish(self) -> None:
        karyogram = self.board.karyogram
        if self._cell is None or karyogram is None:
            return
        try:
            reading = self._readings.finish(
                self._cell.id,
                self.name.text(),
                self._started,
                self.iscn.text(),
                karyogram.placements,
            )
        except KaryoError as error:
            self.reading_problem.setText(str(error))
            self.reading_problem.show()
            return
        self._changes = 0
        self.show_comparison(self._cell, reading)

    def show_comparison(self, cell: Cell, reading: SecondReading) -> None:
        """Unblind: show where the two readings differ."""
        self._cell = cell
        self.compare.show_reading(cell, reading)
        self.pages.setCurrentIndex(COMPARE)

    def _resolve(
        self, reading: SecondReading, item: str, takes_second: bool, reason: str, who: str
    ) -> SecondReading:
        resolved = self._readings.resolve(reading, item, takes_second, reason, who)
        if takes_second:
            self.cell_changed.emit(reading.cell_id)
        return resolved

    def _show_start(self) -> None:
        self.board.clear()
        self._fill_list(None)
        self.pages.setCurrentIndex(START)

    def reject(self) -> None:
        """A reading that was begun is given up only on purpose."""
        is_reading = self.pages.currentIndex() == READ
        if (
            is_reading
            and self._changes
            and not ask(
                self,
                "Give up this reading?",
                "Nothing of it has been stored yet.",
                yes="Give it up",
                no="Go on reading",
            )
        ):
            return
        self.board.clear()
        super().reject()

"""Excluding cells from their case with a reason, and taking them back."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QComboBox, QDialog, QWidget

from karyogui.domain.amounts import amount, cell_named
from karyogui.domain.case import CellSummary
from karyogui.domain.case_result.cells import CaseCell
from karyogui.domain.cell import Cell
from karyogui.services.workspace import Workspace
from karyogui.ui.case_browser.controller import CaseController
from karyogui.ui.case_browser.selection import cells_alone
from karyogui.ui.dialogs.errors import ErrorsShown
from karyogui.ui.dialogs.parts import accepted, answer_row, stacked
from karyogui.ui.open_cell import OpenCell
from karyogui.ui.widgets import Notice, Tone, text_label

REASONS = (
    "Incomplete metaphase",
    "Bands too poor",
    "Too many crossings",
    "Two cells in one picture",
    "Same cell twice",
    "Not of this case",
)
"""Reasons to choose from; any other can be typed."""


class ReasonDialog(QDialog):
    """Asks why cells do not count."""

    def __init__(self, parent: QWidget | None, question: str) -> None:
        super().__init__(parent)
        self.setWindowTitle("Exclude from the case")
        self.reason = QComboBox()
        self.reason.setEditable(True)
        self.reason.addItems(REASONS)
        self.reason.setCurrentIndex(-1)
        typed = self.reason.lineEdit()
        if typed is not None:
            typed.setPlaceholderText("Choose or type a reason")
        buttons, self.exclude = answer_row(self, "Exclude")
        self.exclude.setEnabled(False)
        self.reason.editTextChanged.connect(
            lambda text: self.exclude.setEnabled(bool(text.strip()))
        )
        told = (
            "It stays in the case with everything done to it, including a sign-off, and can be "
            "taken back. The report names it with this reason."
        )
        stacked(
            self,
            text_label(question, wrap=True),
            self.reason,
            text_label(told, "note", wrap=True),
            buttons,
        )
        self.resize(420, self.sizeHint().height())
        self.reason.setFocus()

    @property
    def text(self) -> str:
        """The reason as typed or chosen."""
        return self.reason.currentText().strip()


Meant = Cell | CellSummary | CaseCell
"""A cell to act on, by what is known of it where it is shown."""


class ExclusionController(QObject):
    """Acts on the cells of the selected rows, or on the open cell; never on a whole case."""

    notice_raised = Signal(object)

    def __init__(
        self,
        workspace: Workspace,
        cases: CaseController,
        open_cell: OpenCell,
        on_cases: Callable[[], bool],
        window: QWidget,
    ) -> None:
        """`on_cases` says whether the case browser is in front: then its selection counts."""
        super().__init__(window)
        self._library, self._window = workspace.library, window
        self._cases, self._open, self._on_cases = cases, open_cell, on_cases
        self.chosen_elsewhere: Callable[[], tuple[CaseCell, ...] | None] = lambda: None
        """The cells selected on another page that is in front; None where there is none."""
        cases.panel.exclude_requested.connect(self.exclude)

    @property
    def counted(self) -> tuple[Meant, ...]:
        """The cells to act on that count."""
        return tuple(cell for cell in self._meant() if not cell.is_excluded)

    @property
    def excluded(self) -> tuple[Meant, ...]:
        """The cells to act on that are excluded."""
        return tuple(cell for cell in self._meant() if cell.is_excluded)

    def exclude(self) -> None:
        """Ask for a reason and exclude the cells; a notice offers to take it back."""
        cells = self.counted
        if not cells:
            return
        is_one = len(cells) == 1
        what = cell_named(cells[0].name) if is_one else amount(len(cells), "cell")
        dialog = ReasonDialog(self._window, f"Why {'does' if is_one else 'do'} {what} not count?")
        if not accepted(dialog):
            return
        reason = dialog.text
        ids = tuple(cell.id for cell in cells)
        if self._do(lambda: self._library.exclude(ids, reason, self._open.user()), ids):
            told = f"{what[0].upper()}{what[1:]} excluded: {reason.rstrip('.')}."
            undo = (("Undo", lambda: self._take_back(ids)),)
            self.notice_raised.emit(Notice(told, Tone.DONE, undo))

    def take_back(self) -> None:
        """Let the cells count again."""
        self._take_back(tuple(cell.id for cell in self.excluded))

    def _take_back(self, ids: tuple[int, ...]) -> None:
        if ids and self._do(lambda: self._library.take_back(ids, self._open.user()), ids):
            counts = "counts" if len(ids) == 1 else "count"
            self.notice_raised.emit(Notice(f"{amount(len(ids), 'cell')} {counts} again."))

    def _do(self, act: Callable[[], None], ids: tuple[int, ...]) -> bool:
        with ErrorsShown(self._window):
            act()
            cell = self._open.cell
            if cell is not None and cell.id in ids:
                self._open.take(self._library.cell(cell.id, cell))
            self._cases.refresh()
            return True
        return False

    def _meant(self) -> tuple[Meant, ...]:
        # Asked at every refresh of the window, so the database is not.
        if self._on_cases():
            return cells_alone(self._cases.panel)
        chosen = self.chosen_elsewhere()
        if chosen is not None:
            return chosen
        return () if self._open.cell is None else (self._open.cell,)

"""Counting the open cell's chromosomes in its photograph: marks are kept as they are set."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from karyogui.domain.amounts import amount
from karyogui.domain.case_result import CellStatus
from karyogui.domain.notes import Mark, NoteChange, with_values
from karyogui.services import case_work
from karyogui.ui.metaphase.panel import MetaphasePanel
from karyogui.ui.metaphase.tools.count import CountTool
from karyogui.ui.open_cell import OpenCell


class CountController(QObject):
    """Gives the view its count tool, and records every mark as a step of the cell's history."""

    counted = Signal()
    """Marks or the status of the cell have changed."""

    def __init__(self, open_cell: OpenCell, panel: MetaphasePanel, window: QWidget) -> None:
        super().__init__(window)
        self._open, self._panel = open_cell, panel
        self.tool = CountTool(panel.view, self._keep, self._finish)
        open_cell.cell_changed.connect(self._show)
        open_cell.edited.connect(self._show)

    @property
    def can_count(self) -> bool:
        """Whether there is a photograph to count in."""
        cell = self._panel.cell
        return cell is not None and cell.has_photograph and self._panel.has_picture

    @property
    def is_counting(self) -> bool:
        """Whether the tool is in use."""
        return self._panel.view.tool is self.tool

    def toggle(self) -> None:
        """Take up the tool, or lay it down."""
        self._panel.view.cancel_gesture()
        self._panel.set_tool(None if self.is_counting else self.tool)
        self._panel.view.setFocus()

    def _show(self) -> None:
        cell = self._open.cell
        marks = cell.note.marks if cell is not None else ()
        if marks != self.tool.marks:
            self.tool.show_marks(marks)

    def _keep(self, marks: tuple[Mark, ...]) -> None:
        cell = self._open.cell
        if cell is not None:
            self._do(lambda: case_work.set_marks(cell, marks))

    def _finish(self) -> None:
        """Counted: a cell without a status is now a counted one."""
        cell = self._open.cell
        if cell is None:
            return
        marks = cell.note.marks
        if marks and cell.note.status is None and cell.reviewed_at is None:
            self._do(lambda: case_work.set_status(cell, str(CellStatus.COUNTED)))
        self._panel.set_tool(None)
        if marks:
            self._panel.show_message(f"{amount(len(marks), 'chromosome')} counted.")

    def _do(self, make: Callable[[], NoteChange]) -> None:
        self._open.note(make, self._take)

    def _take(self, change: NoteChange) -> None:
        cell = self._open.cell
        if cell is not None:
            self._open.take_note(with_values(cell.note, change.after))
        self.counted.emit()

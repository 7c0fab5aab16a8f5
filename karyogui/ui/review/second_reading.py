"""Opens the blind second reading, with the window behind it covered."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QFrame, QMainWindow

from karyogui.errors import KaryoError
from karyogui.services.workspace import Workspace
from karyogui.settings import SettingsStore
from karyogui.ui import theme
from karyogui.ui.boxes import column_of
from karyogui.ui.dialogs.errors import show_error
from karyogui.ui.open_cell import OpenCell
from karyogui.ui.widgets import text_label

if TYPE_CHECKING:
    from karyogui.ui.review.second_reading_dialog import SecondReadingDialog


class Curtain(QFrame):
    """Covers a whole window while somebody must not see what is in it."""

    def __init__(self, window: QMainWindow) -> None:
        super().__init__(window)
        self.setAutoFillBackground(True)
        words = text_label("A blind second reading is under way.", "muted")
        words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setLayout(column_of(words))
        self.setGeometry(window.rect())
        self.raise_()
        self.show()


class SecondReadingController(QObject):
    """The second reading of the cells of the open or selected case."""

    def __init__(
        self,
        workspace: Workspace,
        settings: SettingsStore,
        open_cell: OpenCell,
        case_id: Callable[[], int | None],
        window: QMainWindow,
    ) -> None:
        super().__init__(window)
        self._workspace, self._settings = workspace, settings
        self._open, self._case_id, self._window = open_cell, case_id, window
        open_cell.board.drawn = self._drawn
        self._changed: set[int] = set()
        self.dialog: SecondReadingDialog | None = None

    def open(self) -> None:
        """Cover the window and let a second person read; unresolved differences come first."""
        from karyogui.ui.review.second_reading_dialog import SecondReadingDialog

        case_id = self._case_id()
        if case_id is None:
            return
        try:
            case = self._workspace.library.case(case_id)
        except KaryoError as error:
            show_error(self._window, error)
            return
        cells = [c for c in case.cells if c.is_analysed and not c.is_excluded]
        if not cells:
            show_error(
                self._window,
                KaryoError(f"No cell of {case.name} can be read yet.", "Analyse a cell first."),
            )
            return
        chosen = self._open.cell.id if self._open.cell is not None else None
        curtain = Curtain(self._window)
        self._changed = set()
        self.dialog = SecondReadingDialog(
            self._window,
            self._workspace,
            cells,
            chosen,
            theme.current(),
            self._settings.values.second_reading == "tray",
        )
        self.dialog.cell_changed.connect(self._changed.add)
        try:
            self._show_unresolved([cell.id for cell in cells])
            self.dialog.exec()
        finally:
            self.dialog.deleteLater()
            self.dialog = None
            curtain.hide()
            curtain.deleteLater()
        self._take_changes()

    def _drawn(self) -> frozenset[str]:
        """Sure chromosomes of the open cell that are looked at all the same."""
        from karyogui.domain.second_reading import asked_at_random

        share, cell = int(self._settings.values.random_share) / 100.0, self._open.cell
        return asked_at_random(cell, share) if cell is not None else frozenset()

    def _show_unresolved(self, cell_ids: list[int]) -> None:
        """Go on where somebody left differences open."""
        from karyogui.domain.second_reading import differences, unresolved

        readings = self._workspace.second_readings
        for cell_id in cell_ids:
            reading = readings.last(cell_id)
            if reading is not None and unresolved(differences(reading)) and self.dialog:
                self.dialog.show_comparison(self._workspace.library.cell(cell_id), reading)
                return

    def _take_changes(self) -> None:
        cell = self._open.cell
        if cell is not None and cell.id in self._changed:
            self._open.close()
            self._open.open(cell.id)

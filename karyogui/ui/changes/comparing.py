"""The open cell's board while it is compared with a karyotype that a person typed."""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from karyogui.domain.board_comparison import BoardComparison, compare_board
from karyogui.ui.open_cell import OpenCell

_SHOWN = 300


class ComparingController(QObject):
    """Keeps what differs marked while the board is edited, until a person has seen enough."""

    def __init__(self, open_cell: OpenCell, window: QWidget) -> None:
        super().__init__(window)
        self._open = open_cell
        self.karyotype = ""
        """What the board is compared with; empty for nothing."""
        self._cell_id: int | None = None
        open_cell.karyogram_changed.connect(self._show)
        open_cell.cell_changed.connect(self._show)

    def compare(self, typed: str) -> BoardComparison | None:
        """How the board differs from a karyotype; None where nothing can be said."""
        cell, karyogram = self._open.cell, self._open.karyogram
        if cell is None or karyogram is None or not cell.chromosomes:
            return None
        return compare_board(typed, karyogram.counts, cell.changes, self._open.slots)

    def begin(self, typed: str) -> None:
        """Mark on the board what differs from a karyotype."""
        self.karyotype = typed
        self._cell_id = self._open.cell.id if self._open.cell else None
        self._show()

    @property
    def is_comparing(self) -> bool:
        """Whether differences are marked."""
        return bool(self.karyotype)

    def end(self) -> None:
        """Mark nothing any more."""
        self.karyotype = ""
        self._open.board.view.board_scene.show_differences({})
        self._open.board.show_hint("")
        self._open.edited.emit()

    def _show(self) -> None:
        if not self.karyotype:
            return
        cell = self._open.cell
        found = self.compare(self.karyotype) if cell and cell.id == self._cell_id else None
        if found is None:
            self.end()
            return
        self._open.board.view.board_scene.show_differences(found.marks)
        told = found.text if len(found.text) < _SHOWN else f"{found.text[:_SHOWN]} …"
        self._open.board.show_hint(f"{self.karyotype}: {told} Shift+Esc ends the comparison.")

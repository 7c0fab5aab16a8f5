"""One selection in two views: who is selected in the metaphase is selected on the board."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject

from karyogui.ui.board.panel import BoardPanel
from karyogui.ui.metaphase.panel import MetaphasePanel


class SelectionLink(QObject):
    """Ids are the same in both. What one of them does not have stays selected in the other."""

    def __init__(self, metaphase: MetaphasePanel, board: BoardPanel) -> None:
        super().__init__(metaphase)
        self._metaphase, self._board = metaphase, board
        self._is_telling = False
        metaphase.selection_changed.connect(self._to_board)
        board.selection_changed.connect(self._to_metaphase)

    def follow_board(self) -> None:
        """Select in the metaphase, which has just been opened, what is selected on the board."""
        self._to_metaphase(self._board.selection)

    def _to_board(self, ids: Sequence[str]) -> None:
        if self._is_telling or self._board.karyogram is None:
            return
        there = {placement.chromosome_id for placement in self._board.karyogram.placements}
        self._tell(self._board, [i for i in ids if i in there])

    def _to_metaphase(self, ids: Sequence[str]) -> None:
        if not self._is_telling and self._metaphase.has_picture:
            self._tell(self._metaphase, list(ids))

    def _tell(self, other: BoardPanel | MetaphasePanel, ids: list[str]) -> None:
        self._is_telling = True
        try:
            other.select(ids)
        finally:
            self._is_telling = False

"""The open cell's metaphase: its picture from the store, its objects, its enhancement."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from karyogui.domain.cell import Cell
from karyogui.domain.recipe import Recipe
from karyogui.errors import KaryoError
from karyogui.services.workspace import Workspace
from karyogui.ui.actions import ActionSet
from karyogui.ui.board.commands import Show
from karyogui.ui.board.panel import BoardPanel
from karyogui.ui.dialogs.errors import ErrorsShown
from karyogui.ui.metaphase import texts
from karyogui.ui.metaphase.panel import MetaphasePanel
from karyogui.ui.metaphase.picture import AT_ONCE, Opened
from karyogui.ui.open_cell import OpenCell
from karyogui.ui.window_state import WindowState
from karyogui.workers.latest import LatestTask


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

    def follow_metaphase(self) -> None:
        """Select on the board what is selected in the metaphase: it may be there only now."""
        self._to_board(self._metaphase.selection)

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


_SWITCHES = ("metaphase.labels", "metaphase.rejected", "metaphase.strip")
"""Actions that show and hide, remembered under these names."""


class MetaphaseController(QObject):
    """Keeps the metaphase panel in step with the open cell, and records its recipe."""

    recipe_kept = Signal(object)
    """The `Recipe` that is now recorded with the open cell, None for none."""
    panel_changed = Signal()
    """Another selection, or something else is shown or hidden."""

    def __init__(
        self,
        workspace: Workspace,
        open_cell: OpenCell,
        state: WindowState,
        window: QWidget,
    ) -> None:
        super().__init__(window)
        self._workspace, self._open_cell, self._window = workspace, open_cell, window
        board = open_cell.board
        self._state = state
        self._opening = LatestTask(self)
        self._shown: tuple[Cell | None, bool] = (None, False)
        self.panel = MetaphasePanel()
        self.panel.set_karyogram(lambda: board.karyogram)
        self._link = SelectionLink(self.panel, board)
        open_cell.cell_changed.connect(self._on_cell)
        self.panel.recipe_changed.connect(self.change_recipe)
        self.panel.selection_changed.connect(lambda _: self.panel_changed.emit())
        self.panel.view.tool_changed.connect(lambda _: self.panel_changed.emit())
        self._restore()

    def _on_cell(self) -> None:
        cell, shown = self._open_cell.cell, self.panel.cell
        is_shown = cell is not None and shown is not None and cell.id == shown.id
        if is_shown and self.panel.has_picture:
            self._link.follow_metaphase()

    def show(self, cell: Cell | None, waiting: bool) -> None:
        """Show a cell, or what has become of the one that is shown."""
        panel, shown = self.panel, self.panel.cell
        self._shown = cell, waiting
        if cell is not None and shown is not None and shown.id == cell.id:
            panel.take_cell(cell, waiting)
        else:
            self._opening.forget()
            self._show_another(cell)
        panel.show_types()

    def _show_another(self, cell: Cell | None) -> None:
        if cell is None:
            self.panel.show_nothing()
        elif not cell.has_photograph:
            self.panel.show_cut_outs(cell)
        else:
            self._open(cell)

    def _open(self, cell: Cell) -> None:
        """Show a metaphase at once, or a large one as soon as it has been read."""
        picture, read = cell.pictures[0], partial(self._workspace.analysis.photograph, cell.id)
        if picture.width * picture.height > AT_ONCE:
            self.panel.show_opening(cell)
            display = self.panel.picture.display
            self._opening.run(
                lambda _: Opened.of(read(), cell.objects, display),
                self._on_opened,
                self._on_unreadable,
            )
            return
        try:
            pixels = read()
        except KaryoError as error:
            self._on_unreadable(error)
        else:
            self._show_picture(pixels)

    def _show_picture(self, picture: NDArray[np.uint8] | Opened) -> None:
        cell, waiting = self._shown
        if cell is not None:
            self.panel.show_cell(cell, picture)
            self.panel.take_cell(cell, waiting)

    def _on_opened(self, opened: Opened) -> None:
        self._show_picture(opened)
        self.panel.show_types()
        self._link.follow_board()
        self.panel_changed.emit()

    def _on_unreadable(self, error: Exception) -> None:
        if not isinstance(error, KaryoError):
            raise error
        cell, _ = self._shown
        if cell is not None:
            self.panel.show_failure(cell, str(error))
            self.panel_changed.emit()

    def change_recipe(self, recipe: Recipe) -> None:
        """Record another recipe as one undo step."""
        cell = self.panel.cell
        if cell is None:
            return
        before = cell.recipe or Recipe()
        sides, keep = (recipe, before), partial(self._keep, cell.id)
        if recipe == before or not self._open_cell.history.do(
            "Enhancement", lambda back: keep(sides[back])
        ):
            return
        if cell.is_analysed:
            self.panel.show_message(texts.ANALYSE_AGAIN)

    def _keep(self, cell_id: int, recipe: Recipe) -> Show | None:
        with ErrorsShown(self._window):
            kept = None if recipe.is_identity else recipe
            cell = self._workspace.repairs.set_recipe(cell_id, kept, self._open_cell.user())
            return partial(self.recipe_kept.emit, cell.recipe)
        return None

    # -- what is shown and hidden ----------------------------------------------------------------

    def add_buttons(self, actions: ActionSet) -> None:
        """Put counting and the switches at the right end of the quality line."""
        buttons = ("metaphase.count", *_SWITCHES, "view.side_by_side")
        self.panel.add_buttons([actions[i] for i in buttons])

    def toggle_labels(self) -> None:
        """Show or hide the labels."""
        self.panel.show_labels(not self.panel.labels_are_shown)
        self.panel_changed.emit()

    def toggle_rejected(self) -> None:
        """Show or hide what is no chromosome."""
        self.panel.show_rejected(not self.panel.rejected_are_shown)
        self.panel_changed.emit()

    def toggle_strip(self) -> None:
        """Show or hide display settings and enhancement."""
        self.panel.show_strip(not self.panel.strip_is_shown)
        self.panel_changed.emit()

    def show_switches(self, actions: ActionSet) -> None:
        """Check the actions of what is shown."""
        for action_id, shown in zip(_SWITCHES, self._switches(), strict=True):
            actions[action_id].setChecked(shown)

    def stop(self) -> None:
        """Read nothing any more: the window closes."""
        self._opening.shut_down()
        self.panel.picture.shut_down()

    def remember(self) -> None:
        """Keep what is shown and hidden until the next start."""
        for action_id, shown in zip(_SWITCHES, self._switches(), strict=True):
            self._state.keep(action_id.replace(".", "/"), int(shown))

    def _restore(self) -> None:
        shown = [self._state.number(action_id.replace(".", "/")) for action_id in _SWITCHES]
        labels, rejected, strip = shown
        self.panel.show_labels(labels != 0)
        self.panel.show_rejected(rejected != 0)
        self.panel.show_strip(strip == 1)

    def _switches(self) -> tuple[bool, bool, bool]:
        panel = self.panel
        return panel.labels_are_shown, panel.rejected_are_shown, panel.strip_is_shown

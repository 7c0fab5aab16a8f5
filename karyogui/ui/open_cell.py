"""The cell that is open: what the window's parts depend on, and not on each other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from karyogui.domain.cell import Cell
from karyogui.domain.karyogram import Change, Karyogram
from karyogui.domain.notes import CellNote, NoteChange
from karyogui.domain.recipe import Recipe
from karyogui.domain.review import Edit
from karyogui.domain.separation import Quality
from karyogui.domain.separation_check import CheckEntry
from karyogui.errors import KaryoError
from karyogui.services.workspace import Workspace
from karyogui.ui.board.commands import Show
from karyogui.ui.board.panel import BoardPanel
from karyogui.ui.dialogs.errors import ErrorsShown, show_error
from karyogui.workers.analyses import Analyses


class OpenCell(QObject):
    """The open cell, its karyogram and selection on the board, its history and its journal.

    Whatever is done to the cell goes through here, and whoever shows it listens here.
    """

    cell_changed = Signal()
    """Another cell is open, or the open one was analysed, repaired or signed off."""
    karyogram_changed = Signal()
    """Something was moved, turned, mirrored or confirmed."""
    selection_changed = Signal(object)
    """The selected ids, a tuple in the board's order."""
    edited = Signal()
    """The karyogram, the selection or what is known of the picture changed."""
    recorded = Signal(object)
    """A new edit was stored, no undone or redone one: its `ActionKind`."""

    def __init__(
        self,
        workspace: Workspace,
        analyses: Analyses,
        user: Callable[[], str],
        window: QWidget,
    ) -> None:
        super().__init__(window)
        self._window, self._workspace, self._analyses = window, workspace, analyses
        self.user = user
        self.board = BoardPanel(self._record)
        self.say: Callable[[str], object] = self.board.show_message
        """Says something for a while where a person looks; the window has a better place."""
        self.history = self.board.undo_stack
        self.cell: Cell | None = None
        self.case_name = ""
        self.unsaved = False
        self._is_held = False
        self._cell_ids: tuple[int, ...] = ()
        self.board.karyogram_changed.connect(self._on_karyogram)
        self.board.selection_changed.connect(self._on_selection)
        self.board.edit_failed.connect(self._on_edit_failed)
        analyses.cell_analysed.connect(self._on_analysed)

    # -- what is open ----------------------------------------------------------------------------

    @property
    def karyogram(self) -> Karyogram | None:
        """Where everything stands; None without a cell."""
        return self.board.karyogram

    @property
    def selection(self) -> tuple[str, ...]:
        """The selected ids in the board's order."""
        return self.board.selection

    @property
    def slots(self) -> dict[str, str]:
        """Where each chromosome stands on the board, by its id."""
        placements = self.karyogram.placements if self.karyogram else ()
        return {placement.chromosome_id: placement.slot for placement in placements}

    @property
    def open_check(self) -> tuple[CheckEntry, ...]:
        """Open entries of the separation check, by what stands on the board now."""
        if self.cell is None or self.karyogram is None:
            return ()
        return self.cell.open_check_at(self.karyogram.counts)

    @property
    def needs_review(self) -> tuple[str, ...]:
        """Ids of the chromosomes that need review, the most urgent first."""
        return tuple(self.board.needs_review)

    @property
    def is_open(self) -> bool:
        """Whether any cell is open."""
        return self.cell is not None

    @property
    def is_analysed(self) -> bool:
        """Whether the cell has chromosomes."""
        return self.cell is not None and bool(self.cell.chromosomes)

    @property
    def is_waiting(self) -> bool:
        """Whether the cell is yet to be analysed, or analysed again."""
        return self.cell is not None and self.cell.id in self._analyses.waiting

    @property
    def is_signed(self) -> bool:
        """Whether the cell is signed off."""
        return self.cell is not None and self.cell.reviewed_at is not None

    @property
    def has_photograph(self) -> bool:
        """Whether the cell came as a photograph."""
        return self.cell is not None and self.cell.has_photograph

    # -- opening ---------------------------------------------------------------------------------

    def open_case(self, case_id: int) -> None:
        """Open a case's first cell, or the open one again when it is of that case."""
        if self.cell is not None and self.cell.case_id == case_id:
            return
        with ErrorsShown(self._window):
            _, cell_ids = self._workspace.library.name_and_cells(case_id)
            if cell_ids:
                self.open(cell_ids[0])

    def open(self, cell_id: int) -> None:
        """Open a cell; the present one stays when that fails."""
        if self.cell is not None and self.cell.id == cell_id:
            return
        with ErrorsShown(self._window):
            cell = self._workspace.library.cell(cell_id)
            name, beside = self._workspace.library.name_and_cells(cell.case_id)
            self.case_name, self._cell_ids = name, beside
            self._analyses.prefer(cell_id)
            self._show(cell)

    def close(self) -> None:
        """Show no cell."""
        self.cell, self._cell_ids, self.case_name = None, (), ""
        with self._announced_once():
            self.board.clear()

    def close_if_of(self, case_ids: tuple[int, ...]) -> None:
        """Close the cell when its case is among those (which went to the bin)."""
        if self.cell is not None and self.cell.case_id in case_ids:
            self.close()

    def next(self) -> None:
        """Open the case's next cell."""
        self._step(1)

    def previous(self) -> None:
        """Open the case's cell before."""
        self._step(-1)

    def analyse(self) -> None:
        """Analyse the cell in the background."""
        if self.cell is not None:
            self._analyses.add([self.cell.id])

    # -- what becomes of it ----------------------------------------------------------------------

    def undo(self) -> None:
        """Undo the last edit of this cell."""
        self.history.undo()

    def redo(self) -> None:
        """Do again what was undone."""
        self.history.redo()

    def take(self, cell: Cell) -> None:
        """Know something else of the cell; its karyogram stays."""
        self.cell = cell
        self.cell_changed.emit()

    def take_assignment(self, cell: Cell, change: Change) -> None:
        """Show the cell with another assignment, which `change` brings onto the board."""
        self.cell = cell
        with self._announced_once():
            self.board.assign_again(cell, change)

    def take_repaired(self, cell: Cell) -> None:
        """Show the cell after a repair of its separation."""
        self.cell = cell
        with self._announced_once():
            self.board.take_repaired(cell)

    def take_recipe(self, recipe: Recipe | None) -> None:
        """Know what enhancement is recorded with the cell now."""
        if self.cell is not None:
            self.cell = replace(self.cell, recipe=recipe)
            self.edited.emit()

    def take_note(self, note: CellNote) -> None:
        """Know what is noted of the cell now."""
        if self.cell is not None:
            self.cell = replace(self.cell, note=note)
            self.edited.emit()

    def note(
        self,
        make: Callable[[], NoteChange],
        show: Callable[[NoteChange], None],
        refused: Callable[[], object] = lambda: None,
    ) -> None:
        """Record an act on the notes of the cell or its case as a step of the history; `show` it.

        What the store refuses is shown to the person, then `refused` is called.
        """

        def store(back: bool) -> Show | None:
            done = change.inverse if back else change
            with ErrorsShown(self._window):
                self._workspace.case_work.record(done, self.user())
                return lambda: show(done)
            refused()
            return None

        with ErrorsShown(self._window):
            change = make()
            if not change.is_empty:
                self.history.do(change.text, store)

    def take_quality(self, cell_id: int, quality: Quality) -> None:
        """Know what the photograph of the cell is worth, before it is analysed."""
        if self.cell is not None and self.cell.id == cell_id and not self.cell.is_analysed:
            self.cell = replace(self.cell, quality=quality)
            self.edited.emit()

    # -- inside ----------------------------------------------------------------------------------

    def _record(self, change: Change) -> None:
        """Called by the board before every change: it is stored when this returns."""
        if self.cell is None:
            return
        who = self.user()
        self.unsaved = True
        self._workspace.reviews.record(self.cell.id, change, who)
        self.unsaved = False
        edit = Edit(who, datetime.now(UTC), change)
        self.cell = replace(self.cell, edits=(*self.cell.edits, edit))
        if change.kind is not None and not self.history.is_stepping:
            self.recorded.emit(change.kind)

    def _on_edit_failed(self, text: str) -> None:
        self.unsaved = False
        self._on_karyogram()
        show_error(self._window, KaryoError(text))

    def _show(self, cell: Cell) -> None:
        self.cell = cell
        with self._announced_once():
            self.board.show_cell(cell)

    def _on_analysed(self, cell: Cell) -> None:
        if self.cell is not None and self.cell.id == cell.id:
            self._show(cell)

    @contextmanager
    def _announced_once(self) -> Iterator[None]:
        """Whatever the board reports inside: everything is shown once afterwards."""
        self._is_held = True
        try:
            yield
        finally:
            self._is_held = False
        self.cell_changed.emit()

    def _step(self, by: int) -> None:
        if self.cell is None or self.cell.id not in self._cell_ids:
            return
        at = self._cell_ids.index(self.cell.id) + by
        if 0 <= at < len(self._cell_ids):
            self.open(self._cell_ids[at])

    def _on_karyogram(self) -> None:
        if self.cell is not None and not self._is_held:
            self.karyogram_changed.emit()
            self.edited.emit()

    def _on_selection(self, ids: tuple[str, ...]) -> None:
        if not self._is_held:
            self.selection_changed.emit(ids)
            self.edited.emit()

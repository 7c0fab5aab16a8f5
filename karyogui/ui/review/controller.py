"""The open cell: shows it everywhere, records what is done to it, and signs it off."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from karyogui.domain.cell import Cell
from karyogui.domain.findings import find
from karyogui.domain.iscn import propose
from karyogui.domain.karyogram import Change
from karyogui.domain.recipe import Recipe
from karyogui.domain.review import (
    Edit,
    evidence_flag,
    is_moved,
    margin_words,
    moved_sentence,
    runner_up,
)
from karyogui.domain.separation import Quality
from karyogui.errors import KaryoError
from karyogui.services.workspace import Workspace
from karyogui.ui.board.panel import BoardPanel
from karyogui.ui.dialogs.errors import show_error
from karyogui.ui.review.findings import FindingsPanel
from karyogui.ui.review.inspector import InspectorPanel
from karyogui.ui.review.rules import RENEWING, obstacle
from karyogui.workers.analyses import Analyses


class ReviewController(QObject):
    """Between the board, the inspector, the findings and the services."""

    cell_changed = Signal()
    """Another cell is open, or the open one was analysed or signed off."""
    recorded = Signal(object)
    """A new edit was stored, no undone or redone one: its `ActionKind`."""
    edited = Signal()
    """The karyogram or the selection changed."""

    def __init__(
        self,
        workspace: Workspace,
        analyses: Analyses,
        user: Callable[[], str],
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self._window = parent
        self._workspace = workspace
        self._analyses = analyses
        self.user = user
        self.board = BoardPanel(self._record)
        self.inspector = InspectorPanel()
        self.findings = FindingsPanel()
        self.cell: Cell | None = None
        self.case_name = ""
        self.asking: tuple[str, ...] = ()
        self.obstacle = ""
        self.unsaved = False
        self._is_held = False
        self._cell_ids: tuple[int, ...] = ()
        self.board.karyogram_changed.connect(self._show_karyogram)
        self.board.selection_changed.connect(self._on_selection)
        self.board.edit_failed.connect(self._on_edit_failed)
        self.findings.review_requested.connect(self._go_to)
        self.findings.selection_requested.connect(self._select)
        self.findings.sign_off_requested.connect(self.sign_off)
        self.findings.withdraw_requested.connect(self.withdraw)
        analyses.cell_analysed.connect(self._on_analysed)

    # -- opening ---------------------------------------------------------------------------------

    def open_case(self, case_id: int) -> None:
        """Open a case's first cell, or the open one again when it is of that case."""
        if self.cell is not None and self.cell.case_id == case_id:
            return
        try:
            cells = self._workspace.library.case(case_id).cells
        except KaryoError as error:
            show_error(self._window, error)
            return
        if cells:
            self.open_cell(cells[0].id)

    def open_cell(self, cell_id: int) -> None:
        """Open a cell; the present one stays when that fails."""
        if self.cell is not None and self.cell.id == cell_id:
            return
        try:
            cell = self._workspace.library.cell(cell_id)
            case = self._workspace.library.case(cell.case_id)
        except KaryoError as error:
            show_error(self._window, error)
            return
        self.case_name = case.name
        self._cell_ids = tuple(c.id for c in case.cells)
        self._analyses.prefer(cell_id)
        self._show(cell)

    def close(self) -> None:
        """Show no cell."""
        self.cell, self._cell_ids, self.case_name = None, (), ""
        self.board.clear()
        self.inspector.show_nothing()
        self.findings.show_nothing()
        self.cell_changed.emit()

    def close_if_of(self, case_ids: tuple[int, ...]) -> None:
        """Close the cell when its case is among those (which went to the bin)."""
        if self.cell is not None and self.cell.case_id in case_ids:
            self.close()

    def next_cell(self) -> None:
        """Open the case's next cell."""
        self._step(1)

    def previous_cell(self) -> None:
        """Open the case's cell before."""
        self._step(-1)

    def analyse(self) -> None:
        """Analyse the open cell in the background."""
        if self.cell is not None:
            self._analyses.add([self.cell.id])

    # -- editing ---------------------------------------------------------------------------------

    def undo(self) -> None:
        """Undo the last edit of this cell."""
        self.board.undo_stack.undo()

    def redo(self) -> None:
        """Do again what was undone."""
        self.board.undo_stack.redo()

    def take_assignment(self, cell: Cell, change: Change) -> None:
        """Show the open cell with another assignment, which `change` brings onto the board."""
        self.cell = cell
        with self._told_once():
            self.board.assign_again(cell, change)

    def take_repaired(self, cell: Cell) -> None:
        """Show the open cell after a repair of its separation."""
        self.cell = cell
        with self._told_once():
            self.board.take_repaired(cell)

    def take_recipe(self, recipe: Recipe | None) -> None:
        """Know what enhancement is recorded with the open cell now."""
        if self.cell is not None:
            self.cell = replace(self.cell, recipe=recipe)
            self.edited.emit()

    def take_quality(self, cell_id: int, quality: Quality) -> None:
        """Know what the photograph of the open cell is worth, before it is analysed."""
        if self.cell is not None and self.cell.id == cell_id and not self.cell.is_analysed:
            self.cell = replace(self.cell, quality=quality)
            self.edited.emit()

    def copy_iscn(self) -> None:
        """Copy the ISCN proposal."""
        self.findings.copy_iscn()

    def toggle_zoom_box(self) -> None:
        """Show or hide the network's zoom box in the inspector."""
        self.inspector.zoom_box.toggle()

    def sign_off(self) -> None:
        """Sign the open cell off, when nothing stands in the way."""
        if self.cell is None or self.obstacle or self.cell.reviewed_at is not None:
            return
        if self.cell.awaits_answer:
            self.board.show_message(RENEWING)
            return
        try:
            signed = self._workspace.reviews.sign_off(self.cell.id, self.user())
        except KaryoError as error:
            show_error(self._window, error)
            return
        self.cell = replace(self.cell, reviewed_at=signed.when, reviewed_by=signed.who)
        self._show_all()
        self.cell_changed.emit()

    def withdraw(self) -> None:
        """Withdraw the sign-off, so that the cell can be edited again."""
        if self.cell is None or self.cell.reviewed_at is None:
            return
        try:
            self._workspace.reviews.withdraw_sign_off(self.cell.id, self.user())
        except KaryoError as error:
            show_error(self._window, error)
            return
        self.cell = replace(self.cell, reviewed_at=None, reviewed_by="")
        self._show_all()
        self.cell_changed.emit()

    def show_user(self) -> None:
        """Take over another name of the person."""
        self._refresh()

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
        if change.kind is not None and not self.board.undo_stack.is_stepping:
            self.recorded.emit(change.kind)

    def _on_edit_failed(self, text: str) -> None:
        self.unsaved = False
        self._refresh()
        show_error(self._window, KaryoError(text))

    def _show(self, cell: Cell) -> None:
        self.cell = cell
        with self._told_once():
            self.board.show_cell(cell)

    def _on_analysed(self, cell: Cell) -> None:
        if self.cell is not None and self.cell.id == cell.id:
            self._show(cell)

    @contextmanager
    def _told_once(self) -> Iterator[None]:
        """Whatever the board tells inside: everything is shown once afterwards."""
        self._is_held = True
        try:
            yield
        finally:
            self._is_held = False
        self._show_all()
        self.cell_changed.emit()

    def _step(self, by: int) -> None:
        if self.cell is None or self.cell.id not in self._cell_ids:
            return
        at = self._cell_ids.index(self.cell.id) + by
        if 0 <= at < len(self._cell_ids):
            self.open_cell(self._cell_ids[at])

    def _go_to(self, chromosome_id: str) -> None:
        self._select((chromosome_id,))

    def _select(self, ids: tuple[str, ...]) -> None:
        self.board.select(ids)
        self.board.setFocus()

    def _on_selection(self, ids: tuple[str, ...]) -> None:
        if self._is_held:
            return
        self._show_selection()
        self.findings.mark(ids)
        self.edited.emit()

    def _show_karyogram(self) -> None:
        if self.cell is not None and not self._is_held:
            self._refresh()

    def _refresh(self) -> None:
        self._show_all()
        self.edited.emit()

    def _show_all(self) -> None:
        cell, karyogram = self.cell, self.board.karyogram
        if cell is None or karyogram is None:
            return
        if not cell.chromosomes:
            self.asking, self.obstacle = (), obstacle(None, ())
            self.findings.show_nothing("This cell has not been analysed yet.")
            self.inspector.show_nothing()
            return
        counts = karyogram.counts
        queue = tuple(self.board.asking.values())
        self.asking = tuple(self.board.asking)
        self.obstacle = RENEWING if cell.awaits_answer else obstacle(karyogram, self.asking)
        self.findings.show_findings(find(counts), propose(counts))
        self.findings.show_assignment(
            evidence_flag(cell.chromosomes, karyogram, cell.assignment),
            runner_up(cell.chromosomes, counts, cell.assignment),
        )
        self.findings.show_renewing(cell.awaits_answer)
        self.findings.show_review(cell.chromosomes, karyogram, queue)
        self.findings.mark(self.board.selection)
        self.findings.show_sign_off(cell, self.user(), self.obstacle)
        self._show_selection()

    def _show_selection(self) -> None:
        cell, karyogram, ids = self.cell, self.board.karyogram, self.board.selection
        if cell is None or karyogram is None or len(ids) != 1:
            self.inspector.show_nothing(len(ids))
            return
        chromosome = next((c for c in cell.chromosomes if c.id == ids[0]), None)
        if chromosome is not None:
            placement, asking = karyogram.placement(ids[0]), self.board.asking.get(ids[0])
            reasons = asking.reasons if asking else ()
            margin = margin_words(chromosome, cell.chromosomes, cell.assignment)
            note = ""
            if is_moved(chromosome, placement) and not asking:
                note = moved_sentence(chromosome, cell.chromosomes)
            self.inspector.show_chromosome(chromosome, placement, cell.edits, reasons, margin, note)

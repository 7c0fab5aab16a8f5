"""The review of the open cell: findings, inspector and sign-off."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from karyogui.domain.findings import condensed, find
from karyogui.domain.labelled_changes import propose_cell, troubles
from karyogui.domain.review import (
    ANALYSED_AGAIN,
    NEVER_CHECKED,
    NOT_RENEWED,
    RENEWING,
    close_calls,
    evidence_flag,
    is_moved,
    margin_words,
    moved_sentence,
    runner_up,
    sign_off_needs,
)
from karyogui.services.workspace import Workspace
from karyogui.ui.changes.controller import ChangesController, ComparingController
from karyogui.ui.dialogs.errors import ErrorsShown
from karyogui.ui.open_cell import OpenCell
from karyogui.ui.review.findings import FindingsPanel
from karyogui.ui.review.inspector import InspectorPanel

NOT_ANALYSED = "This cell has not been analysed yet."
BEING_ANALYSED = "This cell is being analysed."


class ReviewController(QObject):
    """Keeps findings and inspector in step with the open cell, and signs it off."""

    def __init__(self, workspace: Workspace, open_cell: OpenCell, window: QWidget) -> None:
        super().__init__(window)
        self._window, self._workspace, self._open = window, workspace, open_cell
        self.inspector = InspectorPanel()
        self.findings = FindingsPanel()
        self.changes = ChangesController(workspace, open_cell, self.findings.changes, window)
        self.comparing = ComparingController(open_cell, window)
        self.obstacle = ""
        """What stands in the way of a sign-off."""
        open_cell.cell_changed.connect(self._show_all)
        open_cell.karyogram_changed.connect(self._show_all)
        open_cell.selection_changed.connect(self._on_selection)
        self.findings.review_requested.connect(lambda i: self._select((i,)))
        self.findings.walked.connect(lambda i: self._open.board.select((i,)))
        self.findings.selection_requested.connect(self._select)
        self.findings.sign_off_requested.connect(self.sign_off)
        self.findings.withdraw_requested.connect(self.withdraw)

    def copy_iscn(self) -> None:
        """Copy the ISCN proposal, and say what is in doubt of it."""
        self.findings.copy_iscn()
        doubt = self.findings.question.text()
        self._open.say(f"Copied {self.findings.iscn.text()}.  {doubt}".strip())

    def check_iscn(self) -> None:
        """Check a karyotype that a person types, against the open cell's board too."""
        from karyogui.ui.review.iscn_dialog import MARK, IscnDialog

        karyogram, cell = self._open.karyogram, self._open.cell
        has_board = karyogram is not None and cell is not None and bool(cell.chromosomes)
        board = karyogram.counts if karyogram is not None and has_board else None
        proposal = self.findings.iscn.text() if has_board else ""
        compare = self.comparing.compare if has_board else None
        dialog = IscnDialog(self._window, proposal, board, compare)
        result, typed = dialog.exec(), dialog.field.text()
        dialog.deleteLater()
        if result == MARK:
            self.comparing.begin(typed.strip())
            self._open.edited.emit()

    def toggle_zoom_box(self) -> None:
        """Show or hide the network's zoom box in the inspector."""
        self.inspector.zoom_box.toggle()

    def sign_off(self) -> None:
        """Sign the open cell off, when nothing stands in the way."""
        cell = self._open.cell
        if cell is None or cell.reviewed_at is not None:
            return
        if self.obstacle:
            self._open.say(self.obstacle)
            return
        if cell.awaits_answer:
            self._open.say(RENEWING)
            return
        with ErrorsShown(self._window):
            signed = self._workspace.reviews.sign_off(cell.id, self._open.user())
            self._open.take(replace(cell, reviewed_at=signed.when, reviewed_by=signed.who))

    def withdraw(self) -> None:
        """Withdraw the sign-off, so that the cell can be edited again."""
        cell = self._open.cell
        if cell is None or cell.reviewed_at is None:
            return
        with ErrorsShown(self._window):
            self._workspace.reviews.withdraw_sign_off(cell.id, self._open.user())
            self._open.take(replace(cell, reviewed_at=None, reviewed_by=""))

    def show_work(self, renewing: bool) -> None:
        """Say whether the network is at work for a cell that has no findings, or old ones."""
        cell = self._open.cell
        if cell is None:
            return
        if not cell.chromosomes:
            is_waiting = self._open.is_waiting
            self.findings.show_nothing(BEING_ANALYSED if is_waiting else NOT_ANALYSED)
            return
        renewal = self._renewal(renewing)
        self.obstacle = self._needs(renewal)
        self.findings.show_renewing(bool(renewal), renewal != NOT_RENEWED)
        self.findings.show_sign_off(cell, self._open.user(), self.obstacle)

    def show_user(self) -> None:
        """Take over another name of the person."""
        self._show_all()
        self._open.edited.emit()

    # -- inside ----------------------------------------------------------------------------------

    def _renewal(self, renewing: bool = True) -> str:
        """What replaces the findings that are shown; empty when nothing does."""
        cell = self._open.cell
        if cell is None or cell.reviewed_at is not None:
            return ""
        if self._open.is_waiting:
            return ANALYSED_AGAIN
        if cell.awaits_answer:
            return RENEWING if renewing else NOT_RENEWED
        return NEVER_CHECKED if cell.waits else ""

    def _needs(self, renewal: str) -> str:
        """What stands in the way of a sign-off, a line each."""
        cell, karyogram = self._open.cell, self._open.karyogram
        check = self._open.open_check
        asked = troubles(cell.changes, self._open.slots) if cell else ()
        told = [trouble.text for trouble in asked]
        return "\n".join(sign_off_needs(karyogram, self._open.needs_review, check, renewal, told))

    def _select(self, ids: tuple[str, ...]) -> None:
        self._open.board.select(ids)
        self._open.board.setFocus()

    def _on_selection(self, ids: tuple[str, ...]) -> None:
        self._show_selection()
        self.findings.mark(ids)

    def _show_all(self) -> None:
        cell, karyogram, board = self._open.cell, self._open.karyogram, self._open.board
        if cell is None:
            self.inspector.show_nothing()
            self.findings.show_nothing()
            return
        if karyogram is None:
            return
        if not cell.chromosomes:
            self.obstacle = self._needs("")
            self.findings.show_nothing(NOT_ANALYSED)
            self.inspector.show_nothing()
            return
        counts = karyogram.counts
        renewal = self._renewal()
        proposal = propose_cell(
            counts,
            cell.changes,
            self._open.slots,
            self._open.open_check,
            cell.quality,
            cell.has_photograph,
            close_calls=close_calls(cell.chromosomes, karyogram.placements),
            waits=cell.waits,
        )
        self.obstacle = self._needs(renewal)
        self.findings.show_findings(condensed(find(counts, cell.is_readable)), proposal)
        self.findings.show_assignment(
            evidence_flag(cell.chromosomes, karyogram, cell.assignment),
            runner_up(cell.chromosomes, counts, cell.assignment),
        )
        self.findings.show_renewing(bool(renewal))
        self.findings.show_review(cell.chromosomes, karyogram, tuple(board.needs_review.values()))
        self.findings.mark(board.selection)
        self.findings.show_sign_off(cell, self._open.user(), self.obstacle)
        self._show_selection()

    def _show_selection(self) -> None:
        cell, karyogram, ids = self._open.cell, self._open.karyogram, self._open.selection
        if cell is None or karyogram is None or len(ids) != 1:
            self.inspector.show_nothing(len(ids))
            return
        chromosome = next((c for c in cell.chromosomes if c.id == ids[0]), None)
        if chromosome is not None:
            placement, needs_review = (
                karyogram.placement(ids[0]),
                self._open.board.needs_review.get(ids[0]),
            )
            reasons = needs_review.reasons if needs_review else ()
            margin = margin_words(chromosome, cell.chromosomes, cell.assignment)
            note = ""
            if is_moved(chromosome, placement) and not needs_review:
                note = moved_sentence(chromosome, cell.chromosomes)
            self.inspector.show_chromosome(chromosome, placement, cell.edits, reasons, margin, note)

"""Repairs of the open cell: shown at once, looked at in the background, one undo step each."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoCommand
from PySide6.QtWidgets import QWidget

from karyogui.domain.cell import Cell
from karyogui.domain.separation import Repair, SeparatedObject
from karyogui.domain.sitting import ActionKind
from karyogui.errors import KaryoError
from karyogui.services.ports import Network
from karyogui.services.progress import Monitor
from karyogui.services.workspace import Workspace
from karyogui.ui.dialogs.errors import show_error
from karyogui.ui.metaphase.commands import RepairSeparation
from karyogui.ui.metaphase.panel import MetaphasePanel
from karyogui.ui.metaphase.pending import PendingRepair, PendingRepairs, RepairJob, turned_round
from karyogui.ui.review.assigning import AssignmentController
from karyogui.ui.review.controller import ReviewController
from karyogui.workers.network_queue import Job, NetworkQueue, Priority

SIGNED = "This cell is signed off. Withdraw the sign-off to repair it."
UNDER_WAY = "A repair is still being looked at. Try again in a moment."
LATER = "As soon as the repair has been looked at."


def obstacle(cell: Cell | None) -> str:
    """Why a cell cannot be repaired; empty when it can."""
    if cell is None:
        return "No cell is open."
    if not cell.has_photograph:
        return "This cell came as ready cut-outs: there is no photograph to repair."
    if not cell.is_analysed:
        return "Analyse this cell first (F5)."
    return SIGNED if cell.reviewed_at is not None else ""


class RepairController(QObject):
    """Brings repairs to picture, history, store and board, and takes back what cannot be stored."""

    acted = Signal(object)
    """A person has repaired something: the `ActionKind`."""

    def __init__(
        self,
        workspace: Workspace,
        review: ReviewController,
        panel: MetaphasePanel,
        assigning: AssignmentController,
        queue: NetworkQueue,
        window: QWidget,
    ) -> None:
        super().__init__(window)
        self._workspace, self._review, self._panel = workspace, review, panel
        self._window = window
        self._assigning, self._queue = assigning, queue
        self._pending = PendingRepairs()
        self._jobs: dict[RepairJob, Job] = {}
        self._edits_seen = 0
        queue.started.connect(self._on_started)
        queue.changed.connect(review.edited)
        panel.repair_requested.connect(self.repair)
        panel.set_objects_of(self._objects_of)
        review.under_way = lambda: UNDER_WAY if self.is_pending else ""
        review.history.must_wait = self._must_wait
        review.recorded.connect(self._on_recorded)

    # -- what is asked ---------------------------------------------------------------------------

    @property
    def is_pending(self) -> bool:
        """Whether a repair of the open cell is shown and not stored yet."""
        cell = self._review.cell
        return cell is not None and self.is_repaired(cell.id)

    def is_repaired(self, cell_id: int) -> bool:
        """Whether a repair of any cell is shown and not stored yet."""
        return bool(self._pending.of_cell(cell_id))

    def repair(self, repair: Repair) -> bool:
        """Show a repair, make it a step of the history, and have it looked at and stored.

        False, with the reason told, when it cannot be.
        """
        if said := obstacle(self._review.cell):
            self._panel.show_message(said)
            return False
        stack = self._review.board.undo_stack
        last = stack.command(stack.index() - 1) if stack.index() == stack.count() > 0 else None
        if isinstance(last, RepairSeparation) and last.goes_on_with(repair):
            return self._go_on(last, repair)
        command = RepairSeparation(self._ask, repair)
        if not self._ask(command, True):
            return False
        stack.push(command)
        self._review.edited.emit()
        self.acted.emit(ActionKind(str(repair.kind)))
        return True

    def finish(self) -> None:
        """Do now what waits, because the window closes: no repair may be lost."""
        self._queue.finish(Priority.REPAIR)

    # -- the way there ---------------------------------------------------------------------------

    def _ask(self, command: RepairSeparation, wanted: bool) -> bool:
        """Show a repair done or undone and queue that; False when it does not fit any more."""
        return self._submit(command, turned_round(command.repair, wanted), wanted)

    def _go_on(self, command: RepairSeparation, repair: Repair) -> bool:
        """Turn on: one step of the history, and one look for what had not been begun with."""
        if not self._submit(command, repair, True):
            return False
        command.go_on(repair)
        return True

    def _submit(self, command: RepairSeparation, repair: Repair, wanted: bool) -> bool:
        cell = self._review.cell
        if cell is None:
            return False
        last = self._pending.latest_of(command)
        if last is not None and self._withdraw(last):  # nobody had begun with it
            before = last.job.repair.before
            repair = Repair(repair.kind, repair.text, before, repair.after)
        if not _changes_nothing(repair):
            job = RepairJob(cell.id, repair, self._review.user())
            self._pending.add(PendingRepair(job, command, wanted))
            try:
                self._pending.shown(cell.id, cell.objects)
            except KaryoError as error:
                self._pending.remove(job)
                self._panel.show_message(error.sentence)
                return False
            self._jobs[job] = self._job(job)
            self._queue.submit(self._jobs[job], Priority.REPAIR)
        self._panel.take_objects(self._objects_of(cell))
        self._panel.scene.set_selected_ids([each.id for each in repair.after])
        return True

    def _job(self, asked: RepairJob) -> Job:
        repairs, assigner = self._workspace.repairs, self._assigning.assigner()

        def work(network: Network, monitor: Monitor) -> Cell:
            return repairs.apply(asked.cell_id, asked.repair, network, assigner, asked.who, monitor)

        return Job(
            asked.cell_id,
            lambda: "Repairing",
            work,
            lambda cell: self._on_repaired(asked, cell),
            lambda error: self._on_failed(asked, error),
            lambda: self._on_failed(asked, None),
        )

    def _withdraw(self, pending: PendingRepair) -> bool:
        """Forget a repair; False when it has been begun with already."""
        job = self._jobs[pending.job]
        if not self._queue.is_waiting(job):
            return False
        self._pending.remove(pending.job)
        return self._queue.cancel(job)

    def _objects_of(self, cell: Cell) -> tuple[SeparatedObject, ...]:
        """What is shown of a cell: its stored objects after the repairs that wait."""
        shown = self._panel.scene.objects.values() if self._panel.cell is not None else ()
        try:
            return self._pending.shown(cell.id, cell.objects, tuple(shown))
        except KaryoError:  # analysed anew meanwhile: the queue will tell
            return cell.objects

    def _must_wait(self, command: QUndoCommand) -> bool:
        """Edits of the board are undone from where a repair before them will have put it."""
        waits = self.is_pending and not isinstance(command, RepairSeparation)
        if waits:
            self._review.board.show_message(LATER)
            self._panel.show_message(LATER)
        return waits

    # -- the way back ----------------------------------------------------------------------------

    def _on_started(self) -> None:
        self._edits_seen = 0

    def _on_repaired(self, job: RepairJob, cell: Cell) -> None:
        del self._jobs[job]
        pending = self._pending.remove(job)
        if pending is not None:
            pending.command.is_kept(job.repair, pending.does)
        open_cell = self._review.cell
        if open_cell is not None and open_cell.id == cell.id:
            self._show(cell)
        self._take_steps()

    def _show(self, cell: Cell) -> None:
        if self._edits_seen:  # the board was edited while this was on its way here
            cell = self._reloaded(cell)
        selected = self._panel.selection
        self._review.take_repaired(cell)
        # The board has lost its selection, and has chromosomes now that are selected here.
        self._panel.scene.set_selected_ids(())
        self._panel.scene.set_selected_ids(selected)

    def _reloaded(self, cell: Cell) -> Cell:
        try:
            return self._workspace.library.cell(cell.id)
        except KaryoError:
            return cell

    def _on_recorded(self, _kind: object) -> None:
        self._edits_seen += 1

    def _on_failed(self, job: RepairJob, error: Exception | None) -> None:
        """Take back the repair, and what of the same cell was asked after it."""
        del self._jobs[job]
        own = self._pending.remove(job)
        if own is None:  # taken back by its step of the history
            return
        void = self._pending.of_cell(job.cell_id)
        for pending in void:
            self._withdraw(pending)
        for pending in (own, *void):
            pending.command.give_up()
        cell = self._review.cell
        if cell is not None and cell.id == job.cell_id:
            self._stand_as_stored()
            self._panel.take_objects(self._objects_of(cell))
        if error is not None:
            show_error(self._window, error)
        self._take_steps()

    def _stand_as_stored(self) -> None:
        """Bring the history to where the store is; none of these steps does anything.

        What was never stored is no step of it; under later edits it goes when they are undone.
        """
        stack = self._review.board.undo_stack
        for command in (stack.command(n) for n in range(stack.index())):
            if isinstance(command, RepairSeparation) and not command.is_done:
                command.setObsolete(True)
        while self._is(stack.index() - 1, done=False):
            stack.setIndex(stack.index() - 1)
        while self._is(stack.index(), done=True):
            stack.setIndex(stack.index() + 1)

    def _is(self, at: int, done: bool) -> bool:
        """Whether a step of the history is a repair that is done, or is not."""
        stack = self._review.board.undo_stack
        step = stack.command(at) if 0 <= at < stack.count() else None
        return isinstance(step, RepairSeparation) and step.is_done is done

    def _take_steps(self) -> None:
        """Undo and redo what waited for the repairs."""
        if not self.is_pending:
            self._review.history.go_on()


def _changes_nothing(repair: Repair) -> bool:
    return len(repair.before) == len(repair.after) and all(
        one is other for one, other in zip(repair.before, repair.after, strict=True)
    )

"""Repairs of the open cell: stored and shown at once, one undo step each; answered to later."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from karyogui.domain.cell import Cell
from karyogui.domain.separation import Repair
from karyogui.domain.sitting import ActionKind
from karyogui.services.ports import Network
from karyogui.services.progress import Monitor
from karyogui.services.workspace import Workspace
from karyogui.ui.board.commands import Show, Step
from karyogui.ui.dialogs.errors import ErrorsShown, show_error
from karyogui.ui.metaphase.panel import MetaphasePanel
from karyogui.ui.open_cell import OpenCell
from karyogui.ui.review.assigning import AssignmentController
from karyogui.workers.network_queue import Job, NetworkQueue, Priority


class RepairSeparation(Step):
    """One repair; undoing and redoing it are repairs too.

    `store` stores a repair and returns what shows it, None when it is refused.
    """

    def __init__(self, store: Callable[[Repair], Show | None], repair: Repair) -> None:
        super().__init__(repair.text)
        self._store = store
        self.repair = repair

    def record(self, back: bool) -> Show | None:
        """Store the repair that undoes it, or the repair again."""
        return self._store(self.repair.inverse if back else self.repair)

    def goes_on_with(self, repair: Repair) -> bool:
        """Whether a repair only turns on what this one has turned: then both are one step."""
        mine, its = self.repair, repair
        both = mine.kind is ActionKind.ROTATE and its.kind is ActionKind.ROTATE
        return both and [o.id for o in mine.after] == [o.id for o in its.before]

    def go_on(self, repair: Repair) -> None:
        """Take in a repair that goes on with this one."""
        from karyogui.services.repair_geometry import turned_words

        before = self.repair.before
        text = turned_words(before, repair.after)
        self.repair = Repair(repair.kind, text, before, repair.after)
        self.setText(text)


SIGNED = "This cell is signed off. Withdraw the sign-off to repair it."


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
    """Brings repairs to store, history, picture and board, and the network's answers after them."""

    acted = Signal(object)
    """A person has repaired something: the `ActionKind`."""

    def __init__(
        self,
        workspace: Workspace,
        open_cell: OpenCell,
        panel: MetaphasePanel,
        assigning: AssignmentController,
        queue: NetworkQueue,
        window: QWidget,
    ) -> None:
        super().__init__(window)
        self._workspace, self._open, self._panel = workspace, open_cell, panel
        self._window = window
        self._seen: int | None = None
        self._assigning, self._queue = assigning, queue
        self._jobs: dict[int, Job] = {}
        """The last one of each cell that still waits for the network."""
        panel.repair_requested.connect(self.repair)
        open_cell.cell_changed.connect(self._on_cell)

    def go_on(self) -> None:
        """Have all cells answered to that were left without an answer when the program ended."""
        with ErrorsShown(self._window):
            left = self._workspace.repairs.awaiting()
            for cell_id in left:
                self._look_at(cell_id)

    def renew(self) -> None:
        """Have the open cell answered to after that was given up."""
        cell = self._open.cell
        if cell is not None and cell.awaits_answer:
            self._look_at(cell.id)

    def is_awaiting(self, cell_id: int) -> bool:
        """Whether a repair of a cell still waits for the network."""
        return cell_id in self._jobs

    def repair(self, repair: Repair) -> bool:
        """Store and show a repair, make it a step of the history, and have it looked at.

        False, with the reason shown, when it cannot be.
        """
        if said := obstacle(self._open.cell):
            self._panel.show_message(said)
            return False
        show = self._store(repair)
        if show is None:
            return False
        stack = self._open.history
        last = stack.command(stack.index() - 1) if stack.index() == stack.count() > 0 else None
        if isinstance(last, RepairSeparation) and last.goes_on_with(repair):
            last.go_on(repair)
        else:
            stack.push(RepairSeparation(self._store, repair))
            self.acted.emit(repair.kind)
        show()
        return True

    def _store(self, repair: Repair) -> Show | None:
        cell = self._open.cell
        if cell is None:
            return None
        with ErrorsShown(self._window):
            repaired = self._workspace.repairs.apply(cell.id, repair, self._open.user())
            return partial(self._show, repaired, tuple(each.id for each in repair.after))
        return None

    def _show(self, cell: Cell, selected: tuple[str, ...]) -> None:
        if cell.awaits_answer:
            self._look_at(cell.id)
        self._take(cell, selected)
        # What was undone may lie out of sight, and keys act on what is selected.
        self._panel.view.reveal(self._panel.selection)

    def _take(self, cell: Cell, selected: tuple[str, ...]) -> None:
        self._open.take_repaired(cell)
        self._panel.scene.set_selected_ids(selected)

    def _on_cell(self) -> None:
        """A cell that is opened without its answer is looked at, whatever kept it from that."""
        cell = self._open.cell
        opened = cell.id if cell is not None else None
        if cell is not None and opened != self._seen and cell.awaits_answer:
            self._look_at(cell.id)
        self._seen = opened

    def _look_at(self, cell_id: int) -> None:
        """Have the network answer, once for all repairs that nobody has begun to look at."""
        if cell_id in self._jobs and self._queue.is_waiting(self._jobs[cell_id]):
            return
        repairs, assigner = self._workspace.repairs, self._assigning.assigner()

        def work(network: Network, monitor: Monitor) -> Cell:
            return repairs.answer(cell_id, network, assigner, monitor)

        job = Job(
            cell_id,
            lambda: "Renewing findings",
            work,
            lambda cell: self._on_answered(job, cell),
            lambda error: self._on_failed(job, error),
            lambda: self._on_failed(job, None),
        )
        self._jobs[cell_id] = job
        self._queue.submit(job, Priority.REPAIR)

    def _ended(self, job: Job) -> None:
        if self._jobs.get(job.cell_id) is job:
            del self._jobs[job.cell_id]

    def _on_answered(self, job: Job, cell: Cell) -> None:
        self._ended(job)
        shown = self._open.cell
        if shown is None or shown.id != cell.id:
            return
        with ErrorsShown(self._window):
            # The board may have been edited, or the cell repaired, while this was on its way here.
            cell = self._workspace.library.cell(cell.id, cell)
            self._take(cell, self._panel.selection)

    def _on_failed(self, job: Job, error: Exception | None) -> None:
        """The repairs stay. What keeps their cell from being looked at is shown once."""
        self._ended(job)
        if later := self._jobs.pop(job.cell_id, None):
            self._queue.cancel(later)
        if error is not None:
            show_error(self._window, error)

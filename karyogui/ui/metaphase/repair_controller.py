"""Repairs of the open cell: shown at once, looked at in the background, one undo step each."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import cast

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from karyogui.domain.karyogram import Change, Placement
from karyogui.domain.metaphase import Metaphase
from karyogui.domain.separation import ObjectKind, Repair, SeparatedObject
from karyogui.domain.sitting import ActionKind
from karyogui.errors import KaryoError
from karyogui.services import repair_geometry
from karyogui.services.ports import Assigner, Repairer
from karyogui.services.progress import Monitor
from karyogui.services.repairing import repaired_objects
from karyogui.services.workspace import Workspace
from karyogui.ui.dialogs.errors import show_error
from karyogui.ui.job_bar import JobBar
from karyogui.ui.metaphase.commands import RepairSeparation
from karyogui.ui.metaphase.panel import MetaphasePanel
from karyogui.ui.metaphase.tools import TOOLS
from karyogui.ui.review.assigning import AssignmentController
from karyogui.ui.review.controller import ReviewController
from karyogui.workers.analysis_queue import AnalysisQueue
from karyogui.workers.task import Task

SIGNED = "This cell is signed off: withdraw the sign-off to repair it."
WAIT = "The repair before is still being looked at."
FINE = 1.0
"""Degrees of one press of a key."""


class _Silent:
    """A monitor of what takes no time."""

    def report(self, progress: object) -> None:
        """Nobody waits."""


class RepairController(QObject):
    """Takes repairs from the tools and keys, and brings them to store, picture and board."""

    acted = Signal(object)
    """A person has repaired something: the `ActionKind`."""

    def __init__(
        self,
        workspace: Workspace,
        review: ReviewController,
        panel: MetaphasePanel,
        jobs: JobBar,
        user: Callable[[], str],
        window: QWidget,
    ) -> None:
        super().__init__(window)
        self._workspace, self._review, self._panel = workspace, review, panel
        self._jobs, self._user, self._window = jobs, user, window
        self.repairer: Callable[[], Repairer]
        self.assigner: Callable[[], Assigner]
        self._waiting: deque[Repair] = deque()
        self._task: Task | None = None
        self._tools = {kind.id: kind(panel.view) for kind in TOOLS}
        panel.repair_requested.connect(self.repair)

    def use(self, queue: AnalysisQueue, assigning: AssignmentController) -> None:
        """Look and assign with what the analysis uses."""
        self.repairer = lambda: cast(Repairer, queue.analyser())
        self.assigner = assigning.assigner

    # -- what the actions call -------------------------------------------------------------------

    def choose(self, tool_id: str) -> None:
        """Take up a tool, or lay it down when it is in the hand already."""
        if not self._may_repair():
            return
        tool = self._tools[tool_id]
        self._panel.set_tool(None if self._panel.view.tool is tool else tool)
        self._panel.view.setFocus()

    def delete(self) -> None:
        """Delete the selected objects; they stay in sight and can be restored."""
        self._do(lambda chosen: repair_geometry.delete(chosen))

    def restore(self) -> None:
        """Make the selected objects chromosomes again."""
        self._do(
            lambda chosen: (
                repair_geometry.restore(chosen)
                if any(o.kind is ObjectKind.DELETED for o in chosen)
                else repair_geometry.mark(chosen, ObjectKind.CHROMOSOME)
            )
        )

    def mark(self, kind: str) -> None:
        """Say what the selected objects are."""
        self._do(lambda chosen: repair_geometry.mark(chosen, ObjectKind(kind)))

    def join(self) -> None:
        """Join the selected objects; with fewer than two take up the tool."""
        if len(self._panel.selection) < 2:
            self.choose("join")
            return
        objects = self._panel.scene.objects
        width = repair_geometry.chromosome_width(list(objects.values()))
        taken = {*self._panel.scene.used_ids, *objects}
        self._do(lambda chosen: repair_geometry.join(chosen, width, taken))

    def rotate(self, steps: float) -> None:
        """Turn the upright crops of the selection by degrees, clockwise."""
        self._do(lambda chosen: repair_geometry.rotate(chosen, steps * FINE))

    @property
    def is_busy(self) -> bool:
        """Whether a repair is being looked at."""
        return self._task is not None

    # -- repairing -------------------------------------------------------------------------------

    def repair(self, repair: Repair) -> None:
        """Show a repair at once and look at what it touched in the background."""
        cell = self._review.cell
        if cell is None or not self._may_repair():
            return
        try:
            shown = repaired_objects(self._panel.scene.objects.values(), repair)
        except KaryoError as error:
            self._panel.show_message(error.sentence)
            return
        self._panel.scene.set_objects(shown)
        self._panel.scene.set_selected_ids([o.id for o in repair.after])
        self._waiting.append(repair)
        self._next()

    def _do(self, make: Callable[[Sequence[SeparatedObject]], Repair]) -> None:
        scene = self._panel.scene
        chosen = [scene.objects[i] for i in scene.selected_ids]
        try:
            self.repair(make(chosen))
        except KaryoError as error:
            self._panel.show_message(f"{error.sentence} {error.hint}".strip())

    def _may_repair(self) -> bool:
        cell = self._review.cell
        if cell is None or not cell.is_metaphase or not cell.is_analysed:
            return False
        if cell.reviewed_at is not None:
            self._panel.show_message(SIGNED)
            return False
        return True

    def _next(self) -> None:
        cell = self._review.cell
        if self._task is not None or not self._waiting or cell is None:
            return
        repair = self._waiting.popleft()
        repairer, assigner, who = self.repairer(), self.assigner(), self._user()

        def work(monitor: Monitor) -> Metaphase:
            return self._workspace.repairs.apply(cell.id, repair, repairer, assigner, who, monitor)

        task = Task(work, self)
        task.succeeded.connect(lambda done: self._on_repaired(repair, done))
        task.failed.connect(self._on_failed)
        task.cancelled.connect(self._give_up)
        task.ended.connect(self._on_ended)
        self._task = task
        self._jobs.watch(task, "Repairing")
        task.start()

    def _on_repaired(self, repair: Repair, cell: Metaphase) -> None:
        open_cell, karyogram = self._review.cell, self._review.board.karyogram
        self.acted.emit(ActionKind(str(repair.kind)))
        if open_cell is None or open_cell.id != cell.id or karyogram is None:
            return
        before = karyogram.placements
        self._show(cell)
        self._review.board.undo_stack.push(
            RepairSeparation(self._again(cell.id), repair, before, cell.placements)
        )

    def _again(self, cell_id: int) -> Callable[[Repair, tuple[Placement, ...]], bool]:
        """Undo or redo, at once: everything in it was seen before."""

        def do(repair: Repair, standing: tuple[Placement, ...]) -> bool:
            if self.is_busy or self._waiting:
                self._panel.show_message(WAIT)
                return False
            try:
                cell = self._workspace.repairs.apply(
                    cell_id, repair, self.repairer(), self.assigner(), self._user(), _Silent()
                )
                cell = self._standing(cell, standing, repair.text)
            except KaryoError as error:
                show_error(self._window, error)
                return False
            self._show(cell)
            self._panel.scene.set_selected_ids([o.id for o in repair.after])
            return True

        return do

    def _standing(self, cell: Metaphase, standing: tuple[Placement, ...], text: str) -> Metaphase:
        """Let chromosomes stand exactly as they stood, so that other edits find what they left."""
        now = {p.chromosome_id: p for p in cell.placements}
        other = [p for p in standing if now.get(p.chromosome_id) != p]
        if not other or {p.chromosome_id for p in standing} != set(now):
            return cell
        before = tuple(now[p.chromosome_id] for p in other)
        change = Change(text, before, tuple(other), by_program=True)
        self._workspace.reviews.record(cell.id, change, self._user())
        return replace(cell, placements=standing)

    def _show(self, cell: Metaphase) -> None:
        self._review.take_repaired(cell)
        if not self._waiting:
            self._panel.take_cell(cell)

    def _on_failed(self, error: Exception) -> None:
        self._give_up()
        show_error(self._window, error)

    def _give_up(self) -> None:
        """Show the cell as it is stored; what waited behind started from what is not there."""
        self._waiting.clear()
        cell = self._review.cell
        if cell is not None:
            self._panel.scene.set_objects(cell.objects)

    def _on_ended(self) -> None:
        if self._task is not None:
            self._task.deleteLater()
        self._task = None
        self._next()

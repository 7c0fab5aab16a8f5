"""How the chromosomes of a cell are assigned: the choice in the menu, and assigning again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu, QWidget

from karyogui.domain.analysis import Reassignment
from karyogui.domain.karyogram import Change
from karyogui.services.analysis import AnalysisService
from karyogui.services.ports import Assigner
from karyogui.services.progress import Monitor, Progress
from karyogui.services.reviewing import assign_again
from karyogui.settings import SettingsStore
from karyogui.ui.dialogs.errors import ErrorsShown
from karyogui.ui.job_bar import JobBar
from karyogui.ui.open_cell import OpenCell
from karyogui.workers.model_assigner import ModelAssigner
from model.vocabulary.choices import ASSIGNMENTS

MakeAssigner = Callable[[Path, str], Assigner]
"""(weights, method) → an assigner."""
AS_BEFORE = "Every chromosome stays where it is."


class AssignmentController(QObject):
    """Keeps the choice of assignment in the settings and assigns the open cell again."""

    def __init__(
        self,
        analysis: AnalysisService,
        settings: SettingsStore,
        open_cell: OpenCell,
        jobs: JobBar,
        weights: Callable[[], Path],
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self._window = parent
        self._analysis = analysis
        self._settings = settings
        self._open = open_cell
        self._jobs = jobs
        self._weights = weights
        self._lines: dict[str, QAction] = {}
        self.make_assigner: MakeAssigner = ModelAssigner

    def assigner(self) -> Assigner:
        """The assigner of the chosen method for the weights in use."""
        return self.make_assigner(self._weights(), self._settings.values.assignment)

    def fill_menu(self, menu: QMenu) -> None:
        """A submenu with one line for each method."""
        menu.addSeparator()
        submenu = menu.addMenu("Assignment")
        group = QActionGroup(submenu)
        for method, label in ASSIGNMENTS.items():
            line = QAction(label, submenu)
            line.setCheckable(True)
            line.triggered.connect(partial(self._on_chosen, method))
            group.addAction(line)
            submenu.addAction(line)
            self._lines[method] = line
        submenu.aboutToShow.connect(self._show_choice)
        self._show_choice()

    def choose(self, method: str) -> None:
        """Assign cells by a method from now on; `assign_again` does it to the open one."""
        with ErrorsShown(self._window):
            self._settings.change(replace(self._settings.values, assignment=method))
        self._show_choice()

    def assign_again(self) -> None:
        """Assign the open cell by the chosen method, from the probabilities stored with it.

        It is one step of the history. What a person confirmed or placed stays where it is.
        """
        cell = self._open.cell
        if cell is None or not cell.chromosomes:
            return
        assigner = self.assigner()

        def work(monitor: Monitor) -> Reassignment:
            monitor.report(Progress(0, 1, cell.name))
            return self._analysis.reassign(cell.id, assigner)

        self._jobs.run("Assigning", work, partial(self._on_assigned, cell.id))

    def _on_assigned(self, cell_id: int, reassignment: Reassignment) -> None:
        cell, karyogram = self._open.cell, self._open.karyogram
        # Another cell was opened meanwhile: this one stays as it was.
        if cell is None or cell.id != cell_id or karyogram is None:
            return
        change = assign_again(reassignment, cell.chromosomes, karyogram)
        with ErrorsShown(self._window):
            assigned = self._analysis.keep_reassignment(cell_id, reassignment)
            self._open.take_assignment(assigned, change)
            self._open.say(_summary_of(change))

    def _on_chosen(self, method: str, _checked: bool = False) -> None:
        self.choose(method)

    def _show_choice(self) -> None:
        chosen = self._lines.get(self._settings.values.assignment)
        if chosen is not None:
            chosen.setChecked(True)


def _summary_of(change: Change) -> str:
    """What an assignment did, in a sentence."""
    count = sum(b.slot != a.slot for b, a in zip(change.before, change.after, strict=True))
    if not count:
        return AS_BEFORE
    return "One chromosome moved." if count == 1 else f"{count} chromosomes moved."

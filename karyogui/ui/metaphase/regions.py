"""Regions of the open photograph: one as a cell of its own, or the picture divided into two."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QWidget

from karyogui.domain.cell import Cell
from karyogui.errors import KaryoError
from karyogui.services.workspace import Workspace
from karyogui.ui.dialogs.errors import ErrorsShown, show_error
from karyogui.ui.job_bar import JobBar
from karyogui.ui.metaphase.panel import MetaphasePanel
from karyogui.ui.metaphase.tools.base import MetaphaseHost, Pointer
from karyogui.ui.metaphase.tools.drawing import DrawingTool, Points
from karyogui.ui.open_cell import OpenCell
from karyogui.ui.widgets import Notice, Tone
from karyogui.workers.analyses import Analyses

if TYPE_CHECKING:
    from karyogui.services.regions import NewCells

HOW = "draw round it, with Shift a rectangle.  Esc: done"


class RegionTool(DrawingTool):
    """Hands on a closed line; the picture is not repaired by it."""

    def __init__(
        self, host: MetaphaseHost, name: str, what: str, take: Callable[[Points], None]
    ) -> None:
        """`what` says what the line is for; `take` gets its corners."""
        super().__init__(host)
        self.id, self.label, self.hint = name, "Region", f"{what}: {HOW}"
        self._take = take

    def move(self, pointer: Pointer) -> None:
        """Go on; with Shift it is a rectangle from where it began."""
        if self.stroke is None:
            return
        if pointer.modifiers & Qt.KeyboardModifier.ShiftModifier:
            end = pointer.page.x(), pointer.page.y()
            self.stroke.be(_rectangle(self.stroke.points[0], end))
        else:
            self.stroke.add(pointer.page)

    def finish(self, points: Points) -> None:
        """Hand on the line; two corners, as set by keys, are a rectangle."""
        self._take(_rectangle(*points) if len(points) == 2 else points)


def _rectangle(start: tuple[float, float], end: tuple[float, float]) -> Points:
    return [start, (end[0], start[1]), end, (start[0], end[1]), start]


NOT_WANTED = "The region or division was undone"
"""Why cells of a region do not count any more."""


class RegionController(QObject):
    """Gives the region tools to the view, and has the new cells opened and analysed."""

    notice_raised = Signal(object)
    cells_changed = Signal()
    """A case has other cells, or others of them count."""

    def __init__(
        self,
        workspace: Workspace,
        open_cell: OpenCell,
        panel: MetaphasePanel,
        analyses: Analyses,
        jobs: JobBar,
        window: QWidget,
    ) -> None:
        super().__init__(window)
        self._workspace, self._open, self._panel = workspace, open_cell, panel
        self._analyses, self._jobs, self._window = analyses, jobs, window
        view = panel.view
        self._region = RegionTool(
            view,
            "region",
            "A region to analyse",
            lambda loop: self._run(workspace.regions.take_out, loop),
        )
        self._divide = RegionTool(
            view,
            "divide",
            "One of the two cells",
            lambda loop: self._run(workspace.regions.divide, loop),
        )

    def draw_region(self) -> None:
        """Let a region be drawn that is analysed as a cell of its own."""
        self._take_up(self._region)

    def draw_division(self) -> None:
        """Let one of two cells be drawn; the rest of the picture is the other."""
        self._take_up(self._divide)

    def _take_up(self, tool: RegionTool) -> None:
        view = self._panel.view
        view.cancel_gesture()
        self._panel.set_tool(None if view.tool is tool else tool)
        view.setFocus()

    def _run(self, act: Callable[[int, Points, str], NewCells], loop: Points) -> None:
        cell = self._open.cell
        if cell is None:
            return
        who = self._open.user()
        self._jobs.run(
            "Taking the region",
            lambda _: act(cell.id, loop, who),
            partial(self._on_made, cell),
            self._on_failed,
        )

    def _on_failed(self, error: Exception) -> None:
        if isinstance(error, KaryoError):
            self._panel.view.show_hint(str(error))
        else:
            show_error(self._window, error)

    def _on_made(self, cell: Cell, made: NewCells) -> None:
        self._panel.set_tool(None)
        self._analyses.add(made.cell_ids)
        undo = (("Undo", lambda: self._take_back(cell, made)),)
        self.notice_raised.emit(Notice(made.told, Tone.DONE, undo))
        self.cells_changed.emit()
        self._open.open(made.cell_ids[0])

    def _take_back(self, cell: Cell, made: NewCells) -> None:
        """The photograph's own cell counts as it did before, and the new ones do not; all stay."""
        library, who = self._workspace.library, self._open.user()
        with ErrorsShown(self._window):
            library.exclude(made.cell_ids, NOT_WANTED, who)
            if not cell.is_excluded:
                library.take_back([cell.id], who)
            self.cells_changed.emit()
            self._open.open(cell.id)

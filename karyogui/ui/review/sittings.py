"""Records what work at the open cell costs: actions by kind, and time with a hand on it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from karyogui.domain.sitting import ActionKind
from karyogui.services.workspace import Workspace
from karyogui.ui.dialogs.errors import ErrorsShown
from karyogui.ui.metaphase.controller import MetaphaseController
from karyogui.ui.metaphase.repair_controller import RepairController
from karyogui.ui.open_cell import OpenCell

INPUT = frozenset(
    (
        QEvent.Type.KeyPress,
        QEvent.Type.MouseButtonPress,
        QEvent.Type.MouseButtonRelease,
        QEvent.Type.MouseMove,
        QEvent.Type.Wheel,
    )
)


class SittingController(QObject):
    """Starts and ends sittings with the open cell, and counts what is done at it."""

    def __init__(
        self,
        workspace: Workspace,
        open_cell: OpenCell,
        repairs: RepairController,
        metaphase: MetaphaseController,
        window: QWidget,
    ) -> None:
        super().__init__(window)
        self._window, self._open = window, open_cell
        self.recorder = workspace.recorder(open_cell.user)
        open_cell.cell_changed.connect(self._on_cell)
        open_cell.recorded.connect(self.recorder.note)
        open_cell.history.stepped.connect(self.recorder.note)
        repairs.acted.connect(self.recorder.note)
        metaphase.recipe_kept.connect(self._on_recipe)
        self._application = QGuiApplication.instance()
        if isinstance(self._application, QGuiApplication):
            self._application.applicationStateChanged.connect(self._on_state)
        window.installEventFilter(self)

    def stop(self) -> None:
        """End the sitting and store it, as when the window closes."""
        if isinstance(self._application, QGuiApplication):
            self._application.applicationStateChanged.disconnect(self._on_state)
            self._application = None
        self._store(self.recorder.stop)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Any input into the window says that somebody is there."""
        if event.type() in INPUT:
            self.recorder.touch()
        elif event.type() is QEvent.Type.Show and watched is self._window:
            # All input into the window comes through its handle, and little else does.
            handle = self._window.windowHandle()
            if handle is not None:
                handle.installEventFilter(self)
        return False

    def _on_recipe(self, _recipe: object) -> None:
        if not self._open.history.is_stepping:
            self.recorder.note(ActionKind.ENHANCE)

    def _on_cell(self) -> None:
        cell = self._open.cell
        if cell is None or cell.reviewed_at is not None:
            self._store(self.recorder.stop)
        else:
            self._store(lambda: self.recorder.start(cell.id))

    def _on_state(self, state: Qt.ApplicationState) -> None:
        if state is Qt.ApplicationState.ApplicationActive:
            self.recorder.resume()
        else:
            self.recorder.pause()

    def _store(self, act: Callable[[], object]) -> None:
        with ErrorsShown(self._window):
            act()

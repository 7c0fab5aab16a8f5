"""Records what work at the open cell costs: actions by kind, and time with a hand on it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QWidget

from karyogui.domain.sitting import ActionKind
from karyogui.errors import KaryoError
from karyogui.services.workspace import Workspace
from karyogui.ui.dialogs.errors import show_error
from karyogui.ui.metaphase.repair_controller import RepairController
from karyogui.ui.review.controller import ReviewController

_INPUT = (QEvent.Type.KeyPress, QEvent.Type.MouseButtonPress, QEvent.Type.Wheel)


class SittingController(QObject):
    """Starts and ends sittings with the open cell, and counts what is done at it."""

    def __init__(
        self,
        workspace: Workspace,
        review: ReviewController,
        repairs: RepairController,
        user: Callable[[], str],
        window: QWidget,
    ) -> None:
        super().__init__(window)
        self._window, self._review = window, review
        self._recorder = workspace.recorder(user)
        review.cell_changed.connect(self._on_cell)
        review.recorded.connect(self._note)
        repairs.acted.connect(self._note)
        QGuiApplication.instance().applicationStateChanged.connect(self._on_state)  # type: ignore[union-attr]
        QApplication.instance().installEventFilter(self)  # type: ignore[union-attr]

    def stop(self) -> None:
        """End the sitting and store it, as when the window closes."""
        application = QApplication.instance()
        if application is not None:
            application.removeEventFilter(self)
            application.applicationStateChanged.disconnect(self._on_state)  # type: ignore[attr-defined]
        self._store(self._recorder.stop)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Any input into the window says that somebody is there."""
        if event.type() in _INPUT:
            self._recorder.touch()
        return False

    def _note(self, kind: ActionKind) -> None:
        self._recorder.note(kind)

    def _on_cell(self) -> None:
        cell = self._review.cell
        if cell is None or cell.reviewed_at is not None:
            self._store(self._recorder.stop)
        else:
            self._store(lambda: self._recorder.start(cell.id))

    def _on_state(self, state: Qt.ApplicationState) -> None:
        if state is Qt.ApplicationState.ApplicationActive:
            self._recorder.resume()
        else:
            self._recorder.pause()

    def _store(self, act: Callable[[], object]) -> None:
        try:
            act()
        except KaryoError as error:
            show_error(self._window, error)

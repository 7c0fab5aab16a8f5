"""Builds everything once: settings → workspace → services → window."""

from __future__ import annotations

import logging
import platform
import signal
import sys
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from PySide6.QtCore import QEventLoop, QObject, Qt, Signal
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import (
    QApplication,
    QFileDialog,
    QMessageBox,
    QProgressDialog,
    QWidget,
)

from karyogui import __version__, paths
from karyogui.errors import KaryoError
from karyogui.log import close_log, in_short, open_log
from karyogui.services import demonstrations
from karyogui.services.ports import Network
from karyogui.services.workspace import Workspace, open_workspace
from karyogui.settings import SettingsStore
from karyogui.ui import theme
from karyogui.ui.dialogs.errors import show_error
from karyogui.ui.main_window import MainWindow
from karyogui.ui.widgets import Notice
from karyogui.ui.window_state import WindowState
from karyogui.workers.model_analyser import ModelAnalyser
from karyogui.workers.task import Task

if TYPE_CHECKING:
    from karyogui.services.record import Restored


log = logging.getLogger(__name__)


class BugReporter(QObject):
    """Shows an uncaught exception once, in the window's thread, and goes on."""

    raised = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._is_showing = False
        self.raised.connect(self._show)

    def __call__(
        self, kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        """Be `sys.excepthook`; from any thread."""
        log.error("uncaught", exc_info=(kind, error, trace))
        if not issubclass(kind, KeyboardInterrupt):
            self.raised.emit(error)

    def _show(self, error: BaseException) -> None:
        # A fault that repeats itself (in painting, say) must not pile up dialogs.
        if self._is_showing:
            return
        self._is_showing = True
        try:
            show_error(QApplication.activeWindow(), error)
        finally:
            self._is_showing = False


class Session(QObject):
    """The open data folder and its window; another folder replaces both."""

    def __init__(self, settings: SettingsStore, state: WindowState) -> None:
        super().__init__()
        self._settings = settings
        self._state = state
        self._workspace: Workspace | None = None
        self.window: MainWindow | None = None

    def open(self, folder: Path, demonstration: bool = False) -> None:
        """Open a data folder and show its window; KaryoError leaves the present one as it is."""
        workspace = open_workspace(folder, demonstration, who=lambda: self._settings.values.user)
        if not self.close():
            workspace.close()
            return
        self._workspace = workspace
        workspace.hurry()
        self.window = MainWindow(workspace, self._settings, self._state, self._make_analyser)
        self.window.data_folder_requested.connect(self._on_folder_requested)
        self.window.record.restore_requested.connect(self._on_restore_requested)
        self.window.show()

    def open_or_ask(self, folder: Path, demonstration: bool = False) -> bool:
        """Open a folder, or another one that a person chooses; False when given up."""
        while True:
            try:
                self.open(folder, demonstration)
            except KaryoError as error:
                chosen = ask_folder(self.window, error, folder)
                if chosen is None:
                    return False
                folder = chosen
            else:
                return True

    def close(self) -> bool:
        """Close window and workspace; False when the window will not close."""
        if self.window is not None:
            if not self.window.close():
                return False
            self.window.deleteLater()
            self.window = None
        if self._workspace is not None:
            self._workspace.close()
            self._workspace = None
        return True

    def _make_analyser(self, weights: Path, device: str) -> Network:
        values = self._settings.values
        return make_analyser(weights, device, values.assignment, values.separation_weights)

    def _on_folder_requested(self, folder: Path) -> None:
        # The last window closing must not end the program between the two.
        QApplication.setQuitOnLastWindowClosed(False)
        try:
            self.open(folder)
        except KaryoError as error:
            show_error(self.window, error)
        else:
            self._settings.change(replace(self._settings.values, data_folder=str(folder)))
        finally:
            QApplication.setQuitOnLastWindowClosed(True)

    def _on_restore_requested(self, backup: Path, folder: Path) -> None:
        """Restore a backup and open what it makes; the present folder stays when it is refused."""
        assert self._workspace is not None
        present = self._workspace.folder
        QApplication.setQuitOnLastWindowClosed(False)
        try:
            if folder.resolve() == present.resolve() and not self.close():
                return
            self._open_restored(backup, folder, present)
        finally:
            QApplication.setQuitOnLastWindowClosed(True)

    def _open_restored(self, backup: Path, folder: Path, present: Path) -> None:
        try:
            done = restore_apart(backup, folder)
        except KaryoError as error:
            show_error(self.window, error)
            if self.window is None:
                self.open_or_ask(present)
            return
        self.open_or_ask(done.folder)
        self._settings.change(replace(self._settings.values, data_folder=str(done.folder)))
        if self.window is not None:
            kept = f" What was there is kept as {done.kept}." if done.kept else ""
            told = Notice(f"Restored to {done.folder}.{kept}")
            self.window.centre.notices.show_notice(told)


def restore_apart(backup: Path, folder: Path) -> Restored:
    """Restore in a thread while a small window says so; `KaryoError` as `restore`."""
    from karyogui.services.record import Restored, restore

    waiting = QProgressDialog(f"Restoring {backup.name}…", "", 0, 0)
    waiting.setCancelButton(None)
    waiting.setWindowTitle("KaryoGUI")
    loop = QEventLoop()
    found: list[object] = []
    task = Task(lambda _: restore(backup, folder))
    task.succeeded.connect(found.append)
    task.failed.connect(found.append)
    task.ended.connect(loop.quit)
    task.start()
    waiting.show()
    loop.exec()
    waiting.deleteLater()
    task.deleteLater()
    (result,) = found
    if isinstance(result, Restored):
        return result
    assert isinstance(result, BaseException)
    raise result


def make_analyser(
    weights: Path, device: str, assignment: str, separation: Path | None = None
) -> Network:
    """The networks; they are loaded at their first cell. `separation`: None for the bundled one."""
    return ModelAnalyser(weights, device, assignment, separation=separation)


def ask_folder(parent: QWidget | None, error: KaryoError, folder: Path) -> Path | None:
    """Tell why a data folder cannot be opened; returns what to try next, None to give up."""
    box = QMessageBox(parent)
    box.setWindowTitle("KaryoGUI")
    box.setIcon(QMessageBox.Icon.Warning)
    box.setText(error.sentence)
    box.setInformativeText(error.hint)
    other = box.addButton("Choose another folder…", QMessageBox.ButtonRole.AcceptRole)
    again = box.addButton("Try again", QMessageBox.ButtonRole.ActionRole)
    box.addButton("Quit", QMessageBox.ButtonRole.RejectRole)
    box.exec()
    clicked = box.clickedButton()
    box.deleteLater()
    if clicked is again:
        return folder
    if clicked is not other:
        return None
    name = QFileDialog.getExistingDirectory(parent, "Data folder", str(folder.parent))
    return Path(name) if name else folder


def make_application() -> QApplication:
    """Qt's application with our name, icon and behaviour."""
    QApplication.setApplicationName("KaryoGUI")
    QApplication.setDesktopFileName("karyogui")
    application = QApplication(sys.argv[:1])
    application.setAttribute(Qt.ApplicationAttribute.AA_DontShowIconsInMenus, on=False)
    application.setWindowIcon(QIcon(str(paths.ICONS / "app.svg")))
    return application


def open_demo(session: Session, folder: Path | None = None) -> bool:
    """Open the demonstration in a folder, or its own; imported at the first time.

    What killed ones left in the temporary folder is deleted. False when it cannot be in `folder`
    and a person gives it up.
    """
    demonstrations.collect()
    if folder is not None:
        if not session.open_or_ask(folder, demonstration=True):
            return False
    else:
        try:
            session.open(paths.demo_data_folder(), demonstration=True)
        except KaryoError as error:
            # Read-only, or open in another window: a fresh copy does as well for a demonstration.
            log.info("another folder for the demonstration: %s", in_short(error))
            session.open(demonstrations.fresh_folder(), demonstration=True)
    window = session.window
    if window is not None:
        window.cases.open_demo()
    return True


def run(data_folder: Path | None, demo: bool) -> int:
    """Open the window and return the exit status when it is closed."""
    log_handler = open_log(paths.log_folder())
    log.info("KaryoGUI %s on %s", __version__, platform.platform())
    application = make_application()
    # Ctrl+C in the terminal ends the program; every edit is stored when it is made.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    reporter = BugReporter()
    sys.excepthook = reporter
    settings = SettingsStore(paths.config_folder() / "settings.toml")
    state = WindowState(paths.config_folder() / "window.ini")
    theme.apply(application, theme.resolve(settings.values.theme))
    session = Session(settings, state)
    try:
        given = data_folder.expanduser().absolute() if data_folder else None
        if demo:
            if not open_demo(session, given):
                return 2
        else:
            chosen = settings.values.data_folder
            folder = given or (Path(chosen) if chosen else paths.default_data_folder())
            if not session.open_or_ask(folder.expanduser().absolute()):
                return 2
        return application.exec()
    finally:
        session.close()
        sys.excepthook = sys.__excepthook__
        close_log(log_handler)

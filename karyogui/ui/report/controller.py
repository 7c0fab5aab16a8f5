"""Reports and other files out of a case; the menu is made from `EXPORTERS`."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, QUrl, Signal
from PySide6.QtGui import QAction, QDesktopServices
from PySide6.QtWidgets import QFileDialog, QMenu, QWidget

from karyogui.errors import KaryoError
from karyogui.export import EXPORTERS, Exporter
from karyogui.services.progress import Monitor, Progress
from karyogui.services.workspace import Workspace
from karyogui.ui import theme
from karyogui.ui.dialogs.errors import show_error
from karyogui.ui.job_bar import JobBar
from karyogui.ui.report.details_dialog import DetailsDialog
from karyogui.ui.widgets import Notice
from karyogui.workers.task import Task

_UNSAFE = re.compile(r'[<>:"/\\|?*\x00-\x1f]+')


def file_name(case_name: str, suffix: str) -> str:
    """A case's name as a file's, on every system."""
    return (_UNSAFE.sub("-", case_name).strip(" .") or "case") + suffix


class ReportController(QObject):
    """Edits a case's details and writes its files in the background."""

    notice_raised = Signal(object)
    details_changed = Signal()

    def __init__(
        self,
        workspace: Workspace,
        jobs: JobBar,
        case_id: Callable[[], int | None],
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self._window = parent
        self._workspace = workspace
        self._jobs = jobs
        self._case_id = case_id
        self._folder = Path.home()
        self._menu: QMenu | None = None
        self._actions: list[QAction] = []

    @property
    def exporters(self) -> tuple[Exporter, ...]:
        """The formats there are."""
        return EXPORTERS

    def fill_menu(self, menu: QMenu) -> None:
        """One line for each format."""
        self._menu = menu
        for exporter in self.exporters:
            action = QAction(f"{exporter.label}…", menu)
            action.setObjectName(f"export.{exporter.id}")
            action.triggered.connect(partial(self._on_export, exporter))
            menu.addAction(action)
            self._actions.append(action)
        self.refresh_icons()

    def refresh_icons(self) -> None:
        """Draw the icons in the colours of the present theme."""
        for action in self._actions:
            action.setIcon(theme.icon("report"))
        if self._menu is not None:
            self._menu.setIcon(theme.icon("export"))

    def edit_details(self) -> None:
        """Ask for the patient, specimen and laboratory fields of the open or selected case."""
        case_id = self._case_id()
        if case_id is None:
            return
        try:
            library = self._workspace.library
            case = library.case(case_id)
            asked = partial(library.questions, case_id)
            dialog = DetailsDialog(self._window, case.name, case.details, asked)
            accepted = dialog.exec() == DetailsDialog.DialogCode.Accepted
            dialog.deleteLater()
            if accepted and dialog.details != case.details:
                library.set_details(case_id, dialog.details)
                self.details_changed.emit()
        except KaryoError as error:
            show_error(self._window, error)

    def export(self, exporter: Exporter) -> None:
        """Ask for a file name and write the case there."""
        case_id = self._case_id()
        if case_id is None:
            return
        try:
            name = self._workspace.library.case(case_id).name
        except KaryoError as error:
            show_error(self._window, error)
            return
        proposed = self._folder / file_name(name, exporter.suffix)
        chosen, _ = QFileDialog.getSaveFileName(
            self._window, exporter.label, str(proposed), f"{exporter.label} (*{exporter.suffix})"
        )
        if not chosen:
            return
        path = Path(chosen)
        if not path.suffix:
            path = path.with_name(path.name + exporter.suffix)
        self._folder = path.parent
        self._write(case_id, exporter, path)

    def _on_export(self, exporter: Exporter, _checked: bool = False) -> None:
        self.export(exporter)

    def _write(self, case_id: int, exporter: Exporter, path: Path) -> None:
        reports = self._workspace.reports

        def work(monitor: Monitor) -> Path:
            monitor.report(Progress(0, 2, "Collecting"))
            data = reports.report_data(case_id)
            monitor.report(Progress(1, 2, path.name))
            return reports.export(data, exporter, path)

        task = Task(work, self)
        task.succeeded.connect(self._on_written)
        task.failed.connect(lambda error: show_error(self._window, error))
        task.ended.connect(task.deleteLater)
        self._jobs.watch(task, exporter.label)
        task.start()

    def _on_written(self, path: Path) -> None:
        self.notice_raised.emit(
            Notice(
                f"Saved as {path}",
                actions=(
                    ("Open", lambda: open_outside(path)),
                    ("Show folder", lambda: open_outside(path.parent)),
                ),
            )
        )


def open_outside(path: Path) -> None:
    """Open a file or folder with the program that the system has for it."""
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(path)))

"""Opens the report of a case and writes its files."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from karyogui.errors import KaryoError
from karyogui.paths import report_templates_folder
from karyogui.services.file_names import safe_name
from karyogui.services.progress import Monitor
from karyogui.services.workspace import Workspace
from karyogui.settings import SettingsStore
from karyogui.ui.dialogs.errors import ErrorsShown, show_error
from karyogui.ui.dialogs.parts import SavePlace, accepted, ask
from karyogui.ui.job_bar import JobBar
from karyogui.ui.outside import open_outside
from karyogui.ui.widgets import Notice

if TYPE_CHECKING:
    from karyogui.domain.case_report import CaseReport
    from karyogui.export.case_exports import CaseExporter
    from karyogui.ui.report.case_report_dialog import CaseReportDialog


class CaseReportController(QObject):
    """The report of the open or selected case, in a dialog of its own."""

    notice_raised = Signal(object)
    case_changed = Signal()

    def __init__(
        self,
        workspace: Workspace,
        settings: SettingsStore,
        jobs: JobBar,
        case_id: Callable[[], int | None],
        edit_details: Callable[[], object],
        parent: QWidget,
    ) -> None:
        """`edit_details` asks for the patient and specimen fields of that case."""
        super().__init__(parent)
        self._window = parent
        self._workspace, self._settings, self._jobs = workspace, settings, jobs
        self._case_id, self._edit_details = case_id, edit_details
        self._place = SavePlace()
        self.dialog: CaseReportDialog | None = None

    def open(self) -> None:
        """Show the report of the open or selected case."""
        from karyogui.services.case_reports import house_rules
        from karyogui.services.report_templates import load_templates
        from karyogui.ui.report.case_report_dialog import CaseReportDialog

        case_id = self._case_id()
        if case_id is None:
            return
        values = self._settings.values
        loaded = load_templates(report_templates_folder())
        template, templates = loaded.chosen(values.report_template)
        with ErrorsShown(self._window):
            self.dialog = CaseReportDialog(
                self._window,
                self._workspace,
                case_id,
                templates,
                template,
                lambda: self._settings.values.user,
                house_rules(values),
            )
            dialog = self.dialog
            dialog.export_requested.connect(self.export)
            dialog.print_requested.connect(self.print)
            dialog.details_requested.connect(self._on_details)
            dialog.sheet_requested.connect(self._on_sheet)
            dialog.templates_requested.connect(self._show_templates)
            dialog.template_chosen.connect(self._on_template)
            dialog.changed.connect(self.case_changed)
            accepted(dialog)
            self.dialog = None

    def export(self, exporter: CaseExporter, report: CaseReport, final: bool) -> None:
        """Ask where and write the file; a final one only where nothing is missing."""
        from karyogui.export.case_exports import CASE_EXPORTERS

        dialog = self.dialog
        if dialog is None:
            return
        needs = report.needs_for_final if dialog.version is None else ()
        if final and needs:
            show_error(dialog, KaryoError("The report is not final yet.", " ".join(needs)))
            return
        # What is not the PDF itself tells of the report as it is now.
        version = dialog.version if exporter is CASE_EXPORTERS[0] else None
        name = _file_name(report, final, version) + exporter.suffix
        path = self._place.ask(dialog, exporter.label, name, exporter.label)
        if path is None or not self._letters_are_fine(dialog, report, final, "Export anyway"):
            return
        template = dialog.template

        def work(_: Monitor) -> Path:
            pdf = dialog.pdf(report, template, version)
            data = exporter.render(report, template, pdf)
            return self._workspace.case_reports.write(path, data)

        self._jobs.run("Exporting", work, self._on_written, self._show_error)

    def print(self, report: CaseReport) -> None:
        """Print the report, or the version of it, that the dialog shows."""
        from karyogui.ui.printing import pages_of, print_in_background

        dialog = self.dialog
        if dialog is None:
            return
        is_made = report.is_final or dialog.version is not None
        if not self._letters_are_fine(dialog, report, is_made, "Print anyway"):
            return
        make = partial(dialog.pdf, report, dialog.template, dialog.version)
        title, paint = "Print the report", pages_of(make)
        print_in_background(dialog, self._jobs, title, paint, self._on_printed, self._show_error)

    def _on_printed(self, told: str) -> None:
        self.notice_raised.emit(Notice(told))
        if self.dialog is not None:
            self.dialog.tell(told)

    def _show_error(self, error: Exception) -> None:
        show_error(self.dialog or self._window, error)

    def _letters_are_fine(
        self, parent: QWidget, report: CaseReport, final: bool, anyway: str
    ) -> bool:
        from karyogui.export.case_report_pdf import letters_missing

        dialog = self.dialog
        letters = letters_missing(report, dialog.template) if dialog and not final else ()
        return not letters or ask(
            parent,
            f"The report cannot print these letters: {' '.join(letters[:20])}.",
            "They become question marks.",
            yes=anyway,
            no="Cancel",
        )

    def _on_written(self, path: Path) -> None:
        opened = ("Open", partial(open_outside, path))
        show = ("Show folder", partial(open_outside, path.parent))
        self.notice_raised.emit(Notice(f"Saved as {path}", actions=(opened, show)))
        if self.dialog is not None:
            self.dialog.tell(f"Saved as {path}")

    def _on_details(self) -> None:
        self._edit_details()
        if self.dialog is not None:
            self.dialog.reload()

    def _on_sheet(self) -> None:
        if self.dialog is None:
            return
        report = self.dialog.report
        name = safe_name(f"{report.case_name} internal", "case", "-") + ".pdf"
        path = self._place.ask(self.dialog, "Internal sheet", name, "PDF")
        if path is not None:
            self._write_sheet(report.case_id, path)

    def _write_sheet(self, case_id: int, path: Path) -> None:
        from karyogui.export.pdf_report import PdfReport

        reports = self._workspace.reports

        def work(_: Monitor) -> Path:
            return reports.export(reports.report_data(case_id), PdfReport(), path)

        self._jobs.run("Exporting", work, self._on_written, self._show_error)

    def _show_templates(self) -> None:
        from karyogui.services.report_templates import made

        with ErrorsShown(self.dialog or self._window):
            open_outside(made(report_templates_folder()))

    def _on_template(self, name: str) -> None:
        try:
            self._settings.change(replace(self._settings.values, report_template=name))
        except KaryoError as error:
            self._show_error(error)


def _file_name(report: CaseReport, final: bool, version: int | None) -> str:
    number = version or report.review.version
    kind = "preliminary" if not final else f"version {number}" if number > 1 else "report"
    return safe_name(f"{report.details.report_number or report.case_name} {kind}", "case", "-")

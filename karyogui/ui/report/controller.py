"""Reports and other files out of a case; the menu is made from `EXPORTERS`."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QFileDialog, QMenu, QWidget

from karyogui.domain.amounts import amount
from karyogui.domain.case import Case
from karyogui.domain.cell import Cell
from karyogui.domain.details import proposed
from karyogui.errors import KaryoError
from karyogui.export import EXPORTERS, Exporter
from karyogui.services.file_names import safe_name, unique_names
from karyogui.services.workspace import Workspace
from karyogui.settings import SettingsStore
from karyogui.ui import theme
from karyogui.ui.dialogs.errors import ErrorsShown, show_error
from karyogui.ui.dialogs.parts import ProblemsDialog, SavePlace, accepted, ask
from karyogui.ui.job_bar import JobBar
from karyogui.ui.outside import open_outside
from karyogui.ui.report.case_report_controller import CaseReportController
from karyogui.ui.widgets import Notice, Tone

if TYPE_CHECKING:
    from karyogui.domain.report import ReportData
    from karyogui.services.reporting import ExportOutcome, Output
    from karyogui.ui.report.export_dialog import ExportChoice


def file_name(name: str, suffix: str) -> str:
    """The name of a case or cell as a file's, on every system."""
    return safe_name(name, "case", "-") + suffix


class ReportController(QObject):
    """Edits a case's details and writes its files in the background."""

    notice_raised = Signal(object)
    details_changed = Signal()

    def __init__(
        self,
        workspace: Workspace,
        settings: SettingsStore,
        jobs: JobBar,
        case_id: Callable[[], int | None],
        cell_ids: Callable[[], tuple[int, ...]],
        parent: QWidget,
    ) -> None:
        """`case_id` and `cell_ids` say which case and which of its cells are selected."""
        super().__init__(parent)
        self._window = parent
        self._workspace = workspace
        self._jobs = jobs
        self._case_id, self._cell_ids, self._settings = case_id, cell_ids, settings
        self._place = SavePlace()
        self._menu: QMenu | None = None
        self._actions: list[QAction] = []
        self.case = CaseReportController(
            workspace, settings, jobs, case_id, self.edit_details, parent
        )
        self.case.notice_raised.connect(self.notice_raised)
        self.case.case_changed.connect(self.details_changed)

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
        from karyogui.ui.report.details_dialog import DetailsDialog

        case_id = self._case_id()
        if case_id is None:
            return
        with ErrorsShown(self._window):
            library = self._workspace.library
            self._workspace.case_reports.refuse_if_released(case_id)
            case = library.outline(case_id)
            asked = partial(library.questions, case_id)
            known = proposed(case.details, [cell.note for cell in case.cells])
            dialog = DetailsDialog(self._window, case.name, case.details, asked, known)
            if accepted(dialog) and dialog.details != case.details:
                library.set_details(case_id, dialog.details, self._settings.values.user)
                self.details_changed.emit()

    def export(self, exporter: Exporter) -> None:
        """Ask which cells and where, and write them; a case of one cell leaves nothing to ask."""
        from karyogui.ui.report.export_dialog import ExportChoice

        case_id = self._case_id()
        if case_id is None:
            return
        try:
            case = self._workspace.library.case(case_id)
        except KaryoError as error:
            show_error(self._window, error)
            return
        cells = [cell for cell in case.cells if cell.is_analysed]
        choice = ExportChoice(tuple(cell.id for cell in cells), (exporter,), False)
        if len(cells) > 1:
            asked = self._asked(case.name, cells, exporter)
            if asked is None:
                return
            choice = asked
        prints = any(exporter.prints for exporter in choice.exporters)
        if prints and not self._letters_are_fine(case, choice.cell_ids, "Export anyway"):
            return
        outputs = self._outputs(case, choice)
        if outputs:
            self._write(case_id, outputs)

    def _on_export(self, exporter: Exporter, _checked: bool = False) -> None:
        self.export(exporter)

    def print_karyogram(self) -> None:
        """Print the karyogram of the open cell, with its photograph on a page of its own."""
        from karyogui.export.pdf_report import cell_page_pdf

        self._print("karyogram of this cell", cell_page_pdf)

    def print_report(self) -> None:
        """Print the report of the cells selected."""
        from karyogui.export.pdf_report import report_pdf

        self._print("report of {}", report_pdf)

    def _print(self, what: str, render: Callable[[ReportData], bytes]) -> None:
        """Print what `render` makes of the cells meant; of several, those that count."""
        from karyogui.ui.printing import pages_of, print_in_background

        case_id = self._case_id()
        if case_id is None:
            return
        with ErrorsShown(self._window):
            case, meant = self._workspace.library.case(case_id), self._cell_ids()
            cells = [cell for cell in case.cells if cell.id in meant and cell.is_analysed]
            ids = [cell.id for cell in cells if len(cells) == 1 or not cell.is_excluded]
            if not ids:
                raise KaryoError("There is no karyogram to print.", "Analyse a cell first.")
            if not self._letters_are_fine(case, ids, "Print anyway"):
                return
            data = partial(self._workspace.reports.report_data, case_id, ids)
            title = f"Print the {what.format(amount(len(ids), 'cell'))}"
            paint = pages_of(lambda: render(data()))
            print_in_background(self._window, self._jobs, title, paint, self._on_printed)

    def _on_printed(self, told: str) -> None:
        self.notice_raised.emit(Notice(told))

    def _letters_are_fine(self, case: Case[Cell], cell_ids: Collection[int], anyway: str) -> bool:
        """Whether every letter can be printed, or a person goes on all the same."""
        from karyogui.export.letters import letters_sentence

        sentence = letters_sentence(case, cell_ids)
        return not sentence or ask(
            self._window,
            sentence,
            "JSON and CSV contain them correctly.",
            yes=anyway,
            no="Cancel",
        )

    def _asked(
        self, case_name: str, cells: Sequence[Cell], exporter: Exporter
    ) -> ExportChoice | None:
        from karyogui.ui.report.export_dialog import ExportDialog

        dialog = ExportDialog(self._window, case_name, cells, self._cell_ids(), exporter)
        return dialog.choice if accepted(dialog) else None

    def _outputs(self, case: Case[Cell], choice: ExportChoice) -> tuple[Output, ...]:
        """The files to be written, once a person has said where; none when given up."""
        from karyogui.services.reporting import Output

        groups = [(i,) for i in choice.cell_ids] if choice.apart else [choice.cell_ids]
        names = unique_names(_title(case, ids) for ids in groups)
        wanted = [
            (exporter, ids, file_name(name, exporter.suffix))
            for exporter in choice.exporters
            for name, ids in zip(names, groups, strict=True)
        ]
        if len(wanted) == 1:
            ((exporter, ids, name),) = wanted
            path = self._place.ask(self._window, exporter.label, name, exporter.label)
            return () if path is None else (Output(exporter, ids, path),)
        folder = self._ask_folder([name for _, _, name in wanted])
        if folder is None:
            return ()
        return tuple(Output(exporter, ids, folder / name) for exporter, ids, name in wanted)

    def _ask_folder(self, names: Sequence[str]) -> Path | None:
        title = f"Folder for {len(names)} files"
        chosen = QFileDialog.getExistingDirectory(self._window, title, str(self._place.folder))
        if not chosen:
            return None
        folder = self._place.folder = Path(chosen)
        there = [name for name in names if (folder / name).exists()]
        if there and not ask(
            self._window,
            "Replace the existing files?",
            f"{folder} already contains: {', '.join(there)}.",
            yes="Replace",
            no="Cancel",
        ):
            return None
        return folder

    def _write(self, case_id: int, outputs: Sequence[Output]) -> None:
        export = partial(self._workspace.reports.export_all, case_id, outputs)
        self._jobs.run("Exporting", export, self._on_written)

    def _on_written(self, outcome: ExportOutcome) -> None:
        if not outcome.written:
            show_error(self._window, KaryoError(" ".join(outcome.problems)))
            return
        first, folder = outcome.written[0], outcome.written[0].parent
        show = ("Show folder", lambda: open_outside(folder))
        if len(outcome.written) == 1 and not outcome.problems:
            opened = ("Open", lambda: open_outside(first))
            self.notice_raised.emit(Notice(f"Saved as {first}", actions=(opened, show)))
            return
        told = f"{len(outcome.written)} files saved in {folder}"
        if not outcome.problems:
            self.notice_raised.emit(Notice(told, actions=(show,)))
            return
        left = f"{len(outcome.problems)} could not be written"
        which = ("Show list", lambda: self._show_problems(f"{told}; {left}:", outcome.problems))
        self.notice_raised.emit(Notice(f"{told}; {left}.", Tone.LOOK, (which, show)))

    def _show_problems(self, told: str, problems: Sequence[str]) -> None:
        accepted(ProblemsDialog(self._window, "Files that could not be written", told, problems))


def _title(case: Case[Cell], cell_ids: Sequence[int]) -> str:
    """What a file is named by: the case, and of several cells the one that it holds."""
    if len(cell_ids) != 1 or sum(cell.is_analysed for cell in case.cells) == 1:
        return case.name
    cell = next(cell for cell in case.cells if cell.id == cell_ids[0])
    # A folder of cut-outs gives slide and cell one name.
    return " ".join(part for part in dict.fromkeys((case.name, cell.slide, cell.name)) if part)

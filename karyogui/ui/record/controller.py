"""What a person does with the record as a whole, each long act in the background."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from karyogui.domain.amounts import amount
from karyogui.errors import KaryoError
from karyogui.services.file_names import safe_name
from karyogui.services.progress import Monitor
from karyogui.services.workspace import Workspace
from karyogui.settings import Settings, SettingsStore
from karyogui.ui.case_browser.controller import CaseController
from karyogui.ui.centre import Centre
from karyogui.ui.dialogs.errors import ErrorsShown, show_error
from karyogui.ui.dialogs.parts import ProblemsDialog, SavePlace, accepted
from karyogui.ui.job_bar import JobBar
from karyogui.ui.open_cell import OpenCell
from karyogui.ui.outside import open_outside
from karyogui.ui.widgets import Banner, Notice, Tone

if TYPE_CHECKING:
    from karyogui.services.record import BackedUp, Checked, ImportedCase
    from karyogui.ui.record.trail_dialog import TrailDialog


BACKUPS = "Backup of KaryoGUI"
FIRST_MS, EVERY_MS = 60_000, 1_800_000
"""How long after the start, and how often, it is asked whether today's backup is due."""
SETTINGS_TOLD = {
    "weights": "model chosen",
    "assignment": "setting of the assignment changed",
    "device": "setting of the device changed",
    "backup_folder": "folder of the daily backups changed",
}
"""Settings that stand in the trail when they change, and in which words."""


class RecordController(QObject):
    """Check, back up, restore, export a case, erase one, read a trail."""

    notice_raised = Signal(object)
    restore_requested = Signal(object, object)
    """A backup is to be restored: the file, and the folder."""
    refused = Signal(object)
    """Nothing may be stored any more: the `KaryoError` that says why; in the window's thread."""

    def __init__(
        self,
        workspace: Workspace,
        jobs: JobBar,
        settings: SettingsStore,
        case_id: Callable[[], int | None],
        window: QWidget,
    ) -> None:
        """`case_id` says which case is open or selected."""
        super().__init__(window)
        self._window, self._workspace, self._jobs = window, workspace, jobs
        self._case_id = case_id
        self._place = SavePlace()
        self._let_go: Callable[[int], object] = lambda _: None
        self._refresh: Callable[[], object] = lambda: None
        workspace.when_refused(self.refused.emit)
        self._settings, self._values = settings, settings.values
        self._stop_listening = settings.listen(self._on_settings)
        self._daily = QTimer(self, interval=FIRST_MS)
        self._daily.timeout.connect(self.back_up_daily)
        if not workspace.is_demonstration:
            self._daily.start()

    def stop(self) -> None:
        """Store nothing any more: the data folder is about to be closed."""
        self._daily.stop()
        self._stop_listening()

    def back_up_daily(self) -> None:
        """Make today's backup, where a folder for it is set and none is there."""
        self._daily.setInterval(EVERY_MS)
        values = self._settings.values
        if not values.backup_folder or self._workspace.refusal is not None:
            return
        place, kept = Path(values.backup_folder).expanduser(), int(values.backups_kept)
        record = self._workspace.record
        self._jobs.run(
            "Daily backup",
            lambda _: record.daily_backup(place, kept),
            lambda _: None,
            self._on_daily_failed,
        )

    def _on_daily_failed(self, error: Exception) -> None:
        told = f"The daily backup was not made. {error}"
        again = ("Try again", self.back_up_daily)
        self.notice_raised.emit(Notice(told, Tone.LOOK, (again,)))

    def _on_settings(self, values: Settings) -> None:
        """Put what matters for results and for what is kept into the trail."""
        before, self._values = self._values, values
        with ErrorsShown(self._window):
            for key, words in SETTINGS_TOLD.items():
                was, now = getattr(before, key), getattr(values, key)
                if was != now and self._workspace.refusal is None:
                    self._workspace.record.note(words, str(was), str(now))

    def join(
        self,
        centre: Centre,
        open_cell: OpenCell,
        cases: CaseController,
        refresh: Callable[[], object],
    ) -> None:
        """Know what shows cases, and say above everything when nothing may be stored."""
        self._let_go = lambda case_id: open_cell.close_if_of((case_id,))
        self._refresh = cases.refresh
        cases.case_files_given.connect(self.import_cases)

        def show_refusal(error: KaryoError) -> None:
            centre.show_banner(Banner(str(error), "Check data folder", self.check))
            refresh()

        self.refused.connect(show_refusal)
        if self._workspace.refusal is not None:
            show_refusal(self._workspace.refusal)

    def import_cases(self, paths: Sequence[Path]) -> None:
        """Bring in cases that were exported elsewhere."""
        record = self._workspace.record

        def work(monitor: Monitor) -> list[ImportedCase]:
            return [record.import_case(path) for path in paths]

        self._jobs.run("Importing", work, self._on_imported)

    @property
    def has_case(self) -> bool:
        """Whether a case is open or selected."""
        return self._case_id() is not None

    def check(self) -> None:
        """Check the data folder and say what was found."""
        record = self._workspace.record
        self._jobs.run("Checking the data folder", lambda _: record.check(), self._on_checked)

    def back_up(self) -> None:
        """Ask where, and write a backup."""
        from karyogui.services.record import BACKUP_SUFFIX

        name = f"{self._workspace.folder.name} {datetime.now():%Y-%m-%d}{BACKUP_SUFFIX}"
        target = self._place.ask(self._window, "Back up", name, BACKUPS)
        if target is not None:
            back_up = self._workspace.record.back_up
            self._jobs.run("Backing up", lambda _: back_up(target, True), self._on_backed_up)

    def restore(self) -> None:
        """Ask for a backup and where it goes; the application then does it."""
        from karyogui.services.record import BACKUP_SUFFIX, refuse_no_backup
        from karyogui.ui.record.dialogs import ask_where

        chosen, _ = QFileDialog.getOpenFileName(
            self._window,
            "Restore from backup",
            str(self._place.folder),
            f"{BACKUPS} (*{BACKUP_SUFFIX});;All files (*)",
        )
        if not chosen:
            return
        try:
            refuse_no_backup(Path(chosen))
        except KaryoError as error:
            show_error(self._window, error)
            return
        folder, is_here = self._workspace.folder, ask_where(self._window, self._workspace.folder)
        if is_here is False:
            name = QFileDialog.getExistingDirectory(
                self._window, "Empty folder for the backup", str(folder.parent)
            )
            if not name:
                return
            folder = Path(name)
        if is_here is not None:
            self.restore_requested.emit(Path(chosen), folder)

    def export_case(self) -> None:
        """Ask for the form and the place, and write the open or selected case."""
        from karyogui.services.record import CASE_SUFFIX
        from karyogui.ui.record.dialogs import ExportCaseDialog

        chosen = self._case()
        if chosen is None:
            return
        case_id, case, _ = chosen
        dialog = ExportCaseDialog(self._window, case)
        if not accepted(dialog):
            return
        anonymous, clean = dialog.anonymous.isChecked(), dialog.clean.isChecked()
        name = "case" if anonymous else safe_name(case, "case", "-")
        target = self._place.ask(
            self._window, "Export case", name + CASE_SUFFIX, "Case of KaryoGUI"
        )
        if target is not None:
            record = self._workspace.record
            self._jobs.run(
                "Exporting",
                lambda _: record.export_case(case_id, target, anonymous, clean),
                lambda left_out: self._on_exported(target, left_out),
            )

    def erase(self) -> None:
        """Ask for the reason and the name, and delete the open or selected case for good."""
        from karyogui.ui.record.dialogs import EraseDialog

        chosen = self._case()
        if chosen is None:
            return
        case_id, case, cells = chosen
        dialog = EraseDialog(self._window, case, len(cells))
        if not accepted(dialog):
            return
        self._let_go(case_id)
        try:
            self._workspace.record.erase(case_id, dialog.reason.text())
        except KaryoError as error:
            show_error(self._window, error)
        else:
            self.notice_raised.emit(Notice("The case was erased for good."))
        self._refresh()

    def show_trail(self) -> None:
        """Show every stored change of the open or selected case."""
        from karyogui.ui.record.trail_dialog import TrailDialog

        chosen = self._case()
        if chosen is None:
            return
        case_id, case, _ = chosen
        with ErrorsShown(self._window):
            entries = self._workspace.record.trail(case_id)
            dialog = TrailDialog(self._window, case, entries)
            dialog.print_requested.connect(partial(self._print_trail, dialog))
            accepted(dialog)

    def _print_trail(self, dialog: TrailDialog, markup: str) -> None:
        from karyogui.ui.printing import print_in_background, table_of

        print_in_background(
            dialog, self._jobs, "Print the trail", table_of(markup), self._on_printed
        )

    def _on_printed(self, told: str) -> None:
        self.notice_raised.emit(Notice(told))

    # -- helpers ---------------------------------------------------------------------------------

    def _case(self) -> tuple[int, str, tuple[int, ...]] | None:
        """The open or selected case: its id, its name and the ids of its cells."""
        case_id = self._case_id()
        with ErrorsShown(self._window):
            if case_id is not None:
                return case_id, *self._workspace.library.name_and_cells(case_id)
        return None

    def _on_checked(self, checked: Checked) -> None:
        notes = list(checked.notes)
        if checked.is_sound and not notes:
            told = "The data folder is sound: database, pictures, trail and sign-offs."
            self.notice_raised.emit(Notice(told))
            return
        count = len(checked.findings)
        told = "The data folder is sound. Noted:"
        if count:
            told = f"The data folder is not sound: {amount(count, 'finding')}."
        sentences = [finding.sentence for finding in checked.findings]
        title = "Check of the data folder"
        accepted(ProblemsDialog(self._window, title, told, [*sentences, *notes]))

    def _on_backed_up(self, done: BackedUp) -> None:
        show = ("Show folder", lambda: open_outside(done.path.parent))
        if done.missing:
            told = f"Backed up to {done.path}; {len(done.missing)} pictures are missing."
            self.notice_raised.emit(Notice(told, Tone.LOOK, (("Check", self.check), show)))
        else:
            told = f"Backed up to {done.path}, and verified"
            self.notice_raised.emit(Notice(told, actions=(show,)))

    def _on_imported(self, came: Sequence[ImportedCase]) -> None:
        self._refresh()
        names = ", ".join(case.name for case in came)
        self.notice_raised.emit(Notice(f"Imported with trail and sign-offs: {names}."))

    def _on_exported(self, target: Path, left_out: tuple[str, ...]) -> None:
        show = ("Show folder", lambda: open_outside(target.parent))
        told = " ".join([f"Saved as {target}.", *left_out])
        self.notice_raised.emit(Notice(told, actions=(show,)))

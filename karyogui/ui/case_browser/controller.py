"""Cases in and out: import, analyse, rename, delete and restore, from the browser or a drop."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from karyogui.domain.amounts import amount
from karyogui.domain.case import CaseState, CaseSummary, CellSummary
from karyogui.domain.case_list import CaseQuery, LibraryCounts
from karyogui.domain.cell import Cell
from karyogui.errors import KaryoError
from karyogui.paths import DEMO_METAPHASES, demo_sources
from karyogui.services.library import PAGE
from karyogui.services.progress import Monitor
from karyogui.services.repeats import keep_all
from karyogui.services.waiting import Waiting
from karyogui.services.workspace import Workspace
from karyogui.settings import SettingsStore
from karyogui.ui.case_browser.judging import QualityJudge
from karyogui.ui.case_browser.model import CaseTreeModel
from karyogui.ui.case_browser.news import News, NewsReader
from karyogui.ui.case_browser.panel import CaseBrowserPanel
from karyogui.ui.case_browser.repeats import RepeatsAsker
from karyogui.ui.case_browser.selection import whole_cases
from karyogui.ui.dialogs.errors import ErrorsShown, show_error
from karyogui.ui.dialogs.parts import ProblemsDialog, accepted, ask
from karyogui.ui.job_bar import JobBar
from karyogui.ui.widgets import Notice, Tone
from karyogui.workers.analyses import Analyses
from karyogui.workers.network_queue import NetworkQueue

if TYPE_CHECKING:
    from karyogui.services.importing import ImportOutcome


AGAIN_MS = 5000
"""After a refusal to read (another program holds the database) it is tried again."""
REFRESH_MS = 400
"""Edits in a row refresh the table once, this long after the last of them."""
PICTURES = (
    "Pictures and archives (*.png *.tif *.tiff *.bmp *.jpg *.jpeg *.zip *.karyocase);;All files (*)"
)


class CaseController(QObject):
    """Between the browser, the services and the background work."""

    summaries_changed = Signal()
    rows_changed = Signal(object)
    notice_raised = Signal(object)
    case_opened = Signal(int)
    cell_opened = Signal(int)
    cases_deleted = Signal(object)
    case_files_given = Signal(object)
    """Files of cases that were exported elsewhere are to be imported."""

    def __init__(
        self,
        workspace: Workspace,
        queue: NetworkQueue,
        analyses: Analyses,
        jobs: JobBar,
        settings: SettingsStore,
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self._window = parent
        self._workspace = workspace
        self._analyses = analyses
        self._jobs = jobs
        self._settings = settings
        wanted = settings.values.judge_quality
        self.judge = QualityJudge(workspace.analysis, queue, wanted, self)
        self._stop_listening = settings.listen(lambda v: self.judge.set_wanted(v.judge_quality))
        self.judge.judged.connect(lambda *_: self.refresh_soon())
        self.model = CaseTreeModel(workspace.library, self)
        self.model.failed.connect(lambda error: show_error(self._window, error))
        self.panel = CaseBrowserPanel(self.model)
        self.panel.folder.setText(f"Data folder: {workspace.folder}")
        self.panel.folder.setToolTip(str(workspace.folder))
        self.summaries: tuple[CaseSummary, ...] = ()
        """The newest cases outside the bin: the first page of all."""
        self.counts = LibraryCounts()
        self._reader = NewsReader(workspace.library, self)
        self._reader.told.connect(self._on_news)
        self._reader.failed.connect(self._on_unread)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(REFRESH_MS)
        self._timer.timeout.connect(self._read_news)
        self.panel.open_requested.connect(self.case_opened)
        self.panel.cell_open_requested.connect(self.cell_opened)
        self.panel.import_requested.connect(self.choose_files)
        self.panel.import_folder_requested.connect(self.choose_folder)
        self.panel.demo_requested.connect(self.import_demo)
        self.panel.bin_requested.connect(lambda _: self.refresh())
        self.panel.restore_requested.connect(self.restore_selected)
        # Queued: the rows must not be read again while the editor is still handing over its text.
        self.model.rename_requested.connect(self.rename, Qt.ConnectionType.QueuedConnection)
        self._left = workspace.waiting.left()
        self._queue = queue
        self._repeats = RepeatsAsker(parent)
        queue.changed.connect(self._keep_waiting)

    # -- what is there ---------------------------------------------------------------------------

    def more(self, start: int) -> tuple[CaseSummary, ...]:
        """Cases outside the bin from the `start`th newest on."""
        with ErrorsShown(self._window):
            return self._workspace.library.page(CaseQuery(), start).summaries
        return ()

    def summary(self, case_id: int) -> CaseSummary | None:
        """What the list says of one case."""
        try:
            return next(iter(self._workspace.library.listing.summaries([case_id])), None)
        except KaryoError:
            return None

    def has_cell(self, cell_id: int) -> bool:
        """Whether a cell is in a case outside the bin."""
        try:
            return self._workspace.library.has_cell(cell_id)
        except KaryoError:
            return False

    def refresh(self) -> None:
        """Read what is shown again, now."""
        self._timer.stop()
        library = self._workspace.library
        with ErrorsShown(self._window):
            self.summaries = library.page(CaseQuery()).summaries
            self.counts = library.listing.counts()
            unjudged = library.listing.unjudged(PAGE) if self.counts.unjudged else ()
            has_more = library.listing.stale > 0
            if self.model.query.in_bin is self.panel.shows_bin:
                self.model.reload()
            else:
                self.model.ask(replace(self.model.query, in_bin=self.panel.shows_bin))
            self.judge.take(unjudged)
            self.summaries_changed.emit()
            if has_more:
                self.refresh_soon()

    def _read_news(self) -> None:
        self._timer.stop()
        self._reader.read(self.model.query, self.model.rowCount())

    def _on_news(self, news: News) -> None:
        """Show what has changed; what was asked for meanwhile is read again."""
        if news.query != self.model.query:
            self.refresh_soon()
            return
        self.counts = news.counts
        known = {summary.id: summary for summary in self.summaries} | news.rows
        self.summaries = tuple(known[i] for i in news.newest if i in known)
        self.model.take_news(news.ids, news.rows, news.matching, news.total)
        self.judge.take(news.unjudged)
        self.panel.show_waiting(news.waiting)
        self.summaries_changed.emit()
        self.rows_changed.emit(news.rows)
        if news.has_more:
            self.refresh_soon()

    def _on_unread(self, error: KaryoError) -> None:
        """Say it and try again: what is shown is not the latest."""
        self.notice_raised.emit(Notice(str(error), Tone.LOOK))
        QTimer.singleShot(AGAIN_MS, self, self.refresh_soon)

    def refresh_soon(self) -> None:
        """Read the cases again after a pause."""
        self._timer.start()

    def judge_again(self, cell: Cell | None) -> None:
        """A photograph has been enhanced: what its quality was is of another picture."""
        if cell is not None:
            self.judge.forget(cell.id)
            self.refresh_soon()

    def stop(self) -> None:
        """Read nothing any more: the data folder is about to be closed."""
        self._queue.changed.disconnect(self._keep_waiting)
        self._timer.stop()
        self._reader.stop()
        self._stop_listening()

    def offer_left(self) -> None:
        """Offer to analyse what waited for it when the program ended, by a crash or not."""
        left = [*self._left.cells, *self._left.anew]
        try:
            cells = self._workspace.library.listing.of_cells(left)
        except KaryoError:
            return
        known = {cell.id: cell for cell in cells if not cell.is_excluded}
        anew = [i for i in self._left.anew if i in known and not _is_signed(known[i])]
        new = [i for i in self._left.cells if i in known and known[i].state is CaseState.NEW]
        waiting = dict.fromkeys([*new, *anew])
        if not waiting:
            return

        def analyse() -> None:
            self._analyses.add(new)
            self._analyses.add(anew, anew=True)

        was = "was" if len(waiting) == 1 else "were"
        told = (
            f"{amount(len(waiting), 'cell')} {was} waiting to be analysed when the program ended."
        )
        self.notice_raised.emit(Notice(told, Tone.LOOK, (("Analyse now", analyse),)))

    def _keep_waiting(self) -> None:
        """Keep which cells wait, in case the program does not come to its end."""
        self._workspace.waiting.keep(Waiting(self._analyses.waiting, self._analyses.anew))

    # -- import ----------------------------------------------------------------------------------

    def choose_files(self) -> None:
        """Ask for pictures or zips and import them."""
        self.import_paths(self._ask_files("Import pictures"))

    def choose_files_for_case(self) -> None:
        """Ask for pictures or zips and import them as cells of the first selected case."""
        ids = self.panel.selected_ids()
        if ids and not self.panel.shows_bin and (paths := self._ask_files("Add pictures to case")):
            self._import([paths], ids[0])

    def _may_import(self) -> bool:
        """Whether a person's own pictures may come into this data folder; says so if not."""
        from karyogui.services.importing import ONLY_DEMONSTRATION

        if self._workspace.is_demonstration:
            show_error(self._window, ONLY_DEMONSTRATION)
        return not self._workspace.is_demonstration

    def _ask_files(self, title: str) -> list[Path]:
        may = self._may_import()
        names = QFileDialog.getOpenFileNames(self._window, title, "", PICTURES)[0] if may else []
        return [Path(name) for name in names]

    def choose_folder(self) -> None:
        """Ask for a folder and import it."""
        if not self._may_import():
            return
        name = QFileDialog.getExistingDirectory(self._window, "Import folder of pictures")
        if name:
            self.import_paths([Path(name)])

    def import_demo(self) -> None:
        """Import the demonstration cases; the metaphases open when they have come in."""
        sources = demo_sources()
        if not sources:
            show_error(
                self._window,
                KaryoError("The demonstration cases are not here.", "Install KaryoGUI again."),
            )
            return
        # Imported again, it is wished for again.
        self._import([[source] for source in sources], asks=False)

    def open_demo(self) -> None:
        """Open the demonstration's metaphases; import everything where there is no case yet.

        What an earlier start did not come to the end of is done now.
        """
        if not self.summaries:
            self.import_demo()
            return
        self._open_metaphases_of_demo([case.id for case in self.summaries])
        if new := self._workspace.library.listing.new_cells():
            self._analyses.add(new, asked=False)
            here = {case.name for case in self.summaries}
            missing = [[source] for source in demo_sources() if source.stem not in here]
            if missing:
                self._import(missing, asks=False, opens=False)

    def _open_metaphases_of_demo(self, case_ids: Sequence[int]) -> None:
        for case in self.summaries:
            if case.id in case_ids and case.name == DEMO_METAPHASES.name:
                self.case_opened.emit(case.id)
                return

    def import_paths(self, paths: Sequence[Path]) -> None:
        """Import files and folders in the background; problems are listed afterwards."""
        from karyogui.services.record import is_case_file

        cases = [path for path in paths if is_case_file(path)]
        if cases and self._may_import():
            self.case_files_given.emit(cases)
        if others := [path for path in paths if path not in cases]:
            self._import([others])

    def _import(
        self,
        groups: Sequence[Sequence[Path]],
        case_id: int | None = None,
        asks: bool = True,
        opens: bool = True,
    ) -> None:
        importer, kind = self._workspace.importer, self.panel.picture_kind

        def work(monitor: Monitor) -> ImportOutcome:
            choose = partial(self._repeats.ask, monitor) if asks else keep_all
            outcome = joined(
                [importer.import_paths(group, monitor, case_id, kind, choose) for group in groups]
            )
            self._workspace.library.listing.freshen(len(outcome.case_ids))
            return outcome

        self.panel.show_importing(True)
        task = self._jobs.run("Importing", work, partial(self._on_imported, opens))
        task.cancelled.connect(lambda: self.notice_raised.emit(Notice("Import cancelled.")))
        # Also after a cancel: of several archives, some may have come in.
        task.ended.connect(lambda: self.panel.show_importing(False))
        task.ended.connect(self.refresh)

    def _on_imported(self, opens: bool, outcome: ImportOutcome) -> None:
        self.panel.show_bin(False)
        self.refresh()
        self.panel.select(outcome.case_ids)
        self.panel.expand(outcome.case_ids)
        self.notice_raised.emit(import_notice(self._window, outcome))
        if self._settings.values.analyse_after_import:
            self._analyses.add(outcome.cell_ids, asked=False)
        if not opens:
            return
        if len(outcome.case_ids) == 1:
            self.case_opened.emit(outcome.case_ids[0])
        else:
            self._open_metaphases_of_demo(outcome.case_ids)

    # -- the rows --------------------------------------------------------------------------------

    def analyse_new(self) -> None:
        """Analyse every cell that has not been analysed yet."""
        with ErrorsShown(self._window):
            self._analyses.add(self._workspace.library.listing.new_cells())

    def rename_selected(self) -> None:
        """Open the name of the first selected case for typing."""
        ids = whole_cases(self.panel)
        if ids:
            self.panel.rename(ids[0])

    def rename(self, case_id: int, name: str) -> None:
        """Give a case another name."""
        if self._try(lambda: self._workspace.library.rename(case_id, name)):
            self.refresh()

    def delete_selected(self) -> None:
        """Move the selected cases to the bin when a person agrees; a notice offers to undo it.

        Nothing where cells are selected without their case: it would act on more than that.
        """
        ids = whole_cases(self.panel)
        if not ids:
            return
        names = [s.name for s in self.model.summaries if s.id in ids]
        what = f"case {names[0]}" if len(names) == 1 else amount(len(names), "case")
        if not ask(
            self._window,
            f"Move {what} to the bin?",
            "Nothing is lost: it can be restored from the bin with all its edits.",
            yes="Move to bin",
            no="Keep",
        ):
            return
        if not self._try(lambda: self._workspace.library.delete(ids)):
            return
        self.cases_deleted.emit(ids)
        self.refresh()
        undo = (("Undo", lambda: self.restore(ids)),)
        told = f"{what[0].upper()}{what[1:]} moved to the bin."
        self.notice_raised.emit(Notice(told, Tone.DONE, undo))

    def restore_selected(self) -> None:
        """Take the selected cases out of the bin."""
        if self.panel.shows_bin:
            self.restore(self.panel.selected_ids())

    def restore(self, case_ids: Iterable[int]) -> None:
        """Take cases out of the bin."""
        ids = tuple(case_ids)
        if not ids or not self._try(lambda: self._workspace.library.restore(ids)):
            return
        self.panel.show_bin(False)
        self.refresh()
        self.panel.select(ids)
        self.notice_raised.emit(Notice(f"{amount(len(ids), 'case')} restored."))

    def _try(self, act: Callable[[], None]) -> bool:
        with ErrorsShown(self._window):
            act()
            return True
        return False


def _is_signed(cell: CellSummary) -> bool:
    return cell.state is CaseState.REVIEWED


def import_notice(window: QWidget, outcome: ImportOutcome) -> Notice:
    """What came in, with the way to the list of what is left out or odd."""
    told = imported_text(outcome)
    if not (outcome.problems or outcome.remarks):
        return Notice(f"{told}.")
    problems = amount(len(outcome.problems), "problem") if outcome.problems else ""
    remarks = amount(len(outcome.remarks), "remark") if outcome.remarks else ""
    way = " and ".join(words for words in (problems, remarks) if words)
    tone = Tone.LOOK if outcome.problems else Tone.DONE
    show = (("Show list", lambda: _show_problems(window, told, outcome)),)
    return Notice(f"{told}; {way}.", tone, show)


def _show_problems(window: QWidget, told: str, outcome: ImportOutcome) -> None:
    left_out = " These were left out:" if not outcome.remarks else ""
    problems = [f"Left out: {text}" if outcome.remarks else text for text in outcome.problems]
    texts = [*problems, *outcome.remarks]
    accepted(ProblemsDialog(window, "Notes on the import", f"{told}.{left_out}", texts))


def imported_text(outcome: ImportOutcome) -> str:
    """What came in: metaphases, cells of cut-outs, or both."""
    of_cut_outs = len(outcome.cell_ids) - outcome.metaphases
    if not outcome.metaphases:
        return f"{amount(of_cut_outs, 'cell')} imported"
    told = amount(outcome.metaphases, "metaphase")
    if of_cut_outs:
        told += f" and {amount(of_cut_outs, 'cell')} of cut-outs"
    return f"{told} imported"


def joined(outcomes: Sequence[ImportOutcome]) -> ImportOutcome:
    """Several imports reported as one."""
    from karyogui.services.importing import ImportOutcome

    return ImportOutcome(
        tuple(i for outcome in outcomes for i in outcome.case_ids),
        tuple(i for outcome in outcomes for i in outcome.cell_ids),
        tuple(text for outcome in outcomes for text in outcome.problems),
        tuple(text for outcome in outcomes for text in outcome.remarks),
        sum(outcome.metaphases for outcome in outcomes),
    )

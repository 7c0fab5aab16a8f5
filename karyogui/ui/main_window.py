"""The window: puts the parts together and keeps menus, docks, pages and status in step."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import (
    QApplication,
    QGraphicsView,
    QMainWindow,
    QMenu,
)

from karyogui.services.workspace import Workspace
from karyogui.settings import Settings, SettingsStore
from karyogui.ui import theme
from karyogui.ui.actions import ActionSet
from karyogui.ui.board.actions import board_actions
from karyogui.ui.case.actions import case_work_actions, count_actions
from karyogui.ui.case.controller import CaseWorkController
from karyogui.ui.case.joining import join_case
from karyogui.ui.case_browser.actions import (
    case_actions,
    exclusion_actions,
    many_cells_actions,
)
from karyogui.ui.case_browser.controller import CaseController
from karyogui.ui.case_browser.exclusion import ExclusionController
from karyogui.ui.case_browser.navigator import NavigatorPanel
from karyogui.ui.case_browser.reanalysis import ReanalysisController
from karyogui.ui.case_browser.selection import selected_cells
from karyogui.ui.centre import (
    CASE_PAGE,
    CASES_PAGE,
    KARYOGRAM_PAGE,
    METAPHASE_PAGE,
    Centre,
)
from karyogui.ui.changes.actions import change_actions
from karyogui.ui.dialogs.actions import dialog_actions
from karyogui.ui.dialogs.errors import show_error
from karyogui.ui.dialogs.opener import DialogOpener
from karyogui.ui.docks import Docks
from karyogui.ui.frame import (
    add_menus,
    add_toolbar,
    bind_keys,
    demonstration_banner,
    show_case_menu,
    show_status,
    view_actions,
    window_actions,
)
from karyogui.ui.job_bar import JobBar
from karyogui.ui.memory import remember, restore
from karyogui.ui.metaphase.actions import metaphase_actions, repair_actions
from karyogui.ui.metaphase.controller import MetaphaseController
from karyogui.ui.metaphase.counting import CountController
from karyogui.ui.metaphase.regions import RegionController
from karyogui.ui.metaphase.repair_controller import RepairController
from karyogui.ui.metaphase.repair_tools import RepairTools
from karyogui.ui.open_cell import OpenCell
from karyogui.ui.record.actions import record_actions
from karyogui.ui.record.controller import RecordController
from karyogui.ui.report.controller import ReportController
from karyogui.ui.review.actions import cell_actions, check_actions, review_actions
from karyogui.ui.review.assigning import AssignmentController
from karyogui.ui.review.checking import CheckController
from karyogui.ui.review.controller import ReviewController
from karyogui.ui.review.guide import GuideController
from karyogui.ui.review.second_reading import SecondReadingController
from karyogui.ui.review.sittings import SittingController
from karyogui.ui.status import StatusBar
from karyogui.ui.strip.actions import strip_actions
from karyogui.ui.strip.controller import StripController
from karyogui.ui.training.actions import model_actions
from karyogui.ui.training.controller import MakeAnalyser, ModelController
from karyogui.ui.window_state import WindowState
from karyogui.workers.analyses import Analyses
from karyogui.workers.network_queue import NetworkQueue


class MainWindow(QMainWindow):
    """One window over one workspace."""

    data_folder_requested = Signal(object)

    def __init__(
        self,
        workspace: Workspace,
        settings: SettingsStore,
        state: WindowState,
        make_analyser: MakeAnalyser,
    ) -> None:
        super().__init__()
        self._workspace = workspace
        self._settings = settings
        self._state = state
        self.setAcceptDrops(True)
        self.setMinimumSize(960, 600)
        # What comes in a burst, from the queue or the history, refreshes the window once.
        self._soon = QTimer(self, singleShot=True, interval=0)
        self._soon.timeout.connect(self._refresh)
        with theme.undressed():
            self._make_parts(workspace, settings, state, make_analyser)
            self.actions_ = _actions_of(self)
            self._build()
        self._connect()
        self.cases.refresh()
        restore(self, state, workspace.folder)
        self._stop_listening = settings.listen(self._on_settings)
        self.show_theme()
        self.repairs.go_on()
        self.cases.offer_left()

    def _make_parts(
        self,
        workspace: Workspace,
        settings: SettingsStore,
        state: WindowState,
        make_analyser: MakeAnalyser,
    ) -> None:
        """What the window is made of, each before those that know it."""
        self.jobs = JobBar()
        self.models = ModelController(workspace, settings, make_analyser, self.jobs, self)
        self.queue = NetworkQueue(self.models.analyser_factory(), self)
        self.analyses = Analyses(workspace.analysis, self.queue, self)
        self.cases = CaseController(workspace, self.queue, self.analyses, self.jobs, settings, self)
        self.open_cell = OpenCell(workspace, self.analyses, lambda: settings.values.user, self)
        self.review = ReviewController(workspace, self.open_cell, self)
        self.board = self.open_cell.board
        self.metaphase = MetaphaseController(workspace, self.open_cell, state, self)
        self.assigning = AssignmentController(
            workspace.analysis,
            settings,
            self.open_cell,
            self.jobs,
            lambda: self.models.weights,
            self,
        )
        self.repairs = RepairController(
            workspace, self.open_cell, self.metaphase.panel, self.assigning, self.queue, self
        )
        self.sittings = SittingController(
            workspace, self.open_cell, self.repairs, self.metaphase, self
        )
        self.reports = ReportController(
            workspace, settings, self.jobs, self.case_id, self.cell_ids, self
        )
        self.record = RecordController(workspace, self.jobs, settings, self.case_id, self)
        self.navigator = NavigatorPanel()
        self.case_work = CaseWorkController(workspace, settings, self.open_cell, self.jobs, self)
        self.strip = StripController(workspace, self.open_cell, self.review.changes, self)
        self.centre = Centre(
            self.cases.panel,
            self.metaphase.panel,
            self.board,
            self.strip.panel,
            self.case_work.panel,
            self.open_cell.analyse,
        )
        self.strip.stand_in(self.centre)
        self.reanalysis = ReanalysisController(
            workspace, self.analyses, self.cases, self.open_cell, self.repairs.is_awaiting, self
        )
        on_cases = self.reanalysis.on_cases = lambda: self.centre.page == CASES_PAGE
        self.exclusion = ExclusionController(workspace, self.cases, self.open_cell, on_cases, self)
        self.dialogs = DialogOpener(self, settings, lambda: self.actions_, workspace.folder)
        self.dialogs.data_folder_chosen = self.data_folder_requested.emit
        self._make_picture_parts(workspace, state)
        inspector, findings = self.review.inspector, self.review.findings
        self.docks = Docks(self, self.navigator, inspector, findings, self._refresh)

    def _make_picture_parts(self, workspace: Workspace, state: WindowState) -> None:
        """What works on the photograph and on its separation check."""
        panel = self.metaphase.panel
        self.repair_tools = RepairTools(panel, self.repairs)
        self.counting = CountController(self.open_cell, panel, self)
        self.regions = RegionController(
            workspace, self.open_cell, panel, self.analyses, self.jobs, self
        )
        self.check = CheckController(
            workspace,
            self.open_cell,
            self.review.findings.check,
            self.review.inspector,
            panel,
            self.repair_tools,
            self.centre,
            self,
        )
        self.second_reading = SecondReadingController(
            workspace, self._settings, self.open_cell, self.case_id, self
        )
        self.guide = GuideController(
            workspace.library, self.open_cell, self.check, panel, state, self
        )

    # -- building --------------------------------------------------------------------------------

    def _build(self) -> None:
        self.setCentralWidget(self.centre)
        if self._workspace.is_demonstration:
            self.centre.show_banner(demonstration_banner(self.dialogs.open_own_folder))
        self.status = StatusBar(self.jobs)
        self.setStatusBar(self.status)
        self.export_menu = QMenu("Report and export", self)
        menus = add_menus(self, self.export_menu)
        menus["Model"].aboutToShow.connect(self._refresh)
        self._chromosome_menu, self._repair_menu = menus["Chromosome"], menus["Repair"]
        self.report_button = add_toolbar(self, self.actions_, self.export_menu)
        bind_keys(self)
        # A dropped folder is for the window; a scene would swallow it.
        for view in self.board.findChildren(QGraphicsView):
            view.setAcceptDrops(False)

    def _connect(self) -> None:
        self.queue.started.connect(self.jobs.watch)
        self.analyses.failed.connect(lambda error: show_error(self, error))
        self.analyses.cell_analysed.connect(lambda _: self.cases.refresh_soon())
        self.queue.changed.connect(self._soon.start)
        self.cases.summaries_changed.connect(self._on_summaries)
        self.cases.summaries_changed.connect(self.strip.read_if_new)
        self.cases.rows_changed.connect(self.navigator.take)
        self.navigator.read_from(self.cases.more, self.cases.summary)
        self.cases.panel.selection_changed.connect(self._show_possible)
        menu = partial(show_case_menu, self.actions_, self.export_menu, self.cases.panel)
        self.cases.panel.menu_requested.connect(menu)
        self.cases.case_opened.connect(self._open_case)
        self.cases.cell_opened.connect(self.open_cell_page)
        self.cases.cases_deleted.connect(self.open_cell.close_if_of)
        self.cases.judge.judged.connect(self.open_cell.take_quality)
        self.navigator.case_requested.connect(self._open_case)
        self.navigator.cell_requested.connect(self.open_cell_page)
        self.metaphase.recipe_kept.connect(self.open_cell.take_recipe)
        self.metaphase.recipe_kept.connect(lambda _: self.cases.judge_again(self.open_cell.cell))
        self.metaphase.panel_changed.connect(self._refresh)
        self.regions.cells_changed.connect(self.cases.refresh)
        self.metaphase.panel.inspection_requested.connect(lambda _: self.docks.show_right())
        self.metaphase.panel.context_menu_requested.connect(lambda at: self._repair_menu.popup(at))
        self.open_cell.cell_changed.connect(self._on_cell)
        self.open_cell.edited.connect(self._refresh)
        self.check.changed.connect(self._show_possible)
        self.review.findings.renewal_requested.connect(self.repairs.renew)
        self.board.karyogram_changed.connect(self.cases.refresh_soon)
        self.board.context_menu_requested.connect(lambda at: self._chromosome_menu.popup(at))
        self.board.inspection_requested.connect(lambda _: self.docks.show_right())
        self.board.undo_stack.indexChanged.connect(lambda _: self._soon.start())
        self.record.join(self.centre, self.open_cell, self.cases, self._soon.start)
        self.reports.details_changed.connect(self.cases.refresh)
        self.models.model_changed.connect(self._on_model)
        self.models.training_told.connect(self.status.show_training)
        self.status.training_requested.connect(self.models.train)
        for part in (
            self.cases,
            self.reanalysis,
            self.exclusion,
            self.regions,
            self.reports,
            self.models,
            self.record,
            self.case_work,
        ):
            part.notice_raised.connect(self.centre.notices.show_notice)
        self.open_cell.say = self.centre.say
        self.metaphase.panel.karyogram_requested.connect(self.show_karyogram)
        self.metaphase.panel.picture_requested.connect(self.show_metaphase)
        join_case(self)
        self.centre.page_changed.connect(self._refresh)

    # -- what the actions call -------------------------------------------------------------------

    def show_cases(self) -> None:
        """Show the case browser."""
        self.centre.show_page(CASES_PAGE)

    def show_karyogram(self) -> None:
        """Show the open cell's karyogram."""
        if self.open_cell.cell is not None:
            self.centre.show_page(KARYOGRAM_PAGE)

    def show_metaphase(self) -> None:
        """Show the open cell's metaphase."""
        if self.open_cell.cell is not None:
            self.centre.show_page(METAPHASE_PAGE)

    def show_search(self) -> None:
        """Go to the search box of the case browser."""
        self.show_cases()
        self.cases.panel.search.setFocus()
        self.cases.panel.search.selectAll()

    def toggle_theme(self) -> None:
        """Change between light and dark, and remember it."""
        other = theme.LIGHT if theme.current() is theme.DARK else theme.DARK
        self.dialogs.change(replace(self._settings.values, theme=other.name))

    def show_theme(self) -> None:
        """Draw everything in the theme that the settings ask for."""
        chosen = theme.resolve(self._settings.values.theme)
        application = QApplication.instance()
        if isinstance(application, QApplication) and theme.current() is not chosen:
            theme.apply(application, chosen)
        self.actions_.refresh_icons()
        self.report_button.setIcon(theme.icon("report"))
        for sheet in (self.board, self.strip.panel, self.metaphase.panel):
            sheet.set_colours(chosen)
        for part in (
            self.cases.panel,
            self.navigator,
            self.centre.notices,
            self.review.inspector,
            self.review.findings,
            self.guide.line,
            self.reports,
            self.case_work.panel,
        ):
            part.refresh_icons()

    # -- keeping in step -------------------------------------------------------------------------

    def _on_settings(self, _values: Settings) -> None:
        self.show_theme()
        self._on_model()
        self.review.show_user()

    def _on_model(self) -> None:
        self.queue.use(self.models.analyser_factory())
        self._refresh()

    def _on_summaries(self) -> None:
        self.navigator.set_summaries(self.cases.summaries)
        self._show_possible()

    def _on_cell(self) -> None:
        cell = self.open_cell.cell
        for part in (self.navigator, self.cases.panel):
            part.show_open(cell.case_id if cell else None, cell.id if cell else None)
        if cell is None:
            self.show_cases()
        self.cases.refresh_soon()
        self._refresh()

    def _open_case(self, case_id: int) -> None:
        self.open_cell.open_case(case_id)
        self._show_work()

    def open_cell_page(self, cell_id: int) -> None:
        """Open a cell and show it."""
        self.open_cell.open(cell_id)
        self._show_work()

    def _show_work(self) -> None:
        """Show the page on which the open cell's work goes on: a new metaphase's own, first."""
        cell = self.open_cell.cell
        if cell is None:
            return
        is_at_picture = not cell.is_analysed or self.centre.page == METAPHASE_PAGE
        if cell.has_photograph and is_at_picture:
            self.show_metaphase()
        else:
            self.show_karyogram()

    def case_id(self) -> int | None:
        """The case that case-wide actions mean: the open one, or the row selected."""
        is_listed = self.centre.page == CASES_PAGE and not self.cases.panel.shows_bin
        if is_listed and (selected := self.cases.panel.selected_ids()):
            return selected[0]
        return self.open_cell.cell.case_id if self.open_cell.cell else None

    def cell_ids(self) -> tuple[int, ...]:
        """The cells to act on: those of the selected rows, or the open one."""
        if self.centre.page == CASES_PAGE:
            return tuple(cell.id for cell in selected_cells(self.cases.panel))
        if self.centre.page == CASE_PAGE and self.case_work.chosen:
            return tuple(cell.id for cell in self.case_work.chosen)
        return (self.open_cell.cell.id,) if self.open_cell.cell else ()

    def _show_possible(self) -> None:
        self.actions_.show_possible()
        has_case = self.case_id() is not None
        self.export_menu.setEnabled(has_case)
        self.report_button.setEnabled(has_case)

    def _refresh(self) -> None:
        self._soon.stop()
        cell = self.open_cell.cell
        self.metaphase.show(cell, self.open_cell.is_waiting)
        self.check.show_pictures()
        self.review.show_work(cell is not None and self.repairs.is_awaiting(cell.id))
        self._show_possible()
        self.metaphase.show_switches(self.actions_)
        self.repair_tools.show_state()
        self.actions_["metaphase.count"].setChecked(self.counting.is_counting)
        self.actions_["view.side_by_side"].setChecked(self.centre.is_side_by_side)
        self.docks.show_switches(self.actions_)
        self.actions_["view.zoom_box"].setChecked(self.review.inspector.zoom_box.isChecked())
        show_status(self, self._workspace)

    # -- Qt --------------------------------------------------------------------------------------

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        event.acceptProposedAction()
        urls = event.mimeData().urls()
        self.cases.import_paths([Path(url.toLocalFile()) for url in urls if url.isLocalFile()])

    def closeEvent(self, event: QCloseEvent) -> None:
        if not self.models.may_close():
            event.ignore()
            return
        self.docks.make_room(False)
        remember(self, self._state, self._workspace.folder)
        self._stop_listening()
        # The history of edits tells when it is emptied, which must not be while parts go away.
        self.board.clear()
        self.sittings.stop()
        self.cases.stop()
        self.record.stop()
        self.strip.stop()
        self.queue.stop()
        self.metaphase.stop()
        self.jobs.shut_down()
        self.models.shut_down()
        super().closeEvent(event)


def _actions_of(window: MainWindow) -> ActionSet:
    """The actions of all features."""
    repairs = repair_actions(
        window.repair_tools, window.check.mark, lambda: window.check.can_decide
    )
    actions = ActionSet(
        window,
        (
            *window_actions(window),
            *view_actions(window),
            *case_actions(window.cases, window.reanalysis),
            *many_cells_actions(window.cases, window.reanalysis),
            *exclusion_actions(window.exclusion),
            *cell_actions(window.open_cell, window.assigning),
            *review_actions(window.open_cell, window.review),
            *check_actions(window.check, window.board),
            *metaphase_actions(window.metaphase, window.regions),
            *case_work_actions(window.case_work),
            *count_actions(window.counting),
            *repairs,
            # Elsewhere nobody sees what would be turned or moved.
            *board_actions(window.board, lambda: window.centre.is_at_cell),
            *strip_actions(window.strip),
            *change_actions(window.review.changes, window.strip.enter_change),
            *model_actions(window.models),
            *record_actions(window.record),
            *dialog_actions(window.dialogs),
        ),
    )
    window.repair_tools.take_actions(actions, repairs)
    return actions

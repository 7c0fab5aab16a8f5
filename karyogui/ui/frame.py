"""What frames the window's content: toolbar, menus, and the actions of the window itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QSize, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QMainWindow,
    QMenu,
    QSizePolicy,
    QToolBar,
    QToolButton,
    QWidget,
)

from karyogui.domain.chromosome import TYPES
from karyogui.domain.karyogram import MARKER, slot_name
from karyogui.domain.review import per_cent
from karyogui.ui import theme
from karyogui.ui.action_spec import NEEDS_ANALYSED, NEEDS_CASE, NEEDS_OPEN, ActionSpec, Scope
from karyogui.ui.actions import ActionSet
from karyogui.ui.case_browser.panel import CaseBrowserPanel
from karyogui.ui.centre import CASE_PAGE
from karyogui.ui.open_cell import OpenCell
from karyogui.ui.widgets import Banner

if TYPE_CHECKING:
    from karyogui.services.workspace import Workspace
    from karyogui.ui.main_window import MainWindow

PROPOSED = 3
"""Most probable types that the menu of a chromosome offers by themselves."""


def add_toolbar(window: QMainWindow, actions: ActionSet, export_menu: QMenu) -> QToolButton:
    """The toolbar; returns its report button at the right end."""
    bar = QToolBar("Toolbar", window)
    bar.setObjectName("toolbar")
    bar.setMovable(False)
    bar.setIconSize(QSize(20, 20))
    bar.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
    actions.fill_toolbar(bar)
    spacer = QWidget()
    spacer.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
    bar.addWidget(spacer)
    report = QToolButton()
    report.setText("Report")
    report.setToolTip("Report and export of this case")
    report.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
    report.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
    report.setMenu(export_menu)
    bar.addWidget(report)
    window.addToolBar(bar)
    return report


WHY_NOT_MS = 6000
"""How long the status bar says why a key does nothing."""


def bind_keys(window: MainWindow) -> None:
    """Let the keys of every feature work where it is seen."""
    actions, board, picture = window.actions_, window.board, window.metaphase.panel.view
    found, rows = window.review.findings, window.review.findings.check
    actions.bind(Scope.BOARD, board)
    actions.bind(Scope.METAPHASE, picture)
    for view in (board.view, picture):
        actions.bind(Scope.PICTURES, view)
    for widget in (board.view, picture, rows.list, found.list):
        actions.bind(Scope.REVIEW, widget)
    actions.bind(Scope.METAPHASE, rows.list)
    actions.fill_acts(rows)
    window.metaphase.add_buttons(actions)
    actions.bind(Scope.BROWSER, window.cases.panel.table)
    window.strip.take_actions(actions)
    for shown in (board.view, window.strip.panel.view):
        actions.bind(Scope.CHROMOSOMES, shown)
    actions.key_refused.connect(partial(_tell_why_not, window))


def _tell_why_not(window: MainWindow, text: str) -> None:
    if not window.centre.hint(text):
        window.status.showMessage(text, WHY_NOT_MS)


def probable_moves(open_cell: OpenCell) -> tuple[tuple[str, str], ...]:
    """(slot, words) of the most probable types of the one selected chromosome, where it is not."""
    cell, karyogram, selection = open_cell.cell, open_cell.karyogram, open_cell.selection
    if cell is None or karyogram is None or len(selection) != 1:
        return ()
    chosen = next((c for c in cell.chromosomes if c.id == selection[0]), None)
    if chosen is None or chosen.predicted is None:
        return ()
    present = karyogram.placement(chosen.id).slot
    return tuple(
        (kind, f"Move to {kind} ({per_cent(probability)})")
        for kind, probability in chosen.predicted.best(PROPOSED)
        if kind != present
    )


def add_move_menu(
    menu: QMenu,
    actions: ActionSet,
    move: Callable[[str], None],
    probable: Callable[[], Sequence[tuple[str, str]]],
) -> None:
    """What a review mostly ends with first: confirm, the most probable types, then any slot."""
    tray = actions["chromosome.tray"]
    first = menu.actions()[0]
    menu.insertAction(first, actions["review.confirm"])
    below = menu.insertSeparator(first)
    proposed: list[QAction] = []

    def propose() -> None:
        for old in proposed:
            menu.removeAction(old)
            old.deleteLater()
        proposed.clear()
        for slot, words in probable():
            action = QAction(words, menu)
            action.triggered.connect(partial(_move, move, slot))
            proposed.append(action)
        menu.insertActions(below, proposed)

    menu.aboutToShow.connect(propose)
    slots = QMenu("Move to", menu)
    for slot in (*TYPES, MARKER):
        # The board collects the digits itself; the key is told and not taken.
        key = "M" if slot == MARKER else slot
        action = slots.addAction(f"{slot_name(slot).capitalize()}\t{key}")
        action.triggered.connect(partial(_move, move, slot))
    menu.insertMenu(tray, slots)
    menu.aboutToShow.connect(lambda: slots.setEnabled(tray.isEnabled()))


def _move(move: Callable[[str], None], slot: str, _checked: bool = False) -> None:
    move(slot)


def show_case_menu(
    actions: ActionSet, export_menu: QMenu, browser: CaseBrowserPanel, at: QPoint
) -> None:
    """What can be done with the rows selected, at a point on the screen."""
    menu = case_menu(actions, export_menu, browser)
    menu.exec(at)
    menu.deleteLater()


def case_menu(actions: ActionSet, export_menu: QMenu, browser: CaseBrowserPanel) -> QMenu:
    """What can be done with the rows selected: with their cells, then with the case.

    What does not go with what is selected is left out; `Case details` and export name their case.
    """
    menu = QMenu(browser)
    if not browser.shows_bin:
        opened = menu.addAction(theme.icon("open"), "Open")
        opened.triggered.connect(lambda _checked=False: browser.open_current())
    of_cells = ("cell.reanalyse", "cell.exclude", "cell.take_back")
    of_case = ("file.import_into", "edit.rename", "edit.delete", "edit.restore", "file.details",
               "file.case_report", "file.print")  # fmt: skip
    for ids in (of_cells, of_case):
        possible = [actions[i] for i in ids if actions[i].isEnabled()]
        menu.addActions(possible)
        if possible:
            menu.addSeparator()
    menu.addMenu(export_menu)
    return menu


def add_menus(window: MainWindow, export_menu: QMenu) -> dict[str, QMenu]:
    """The menu bar, with what its menus hold besides the actions; its menus by their names."""
    menus = window.actions_.fill_menu_bar(window.menuBar())
    window.reports.fill_menu(export_menu)
    menus["File"].insertMenu(window.actions_["file.data_folder"], export_menu)
    window.assigning.fill_menu(menus["Model"])
    window.models.fill_menu(menus["Model"])
    probable = partial(probable_moves, window.open_cell)
    add_move_menu(menus["Chromosome"], window.actions_, window.board.move_selection, probable)
    return menus


def demonstration_banner(leave: Callable[[], object]) -> Banner:
    """What stands over a demonstration all the time."""
    words = "Demonstration: generated cells, of no person. Nothing here is a finding."
    return Banner(words, "Open my cases", leave)


def show_status(window: MainWindow, workspace: Workspace) -> None:
    """Say in status bar, tabs and title what is open and how far it is."""
    opened = window.open_cell
    cell, karyogram = opened.cell, window.board.karyogram
    to_check, to_review = len(window.check.entries), len(opened.needs_review)
    unsaved = opened.unsaved or workspace.refusal is not None
    window.status.show_cell(cell, karyogram, to_check, to_review, unsaved)
    active = window.models.active
    window.status.show_model(cell, active.name if active else "")
    waiting = cell is not None and cell.id in window.analyses.waiting
    window.centre.show_cell(opened.case_name, cell, waiting)
    name = "KaryoGUI demonstration" if workspace.is_demonstration else "KaryoGUI"
    window.setWindowTitle(f"{opened.case_name} – {name}" if cell else name)


def window_actions(window: MainWindow) -> tuple[ActionSpec, ...]:
    """What concerns the window as a whole, and the open or selected case."""

    def has_case() -> bool:
        return window.case_id() is not None

    def is_at_list() -> bool:
        return window.centre.needs_room

    def print_shown() -> None:
        (window.reports.print_report if is_at_list() else window.reports.print_karyogram)()

    details, find, theme = window.reports.edit_details, window.show_search, window.toggle_theme
    return (
        ActionSpec(
            "file.details",
            "Case details…",
            "details",
            details,
            ("Ctrl+I",),
            has_case,
            otherwise=NEEDS_CASE,
        ),
        ActionSpec(
            "file.case_report",
            "Report of the case…",
            "report",
            window.reports.case.open,
            ("Ctrl+R",),
            has_case,
            tip="State the result, preview the pages, sign and export",
            otherwise=NEEDS_CASE,
        ),
        ActionSpec(
            "file.print",
            "Print…",
            "print",
            print_shown,
            ("Ctrl+P",),
            lambda: has_case() if is_at_list() else window.open_cell.is_analysed,
            tip="Print the karyogram that is open, or the report of the cells selected",
            otherwise=lambda: NEEDS_CASE if is_at_list() else NEEDS_ANALYSED,
        ),
        ActionSpec(
            "review.second",
            "Second reading…",
            "second-reading",
            window.second_reading.open,
            ("Ctrl+Shift+R",),
            has_case,
            tip="A second person reads a cell without seeing the first result",
            otherwise=NEEDS_CASE,
        ),
        ActionSpec("file.quit", "Quit", "quit", window.close, ("Ctrl+Q",)),
        ActionSpec("edit.find", "Search cases", "search", find, ("Ctrl+F",)),
        ActionSpec("view.theme", "Light or dark theme", "theme", theme, ("Ctrl+Shift+L",)),
        ActionSpec("cell.cancel", "Cancel what runs", "cancel", window.jobs.cancel, ("Ctrl+.",)),
    )


def view_actions(window: MainWindow) -> tuple[ActionSpec, ...]:
    """Pages, docks and zoom."""
    centre, cell = window.centre, window.open_cell

    def is_open() -> bool:
        return cell.is_open

    def has_photograph() -> bool:
        return cell.has_photograph

    def is_analysed() -> bool:
        return cell.is_analysed

    def act(
        name: str,
        text: str,
        icon: str,
        callback: Callable[[], object],
        *keys: str,
        enabled_when: Callable[[], bool] | None = is_open,
        scope: Scope = Scope.WINDOW,
        checkable: bool = False,
    ) -> ActionSpec:
        needs: dict[object, str] = {is_open: NEEDS_OPEN, is_analysed: NEEDS_ANALYSED}
        return ActionSpec(
            f"view.{name}",
            text,
            icon,
            callback,
            keys,
            enabled_when,
            scope,
            checkable,
            otherwise=needs.get(enabled_when, "Needs a photograph"),
        )

    both, beside = "Metaphase beside karyogram", centre.toggle_side_by_side
    switch = centre.switch
    return (
        act("cases", "Cases", "cases", window.show_cases, "Ctrl+1", enabled_when=None),
        act("metaphase", "Metaphase", "metaphase", window.show_metaphase, "Ctrl+2"),
        act("karyogram", "Karyogram", "karyogram", window.show_karyogram, "Ctrl+3"),
        act("case", "Case", "case", lambda: centre.show_page(CASE_PAGE), "Ctrl+4"),
        act("switch", "Metaphase or karyogram", "switch", switch, "Ctrl+Tab"),
        act("next_object", "Next object", "object-next", lambda: centre.walk(1), "Tab",
            enabled_when=is_analysed, scope=Scope.PICTURES),
        act("previous_object", "Previous object", "object-previous", lambda: centre.walk(-1),
            "Shift+Tab", enabled_when=is_analysed, scope=Scope.PICTURES),
        act("side_by_side", both, "side-by-side", beside, "F4", enabled_when=has_photograph,
            checkable=True),
        act("zoom_in", "Zoom in", "zoom-in", centre.zoom_in, "Ctrl++", "Ctrl+="),
        act("zoom_out", "Zoom out", "zoom-out", centre.zoom_out, "Ctrl+-"),
        act("fit", "Fit to window", "fit", centre.zoom_fit, "Ctrl+0"),
        *_beside(window),
    )  # fmt: skip


def _beside(window: MainWindow) -> tuple[ActionSpec, ...]:
    """All on the board, and what stands at its sides."""
    centre, cell, sides = window.centre, window.open_cell, "Inspector and findings"
    left, right = window.docks.toggle_left, window.docks.toggle_right
    return (
        ActionSpec(
            "edit.select_all",
            "Select all chromosomes",
            "select-all",
            centre.select_all,
            ("Ctrl+A",),
            lambda: cell.is_analysed,
            scope=Scope.PICTURES,
            otherwise=NEEDS_ANALYSED,
        ),
        ActionSpec("view.left", "Case list", "panel-left", left, ("F9",), checkable=True),
        ActionSpec("view.right", sides, "panel-right", right, ("F10",), checkable=True),
    )

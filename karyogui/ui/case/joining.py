"""Joins the page of a case to the rest of the window."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QMenu

from karyogui.ui.action_spec import Scope
from karyogui.ui.case.actions import ACTS
from karyogui.ui.centre import CASE_PAGE

if TYPE_CHECKING:
    from karyogui.ui.main_window import MainWindow

_MENU = (*ACTS[:-1], "", "cell.exclude", "cell.take_back")
"""What can be done with selected cells, an empty id for a separator."""


def join_case(window: MainWindow) -> None:
    """Let the page act on the window's cells, and the window show what was noted."""
    work, actions = window.case_work, window.actions_
    table, result = work.panel.table, work.panel.result
    actions.bind(Scope.CASE, table)
    work.panel.add_acts([actions[i] for i in ACTS])
    window.exclusion.chosen_elsewhere = lambda: work.chosen if work.is_shown else None
    window.centre.page_changed.connect(partial(_on_page, window))
    table.chosen_changed.connect(actions.show_possible)
    result.entry_changed.connect(actions.show_possible)
    table.open_requested.connect(partial(_open, window))
    result.open_requested.connect(lambda cell_id: _open(window, cell_id))
    work.panel.menu_requested.connect(partial(_show_menu, window))
    work.panel.head.report_requested.connect(window.reports.case.open)
    work.notes_changed.connect(window.cases.refresh_soon)
    window.counting.counted.connect(window.cases.refresh_soon)
    window.cases.summaries_changed.connect(work.refresh_soon)


def _open(window: MainWindow, cell_id: int, kind: str = "") -> None:
    """Open a cell; where a type is given, with its chromosomes selected on the board."""
    window.open_cell_page(cell_id)
    karyogram = window.board.karyogram
    if kind and karyogram is not None:
        window.show_karyogram()
        window.board.select(karyogram.in_slot(kind))


def _on_page(window: MainWindow) -> None:
    """A table needs all the room, and the case has a history of its own."""
    window.docks.make_room(window.centre.needs_room)
    window.case_work.show_page(window.centre.page == CASE_PAGE)


def _show_menu(window: MainWindow, at: QPoint) -> None:
    menu = QMenu(window)
    for action_id in _MENU:
        if action_id:
            menu.addAction(window.actions_[action_id])
        else:
            menu.addSeparator()
    menu.exec(at)
    menu.deleteLater()

"""What frames the window's content: toolbar, menus, and which actions make sense at present."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

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
from karyogui.ui.actions import ActionSet, Need
from karyogui.ui.case_browser.analysing_anew import AnewController
from karyogui.ui.case_browser.controller import CaseController
from karyogui.ui.metaphase.panel import MetaphasePanel
from karyogui.ui.metaphase.repair_controller import obstacle
from karyogui.ui.review.controller import ReviewController
from karyogui.ui.training.controller import ModelController

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


def probable_moves(review: ReviewController) -> tuple[tuple[str, str], ...]:
    """(slot, words) of the most probable types of the one selected chromosome, where it is not."""
    karyogram, selection = review.board.karyogram, review.board.selection
    if review.cell is None or karyogram is None or len(selection) != 1:
        return ()
    chosen = next((c for c in review.cell.chromosomes if c.id == selection[0]), None)
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


def show_case_menu(actions: ActionSet, export_menu: QMenu, window: QMainWindow, at: QPoint) -> None:
    """What can be done with the case of the row at a point on the screen."""
    menu = QMenu(window)
    ids = ("file.import_into", "edit.rename", "edit.delete", "edit.restore", "file.details")
    for action_id in (*ids, "cell.anew"):
        menu.addAction(actions[action_id])
    menu.addMenu(export_menu)
    menu.exec(at)
    menu.deleteLater()


def needs(
    cases: CaseController,
    review: ReviewController,
    metaphase: MetaphasePanel,
    anew: AnewController,
    models: ModelController,
    case_id: int | None,
) -> set[Need]:
    """What is there at present, for `ActionSet.set_available`."""
    cell, board = review.cell, review.board
    rows = bool(cases.panel.selected_ids()) and anew.on_cases()
    analysed = cell is not None and bool(cell.chromosomes)
    there = {
        Need.CASE_SELECTION: rows and not cases.panel.shows_bin,
        Need.BIN_SELECTION: rows and cases.panel.shows_bin,
        Need.CASE: case_id is not None,
        Need.CELL: cell is not None,
        Need.CHROMOSOMES: analysed,
        # On the page of the cases nobody sees what would be turned or moved.
        Need.SELECTION: analysed and bool(board.selection) and not anew.on_cases(),
        Need.TO_REVIEW: bool(review.asking),
        Need.UNDO: board.undo_stack.canUndo(),
        Need.REDO: board.undo_stack.canRedo(),
        Need.SIGNED: cell is not None and cell.reviewed_at is not None,
        Need.UNANALYSED: bool(cases.new_cell_ids),
        Need.ANALYSED_CELLS: bool(anew.cell_ids),
        Need.EARLIER_MODEL: models.can_roll_back,
        Need.METAPHASE: cell is not None and cell.has_photograph,
        Need.REPAIR: not obstacle(cell),
        Need.REPAIR_SELECTION: not obstacle(cell) and bool(metaphase.selection),
    }
    return {need for need, is_there in there.items() if is_there}

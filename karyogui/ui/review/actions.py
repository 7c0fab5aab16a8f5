"""What can be done with the open cell as a whole."""

from __future__ import annotations

from karyogui.ui.action_spec import ActionSpec, Scope
from karyogui.ui.open_cell import OpenCell
from karyogui.ui.review.assigning import AssignmentController
from karyogui.ui.review.controller import ReviewController


def review_actions(cell: OpenCell, review: ReviewController) -> tuple[ActionSpec, ...]:
    """Undo, what the findings offer, and the sign-off."""

    def is_analysed() -> bool:
        return cell.is_analysed

    def is_signed() -> bool:
        return cell.is_signed

    again, history = ("Ctrl+Shift+Z", "Ctrl+Y"), cell.history
    copy, sign, withdraw = review.copy_iscn, review.sign_off, review.withdraw
    return (
        ActionSpec("edit.undo", "Undo", "undo", cell.undo, ("Ctrl+Z",), history.canUndo),
        ActionSpec("edit.redo", "Redo", "redo", cell.redo, again, history.canRedo),
        ActionSpec(
            "view.zoom_box",
            "Show zoom box",
            "zoom-box",
            review.toggle_zoom_box,
            ("B",),
            scope=Scope.BOARD,
            checkable=True,
        ),
        ActionSpec(
            "review.copy_iscn", "Copy ISCN proposal", "copy", copy, ("Ctrl+Shift+C",), is_analysed
        ),
        ActionSpec("review.sign", "Sign off cell", "sign-off", sign, ("Ctrl+Return",), is_analysed),
        ActionSpec("review.withdraw", "Withdraw sign-off", "withdraw", withdraw, (), is_signed),
    )


def cell_actions(cell: OpenCell, assigning: AssignmentController) -> tuple[ActionSpec, ...]:
    """Analysis and assignment of the open cell, and the cells beside it."""

    def is_open() -> bool:
        return cell.is_open

    return (
        ActionSpec(
            "cell.analyse",
            "Analyse cell",
            "analyse",
            cell.analyse,
            ("F5",),
            is_open,
            tip="Classify the chromosomes of this cell; what a person repaired or placed stays",
        ),
        ActionSpec(
            "cell.assign",
            "Assign again",
            "assign",
            assigning.assign_again,
            ("Ctrl+F5",),
            lambda: cell.is_analysed,
            tip="Weigh the types of this cell again, by the assignment chosen in the Model menu",
        ),
        ActionSpec("cell.next", "Next cell", "next-cell", cell.next, ("Ctrl+PgDown",), is_open),
        ActionSpec(
            "cell.previous",
            "Previous cell",
            "previous-cell",
            cell.previous,
            ("Ctrl+PgUp",),
            is_open,
        ),
    )

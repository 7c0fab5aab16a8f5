"""What can be done with the open cell as a whole."""

from __future__ import annotations

from karyogui.ui.action_spec import ActionSpec, Scope
from karyogui.ui.review.assigning import AssignmentController
from karyogui.ui.review.controller import ReviewController


def review_actions(review: ReviewController) -> tuple[ActionSpec, ...]:
    """Undo, what the findings offer, and the sign-off."""
    stack, zoom_box = review.board.undo_stack, review.toggle_zoom_box

    def is_analysed() -> bool:
        return review.cell is not None and bool(review.cell.chromosomes)

    def is_signed() -> bool:
        return review.cell is not None and review.cell.reviewed_at is not None

    again = ("Ctrl+Shift+Z", "Ctrl+Y")
    copy, sign, withdraw = review.copy_iscn, review.sign_off, review.withdraw
    return (
        ActionSpec("edit.undo", "Undo", "undo", review.undo, ("Ctrl+Z",), stack.canUndo),
        ActionSpec("edit.redo", "Redo", "redo", review.redo, again, stack.canRedo),
        ActionSpec(
            "view.zoom_box",
            "Show zoom box",
            "zoom-box",
            zoom_box,
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


def cell_actions(
    review: ReviewController, assigning: AssignmentController
) -> tuple[ActionSpec, ...]:
    """Analysis and assignment of the open cell, and the cells beside it."""

    def is_open() -> bool:
        return review.cell is not None

    def is_analysed() -> bool:
        return review.cell is not None and bool(review.cell.chromosomes)

    following, before = review.next_cell, review.previous_cell
    return (
        ActionSpec(
            "cell.analyse",
            "Analyse cell",
            "analyse",
            review.analyse,
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
            is_analysed,
            tip="Weigh the types of this cell anew, by the assignment chosen in the Model menu",
        ),
        ActionSpec("cell.next", "Next cell", "next-cell", following, ("Ctrl+PgDown",), is_open),
        ActionSpec(
            "cell.previous", "Previous cell", "previous-cell", before, ("Ctrl+PgUp",), is_open
        ),
    )

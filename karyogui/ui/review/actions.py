"""What can be done with the open cell as a whole."""

from __future__ import annotations

from collections.abc import Callable

from karyogui.ui.action_spec import NEEDS_ANALYSED, NEEDS_OPEN, ActionSpec, Scope
from karyogui.ui.board.panel import BoardPanel
from karyogui.ui.open_cell import OpenCell
from karyogui.ui.review.assigning import AssignmentController
from karyogui.ui.review.checking import CheckController
from karyogui.ui.review.controller import ReviewController


def review_actions(cell: OpenCell, review: ReviewController) -> tuple[ActionSpec, ...]:
    """Undo, what the findings offer, and the sign-off."""

    def is_analysed() -> bool:
        return cell.is_analysed

    def is_signed() -> bool:
        return cell.is_signed

    copy, sign, withdraw = review.copy_iscn, review.sign_off, review.withdraw
    return (
        *_history_actions(cell),
        ActionSpec(
            "view.zoom_box",
            "Show zoom box",
            "zoom-box",
            review.toggle_zoom_box,
            ("Z",),
            scope=Scope.BOARD,
            checkable=True,
        ),
        ActionSpec(
            "review.copy_iscn",
            "Copy ISCN proposal",
            "copy",
            copy,
            ("Ctrl+Shift+C",),
            lambda: bool(review.findings.iscn.text()),
            otherwise=lambda: review.findings.question.text() or NEEDS_ANALYSED,
        ),
        ActionSpec(
            "review.check_iscn",
            "Check a karyotype…",
            "check-karyotype",
            review.check_iscn,
            tip="Type a karyotype in ISCN: every problem with its reason and a repair",
        ),
        ActionSpec(
            "review.end_comparison",
            "End the comparison",
            "compare-end",
            review.comparing.end,
            ("Shift+Esc",),
            lambda: review.comparing.is_comparing,
            tip="Stop marking differences from a karyotype on the board",
            otherwise="No karyotype is being compared with the board",
        ),
        ActionSpec(
            "review.sign",
            "Sign off cell",
            "sign-off",
            sign,
            ("Ctrl+Return",),
            is_analysed,
            otherwise=NEEDS_ANALYSED,
        ),
        ActionSpec("review.withdraw", "Withdraw sign-off", "withdraw", withdraw, (), is_signed),
    )


def _history_actions(cell: OpenCell) -> tuple[ActionSpec, ...]:
    again, history = ("Ctrl+Shift+Z", "Ctrl+Y"), cell.history
    return (
        ActionSpec(
            "edit.undo",
            "Undo",
            "undo",
            cell.undo,
            ("Ctrl+Z",),
            history.canUndo,
            otherwise="Nothing has been done since the cell was opened",
        ),
        ActionSpec(
            "edit.redo",
            "Redo",
            "redo",
            cell.redo,
            again,
            history.canRedo,
            otherwise="Nothing has been undone",
        ),
    )


def check_actions(check: CheckController, board: BoardPanel) -> tuple[ActionSpec, ...]:
    """The walk through what is to be looked at: the separation check, then the types."""

    def asks() -> bool:
        return bool(check.entries) or bool(board.needs_review)

    def can_confirm() -> bool:
        return check.can_decide or (bool(board.karyogram) and bool(board.selection))

    def act(
        name: str,
        text: str,
        icon: str,
        callback: Callable[[], object],
        keys: tuple[str, ...],
        enabled_when: Callable[[], bool],
        scope: Scope = Scope.REVIEW,
        tip: str = "",
        otherwise: str = "Nothing is left to review in this cell",
    ) -> ActionSpec:
        return ActionSpec(f"review.{name}", text, icon, callback, keys, enabled_when, scope,
                          tip=tip, otherwise=otherwise)  # fmt: skip

    return (
        act("next", "Next to review", "next", board.next_to_review, ("N",), asks),
        act("previous", "Previous to review", "previous", board.previous_to_review,
            ("Shift+N",), asks),
        act("confirm", "It is right", "confirm", check.confirm, ("Return", "Enter"), can_confirm,
            tip="The object of the separation check, or the chromosome's type; then the next",
            otherwise="Needs a selected chromosome, or an entry of the separation check"),
        act("debris", "It is debris", "check-debris", lambda: check.mark("debris"), ("D",),
            lambda: check.can_decide, Scope.METAPHASE,
            tip="The object of the separation check is no chromosome; then the next",
            otherwise="Needs an entry of the separation check"),
    )  # fmt: skip


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
            otherwise=NEEDS_OPEN,
        ),
        ActionSpec(
            "cell.assign",
            "Assign again",
            "assign",
            assigning.assign_again,
            ("Ctrl+F5",),
            lambda: cell.is_analysed,
            tip="Weigh the types of this cell again, by the assignment chosen in the Model menu",
            otherwise=NEEDS_ANALYSED,
        ),
        ActionSpec(
            "cell.next",
            "Next cell",
            "next-cell",
            cell.next,
            ("Ctrl+PgDown",),
            is_open,
            otherwise=NEEDS_OPEN,
        ),
        ActionSpec(
            "cell.previous",
            "Previous cell",
            "previous-cell",
            cell.previous,
            ("Ctrl+PgUp",),
            is_open,
            otherwise=NEEDS_OPEN,
        ),
    )

"""A karyotype typed by a person, checked while it is typed, against the open cell's board too."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QDialog,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QWidget,
)

from karyogui.domain.board_comparison import BoardComparison
from karyogui.domain.iscn import Problem, Severity, Verdict, check, compare, describe
from karyogui.ui import theme
from karyogui.ui.boxes import filling, rest, space
from karyogui.ui.dialogs.parts import Button, act_button, button_row, stacked
from karyogui.ui.widgets import set_role, text_label

PAUSE_MS = 120
"""How long typing rests before the text is checked again."""
REPAIRS = 4
MARK = 2
"""Result of the dialog: the differences are to be marked on the board."""
MOST_WORDS = 1200
"""Characters of the text in words that are shown."""
HINT = "Choose one to see its place and what may be written instead."
_ICONS = {Severity.ERROR: "error", Severity.FORMAT: "alert", Severity.WARNING: "about"}
_WORDS = {Severity.ERROR: "Error", Severity.FORMAT: "Spelling", Severity.WARNING: "Note"}


class IscnDialog(QDialog):
    """A field; below it every problem with its reason, repairs to click, and the text in words."""

    def __init__(
        self,
        parent: QWidget | None,
        text: str,
        board: Mapping[str, int] | None,
        compare_board: Callable[[str], BoardComparison | None] | None = None,
    ) -> None:
        """With `compare_board` differences are listed change by change, and can be marked."""
        super().__init__(parent)
        self._board, self._compare_board = board, compare_board
        self._verdict: Verdict | None = None
        self.compared: BoardComparison | None = None
        """What the board shows otherwise; None where nothing is compared."""
        self.setWindowTitle("Check a karyotype")
        self.field = QLineEdit(text)
        self.field.setPlaceholderText("47,XX,+21")
        self.field.setAccessibleName("Karyotype in ISCN")
        self.state = text_label("", "note", wrap=True)
        self.problems = QListWidget()
        self.problems.setAccessibleName("Problems")
        self.problems.setWordWrap(True)
        self.problems.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.repairs = [QPushButton() for _ in range(REPAIRS)]
        self.caption = text_label("In words", "caption")
        self.words = text_label("", wrap=True)
        self.comparison = text_label("", "muted", wrap=True)
        self._timer = QTimer(self, singleShot=True, interval=PAUSE_MS)
        self._timer.timeout.connect(self.check_now)
        self.field.textChanged.connect(lambda _: self._timer.start())
        self.field.returnPressed.connect(self.check_now)
        self.problems.currentRowChanged.connect(self._on_problem)
        for button in self.repairs:
            button.setAutoDefault(False)
            button.clicked.connect(lambda _=False, button=button: self._write(button))
        self._lay_out()
        self.check_now()
        self.field.selectAll()

    def _lay_out(self) -> None:
        buttons = button_row(self, Button.Close)
        self.copy = act_button(buttons, "Copy")
        self.mark = act_button(buttons, "Mark on the board")
        self.mark.clicked.connect(lambda: self.done(MARK))
        self.mark.setVisible(self._compare_board is not None)
        self.copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(self.field.text()))
        stacked(
            self,
            text_label("Karyotype in ISCN", "caption"),
            self.field,
            self.state,
            filling(self.problems, 3),
            *self.repairs,
            space(1),
            self.caption,
            self.words,
            self.comparison,
            rest(1),
            buttons,
            gap=2,
        )
        self.resize(640, 460)

    def check_now(self) -> None:
        """Check what stands in the field and show what was found."""
        self._timer.stop()
        text = self.field.text()
        self._verdict = verdict = check(text)
        is_empty = not text.strip()
        is_wrong = not verdict.valid and not is_empty
        self.state.setText(_state(verdict, is_empty))
        set_role(self.state, "error" if is_wrong else "note")
        set_role(self.field, "wrong" if is_wrong else "")
        self.problems.clear()
        for problem in () if is_empty else verdict.problems:
            words = f"{_WORDS[problem.severity]}: {problem.message}"
            colour = theme.current().error if problem.severity is Severity.ERROR else None
            item = QListWidgetItem(theme.icon(_ICONS[problem.severity], colour), words)
            self.problems.addItem(item)
        self.problems.setVisible(self.problems.count() > 0)
        self.copy.setEnabled(verdict.valid)
        self.caption.setVisible(not is_empty)
        words = "" if is_empty else "\n".join(describe(text))
        self.words.setText(words if len(words) < MOST_WORDS else f"{words[:MOST_WORDS]} …")
        is_told = self._board is not None and verdict.valid
        self.compared = self._compare_board(text) if self._compare_board and is_told else None
        told = self.compared.text if self.compared else ""
        if self._compare_board is None and is_told:
            told = compare(text, self._board or {})
        self.comparison.setText(told)
        self.mark.setEnabled(self.compared is not None)
        self.comparison.setVisible(bool(self.comparison.text()))
        self._show_repairs(None)
        if self.problems.count() == 1:
            self._show_repairs(verdict.problems[0])

    def _on_problem(self, row: int) -> None:
        if self._verdict is None or not 0 <= row < len(self._verdict.problems):
            return
        problem = self._verdict.problems[row]
        text = self._verdict.text
        start = _utf16(text[: problem.start])
        self.field.setSelection(start, max(1, _utf16(text[problem.start : problem.end])))
        self._show_repairs(problem)

    def _show_repairs(self, problem: Problem | None) -> None:
        repairs = problem.repairs if problem else ()
        for number, button in enumerate(self.repairs):
            is_there = number < len(repairs)
            button.setVisible(is_there)
            button.setProperty("repair", repairs[number] if is_there else "")
            button.setText(f"Write {_short(repairs[number])}" if is_there else "")
            button.setToolTip(repairs[number] if is_there else "")

    def _write(self, button: QPushButton) -> None:
        self.field.setText(str(button.property("repair")))
        self.field.setFocus()
        self.check_now()


def _state(verdict: Verdict, is_empty: bool) -> str:
    if is_empty:
        return "Type a karyotype; it is checked while you type."
    wrong = sum(problem.severity is not Severity.WARNING for problem in verdict.problems)
    if wrong:
        return f"Not valid: {wrong} problems. {HINT}" if wrong > 1 else "Not valid: 1 problem."
    return "Valid, with remarks." if verdict.problems else "Valid."


def _short(text: str) -> str:
    return text if len(text) <= 70 else f"{text[:34]} … {text[-34:]}"


def _utf16(text: str) -> int:
    """Length of a text in the units that Qt counts in."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2

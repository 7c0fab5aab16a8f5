"""Who signs, and with what meaning; or who takes a signature back, and why."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QLineEdit,
    QWidget,
)

from karyogui.domain.persons import names_a_person
from karyogui.errors import KaryoError
from karyogui.ui.boxes import grid_of
from karyogui.ui.dialogs.parts import answer_row, stacked
from karyogui.ui.widgets import text_label


class SignDialog(QDialog):
    """A name and either a meaning to choose or a reason to type.

    `sign(name, text)` does it; what it refuses is said here, and nothing typed is lost. `question`
    says what should be looked at once more before it is done, or nothing.
    """

    def __init__(
        self,
        parent: QWidget | None,
        title: str,
        name: str,
        sign: Callable[[str, str], object],
        meanings: Sequence[str] = (),
        question: Callable[[str], str] = lambda _: "",
    ) -> None:
        super().__init__(parent)
        self._sign, self._question, self._asked = sign, question, ""
        self.setWindowTitle(title)
        # The login name of a shared computer is nobody's.
        self.name = QLineEdit(name if names_a_person(name) else "")
        self.name.selectAll()
        self.name.setPlaceholderText("First and last name")
        self.name.setAccessibleName("Your name")
        self.meaning = QComboBox()
        self.meaning.addItems(list(meanings))
        self.meaning.setAccessibleName("Meaning of the signature")
        self.reason = QLineEdit()
        self.reason.setPlaceholderText("Why")
        self.reason.setAccessibleName("Reason")
        self.problem = text_label("", "error", wrap=True)
        self.problem.hide()
        self.buttons, self.go_on = answer_row(self, title)
        grid = grid_of(across=3, down=2, stretch={1: 1})
        field, label = (self.meaning, "Meaning") if meanings else (self.reason, "Reason")
        self._told: Callable[[], str] = self.meaning.currentText if meanings else self.reason.text
        for row, (words, editor) in enumerate((("Your name", self.name), (label, field))):
            grid.addWidget(text_label(words), row, 0)
            grid.addWidget(editor, row, 1)
        stacked(self, grid, self.problem, self.buttons)
        self.setMinimumWidth(520)
        self.name.setFocus()

    def accept(self) -> None:
        """Sign; stay where that is refused, or has to be looked at once more."""
        name = self.name.text()
        asked = self._question(name)
        if asked and asked != self._asked:
            self._asked = asked
            self._say(f"{asked} Press again if it is right.")
            return
        try:
            self._sign(name, self._told())
        except KaryoError as error:
            self._say(str(error))
            return
        super().accept()

    def _say(self, sentence: str) -> None:
        self.problem.setText(sentence)
        self.problem.show()
        self.adjustSize()

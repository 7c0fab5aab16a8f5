"""What a person can send along with a question."""

from __future__ import annotations

from PySide6.QtGui import QFontDatabase, QGuiApplication
from PySide6.QtWidgets import QDialog, QPlainTextEdit, QWidget

from karyogui.ui.boxes import filling
from karyogui.ui.dialogs.parts import Button, act_button, button_row, stacked
from karyogui.ui.widgets import text_label

HINT = "Versions, computer and the latest actions, without names of patients, cases or files."


class DiagnosticsDialog(QDialog):
    """Shows the text, to read before it is copied."""

    def __init__(self, parent: QWidget | None, text: str) -> None:
        super().__init__(parent)
        self.setWindowTitle("Diagnostics")
        self.text = QPlainTextEdit(text)
        self.text.setReadOnly(True)
        self.text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.text.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        buttons = button_row(self, Button.Close)
        self.copy = act_button(buttons, "Copy")
        self.copy.clicked.connect(self._copy)
        stacked(self, text_label(HINT, "muted", wrap=True), filling(self.text), buttons, gap=2)
        self.resize(760, 520)

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.text.toPlainText())

"""What was left out or found wrong, one sentence each."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QDialog,
    QListWidget,
    QListWidgetItem,
    QWidget,
)

from karyogui.ui import theme
from karyogui.ui.boxes import filling
from karyogui.ui.dialogs.parts import Button, act_button, button_row, stacked
from karyogui.ui.widgets import text_label


class ProblemsDialog(QDialog):
    """A list to read and to copy."""

    def __init__(
        self, parent: QWidget | None, title: str, told: str, problems: Sequence[str]
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.list = QListWidget()
        self.list.setWordWrap(True)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        for problem in problems:
            self.list.addItem(
                QListWidgetItem(theme.icon("alert", theme.current().amber_mark), problem)
            )
        buttons = button_row(self, Button.Close)
        copy = act_button(buttons, "Copy list")
        copy.clicked.connect(lambda: QGuiApplication.clipboard().setText("\n".join(problems)))
        close = buttons.button(Button.Close)
        close.setDefault(True)
        stacked(self, text_label(told, wrap=True), filling(self.list), buttons)
        self.resize(560, 320)

"""What was left out of an import, one sentence a picture."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QListWidget,
    QListWidgetItem,
    QVBoxLayout,
    QWidget,
)

from karyogui.ui import theme
from karyogui.ui.theme import GRID
from karyogui.ui.widgets import text_label


class ProblemsDialog(QDialog):
    """A list to read and to copy."""

    def __init__(self, parent: QWidget | None, title: str, problems: Sequence[str]) -> None:
        super().__init__(parent)
        self.setWindowTitle("Left out of the import")
        self.list = QListWidget()
        self.list.setWordWrap(True)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        for problem in problems:
            self.list.addItem(
                QListWidgetItem(theme.icon("alert", theme.current().amber_mark), problem)
            )
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        copy = buttons.addButton("Copy list", QDialogButtonBox.ButtonRole.ActionRole)
        copy.setAutoDefault(False)
        copy.clicked.connect(lambda: QGuiApplication.clipboard().setText("\n".join(problems)))
        buttons.rejected.connect(self.reject)
        close = buttons.button(QDialogButtonBox.StandardButton.Close)
        close.setDefault(True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(*(4 * GRID,) * 4)
        layout.setSpacing(3 * GRID)
        layout.addWidget(text_label(title, wrap=True))
        layout.addWidget(self.list, 1)
        layout.addWidget(buttons)
        self.resize(560, 320)

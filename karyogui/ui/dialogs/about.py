"""What this program is, and what it is not."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from karyogui import __version__
from karyogui.paths import ICONS
from karyogui.ui.dialogs.parts import Button, button_row, stacked
from karyogui.ui.theme import GRID
from karyogui.ui.widgets import text_label

DISCLAIMER = (
    "KaryoGUI is not a certified medical device. It proposes; a qualified person decides and signs."
)


class AboutDialog(QDialog):
    """Name, version, purpose, disclaimer, licence."""

    def __init__(self, parent: QWidget | None) -> None:
        super().__init__(parent)
        self.setWindowTitle("About KaryoGUI")
        picture = QLabel()
        picture.setPixmap(QIcon(str(ICONS / "app.svg")).pixmap(64, 64))
        picture.setAlignment(Qt.AlignmentFlag.AlignTop)
        words = QVBoxLayout()
        words.setSpacing(2 * GRID)
        words.addWidget(text_label("KaryoGUI", "title"))
        words.addWidget(text_label(f"Version {__version__}", "muted"))
        words.addWidget(
            text_label(
                "Karyotyping of G-banded chromosomes: classification by a Varifocal-Net, "
                "karyogram board, review and report.",
                wrap=True,
            )
        )
        words.addWidget(text_label(DISCLAIMER, wrap=True))
        words.addWidget(text_label("Apache License 2.0", "muted"))
        row = QHBoxLayout()
        row.setSpacing(4 * GRID)
        row.addWidget(picture)
        row.addLayout(words, 1)
        buttons = button_row(self, Button.Close)
        layout = stacked(self, 4)
        layout.addLayout(row)
        layout.addWidget(buttons)
        self.setFixedWidth(440)

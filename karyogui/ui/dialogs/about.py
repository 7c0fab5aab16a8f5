"""What this program is, and what it is not."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QDialog, QLabel, QWidget

from karyogui import __version__
from karyogui.paths import ICONS
from karyogui.ui.boxes import column_of, filling, row_of
from karyogui.ui.dialogs.parts import Button, button_row, stacked
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
        words = column_of(
            text_label("KaryoGUI", "title"),
            text_label(f"Version {__version__}", "muted"),
            text_label(
                "Karyotyping of G-banded chromosomes: classification by a Varifocal-Net, "
                "karyogram board, review and report.",
                wrap=True,
            ),
            text_label(DISCLAIMER, wrap=True),
            text_label("Apache License 2.0", "muted"),
            gap=2,
        )
        row = row_of(picture, filling(words), gap=4)
        buttons = button_row(self, Button.Close)
        stacked(self, row, buttons, gap=4)
        self.setFixedWidth(440)

"""What this program is, and what a person can send along with a question."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QFontDatabase, QGuiApplication, QIcon
from PySide6.QtWidgets import QDialog, QLabel, QPlainTextEdit, QWidget

from karyogui import __version__
from karyogui.paths import ICONS
from karyogui.ui.boxes import column_of, filling, row_of
from karyogui.ui.dialogs.parts import Button, act_button, button_row, stacked
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

"""Dialogs before something is erased, exported or restored."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QLineEdit,
    QMessageBox,
    QWidget,
)

from karyogui.domain.amounts import amount
from karyogui.ui.boxes import column_of
from karyogui.ui.dialogs.parts import answer_row, stacked
from karyogui.ui.widgets import text_label


class EraseDialog(QDialog):
    """Asks why a case is erased for good, and for its name, so that it is the right one."""

    def __init__(self, parent: QWidget | None, name: str, cells: int) -> None:
        super().__init__(parent)
        self._case = name
        self.setWindowTitle("Erase case for good")
        self.reason = QLineEdit()
        self.reason.setPlaceholderText("Why it is erased; this stays in the trail")
        self.reason.setAccessibleName("Reason")
        self.name = QLineEdit()
        self.name.setPlaceholderText(name)
        self.name.setAccessibleName("Name of the case")
        buttons, self.erase = answer_row(self, "Erase for good")
        self.erase.setEnabled(False)
        self.reason.textChanged.connect(lambda _: self._show_possible())
        self.name.textChanged.connect(lambda _: self._show_possible())
        told = (
            f"{amount(cells, 'cell')} with pictures, edits and sign-offs are deleted and cannot be "
            "brought back. The trail keeps who erased it, when and why, and nothing of the case "
            "itself. Earlier backups still contain it."
        )
        layout = stacked(
            self,
            text_label(f"Erase case {name} for good?", "title", wrap=True),
            text_label(told, wrap=True),
        )
        for caption, field in (("Reason", self.reason), ("Type the case's name", self.name)):
            group = column_of(text_label(caption, "caption"), field, gap=1)
            layout.addLayout(group)
        layout.addWidget(buttons)
        self.resize(460, self.sizeHint().height())
        self.reason.setFocus()

    def _show_possible(self) -> None:
        is_right = self.name.text().strip() == self._case.strip()
        self.erase.setEnabled(bool(self.reason.text().strip()) and is_right)


class ExportCaseDialog(QDialog):
    """Asks in which form a case goes out."""

    def __init__(self, parent: QWidget | None, name: str) -> None:
        super().__init__(parent)
        self.setWindowTitle("Export case")
        self.anonymous = QCheckBox("Without anything that identifies the person")
        self.clean = QCheckBox("I have checked: no text is burned into the photographs")
        self.clean.setEnabled(False)
        self.anonymous.toggled.connect(self.clean.setEnabled)
        self.anonymous.toggled.connect(lambda on: None if on else self.clean.setChecked(False))
        told = (
            "New names, dates shifted, no free text, no persons, no trail and no sign-offs. Of "
            "photographs, only the area around the chromosomes is exported, unless you say "
            "below that they contain no text."
        )
        buttons, self.export = answer_row(self, "Export…")
        whole = (
            f"Case {name} is written into one file with its pictures, its trail and its sign-offs; "
            "another KaryoGUI imports it and can verify it."
        )
        stacked(
            self,
            text_label(whole, wrap=True),
            self.anonymous,
            text_label(told, "note", wrap=True),
            self.clean,
            buttons,
        )
        self.resize(460, self.sizeHint().height())


def ask_where(parent: QWidget | None, folder: Path) -> bool | None:
    """Whether a backup goes to where the present folder is; False elsewhere, None given up."""
    box = QMessageBox(parent)
    box.setWindowTitle("Restore from backup")
    box.setIcon(QMessageBox.Icon.Question)
    box.setText("Where is the backup restored to?")
    box.setInformativeText(
        f"In place of {folder}: its present contents are kept beside it under another name, and "
        "the window reopens. Nothing is overwritten."
    )
    here = box.addButton("In place of this folder", QMessageBox.ButtonRole.AcceptRole)
    other = box.addButton("Into another folder…", QMessageBox.ButtonRole.ActionRole)
    cancel = box.addButton(QMessageBox.StandardButton.Cancel)
    box.setDefaultButton(other)
    box.setEscapeButton(cancel)
    box.exec()
    clicked = box.clickedButton()
    box.deleteLater()
    return True if clicked is here else False if clicked is other else None

"""The two file dialogs for labelled cells, and their buttons."""

from __future__ import annotations

from functools import partial

from PySide6.QtWidgets import QFileDialog, QLineEdit, QPushButton, QWidget

from karyogui.ui.widgets import button


def choose_archive(parent: QWidget, field: QLineEdit) -> None:
    """Ask for a zip of labelled cells and write its path into a field."""
    name, _ = QFileDialog.getOpenFileName(parent, "Labelled cells", "", "Archives (*.zip)")
    if name:
        field.setText(name)


def choose_folder(parent: QWidget, field: QLineEdit) -> None:
    """Ask for a folder of labelled cells and write its path into a field."""
    name = QFileDialog.getExistingDirectory(parent, "Labelled cells")
    if name:
        field.setText(name)


def choosers(parent: QWidget, field: QLineEdit) -> tuple[QPushButton, ...]:
    """One button for each dialog; Enter in another field presses neither."""
    made = []
    for words, choose in (("Zip…", choose_archive), ("Folder…", choose_folder)):
        chooser = button(words, partial(choose, parent, field))
        chooser.setAutoDefault(False)
        made.append(chooser)
    return tuple(made)

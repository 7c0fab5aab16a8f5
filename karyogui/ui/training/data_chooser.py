"""The two file dialogs for labelled cells."""

from __future__ import annotations

from PySide6.QtWidgets import QFileDialog, QLineEdit, QWidget


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

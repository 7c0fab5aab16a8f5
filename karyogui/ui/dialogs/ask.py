"""A question with two answers, each named by what it does."""

from __future__ import annotations

from PySide6.QtWidgets import QMessageBox, QWidget


def ask(parent: QWidget | None, question: str, detail: str, *, yes: str, no: str) -> bool:
    """Whether a person chose `yes`; Esc and closing mean `no`, which Enter takes too."""
    box = QMessageBox(parent)
    box.setWindowTitle("KaryoGUI")
    box.setIcon(QMessageBox.Icon.Question)
    box.setText(question)
    box.setInformativeText(detail)
    accepting = box.addButton(yes, QMessageBox.ButtonRole.AcceptRole)
    declining = box.addButton(no, QMessageBox.ButtonRole.RejectRole)
    box.setDefaultButton(declining)
    box.setEscapeButton(declining)
    box.exec()
    chosen = box.clickedButton() is accepting
    box.deleteLater()
    return chosen

"""What all dialogs share: their margins, and the row of buttons at the bottom."""

from __future__ import annotations

from PySide6.QtWidgets import QDialog, QDialogButtonBox, QPushButton, QVBoxLayout, QWidget

from karyogui.ui.boxes import Part, column_of

Button = QDialogButtonBox.StandardButton
Role = QDialogButtonBox.ButtonRole


def stacked(dialog: QWidget, *parts: Part, gap: float = 3) -> QVBoxLayout:
    """A dialog's parts from top to bottom, `gap` steps of the grid apart."""
    layout = column_of(*parts, gap=gap, margins=4)
    dialog.setLayout(layout)
    return layout


def accepted(dialog: QDialog) -> bool:
    """Show a dialog until it is answered, and let it go: whether it was accepted.

    What was typed in it can still be read before the caller returns.
    """
    answer = dialog.exec()
    dialog.deleteLater()
    return answer == QDialog.DialogCode.Accepted


def button_row(dialog: QDialog, buttons: Button) -> QDialogButtonBox:
    """Buttons that accept and reject the dialog."""
    row = QDialogButtonBox(buttons)
    row.accepted.connect(dialog.accept)
    row.rejected.connect(dialog.reject)
    return row


def answer_row(dialog: QDialog, answer: str) -> tuple[QDialogButtonBox, QPushButton]:
    """Cancel, and the button that says what the dialog does; Return presses it."""
    row = button_row(dialog, Button.Cancel)
    does = row.addButton(answer, Role.AcceptRole)
    does.setDefault(True)
    return row, does


def act_button(row: QDialogButtonBox, text: str) -> QPushButton:
    """One more button, which leaves the dialog open and Return to the fields."""
    act = row.addButton(text, Role.ActionRole)
    act.setAutoDefault(False)
    return act

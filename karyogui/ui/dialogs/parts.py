"""What all dialogs share: their margins, and the row of buttons at the bottom."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QSize
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from karyogui.ui.boxes import Part, column_of, filling

Button = QDialogButtonBox.StandardButton
Role = QDialogButtonBox.ButtonRole
FRAME = QSize(8, 36)
"""What a window's frame takes of the screen, about."""
BARS = QSize(16, 24)
"""Room for a scroll bar, and for the distances around it."""


def stacked(dialog: QWidget, *parts: Part, gap: float = 3) -> QVBoxLayout:
    """A dialog's parts from top to bottom, `gap` steps of the grid apart."""
    layout = column_of(*parts, gap=gap, margins=4)
    dialog.setLayout(layout)
    dialog.installEventFilter(_FitsScreen(dialog))
    return layout


class _Area(QScrollArea):
    """As large as it is told, whereas Qt gives every scroll area a small place at first."""

    def __init__(self, size: QSize) -> None:
        super().__init__()
        self._size = size

    def sizeHint(self) -> QSize:
        return self._size


class _FitsScreen(QObject):
    """Before a dialog is shown: where the screen or a large font leaves too little room for it."""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.Polish and isinstance(watched, QDialog):
            watched.removeEventFilter(self)
            for child in watched.findChildren(QWidget):
                child.ensurePolished()
            fit_to(watched, watched.screen().availableSize() - FRAME)
        return False


def fit_to(dialog: QDialog, room: QSize) -> None:
    """Let everything above the buttons scroll, if the dialog would be larger than the room."""
    layout = dialog.layout()
    if layout is None:
        return
    needed = layout.totalMinimumSize()
    if needed.boundedTo(room) == needed:
        return
    item = layout.itemAt(layout.count() - 1)
    last = item.widget() if item is not None else None
    below = [last] if isinstance(last, QDialogButtonBox) else []
    for buttons in below:
        layout.removeWidget(buttons)
        room -= QSize(0, buttons.sizeHint().height())
    needed = layout.totalMinimumSize() + BARS
    focus, inner = dialog.focusWidget(), QWidget()
    inner.setLayout(layout)
    area = _Area(needed.boundedTo(room - BARS))
    area.setWidget(inner)
    area.setWidgetResizable(True)
    dialog.setLayout(column_of(filling(area), *below, gap=2, margins=(0, 0, 4, 3)))
    dialog.setMinimumSize(0, 0)
    dialog.resize(dialog.sizeHint())
    if focus is not None:
        focus.setFocus()


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

"""What dialogs share: margins, buttons, whose Return is; a question, a place to save, problems."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtGui import QGuiApplication, QKeyEvent
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QListWidget,
    QListWidgetItem,
    QMessageBox,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from karyogui.ui import theme
from karyogui.ui.boxes import Part, column_of, filling
from karyogui.ui.widgets import text_label

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
    keep_return(dialog)
    return layout


def keep_return(dialog: QWidget) -> None:
    """Let Return press the button that has the keys, also one that is no default.

    By itself Qt presses the dialog's answer then, whichever other button has the keys.
    """
    dialog.installEventFilter(_ReturnIsOfTheButton(dialog))


class _ReturnIsOfTheButton(QObject):
    """Return that nothing in the dialog wanted."""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is not QEvent.Type.KeyPress or not isinstance(watched, QDialog):
            return False
        assert isinstance(event, QKeyEvent)
        focus = watched.focusWidget()
        is_return = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if not is_return or not isinstance(focus, QPushButton):
            return False
        if not event.isAutoRepeat():
            focus.click()
        return True


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
    """Buttons that accept and reject the dialog; Return in a field presses none but the former."""
    row = QDialogButtonBox(buttons)
    for each in row.buttons():
        assert isinstance(each, QPushButton)
        is_answer = row.buttonRole(each) is Role.AcceptRole
        each.setAutoDefault(False)
        each.setDefault(is_answer)
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


class SavePlace:
    """Asks for a file to write; the folder chosen last is proposed for the next one."""

    def __init__(self) -> None:
        self.folder = Path.home()

    def ask(self, parent: QWidget, title: str, name: str, kind: str) -> Path | None:
        """The chosen file, with the suffix of `name` where none was typed; None if cancelled."""
        suffix = Path(name).suffix
        chosen, _ = QFileDialog.getSaveFileName(
            parent, title, str(self.folder / name), f"{kind} (*{suffix})"
        )
        if not chosen:
            return None
        path = Path(chosen)
        self.folder = path.parent
        return path if path.suffix else path.with_name(path.name + suffix)


class ProblemsDialog(QDialog):
    """A list to read and to copy."""

    def __init__(
        self, parent: QWidget | None, title: str, told: str, problems: Sequence[str]
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.list = QListWidget()
        self.list.setWordWrap(True)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        for problem in problems:
            self.list.addItem(
                QListWidgetItem(theme.icon("alert", theme.current().amber_mark), problem)
            )
        buttons = button_row(self, Button.Close)
        copy = act_button(buttons, "Copy list")
        copy.clicked.connect(lambda: QGuiApplication.clipboard().setText("\n".join(problems)))
        close = buttons.button(Button.Close)
        close.setDefault(True)
        stacked(self, text_label(told, wrap=True), filling(self.list), buttons)
        self.resize(560, 320)

"""The command palette: type a few letters of what you want, press Enter."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPersistentModelIndex, QPoint, QSize, Qt
from PySide6.QtGui import QAction, QColor, QKeyEvent, QKeySequence, QPainter
from PySide6.QtWidgets import (
    QDialog,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from karyogui.ui import theme
from karyogui.ui.actions import ActionSet
from karyogui.ui.boxes import column_of
from karyogui.ui.theme import GRID

WIDTH, HEIGHT = 520, 360
KEY_ROLE = Qt.ItemDataRole.UserRole


def matches(text: str, typed: str) -> bool:
    """Whether every word typed begins some word of the text."""
    words = text.casefold().replace("…", "").replace(":", " ").split()
    return all(any(word.startswith(part) for word in words) for part in typed.casefold().split())


class KeyDelegate(QStyledItemDelegate):
    """Draws a row with the action's keys at its right end."""

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        super().paint(painter, option, index)
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        colours = theme.current()
        painter.setPen(QColor(colours.on_selection if selected else colours.muted))
        box = option.rect.adjusted(0, 0, -2 * GRID, 0)
        alignment = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(box, alignment, index.data(KEY_ROLE))


class CommandPalette(QDialog):
    """Lists the actions that can be done now; the chosen one is triggered after closing."""

    def __init__(self, parent: QWidget, actions: ActionSet) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.field = QLineEdit()
        self.field.setPlaceholderText("What do you want to do?")
        self.list = QListWidget()
        self.list.setIconSize(QSize(16, 16))
        self.list.setItemDelegate(KeyDelegate(self.list))
        self._entries = [
            (f"{spec.menu}: {spec.text}", action)
            for spec, action in actions.pairs()
            if action.isEnabled() and spec.id != "view.palette"
        ]
        self._shown: list[QAction] = []
        self.field.textChanged.connect(self._fill)
        self.field.installEventFilter(self)
        self.list.itemClicked.connect(lambda _: self._choose())
        self.field.returnPressed.connect(self._choose)
        self.setLayout(column_of(self.field, self.list, gap=2, margins=2))
        self.resize(WIDTH, HEIGHT)
        self.move(parent.mapToGlobal(QPoint((parent.width() - WIDTH) // 2, 80)))
        self._fill("")
        self.field.setFocus()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Arrow keys in the text field walk the list."""
        if isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress:
            steps = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}
            step = steps.get(Qt.Key(event.key()), 0)
            if step and self.list.count():
                self.list.setCurrentRow((self.list.currentRow() + step) % self.list.count())
                return True
        return super().eventFilter(watched, event)

    def _fill(self, typed: str) -> None:
        self.list.clear()
        self._shown = []
        for text, action in self._entries:
            if matches(text, typed):
                keys = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
                item = QListWidgetItem(action.icon(), text)
                item.setData(KEY_ROLE, keys)
                self.list.addItem(item)
                self._shown.append(action)
        self.list.setCurrentRow(0)

    def _choose(self) -> None:
        row = self.list.currentRow()
        if 0 <= row < len(self._shown):
            action = self._shown[row]
            self.accept()
            action.trigger()

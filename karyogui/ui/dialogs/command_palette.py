"""The command palette: type a few letters of what you want, press Enter."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPersistentModelIndex, QPoint, QSize, Qt
from PySide6.QtGui import QAction, QColor, QIcon, QKeyEvent, QKeySequence, QPainter
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
NOT_NOW = "Not possible here"
NO_MATCH = "No command has these words"


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
        used = option.fontMetrics.horizontalAdvance(index.data()) + 11 * GRID
        room = box.width() - used
        told = str(index.data(KEY_ROLE))
        painter.drawText(
            box, alignment, option.fontMetrics.elidedText(told, Qt.TextElideMode.ElideRight, room)
        )


class CommandPalette(QDialog):
    """Lists the actions that can be done now; the chosen one is triggered after closing.

    When words are typed, what cannot be done at present follows in grey, with what it needs.
    """

    def __init__(self, parent: QWidget, actions: ActionSet) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.field = QLineEdit()
        self.field.setPlaceholderText("What do you want to do?")
        self.list = QListWidget()
        self.list.setIconSize(QSize(16, 16))
        self.list.setItemDelegate(KeyDelegate(self.list))
        self._entries = [
            (f"{spec.menu}: {spec.text}", spec, action)
            for spec, action in actions.pairs()
            if spec.id != "view.palette"
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
            if step and self._shown:
                self.list.setCurrentRow((self.list.currentRow() + step) % len(self._shown))
                return True
        return super().eventFilter(watched, event)

    def _fill(self, typed: str) -> None:
        self.list.clear()
        self._shown = []
        found = [entry for entry in self._entries if matches(entry[0], typed)]
        for text, _, action in found:
            if action.isEnabled():
                keys = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
                self._add(text, keys, action.icon())
                self._shown.append(action)
        if typed.strip():
            for text, spec, action in found:
                if not action.isEnabled():
                    self._add(text, spec.needs or NOT_NOW, action.icon(), is_possible=False)
        if not found:
            self._add(NO_MATCH, "", QIcon(), is_possible=False)
        self.list.setCurrentRow(0 if self._shown else -1)

    def _add(self, text: str, told: str, icon: QIcon, is_possible: bool = True) -> None:
        item = QListWidgetItem(icon, text)
        item.setData(KEY_ROLE, told)
        if not is_possible:
            item.setFlags(Qt.ItemFlag.NoItemFlags)
            item.setToolTip(told)
        self.list.addItem(item)

    def _choose(self) -> None:
        row = self.list.currentRow()
        if 0 <= row < len(self._shown):
            action = self._shown[row]
            self.accept()
            action.trigger()

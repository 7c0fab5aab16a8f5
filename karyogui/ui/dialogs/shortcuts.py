"""All keys on one page, made from the table of actions."""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import (
    QDialog,
    QGridLayout,
    QScrollArea,
    QWidget,
)

from karyogui.ui.actions import MENUS, ActionSet
from karyogui.ui.board.actions import BOARD_KEYS
from karyogui.ui.boxes import filling, row_of
from karyogui.ui.dialogs.parts import Button, button_row, stacked
from karyogui.ui.metaphase.actions import METAPHASE_KEYS
from karyogui.ui.theme import GRID
from karyogui.ui.widgets import text_label

Group = tuple[str, tuple[tuple[str, str], ...]]


def shortcut_groups(actions: ActionSet) -> tuple[Group, ...]:
    """(menu, ((keys, text), …)) for every menu with keys, then what the board handles itself."""
    groups: list[Group] = []
    style = QKeySequence.SequenceFormat.NativeText
    for menu in MENUS:
        rows = tuple(
            ("  ".join(key.toString(style) for key in action.shortcuts()), spec.text)
            for spec, action in actions.pairs()
            if spec.menu == menu and action.shortcuts()
        )
        if rows:
            groups.append((menu, rows))
    return (*groups, ("On the board", BOARD_KEYS), ("In the metaphase", METAPHASE_KEYS))


class ShortcutsDialog(QDialog):
    """The overview in three columns."""

    def __init__(self, parent: QWidget | None, actions: ActionSet) -> None:
        super().__init__(parent)
        self.setWindowTitle("Keyboard shortcuts")
        columns = [_Column() for _ in range(3)]
        for title, rows in shortcut_groups(actions):
            min(columns, key=_Column.rowCount).add(title, rows)
        content = QWidget()
        for column in columns:
            column.setRowStretch(column.rowCount(), 1)
        # At the right and below there is room for the bars of a small screen.
        content.setLayout(row_of(*map(filling, columns), gap=4, margins=(0, 0, 2, 0)))
        area = QScrollArea()
        area.setWidget(content)
        area.setWidgetResizable(True)
        buttons = button_row(self, Button.Close)
        stacked(self, filling(area), buttons, gap=4)
        # All keys at one sight where the screen allows it.
        needed = content.sizeHint() + QSize(12 * GRID, buttons.sizeHint().height() + 14 * GRID)
        self.resize(needed.boundedTo(self.screen().availableSize() * 0.96))


class _Column(QGridLayout):
    """Groups under each other; their keys and their words begin at the same two places."""

    def __init__(self) -> None:
        super().__init__()
        self.setHorizontalSpacing(3 * GRID)
        self.setVerticalSpacing(GRID)
        self.setColumnStretch(1, 1)

    def add(self, title: str, rows: tuple[tuple[str, str], ...]) -> None:
        """A heading and its lines, with some room above."""
        # A layout without a line counts one already.
        first = self.rowCount() if self.count() else 0
        heading = text_label(title, "caption")
        heading.setContentsMargins(0, 3 * GRID if first else 0, 0, 0)
        self.addWidget(heading, first, 0, 1, 2)
        for number, (keys, text) in enumerate(rows, start=first + 1):
            self.addWidget(text_label(keys), number, 0)
            self.addWidget(text_label(text.removesuffix("…"), "muted"), number, 1)

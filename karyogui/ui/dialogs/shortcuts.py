"""All keys on one page, made from the table of actions."""

from __future__ import annotations

from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QGridLayout,
    QHBoxLayout,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from karyogui.ui.actions import BOARD_KEYS, MENUS, ActionSet
from karyogui.ui.metaphase.action_table import METAPHASE_KEYS
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
        columns = [QVBoxLayout() for _ in range(3)]
        heights = [0, 0, 0]
        for title, rows in shortcut_groups(actions):
            shortest = heights.index(min(heights))
            heights[shortest] += len(rows) + 2
            columns[shortest].addLayout(_group(title.removesuffix("…"), rows))
        content = QWidget()
        row = QHBoxLayout(content)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6 * GRID)
        for column in columns:
            column.setSpacing(4 * GRID)
            column.addStretch()
            row.addLayout(column, 1)
        area = QScrollArea()
        area.setWidget(content)
        area.setWidgetResizable(True)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(*(4 * GRID,) * 4)
        layout.setSpacing(4 * GRID)
        layout.addWidget(area, 1)
        layout.addWidget(buttons)
        self.resize(1160, 560)


def _group(title: str, rows: tuple[tuple[str, str], ...]) -> QGridLayout:
    grid = QGridLayout()
    grid.setHorizontalSpacing(3 * GRID)
    grid.setVerticalSpacing(GRID)
    grid.setColumnMinimumWidth(0, 112)
    grid.setColumnStretch(1, 1)
    grid.addWidget(text_label(title, "caption"), 0, 0, 1, 2)
    for number, (keys, text) in enumerate(rows, start=1):
        grid.addWidget(text_label(keys), number, 0)
        grid.addWidget(text_label(text.removesuffix("…"), "muted"), number, 1)
    return grid

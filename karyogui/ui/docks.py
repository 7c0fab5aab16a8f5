"""The docks at both sides of the window."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDockWidget, QMainWindow, QWidget

from karyogui.ui.actions import ActionSet

LEFT_WIDTH, RIGHT_WIDTH = 192, 288
"""Least widths of the docks."""
LEFT_SHARE, RIGHT_SHARE = 0.15, 0.2
"""Of the window's width at a first start; the picture in the middle keeps the rest."""


class Docks:
    """The case list at the left; at the right the inspector over the findings."""

    def __init__(
        self,
        window: QMainWindow,
        navigator: QWidget,
        inspector: QWidget,
        findings: QWidget,
        changed: Callable[[], None],
    ) -> None:
        self._window, self._changed = window, changed
        self._gave_way = False
        left, right = Qt.DockWidgetArea.LeftDockWidgetArea, Qt.DockWidgetArea.RightDockWidgetArea
        self.left = self._add(left, "Cases", navigator, LEFT_WIDTH)
        self.right = self._add(right, "Inspector", inspector, RIGHT_WIDTH)
        self.lower_right = self._add(right, "Findings", findings, RIGHT_WIDTH)

    def _add(
        self, area: Qt.DockWidgetArea, title: str, widget: QWidget, least_width: int
    ) -> QDockWidget:
        """A dock that can be moved, and is shown or hidden by the menu only."""
        dock = QDockWidget(title, self._window)
        dock.setObjectName(f"dock.{title.lower()}")
        dock.setFeatures(QDockWidget.DockWidgetFeature.DockWidgetMovable)
        dock.setWidget(widget)
        widget.setMinimumWidth(least_width)
        self._window.addDockWidget(area, dock)
        return dock

    def arrange(self) -> None:
        """Give the docks the sizes of a first start."""
        width = self._window.width()
        sides = [
            max(LEFT_WIDTH + 16, round(LEFT_SHARE * width)),
            max(RIGHT_WIDTH, round(RIGHT_SHARE * width)),
        ]
        docks = [self.left, self.right]
        self._window.resizeDocks(docks, sides, Qt.Orientation.Horizontal)
        # In a low window the lists of what is left to look at keep some lines.
        column = [self.right, self.lower_right]
        self._window.resizeDocks(column, [320, 480], Qt.Orientation.Vertical)

    def toggle_left(self) -> None:
        """Show or hide the case list."""
        self.left.setVisible(self.left.isHidden())
        self._changed()

    def toggle_right(self) -> None:
        """Show or hide inspector and findings."""
        self._show_right(self.right.isHidden())

    def show_right(self) -> None:
        """Show inspector and findings."""
        self._show_right(True)

    def _show_right(self, shown: bool) -> None:
        for dock in (self.right, self.lower_right):
            dock.setVisible(shown)
        self._changed()

    def make_room(self, needed: bool) -> None:
        """Hide inspector and findings while a page needs the room and has no use for them."""
        if needed and not self.right.isHidden():
            self._gave_way = True
            self._show_right(False)
        elif not needed and self._gave_way:
            self._gave_way = False
            self._show_right(True)

    def show_switches(self, actions: ActionSet) -> None:
        """Check the actions of the docks that are shown."""
        for action_id, dock in (("view.left", self.left), ("view.right", self.right)):
            actions[action_id].setChecked(not dock.isHidden())

"""The select tool: click, Shift and Ctrl, rubber band. It repairs nothing."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QRectF, Qt
from PySide6.QtWidgets import QApplication

from karyogui.ui.metaphase.tools.base import MetaphaseHost, MetaphaseTool, Pointer

_ADDING = Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.ControlModifier
REACH = 4.0
"""Logical pixels by which a click may miss an object."""


@dataclass
class _Press:
    """A button that is down, and what was selected before."""

    at: Pointer
    selected: tuple[str, ...]
    banding: bool = False


class SelectTool(MetaphaseTool):
    """Selects; a second click on a crossing selects the other chromosome of it."""

    id = "select"
    label = "Select"
    icon = "move"

    def __init__(self, host: MetaphaseHost) -> None:
        super().__init__(host)
        self._press: _Press | None = None

    def _under(self, pointer: Pointer) -> tuple[str, ...]:
        return self._scene.objects_at(pointer.page, REACH / self._host.zoom)

    def press(self, pointer: Pointer) -> None:
        """Remember where; a click selects when the button comes up."""
        self._press = _Press(pointer, self._scene.selected_ids)

    def move(self, pointer: Pointer) -> None:
        """Draw a rubber band once the mouse has really moved."""
        press = self._press
        if press is None:
            return
        if not press.banding:
            distance = (pointer.view - press.at.view).manhattanLength()
            press.banding = distance >= QApplication.startDragDistance()
        if press.banding:
            band = QRectF(press.at.page, pointer.page).normalized()
            self._scene.set_hovered(None)
            self._scene.set_band(band)
            kept = press.selected if press.at.modifiers & _ADDING else ()
            self._scene.set_selected_ids((*kept, *self._scene.objects_in(band)))

    def release(self, pointer: Pointer) -> None:
        """Close the band, or select what was clicked."""
        self.move(pointer)
        press, self._press = self._press, None
        self._scene.set_band(None)
        if press is not None and not press.banding:
            self._click(press)

    def hover(self, pointer: Pointer | None) -> None:
        """Outline what is under the pointer."""
        under = self._under(pointer) if pointer is not None else ()
        self._scene.set_hovered(under[0] if under else None)

    def cancel(self) -> bool:
        """Give back the selection before the band."""
        press, self._press = self._press, None
        if press is None:
            return False
        self._scene.set_band(None)
        self._scene.set_selected_ids(press.selected)
        return True

    def _click(self, press: _Press) -> None:
        under, selected = self._under(press.at), press.selected
        if press.at.modifiers & Qt.KeyboardModifier.ControlModifier and under:
            without = [i for i in selected if i != under[0]]
            gone = under[0] in selected
            self._scene.set_selected_ids(without if gone else (*selected, under[0]))
        elif press.at.modifiers & _ADDING:
            self._scene.set_selected_ids((*selected, *under[:1]))
        elif len(selected) == 1 and selected[0] in under:
            self._scene.set_selected_ids((under[(under.index(selected[0]) + 1) % len(under)],))
        else:
            self._scene.set_selected_ids(under[:1])

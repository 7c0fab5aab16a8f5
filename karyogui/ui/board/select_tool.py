"""The left button on the board: click, rubber band, drag and drop between slots and tray.

Click selects; Ctrl+click adds or takes away; Shift+click adds. Dragging a selected chromosome takes
the whole selection along. A drop between homologues lets the chromosomes in there; a drop on a
chromosome with Ctrl or Alt held exchanges the two. The exchange asks for a key because a pair
leaves little room beside it: a plain drop on a slot must never throw another chromosome out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtWidgets import QApplication

from karyogui.domain.karyogram import TRAY, Change
from karyogui.ui.board.scene import BoardScene
from karyogui.ui.board.texts import SWAP_HINT
from karyogui.ui.zoom_view import Gesture, Pointer

if TYPE_CHECKING:
    from karyogui.ui.board.view import BoardView

_ADDING = Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.ControlModifier
_SWAPPING = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier


@dataclass
class _Press:
    """A button that is down and has not moved yet, and what was selected before."""

    at: Pointer
    on: str | None
    selected: tuple[str, ...]
    current: str | None


@dataclass
class _Drag:
    """Chromosomes on their way; `grasp` is from the pointer to the first one's foot."""

    ids: tuple[str, ...]
    grasp: QPointF
    at: Pointer


class SelectTool(Gesture):
    """Selects, and moves what is selected."""

    busy_cursor = Qt.CursorShape.ClosedHandCursor

    def __init__(self, host: BoardView) -> None:
        self._host = host
        self._press: _Press | None = None
        self._drag: _Drag | None = None
        self._is_banding = False

    @property
    def _scene(self) -> BoardScene:
        return self._host.board_scene

    # -- the gesture -----------------------------------------------------------------------------

    def press(self, pointer: Pointer) -> None:
        """Select what is under the pointer, unless a drag of a selection may follow."""
        scene = self._scene
        on = scene.board.chromosome_at(pointer.page.x(), pointer.page.y())
        self._press = _Press(pointer, on, scene.selected, scene.current)
        self._is_banding = False
        if on is None:
            if not pointer.modifiers & _ADDING:
                scene.select(())
        elif pointer.modifiers & _ADDING:
            if on not in scene.selected:
                scene.select((*scene.selected, on), on)
        elif on not in scene.selected:
            scene.select((on,))

    def move(self, pointer: Pointer) -> None:
        """Drag chromosomes or draw a rubber band once the mouse has really moved."""
        press = self._press
        if press is None:
            return
        if self._drag is None and not self._is_banding:
            distance = (pointer.view - press.at.view).manhattanLength()
            if distance < QApplication.startDragDistance():
                return
            if press.on is None:
                self._is_banding = True
            else:
                self._begin_drag(press.on, press.at)
        if self._drag is not None:
            self._drag.at = pointer
            self._scene.carry(pointer.page + self._drag.grasp)
            self._mark_drop(self._drag, pointer)
        else:
            self._draw_band(press, pointer)

    def release(self, pointer: Pointer) -> None:
        """Drop, close the band, or finish a click."""
        self.move(pointer)
        press, drag, banding = self._press, self._drag, self._is_banding
        self._reset()
        if drag is not None:
            change = self._change(drag, pointer)
            self._scene.let_go()
            if change is not None and not change.is_empty:
                self._host.edit(change)
        elif press is not None and press.on is not None and not banding:
            self._click(press, press.on)

    def cancel(self) -> bool:
        """Send dragged chromosomes home, or give back the selection before the band."""
        press, drag, banding = self._press, self._drag, self._is_banding
        self._reset()
        if drag is not None:
            self._scene.let_go()
        elif banding and press is not None:
            self._scene.select(press.selected, press.current)
        return press is not None

    def modifiers_changed(self, modifiers: Qt.KeyboardModifier) -> None:
        """Change between letting in and swapping without waiting for the mouse."""
        if self._drag is not None:
            at = self._drag.at
            self._drag.at = Pointer(at.page, at.view, modifiers)
            self._mark_drop(self._drag, self._drag.at)

    def hover(self, pointer: Pointer | None) -> None:
        """Outline what is under the pointer."""
        if pointer is None:
            self._scene.set_hovered(None)
        else:
            page = pointer.page
            self._scene.set_hovered(self._scene.board.chromosome_at(page.x(), page.y()))

    # -- its parts -------------------------------------------------------------------------------

    def _reset(self) -> None:
        self._press = self._drag = None
        self._is_banding = False
        self._scene.set_band(None)
        self._host.show_hint("")

    def _click(self, press: _Press, on: str) -> None:
        was_selected = on in press.selected
        if press.at.modifiers & Qt.KeyboardModifier.ControlModifier:
            if was_selected:
                self._scene.select([i for i in press.selected if i != on], on)
        elif not press.at.modifiers & _ADDING and was_selected:
            self._scene.select((on,))

    def _begin_drag(self, on: str, at: Pointer) -> None:
        scene = self._scene
        scene.set_hovered(None)
        others = [i for i in scene.selected if i != on]
        spot = scene.board.spots[on]
        self._drag = _Drag((on, *others), QPointF(spot.centre_x, spot.bottom) - at.page, at)
        scene.hold(self._drag.ids)

    def _draw_band(self, press: _Press, pointer: Pointer) -> None:
        band = QRectF(press.at.page, pointer.page).normalized()
        self._scene.set_band(band)
        touched = self._scene.chromosomes_in(band)
        if press.at.modifiers & _ADDING:
            touched = (*press.selected, *(i for i in touched if i not in press.selected))
        self._scene.select(touched)

    def _partner(self, drag: _Drag, pointer: Pointer) -> str | None:
        """The one under the pointer that a lone dragged chromosome could be swapped with."""
        on = self._scene.board.chromosome_at(pointer.page.x(), pointer.page.y())
        return on if len(drag.ids) == 1 and on not in drag.ids else None

    def _mark_drop(self, drag: _Drag, pointer: Pointer) -> None:
        board = self._scene.board
        x, y = pointer.page.x(), pointer.page.y()
        slot = board.slot_at(x, y)
        partner = self._partner(drag, pointer)
        swapping = partner is not None and bool(pointer.modifiers & _SWAPPING)
        self._host.show_hint(SWAP_HINT if partner is not None and not swapping else "")
        if slot is None:
            self._scene.mark_drop(None)
        elif swapping:
            self._scene.mark_drop(slot, swap=partner)
        elif slot == TRAY:
            self._scene.mark_drop(slot)
        else:
            index = board.insertion_index(slot, x, drag.ids)
            self._scene.mark_drop(slot, board.insertion_mark(slot, index, drag.ids))

    def _change(self, drag: _Drag, pointer: Pointer) -> Change | None:
        """What the drop means; None outside all slots. In the tray nothing has an order."""
        board, karyogram = self._scene.board, self._scene.karyogram
        x, y = pointer.page.x(), pointer.page.y()
        slot = board.slot_at(x, y)
        partner = self._partner(drag, pointer)
        if slot is None:
            return None
        if partner is not None and pointer.modifiers & _SWAPPING:
            return karyogram.swap(drag.ids[0], partner)
        ids = [i for i in board.order if i in drag.ids]
        if slot == TRAY:
            return karyogram.move([i for i in ids if karyogram.placement(i).slot != TRAY], TRAY)
        return karyogram.move(ids, slot, board.insertion_index(slot, x, drag.ids))

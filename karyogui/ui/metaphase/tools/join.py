"""The join tool: drag from one object to another, or select what belongs together, or a part."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF
from PySide6.QtGui import QKeyEvent

from karyogui.domain.separation import SeparatedObject
from karyogui.errors import KaryoError
from karyogui.ui.metaphase.tools.base import TAKE, MetaphaseHost, Pointer, number_of
from karyogui.ui.metaphase.tools.drawing import DrawingTool, Points, taken_ids
from karyogui.ui.metaphase.tools.select import REACH


class JoinTool(DrawingTool):
    """Makes one object of two, or of all that are selected."""

    id = "join"
    label = "Join"
    icon = "join"
    shortcut = "J"
    tip = (
        "Join the selected objects; for a single part, choose what it belongs to; or drag between "
        "two"
    )
    hint = "Drag from one object to the other.  Esc: done"

    def __init__(self, host: MetaphaseHost) -> None:
        super().__init__(host)
        self.part: SeparatedObject | None = None
        self.partners: tuple[SeparatedObject, ...] = ()
        """What the part may be joined with, the nearest first."""
        self.chosen = 0

    def begin(self) -> None:
        """Propose at once what a selected part belongs to."""
        super().begin()
        if len(self._scene.selected_ids) == 1:
            self._propose(self._scene.objects[self._scene.selected_ids[0]])

    def at_once(self) -> bool:
        """Join the selection, if it is of two or more."""
        chosen = [self._scene.objects[i] for i in self._scene.selected_ids]
        if len(chosen) < 2:
            return False
        self._join(chosen)
        return True

    def wants(self, event: QKeyEvent) -> bool:
        """The numbers and Enter too, while there is something to choose."""
        return (
            bool(self.partners) and (event.key() in TAKE or number_of(event) < len(self.partners))
        ) or super().wants(event)

    def key(self, event: QKeyEvent) -> bool:
        """1 … 9 choose what the part is joined with; Enter takes it."""
        if self.part is not None and event.key() in TAKE:
            pair = [self.part, self.partners[self.chosen]]
            self.cancel()
            self._join(pair)
        elif self.part is not None and number_of(event) < len(self.partners):
            self._choose(number_of(event))
        else:
            return super().key(event)
        return True

    def press(self, pointer: Pointer) -> None:
        """Begin a line; nothing is proposed any more."""
        self._forget()
        super().press(pointer)

    def move(self, pointer: Pointer) -> None:
        """The line is straight, and what would be joined is outlined."""
        if self.stroke is not None:
            self.stroke.stretch(pointer.page)
            self._scene.set_hovered(self._scene.object_at(pointer.page, REACH / self._host.zoom))

    def hover(self, pointer: Pointer | None) -> None:
        """Outline what a drag would begin on."""
        if self.partners:
            return
        reach = REACH / self._host.zoom
        under = self._scene.object_at(pointer.page, reach) if pointer is not None else None
        self._scene.set_hovered(under)

    def _at_cursor(self, place: QPointF) -> None:
        self._forget()
        super()._at_cursor(place)
        self._scene.set_hovered(self._scene.object_at(place, REACH / self._host.zoom))

    def cancel(self) -> bool:
        """Forget the line, the proposals, and the outline of what would be joined."""
        self._scene.set_hovered(None)
        proposed = self._forget()
        return super().cancel() or proposed

    def _propose(self, part: SeparatedObject) -> None:

        from karyogui.services.proposals import partners
        from karyogui.services.repair_geometry import chromosome_width

        objects = list(self._scene.objects.values())
        self.partners = partners(part, objects, chromosome_width(objects))
        if self.partners:
            self.part = part
            self._choose(0)
        else:
            self._host.show_hint(f"Nothing lies near enough to join this with.  {self.hint}")

    def _choose(self, number: int) -> None:
        self.chosen = number
        self._scene.set_hovered(self.partners[number].id)
        count = len(self.partners)
        others = "  Its number shows another." if count > 1 else ""
        self._host.show_hint(
            f"Join with the outlined object, {number + 1} of {count}?  Enter joins.{others}  "
            "Esc: none"
        )

    def _forget(self) -> bool:
        was_there = bool(self.partners)
        self.part, self.partners, self.chosen = None, (), 0
        return was_there

    def finish(self, points: Points) -> None:
        """Join what lies at both ends."""
        reach = REACH / self._host.zoom
        ends = [self._scene.object_at(QPointF(*at), reach) for at in (points[0], points[-1])]
        pair = [self._scene.objects[i] for i in dict.fromkeys(ends) if i is not None]
        if len(pair) < 2:
            raise KaryoError("Joining takes two objects.", "Drag from one to the other.")
        self._join(pair)

    def _join(self, objects: Sequence[SeparatedObject]) -> None:

        from karyogui.services.repair_geometry import chromosome_width, join

        width = chromosome_width(list(self._scene.objects.values()))
        self._host.request_repair(join(objects, width, taken_ids(self._scene)))

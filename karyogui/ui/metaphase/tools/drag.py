"""Tools that draw a line with the mouse: cut, lasso, brush."""

from __future__ import annotations

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QKeyEvent

from karyogui.domain.separation import ObjectKind, SeparatedObject
from karyogui.errors import KaryoError
from karyogui.services import repair_geometry
from karyogui.ui.metaphase.tools.base import MetaphaseHost, MetaphaseTool, Pointer
from karyogui.ui.metaphase.tools.drawing import Stroke

REACH = 4.0
"""Logical pixels by which a click may miss an object."""
LEAST_RADIUS, MOST_RADIUS = 1.0, 30.0


class DrawingTool(MetaphaseTool):
    """Collects a line while the button is down; `finish` makes a repair of it."""

    hint = ""
    cursor = Qt.CursorShape.CrossCursor
    busy_cursor = Qt.CursorShape.CrossCursor

    def __init__(self, host: MetaphaseHost) -> None:
        super().__init__(host)
        self.stroke: Stroke | None = None

    def begin(self) -> None:
        """Say how it is used."""
        self._host.show_hint(self.hint)

    def end(self) -> None:
        """Leave nothing behind."""
        super().end()
        self._host.show_hint("")

    def press(self, pointer: Pointer) -> None:
        """Begin a line."""
        self.stroke = Stroke(self._host.metaphase_scene)
        self.stroke.add(pointer.page)

    def move(self, pointer: Pointer) -> None:
        """Go on; with Shift straight from where it began."""
        if self.stroke is None:
            return
        if pointer.modifiers & Qt.KeyboardModifier.ShiftModifier:
            self.stroke.stretch(pointer.page)
        else:
            self.stroke.add(pointer.page)

    def release(self, pointer: Pointer) -> None:
        """Make the repair; what cannot be done is said in the corner."""
        if self.stroke is None:
            return
        self.move(pointer)
        points = self.stroke.points
        self.cancel()
        try:
            self.finish(points)
        except KaryoError as error:
            self._host.show_hint(f"{error.sentence} {error.hint}".strip())

    def cancel(self) -> bool:
        """Forget the line."""
        stroke, self.stroke = self.stroke, None
        if stroke is not None:
            stroke.remove()
        return stroke is not None

    def finish(self, points: list[tuple[float, float]]) -> None:
        """Ask for the repair that a line means; KaryoError when it means none."""
        raise NotImplementedError

    def _taken(self) -> set[str]:
        scene = self._host.metaphase_scene
        return {*scene.used_ids, *scene.objects}

    def _along(self, points: list[tuple[float, float]]) -> SeparatedObject | None:
        """The object that most of a line lies on: a selected one, if there is one there."""
        scene = self._host.metaphase_scene
        votes: dict[str, float] = {}
        for (x0, y0), (x1, y1) in zip(points, [*points[1:], points[-1]], strict=True):
            for step in range(8):
                at = QPointF(x0 + (x1 - x0) * step / 8, y0 + (y1 - y0) * step / 8)
                for i in scene.objects_at(at):
                    votes[i] = votes.get(i, 0.0) + (10.0 if i in scene.selected_ids else 1.0)
        if not votes:
            return None
        return scene.objects[max(votes, key=lambda i: votes[i])]


class CutTool(DrawingTool):
    """Cuts an object along a drawn line."""

    id = "cut"
    label = "Cut"
    icon = "cut"
    hint = "Draw across an object to cut it; Shift draws straight. Esc ends."

    def finish(self, points: list[tuple[float, float]]) -> None:
        """Cut what the line crosses."""
        crossed = self._along(points)
        if crossed is None:
            raise KaryoError("The line crosses no object.", "Draw it across one.")
        self._host.request_repair(repair_geometry.cut(crossed, points, self._taken()))


class LassoTool(DrawingTool):
    """Outlines a chromosome that was not found."""

    id = "lasso"
    label = "Lasso"
    icon = "lasso"
    hint = (
        "Draw round a chromosome that was not found: what is dark in the loop is taken. Esc ends."
    )

    def finish(self, points: list[tuple[float, float]]) -> None:
        """Take what is dark inside the loop."""
        scene = self._host.metaphase_scene
        dark = repair_geometry.dark_pixels(scene.pixels)
        chromosomes = [o for o in scene.objects.values() if o.kind is ObjectKind.CHROMOSOME]
        repair = repair_geometry.lasso(points, dark, self._taken(), chromosomes)
        self._host.request_repair(repair)


class BrushTool(DrawingTool):
    """Extends the outline of an object."""

    id = "brush"
    label = "Brush"
    icon = "brush"
    erases = False
    hint = "Draw from an object outwards to extend it; wheel with Ctrl or [ ] changes the size."

    def __init__(self, host: MetaphaseHost) -> None:
        super().__init__(host)
        self.radius = 4.0

    def press(self, pointer: Pointer) -> None:
        """Begin a broad line."""
        super().press(pointer)
        self._thicken()

    def key(self, event: QKeyEvent) -> bool:
        """`[` and `]` change the size."""
        steps = {Qt.Key.Key_BracketLeft: -1.0, Qt.Key.Key_BracketRight: 1.0}.get(
            Qt.Key(event.key())
        )
        if steps is None:
            return False
        self._resize(steps)
        return True

    def wheel(self, steps: float, modifiers: Qt.KeyboardModifier) -> bool:
        """The wheel with Ctrl changes the size."""
        if not modifiers & Qt.KeyboardModifier.ControlModifier:
            return False
        self._resize(steps)
        return True

    def finish(self, points: list[tuple[float, float]]) -> None:
        """Paint the object that is selected or lies under the line."""
        scene = self._host.metaphase_scene
        chosen = scene.selected_ids
        obj = scene.objects[chosen[0]] if len(chosen) == 1 else self._along(points)
        if obj is None:
            raise KaryoError("There is no object under the stroke.", "Begin it on an object.")
        size = (int(scene.page.width()), int(scene.page.height()))
        repair = repair_geometry.brush(obj, points, self.radius, self.erases, size)
        self._host.request_repair(repair)

    def _resize(self, steps: float) -> None:
        self.radius = min(MOST_RADIUS, max(LEAST_RADIUS, self.radius + steps))
        self._thicken()
        self._host.show_hint(f"Brush {2 * self.radius:g} pixels wide.")

    def _thicken(self) -> None:
        if self.stroke is not None:
            colours = self._host.metaphase_scene.colours
            self.stroke.thicken(self.radius, colours.text if self.erases else colours.accent)


class EraserTool(BrushTool):
    """Takes pixels away from an object."""

    id = "eraser"
    label = "Eraser"
    icon = "eraser"
    erases = True
    hint = "Draw over what does not belong to an object; wheel with Ctrl or [ ] changes the size."

"""The cut tool: a line drawn across an object cuts it."""

from __future__ import annotations

from karyogui.errors import KaryoError
from karyogui.ui.metaphase.tools.drawing import DrawingTool, Points, taken_ids


class CutTool(DrawingTool):
    """Cuts one object along a drawn line: of several under it the one that it separates."""

    id = "cut"
    label = "Cut"
    icon = "cut"
    shortcut = "C"
    tip = "Draw a line across an object"
    hint = "Draw a line across an object; Shift draws it straight.  Esc: done"

    def finish(self, points: Points) -> None:
        """Cut what the line separates."""
        from karyogui.services.repair_geometry import cut

        refused = KaryoError("There is no object under this line.", "Draw it across one.")
        first = None
        for crossed in self._along(points):
            try:
                repair = cut(crossed, points, taken_ids(self._scene))
            except KaryoError as error:
                first = first or error
                continue
            self._ask(repair)
            return
        raise first or refused

"""The lasso: a loop drawn round a chromosome that was not found outlines it."""

from __future__ import annotations

from karyogui.domain.separation import ObjectKind
from karyogui.ui.metaphase.tools.base import MetaphaseHost
from karyogui.ui.metaphase.tools.drawing import DrawingTool, Points, Stain, taken_ids


class LassoTool(DrawingTool):
    """Takes what is dark inside a loop; all of it where nothing is."""

    id = "lasso"
    label = "Lasso"
    icon = "lasso"
    shortcut = "L"
    tip = "Draw round a chromosome that was not found"
    hint = (
        "Draw round a chromosome that was not found: everything dark inside becomes its outline.  "
        "Esc: done"
    )

    def __init__(self, host: MetaphaseHost) -> None:
        super().__init__(host)
        self._stain = Stain()

    def finish(self, points: Points) -> None:
        """Outline a new chromosome."""
        from karyogui.services.repair_geometry import DEPTH, lasso

        kept = [o for o in self._scene.objects.values() if o.kind is ObjectKind.CHROMOSOME]
        dark = self._stain.of(self._scene) > DEPTH
        self._ask(lasso(points, dark, taken_ids(self._scene), kept))

"""The lasso: a loop drawn round a chromosome that was not found outlines it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from karyogui.domain.separation import ObjectKind
from karyogui.services.repair_geometry import dark_pixels, lasso
from karyogui.ui.metaphase.tools.base import MetaphaseHost
from karyogui.ui.metaphase.tools.drawing import DrawingTool, Points, taken_ids


class LassoTool(DrawingTool):
    """Takes what is dark inside a loop; all of it where nothing is."""

    id = "lasso"
    label = "Lasso"
    icon = "lasso"
    shortcut = "L"
    tip = "Draw round a chromosome that was not found"
    hint = "Draw round a chromosome that was not found: what is dark inside is taken.  Esc: done"

    def __init__(self, host: MetaphaseHost) -> None:
        super().__init__(host)
        self._picture: NDArray[np.uint8] | None = None
        self._dark: NDArray[np.bool_] | None = None

    def finish(self, points: Points) -> None:
        """Outline a new chromosome."""
        kept = [o for o in self._scene.objects.values() if o.kind is ObjectKind.CHROMOSOME]
        self._host.request_repair(lasso(points, self._seen(), taken_ids(self._scene), kept))

    def _seen(self) -> NDArray[np.bool_]:
        """What is dark, found once for each picture."""
        if self._dark is None or self._picture is not self._scene.pixels:
            self._picture = self._scene.pixels
            self._dark = dark_pixels(self._picture)
        return self._dark

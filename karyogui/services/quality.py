"""What a photograph is worth, judged before anybody works at it."""

from __future__ import annotations

from karyogui.domain.cell import Cell
from karyogui.domain.separation import Quality
from karyogui.errors import KaryoError
from karyogui.services.analysis import metaphase_of
from karyogui.services.ports import Network
from karyogui.services.progress import Monitor, Progress
from karyogui.storage.cells import CellStore


class QualityService:
    """Judges stored photographs. A cell that was judged is as new as before."""

    def __init__(self, cells: CellStore) -> None:
        self._cells = cells

    def judge(self, cell_id: int, assessor: Network, monitor: Monitor) -> Quality | None:
        """Judge a cell's photograph and store its quality, which an analysis will replace.

        A picture that cannot be read is judged too: the reason tells why. What is known already
        is returned as it is; None for a cell that came as cut-outs. A photograph that is enhanced
        meanwhile is judged again. Raises `KaryoError` (weights, disk) and `Cancelled`; then nothing
        is stored.
        """
        cell = self._cells.outline(cell_id)
        while cell.has_photograph and not cell.is_analysed and cell.quality is None:
            monitor.report(Progress(0, 1, cell.name))
            quality = self._look(cell, assessor, monitor)
            monitor.report(Progress(1, 1, cell.name))
            seen, cell = cell.recipe, self._cells.outline(cell_id)
            if cell.recipe == seen:
                self._cells.add_first_look(cell_id, quality)
                return quality
        return cell.quality

    def _look(self, cell: Cell, assessor: Network, monitor: Monitor) -> Quality:
        try:
            picture = metaphase_of(cell, self._cells)
        except KaryoError as error:
            return Quality.refused(error.sentence)
        return assessor.assess(picture, monitor)

"""A repair is answered while another cell is analysed; that analysis begins again and is done."""

from pathlib import Path
from threading import Event

import cv2
import pytest

from karyogui.domain.analysis import AnalysisRequest, AnalysisResult
from karyogui.services.progress import Monitor, Progress
from karyogui.workers.network_queue import Priority
from tests.unit.ui.metaphase.conftest import BAR, STORED, Desk
from tests.unit.ui.metaphase.readers import NEW_TYPE, PIXELS


@pytest.mark.parametrize("asked", [False, True])
def test_a_repair_does_not_wait_for_an_analysis(desk: Desk, tmp_path: Path, asked: bool) -> None:
    window, reader = desk.window, desk.reader
    analyse, go, begun = reader.analyse, Event(), []

    def held(request: AnalysisRequest, monitor: Monitor) -> AnalysisResult:
        begun.append(request.cell_name)
        while not go.wait(0.005):
            monitor.report(Progress(1, 3, "Looking for chromosomes"))
        return analyse(request, monitor)

    assert window.open_cell.cell is not None
    open_cell = window.open_cell.cell.id
    other = tmp_path / "24-0174" / "metaphase 2.png"
    other.parent.mkdir()
    # Another file: of the very same one a person would be asked.
    other.write_bytes(cv2.imencode(".png", PIXELS)[1].tobytes() + b"2")
    window.cases.import_paths([other])
    desk.qtbot.waitUntil(lambda: len(window.cases.summaries) == 2, timeout=15_000)
    desk.qtbot.waitUntil(lambda: not window.jobs.is_busy, timeout=15_000)
    window.open_cell.open(open_cell)
    (new,) = window._workspace.library.listing.new_cells()

    reader.analyse = held  # type: ignore[method-assign]
    window.analyses.add([new], asked=asked)
    desk.qtbot.waitUntil(lambda: len(begun) == 1, timeout=15_000)
    desk.cut()
    assert window.queue.cells(Priority.REPAIR) == (open_cell,)
    assert desk.stored.awaits_answer
    desk.qtbot.waitUntil(lambda: not desk.stored.awaits_answer, timeout=15_000)
    desk.qtbot.waitUntil(lambda: not window.repairs.is_awaiting(open_cell), timeout=15_000)
    assert desk.board.karyogram is not None
    assert desk.board.karyogram.placement("c47").slot == NEW_TYPE
    assert new in window._workspace.library.listing.new_cells()
    window.open_cell.open(new)
    desk.qtbot.waitUntil(lambda: "is being analysed" in window.review.findings.text)
    window.open_cell.open(open_cell)
    go.set()
    desk.settle()
    desk.qtbot.waitUntil(lambda: not window.analyses.waiting, timeout=15_000)
    assert len(begun) == 2
    assert window._workspace.library.cell(new).is_analysed
    assert desk.shown_ids == STORED - {BAR} | {"c47", "c48"}
    desk.assert_in_step()

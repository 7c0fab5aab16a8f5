"""How long the board takes from a mouse event to the painted frame: `python -m` prints JSON.

A program of its own for `main.py bench`, which may not import the window: a board with the 47
chromosomes of a demonstration cell is shown and each of them is dragged across it.
"""

from __future__ import annotations

import json
import statistics
import sys
import time

from PySide6.QtCore import QEvent, QObject, QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from karyogui.domain.cell import Cell
from karyogui.domain.chromosome import (
    AUTOSOMES,
    Assignment,
    Chromosome,
    Polarity,
    Segment,
    chromosome_id,
)
from karyogui.domain.karyogram import Karyogram
from karyogui.paths import demo_archives
from karyogui.services.discovery import find_cells
from karyogui.services.pictures import read_picture
from karyogui.ui.board.panel import BoardPanel

KARYOTYPE = (*sorted(AUTOSOMES * 2, key=AUTOSOMES.index), "21", "X", "X")
SIZE = (1280, 800)
STEPS = 12
"""Mouse moves of one drag."""
LONGEST = 2.0
"""Seconds after which a move counts as never painted."""


class _Painted(QObject):
    """Watches a widget for paint events."""

    def __init__(self) -> None:
        super().__init__()
        self.is_painted = False

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint:
            self.is_painted = True
        return super().eventFilter(watched, event)


def main() -> int:
    """Drag every chromosome; exit status 0."""
    app = QApplication(sys.argv)
    panel = BoardPanel(lambda change: None)
    panel.resize(*SIZE)
    panel.show()
    panel.show_cell(demo_cell())
    QTest.qWait(200)
    latencies = drag_everything(panel)
    panel.clear()
    panel.close()
    del app
    found = {
        "moves": len(latencies),
        "median_ms": round(1000 * statistics.median(latencies), 1),
        "worst_ms": round(1000 * max(latencies), 1),
    }
    sys.stdout.write(json.dumps(found) + "\n")
    return 0


def demo_cell() -> Cell:
    """The pictures of the demonstration cell with 47 chromosomes, placed as if analysed."""
    archive = next(path for path in demo_archives() if "47" in path.stem)
    chromosomes = []
    with find_cells([archive]) as found:
        pictures = found.cells[0].pictures
        for position, (source, kind) in enumerate(zip(pictures, KARYOTYPE, strict=True)):
            crop = read_picture(source.read(), source.name)
            segment = Segment(source.name, crop, crop < 255)
            assigned = Assignment(kind, Polarity.Q_DOWN, 0.99)
            chromosomes.append(Chromosome(chromosome_id(position), segment, None, assigned))
    placements = Karyogram.from_analysis(chromosomes).placements
    return Cell(1, 1, "demonstration", (), tuple(chromosomes), placements)


def drag_everything(panel: BoardPanel) -> list[float]:
    """Seconds from each mouse event to the frame that it changed, `LONGEST` at most."""
    viewport = panel.view.viewport()
    painted = _Painted()
    viewport.installEventFilter(painted)
    middle = viewport.rect().center()
    latencies = []
    for name in list(panel.view.board_scene.board.spots):
        spot = panel.view.board_scene.board.spots[name]
        start = panel.view.mapFromScene(spot.centre_x, spot.centre_y)
        QTest.mouseMove(viewport, start)
        QTest.mousePress(viewport, Qt.MouseButton.LeftButton, pos=start)
        for step in range(1, STEPS + 1):
            QApplication.processEvents()
            to = start + (middle - start) * step / STEPS
            latencies.append(_until_painted(painted, viewport, QPoint(to.x(), to.y() + step % 2)))
        QTest.keyClick(viewport, Qt.Key.Key_Escape)  # back where it came from
        QTest.mouseRelease(viewport, Qt.MouseButton.LeftButton, pos=middle)
        QApplication.processEvents()
    viewport.removeEventFilter(painted)
    return latencies


def _until_painted(painted: _Painted, viewport: QWidget, to: QPoint) -> float:
    painted.is_painted = False
    began = time.perf_counter()
    QTest.mouseMove(viewport, to)
    while not painted.is_painted and time.perf_counter() - began < LONGEST:
        QApplication.processEvents()
    return time.perf_counter() - began


if __name__ == "__main__":
    sys.exit(main())

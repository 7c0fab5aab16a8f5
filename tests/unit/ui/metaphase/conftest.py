"""A window with an analysed metaphase, and hands to repair it."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from karyogui.domain.cell import Cell
from karyogui.domain.separation import ObjectKind
from karyogui.domain.separation_check import CheckEntry
from karyogui.services.progress import SilentMonitor
from karyogui.services.workspace import Workspace
from karyogui.ui.main_window import MainWindow
from tests.stored import Stored
from tests.unit.services.fakes import FakeAssigner
from tests.unit.ui.metaphase.readers import OBJECTS, PIXELS, HeldReader
from tests.unit.ui.metaphase.test_view import middle
from tests.unit.ui.windows import open_window

LEFT, NO_KEY = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
CONTROL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
STORED = {each.id for each in OBJECTS}
BAR = "c10"


class Desk:
    """A window with an analysed photograph, and a person at it."""

    def __init__(self, qtbot: QtBot, window: MainWindow, reader: HeldReader) -> None:
        self.qtbot, self.window, self.reader = qtbot, window, reader
        self.panel, self.board = window.metaphase.panel, window.board
        self.view, self.scene = self.panel.view, self.panel.scene
        window.assigning.make_assigner = lambda *_: FakeAssigner("map")

    @property
    def stored(self) -> Cell:
        cell = self.window.open_cell.cell
        assert cell is not None
        return self.window._workspace.library.cell(cell.id)

    @property
    def shown_ids(self) -> set[str]:
        return set(self.scene.objects)

    @property
    def board_ids(self) -> set[str]:
        assert self.board.karyogram is not None
        return {p.chromosome_id for p in self.board.karyogram.placements}

    def key(self, key: Qt.Key, modifiers: Qt.KeyboardModifier = NO_KEY) -> None:
        self.qtbot.keyClick(self.view, key, modifiers)

    def click(self, object_id: str, modifiers: Qt.KeyboardModifier = NO_KEY) -> None:
        at = middle(self.view, object_id)
        self.qtbot.mouseClick(self.view.viewport(), LEFT, modifiers, at)

    def drag(self, *points: QPointF | QPoint) -> None:
        places = [self.view.mapFromScene(p) if isinstance(p, QPointF) else p for p in points]
        self.qtbot.mousePress(self.view.viewport(), LEFT, NO_KEY, places[0])
        for at in places[1:]:
            self.qtbot.mouseMove(self.view.viewport(), at)
        self.qtbot.mouseRelease(self.view.viewport(), LEFT, NO_KEY, places[-1])

    def cut(self, object_id: str = BAR) -> None:
        """Cut an object across its middle, with the cut tool in the hand."""
        if self.view.tool.id != "cut":
            self.key(Qt.Key.Key_C)
        area = self.scene.rectangle_of([object_id])
        x, y = area.center().x(), area.center().y()
        if area.width() > area.height():
            self.drag(QPointF(x, area.top() - 4), QPointF(x, area.bottom() + 4))
        else:
            self.drag(QPointF(area.left() - 4, y), QPointF(area.right() + 4, y))

    def settle(self) -> None:
        """Wait until everything is looked at, stored and shown."""
        self.reader.go.set()
        self.qtbot.waitUntil(lambda: not self.window.queue.running, timeout=15_000)
        self.qtbot.waitUntil(lambda: not self.window.jobs.is_busy, timeout=15_000)
        QApplication.processEvents()

    def assert_in_step(self) -> None:
        """Store, picture and board tell the same."""
        cell = self.stored
        assert self.shown_ids == {each.id for each in cell.objects}
        chromosomes = {o.id for o in cell.objects if o.kind is ObjectKind.CHROMOSOME}
        assert self.board_ids == chromosomes == {c.id for c in cell.chromosomes}
        assert self.board.karyogram is not None
        assert set(self.board.karyogram.placements) == set(cell.placements)
        for each in cell.objects:
            assert self.scene.objects[each.id].kind is each.kind
            assert (self.scene.objects[each.id].mask == each.mask).all()


@pytest.fixture
def reader() -> HeldReader:
    return HeldReader()


@dataclass(frozen=True)
class Photographed:
    """Fills a data folder with a photograph, analysed by a reader that finds this to check."""

    check: tuple[CheckEntry, ...]

    def __call__(self, workspace: Workspace, folder: Path) -> None:
        path = folder / "24-0173" / "metaphase 1.png"
        path.parent.mkdir()
        path.write_bytes(cv2.imencode(".png", PIXELS)[1].tobytes())
        outcome = workspace.importer.import_paths([path], SilentMonitor())
        reader = HeldReader()
        reader.check = self.check
        (cell_id,) = outcome.cell_ids
        workspace.analysis.analyse(cell_id, reader, SilentMonitor())


@pytest.fixture
def photographed(stored: Stored, tmp_path: Path, reader: HeldReader) -> Iterator[Workspace]:
    """A data folder with the photograph, already analysed."""
    yield from stored.opened(Photographed(reader.check), tmp_path / "data")


@pytest.fixture
def desk(
    qtbot: QtBot, look: None, photographed: Workspace, tmp_path: Path, reader: HeldReader
) -> Iterator[Desk]:
    with open_window(qtbot, photographed, tmp_path / "config", reader) as window:
        window.resize(1280, 800)
        settings = window._settings
        settings.change(replace(settings.values, analyse_after_import=False, who="Ann"))
        qtbot.waitUntil(lambda: bool(window.cases.summaries), timeout=15_000)
        (case,) = window.cases.summaries
        window.open_cell_page(case.cells[0].id)
        window.show_metaphase()
        qtbot.waitUntil(lambda: not window.jobs.is_busy, timeout=15_000)
        yield Desk(qtbot, window, reader)
        reader.go.set()

"""One act refreshes each view once: counted with a real mouse."""

from collections import Counter
from functools import wraps
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from karyogui.ui.actions import ActionSet
from karyogui.ui.board.items import ChromosomeItem
from karyogui.ui.board.scene import BoardScene
from karyogui.ui.main_window import MainWindow
from karyogui.ui.metaphase.controller import MetaphaseController
from karyogui.ui.metaphase.panel import MetaphasePanel
from karyogui.ui.review.findings import FindingsPanel
from karyogui.ui.review.inspector import InspectorPanel
from karyogui.ui.status import StatusBar
from tests.unit.ui.windows import make_cell

LEFT, NO_KEY = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
VIEWS: tuple[tuple[type, str], ...] = (
    (BoardScene, "_arrange"),
    (FindingsPanel, "show_findings"),
    (FindingsPanel, "show_review"),
    (InspectorPanel, "show_chromosome"),
    (MetaphaseController, "show"),
    (MetaphasePanel, "show_types"),
    (ActionSet, "_enable"),
    (StatusBar, "show_cell"),
)
"""What shows the open cell, and what it is shown by."""


class Count(Counter[str]):
    """How often each view was refreshed."""

    def per(self, view: type, name: str) -> int:
        return self[f"{view.__name__}.{name}"]


@pytest.fixture
def count(monkeypatch: pytest.MonkeyPatch) -> Count:
    counts = Count()

    def counting(view: type, name: str) -> None:
        real = getattr(view, name)

        @wraps(real)
        def counted(*arguments: Any, **named: Any) -> Any:
            counts[f"{view.__name__}.{name}"] += 1
            return real(*arguments, **named)

        monkeypatch.setattr(view, name, counted)

    for view, name in (*VIEWS, (ChromosomeItem, "stand")):
        counting(view, name)
    return counts


@pytest.fixture
def analysed(qtbot: QtBot, count: Count, window: MainWindow, tmp_path: Path) -> MainWindow:
    window.cases.import_paths([make_cell(tmp_path / "24-0200")])
    qtbot.waitUntil(lambda: window.board.karyogram is not None, timeout=15_000)
    qtbot.waitUntil(lambda: not window.jobs.is_busy, timeout=15_000)
    window.show_karyogram()
    settle(qtbot)
    return window


def settle(qtbot: QtBot) -> None:
    """Let the window do whatever it has put off."""
    qtbot.wait(400)
    QApplication.processEvents()


def at(window: MainWindow, chromosome_id: str) -> QPoint:
    spot = window.board.view.board_scene.board.spots[chromosome_id]
    return window.board.view.mapFromScene(spot.centre_x, spot.centre_y)


def test_one_drop_refreshes_each_view_once(
    qtbot: QtBot, analysed: MainWindow, count: Count
) -> None:
    board = analysed.board
    assert board.karyogram is not None
    moved, other = board.karyogram.in_slot("4")[0], board.karyogram.in_slot("6")[0]
    port, start, end = board.view.viewport(), at(analysed, moved), at(analysed, other)
    QTest.mouseClick(port, LEFT, NO_KEY, start)
    QTest.mousePress(port, LEFT, NO_KEY, start)
    QTest.mouseMove(port, (start + end) / 2)
    QTest.mouseMove(port, end)
    settle(qtbot)
    count.clear()
    QTest.mouseRelease(port, LEFT, NO_KEY, end)
    settle(qtbot)
    assert board.karyogram.placement(moved).slot == "6"
    assert {f"{view.__name__}.{name}": count.per(view, name) for view, name in VIEWS} == {
        f"{view.__name__}.{name}": 1 for view, name in VIEWS
    }
    assert count.per(ChromosomeItem, "stand") == len(board.karyogram)


def test_one_undo_refreshes_each_view_once(
    qtbot: QtBot, analysed: MainWindow, count: Count
) -> None:
    board = analysed.board
    assert board.karyogram is not None
    board.select((board.karyogram.in_slot("4")[0],))
    board.move_selection("6")
    settle(qtbot)
    count.clear()
    qtbot.keyClick(board.view, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    settle(qtbot)
    assert all(count.per(view, name) == 1 for view, name in VIEWS)


def test_an_analysed_cell_refreshes_the_window_at_most_three_times(
    qtbot: QtBot, analysed: MainWindow, count: Count, tmp_path: Path
) -> None:
    cell = analysed.open_cell.cell
    assert cell is not None
    settle(qtbot)
    count.clear()
    analysed.open_cell.analyse()
    qtbot.waitUntil(lambda: not analysed.jobs.is_busy, timeout=15_000)
    settle(qtbot)
    assert all(count.per(view, name) <= 3 for view, name in VIEWS)


def test_an_import_and_its_analysis_refresh_the_window_at_most_six_times(
    qtbot: QtBot, count: Count, window: MainWindow, tmp_path: Path
) -> None:
    settle(qtbot)
    count.clear()
    window.cases.import_paths([make_cell(tmp_path / "24-0200")])
    qtbot.waitUntil(lambda: window.board.karyogram is not None, timeout=15_000)
    qtbot.waitUntil(lambda: not window.jobs.is_busy, timeout=15_000)
    settle(qtbot)
    views = [(view, name) for view, name in VIEWS if view is not BoardScene]
    assert all(count.per(view, name) <= 6 for view, name in views)

"""Time at a cell: with a hand on it, and the window in front."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from karyogui.domain.recipe import Recipe
from karyogui.domain.sitting import ActionKind
from karyogui.services.sittings import IDLE_SECONDS
from karyogui.services.workspace import Workspace
from karyogui.ui.main_window import MainWindow
from tests.unit.ui.windows import make_cell, open_window


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def window(
    qtbot: QtBot, look: None, workspace: Workspace, tmp_path: Path, clock: Clock
) -> Iterator[MainWindow]:
    with open_window(qtbot, workspace, tmp_path / "config") as opened:
        opened.sittings.recorder._clock = clock
        opened.cases.import_paths([make_cell(tmp_path / "24-0200")])
        qtbot.waitUntil(
            lambda: bool(opened.board.selection or opened.board.karyogram), timeout=9000
        )
        qtbot.waitUntil(lambda: not opened.jobs.is_busy, timeout=15_000)
        opened.sittings.recorder.resume()
        yield opened


def seconds(window: MainWindow) -> float:
    return window.sittings.recorder._seconds


def test_input_into_the_window_counts_and_a_pause_does_not(
    window: MainWindow, clock: Clock
) -> None:
    before = seconds(window)
    handle = window.windowHandle()
    clock.now = 20.0
    QTest.mouseMove(handle, QPoint(300, 300))
    assert seconds(window) - before == pytest.approx(20.0)
    clock.now = 50.0
    QTest.keyClick(handle, Qt.Key.Key_Shift)
    assert seconds(window) - before == pytest.approx(50.0)
    clock.now += IDLE_SECONDS + 1
    QTest.mouseClick(handle, Qt.MouseButton.LeftButton, pos=QPoint(700, 780))
    assert seconds(window) - before == pytest.approx(50.0)


def test_another_program_in_front_is_a_pause(window: MainWindow, clock: Clock) -> None:
    before, application = seconds(window), QApplication.instance()
    assert isinstance(application, QApplication)
    clock.now = 10.0
    application.applicationStateChanged.emit(Qt.ApplicationState.ApplicationInactive)
    clock.now = 40.0
    application.applicationStateChanged.emit(Qt.ApplicationState.ApplicationActive)
    clock.now = 45.0
    window.sittings.recorder.touch()
    assert seconds(window) - before == pytest.approx(15.0)


def test_a_recorded_recipe_counts_and_its_undoing_is_an_undo(window: MainWindow) -> None:
    actions = window.sittings.recorder._actions
    window.metaphase.recipe_kept.emit(Recipe(flatten=True))
    assert actions[ActionKind.ENHANCE] == 1
    window.board.undo_stack.is_stepping = True
    window.metaphase.recipe_kept.emit(None)
    window.board.undo_stack.is_stepping = False
    assert actions[ActionKind.ENHANCE] == 1

"""Undo and redo over a real store that refuses: nothing happens, and nothing is counted."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from karyogui.domain.sitting import ActionKind
from karyogui.services.workspace import Workspace, open_workspace
from karyogui.storage import database
from karyogui.ui.main_window import MainWindow
from tests.unit.ui.windows import answering, make_cell

UNDO, REDO = Qt.Key.Key_Z, Qt.Key.Key_Y


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workspace]:
    monkeypatch.setattr(database, "BUSY_SECONDS", 1.0)
    opened = open_workspace(tmp_path / "data")
    yield opened
    opened.close()


@contextmanager
def locked(workspace: Workspace) -> Iterator[None]:
    """Another program writes into the database and does not come to an end."""
    path = workspace.folder / database.DATABASE_FILE
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


def test_a_step_that_the_store_refuses_is_no_action(
    qtbot: QtBot, window: MainWindow, workspace: Workspace, tmp_path: Path
) -> None:
    window.cases.import_paths([make_cell(tmp_path / "24-0200")])
    qtbot.waitUntil(lambda: window.board.karyogram is not None, timeout=15_000)
    qtbot.waitUntil(lambda: not window.jobs.is_busy, timeout=15_000)
    board, actions, stack = window.board, window.sittings.recorder._actions, window.board.undo_stack
    assert board.karyogram is not None
    chosen = board.karyogram.placements[0]
    board.select((chosen.chromosome_id,))
    board.mirror_selection()
    mirrored = board.karyogram.placement(chosen.chromosome_id)
    assert mirrored != chosen

    def step(key: Qt.Key, refused: bool) -> None:
        if not refused:
            window.activateWindow()  # the box had the keys
            qtbot.waitUntil(window.isActiveWindow)
            qtbot.keyClick(window, key, Qt.KeyboardModifier.ControlModifier)
            return
        with locked(workspace), answering(qtbot, lambda box: box.reject()) as said:
            qtbot.keyClick(window, key, Qt.KeyboardModifier.ControlModifier)
        assert "busy" in said[0]

    def state() -> tuple[object, int, int, int]:
        assert board.karyogram is not None
        now = board.karyogram.placement(chosen.chromosome_id)
        return now, stack.index(), actions[ActionKind.UNDO], actions[ActionKind.REDO]

    assert state() == (mirrored, 1, 0, 0)
    step(UNDO, refused=True)
    assert state() == (mirrored, 1, 0, 0)
    step(UNDO, refused=False)
    undone, *counts = state()
    assert counts == [0, 1, 0]
    step(REDO, refused=True)
    assert state() == (undone, 0, 1, 0)
    step(REDO, refused=False)
    assert state()[1:] == (1, 1, 1)

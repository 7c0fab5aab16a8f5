"""What `main.py bench` drags is really dragged, and nothing is moved by it."""

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from karyogui.ui.board import drag_latency
from karyogui.ui.board.panel import BoardPanel
from tests.unit.ui.board.conftest import Records


def test_every_chromosome_is_dragged_and_put_back(
    qtbot: QtBot, panel: BoardPanel, records: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drag_latency, "STEPS", 2)
    under_way = []
    measure = drag_latency._until_painted

    def watched(painted: drag_latency._Painted, viewport: QWidget, to: QPoint) -> float:
        seconds = measure(painted, viewport, to)
        under_way.append(panel.view.is_busy)
        return seconds

    monkeypatch.setattr(drag_latency, "_until_painted", watched)
    panel.show_cell(drag_latency.demo_cell())
    latencies = drag_latency.drag_everything(panel)
    assert under_way == [True] * 2 * 47
    assert 0 < max(latencies) < drag_latency.LONGEST
    assert records.changes == []
    assert not panel.view.is_busy

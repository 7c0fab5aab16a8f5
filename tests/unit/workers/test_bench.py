"""`main.py bench` says what it measured; how fast this machine is, is not tested."""

import json

import pytest
from pytestqt.qtbot import QtBot

from karyogui.workers import bench


def test_it_prints_every_figure(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(bench, "start_up_seconds", lambda: 1.5)
    monkeypatch.setattr(bench, "board_drag", lambda: {"median_ms": 2.0})
    monkeypatch.setattr(bench, "runtimes", lambda weights, device, repeats: [{"id": "torch"}])
    assert bench.main(["--repeats", "1", "--device", "cpu"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["start_up_seconds"] == 1.5
    assert told["board_drag"] == {"median_ms": 2.0}
    assert told["runtimes"] == [{"id": "torch"}]
    assert set(told["loading"]) == {"seconds", "gui_late_ms"}
    assert told["cell_of_46"]["seconds_median"] > 0
    assert told["cell_of_46"]["gui_late_ms_worst"] >= 0
    assert told["peak_memory_mib"] > 0


def test_the_board_is_measured_in_a_process_of_its_own() -> None:
    told = bench.board_drag()
    assert told["moves"] > 47
    assert 0 < told["median_ms"] <= told["worst_ms"]


def test_work_that_fails_ends_the_measurement(qtbot: QtBot) -> None:
    def fail() -> None:
        raise OSError("full")

    with pytest.raises(OSError, match="full"):
        bench.gui_lateness(fail)

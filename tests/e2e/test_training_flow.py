"""Train from the menu in a process of its own; the new model is found and used."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from karyogui.services.workspace import Workspace, open_workspace
from karyogui.settings import SettingsStore
from karyogui.ui.main_window import MainWindow
from karyogui.ui.training.controller import DEFAULT_WEIGHTS
from karyogui.ui.training.models_dialog import ModelsDialog
from karyogui.ui.training.train_dialog import TrainDialog
from karyogui.workers.training_process import TrainingProcess
from tests.unit.ui.windows import answering, open_window

FAKE_TRAINING = """
import json, sys
from pathlib import Path
say = lambda **event: print(json.dumps(event), flush=True)
out = Path(sys.argv[sys.argv.index("--out") + 1])
out.mkdir(parents=True)
say(event="started", device="cpu", parameters=9, steps=["global"], epochs={"global": 1})
say(event="epoch", step="global", epoch=1, loss=0.5, val_type_acc=0.9)
if sys.stdin.readline().strip() == "stop":
    say(event="stopped")
    sys.exit(0)
name = sys.argv[sys.argv.index("--name") + 1]
weights = out / f"{name}.safetensors"
weights.write_bytes(b"")
weights.with_suffix(".json").write_text(json.dumps({"name": name, "version": "1"}))
say(event="finished", weights=str(weights), metrics={})
"""


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    opened = open_workspace(tmp_path / "data")
    yield opened
    opened.close()


@pytest.fixture
def window(qtbot: QtBot, workspace: Workspace, tmp_path: Path) -> Iterator[MainWindow]:
    script = tmp_path / "fake.py"
    script.write_text(FAKE_TRAINING, encoding="utf-8")
    with open_window(qtbot, workspace, tmp_path / "config") as opened:
        opened.models.process = TrainingProcess(opened, (sys.executable, str(script)))
        yield opened


def start_training(qtbot: QtBot, window: MainWindow, data: Path) -> TrainDialog:
    data.touch()
    window.actions_["model.train"].trigger()
    dialog = window.findChild(TrainDialog)
    assert isinstance(dialog, TrainDialog)
    qtbot.waitExposed(dialog)
    qtbot.keyClicks(dialog.data, str(data))
    dialog.name.clear()
    qtbot.keyClicks(dialog.name, "new")
    with qtbot.waitSignal(window.models.process.event_received, timeout=20_000):
        qtbot.mouseClick(dialog.start_button, Qt.MouseButton.LeftButton)
    return dialog


def test_the_new_model_is_offered_and_used(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    start_training(qtbot, window, tmp_path / "cells.zip")
    assert window.status.training.isVisible()
    with qtbot.waitSignal(window.models.process.ended, timeout=20_000):
        window.models.process._process.write(b"go on\n")  # type: ignore[union-attr]
    assert not window.status.training.isVisible()
    assert "new model" in window.centre.notices.text

    def choose(dialog: ModelsDialog) -> None:
        names = [dialog.table.item(row, 0).text() for row in range(dialog.table.rowCount())]
        dialog.table.selectRow(names.index("new"))
        qtbot.mouseClick(dialog.use, Qt.MouseButton.LeftButton)

    button = next(
        b for b in window.centre.notices.findChildren(QPushButton) if b.text() == "Choose model"
    )
    with answering(qtbot, choose):
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert window.models.weights.name == "new.safetensors"
    assert window.models.weights != DEFAULT_WEIGHTS
    stored = SettingsStore(tmp_path / "config" / "settings.toml").values.weights
    assert json.dumps(stored).endswith('new.safetensors"')


def test_closing_the_window_asks_and_ends_the_training(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    start_training(qtbot, window, tmp_path / "cells.zip")

    def press(text: str) -> None:
        def answer(box: object) -> None:
            buttons = box.findChildren(QPushButton)  # type: ignore[attr-defined]
            qtbot.mouseClick(
                next(b for b in buttons if b.text() == text), Qt.MouseButton.LeftButton
            )

        with answering(qtbot, answer):
            window.close()

    press("Keep working")
    assert window.isVisible()
    assert window.models.process.is_running
    press("End training and close")
    assert not window.models.process.is_running
    assert not window.isVisible()

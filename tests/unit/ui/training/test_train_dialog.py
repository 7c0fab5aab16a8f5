import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from karyogui.services.training import TrainingEvent
from karyogui.ui.training.curves import TrainingCurves
from karyogui.ui.training.train_dialog import TrainDialog
from karyogui.workers.training_process import TrainingProcess

EVENTS = [
    {"event": "started", "device": "cpu", "parameters": 7, "steps": ["g"], "epochs": {"g": 2}},
    {"event": "batch", "step": "g", "epoch": 1, "done": 1, "total": 2, "loss": 2.0},
    {"event": "epoch", "step": "g", "epoch": 1, "loss": 1.5, "val_type_acc": 0.5},
    {"event": "epoch", "step": "g", "epoch": 2, "loss": 1.0, "val_type_acc": None},
]
WAIT = (
    "\nfor line in sys.stdin:\n    print(json.dumps({'event': 'stopped'}), flush=True)\n    break\n"
)


@pytest.fixture
def make(qtbot: QtBot, look: None, tmp_path: Path) -> Callable[..., TrainDialog]:
    def build(ending: str) -> TrainDialog:
        lines = "\n".join(f"print({json.dumps(e)!r}, flush=True)" for e in EVENTS)
        script = tmp_path / "fake.py"
        script.write_text(f"import json, sys\n{lines}\n{ending}", encoding="utf-8")
        process = TrainingProcess(None, (sys.executable, str(script)))
        dialog = TrainDialog(None, tmp_path / "models", process)
        dialog._test_process = process  # type: ignore[attr-defined]
        qtbot.addWidget(dialog)
        dialog.show()
        return dialog

    return build


def fill(dialog: TrainDialog, qtbot: QtBot, data: Path) -> None:
    data.touch()
    qtbot.keyClicks(dialog.data, str(data))


def test_it_says_what_is_missing(
    make: Callable[..., TrainDialog], qtbot: QtBot, tmp_path: Path
) -> None:
    dialog = make("")
    assert "Choose the training data" in dialog.hint.text()
    assert not dialog.start_button.isEnabled()
    qtbot.keyClicks(dialog.data, str(tmp_path / "missing.zip"))
    assert "There is nothing at" in dialog.hint.text()
    dialog.data.clear()
    fill(dialog, qtbot, tmp_path / "cells.zip")
    assert dialog.start_button.isEnabled()
    dialog.name.setText("../elsewhere")
    assert "name" in dialog.hint.text()
    (tmp_path / "models" / "old").mkdir(parents=True)
    dialog.name.setText("old")
    assert "exists" in dialog.hint.text()
    qtbot.mouseClick(dialog.resume, Qt.MouseButton.LeftButton, pos=dialog.resume.rect().center())
    dialog.resume.setChecked(True)
    assert dialog.start_button.isEnabled()
    assert dialog.request.resume


def test_choices_become_the_command(
    make: Callable[..., TrainDialog], qtbot: QtBot, tmp_path: Path
) -> None:
    dialog = make("")
    fill(dialog, qtbot, tmp_path / "cells.zip")
    qtbot.keyClicks(dialog.preset, "paper")
    qtbot.keyClicks(dialog.device, "CPU")
    dialog.epochs.setValue(3)
    command = dialog.request.command()
    assert command[command.index("--preset") + 1] == "paper"
    assert command[command.index("--device") + 1] == "cpu"
    assert command[command.index("--epochs") + 1] == "3"
    assert Path(command[command.index("--out") + 1]).name.startswith("paper-")
    assert "--resume" not in command


def test_a_training_draws_its_curves_and_can_be_stopped(
    make: Callable[..., TrainDialog], qtbot: QtBot, tmp_path: Path
) -> None:
    dialog = make(WAIT)
    fill(dialog, qtbot, tmp_path / "cells.zip")
    qtbot.mouseClick(dialog.start_button, Qt.MouseButton.LeftButton)
    assert not dialog.start_button.isEnabled()
    assert not dialog.data.isEnabled()
    qtbot.waitUntil(lambda: dialog.curves.points["loss"] == ([1, 2], [1.5, 1.0]), timeout=20_000)
    assert dialog.curves.points["val_type_acc"] == ([1], [50.0])
    assert "epoch 2 of 2" in dialog.status.text()
    with qtbot.waitSignal(dialog.training_ended, timeout=20_000):
        qtbot.mouseClick(dialog.stop_button, Qt.MouseButton.LeftButton)
    assert dialog.status.text().startswith("Stopped")
    assert dialog.data.isEnabled()


def test_a_failure_is_told_in_words(
    make: Callable[..., TrainDialog], qtbot: QtBot, tmp_path: Path
) -> None:
    failed = {"event": "failed", "sentence": "No cell in the archive.", "hint": "Look."}
    dialog = make(f"print({json.dumps(failed)!r}, flush=True)")
    fill(dialog, qtbot, tmp_path / "cells.zip")
    with qtbot.waitSignal(dialog.training_ended, timeout=20_000):
        qtbot.mouseClick(dialog.start_button, Qt.MouseButton.LeftButton)
    assert dialog.status.text() == "No cell in the archive. Look."
    assert dialog.status.property("role") == "error"


def test_closing_the_dialog_lets_the_training_go_on(
    make: Callable[..., TrainDialog], qtbot: QtBot, tmp_path: Path
) -> None:
    dialog = make(WAIT)
    process = dialog._test_process  # type: ignore[attr-defined]
    fill(dialog, qtbot, tmp_path / "cells.zip")
    qtbot.mouseClick(dialog.start_button, Qt.MouseButton.LeftButton)
    dialog.close()
    assert process.is_running
    with qtbot.waitSignal(process.ended, timeout=20_000):
        process.stop()


def test_curves_begin_anew(qtbot: QtBot, look: None) -> None:
    curves = TrainingCurves()
    qtbot.addWidget(curves)
    curves.add_epoch(TrainingEvent("epoch", {"step": "a", "loss": 1.0}).fields)
    curves.add_epoch({"step": "b", "loss": 0.5, "val_loss": "odd"})
    assert curves.points["loss"] == ([1, 2], [1.0, 0.5])
    assert curves.points["val_loss"] == ([], [])
    # No line joins the losses of two steps.
    assert not curves._plots[0].curves["loss"].opts["connect"][0]
    curves.clear()
    curves.add_epoch({"step": "a", "loss": 3.0})
    assert curves.points["loss"] == ([1], [3.0])

"""Train from the menu in a process of its own; the new model is compared, then installed or not."""

import sys
import zipfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from karyogui.services.workspace import Workspace
from karyogui.settings import SettingsStore
from karyogui.ui.main_window import MainWindow
from karyogui.ui.training.controller import DEFAULT_WEIGHTS
from karyogui.ui.training.install_dialog import InstallDialog
from karyogui.ui.training.train_dialog import RUNS, TrainDialog
from karyogui.workers.model_comparing import compare_models
from karyogui.workers.training_process import TrainingProcess
from model.vocabulary.archive import fold_of
from tests.unit.ui.windows import answering, click, open_window

CASES = [f"case-{number}" for number in range(100)]
HELD_OUT = next(case for case in CASES if fold_of(case) == 0)
SEEN = next(case for case in CASES if fold_of(case) != 0)
FAKE_TRAINING = """
import hashlib, json, sys
from pathlib import Path
say = lambda **event: print(json.dumps(event), flush=True)
at = lambda name: sys.argv[sys.argv.index(name) + 1]
request = json.loads(Path(at("--request")).read_text())
out, name = Path(request["out"]), request["name"]
out.mkdir(parents=True, exist_ok=True)
record = {"format": 2, "request": request, "created": "2026-03-01T10:00:00+00:00",
          "started": "2026-03-01T10:00:00+00:00", "ended": None, "pid": 0, "state": "stopped",
          "sentence": "", "hint": "", "figures": {}, "weights": None}
keep = lambda **told: (out / "run.json").write_text(json.dumps({**record, **told}))
(out / "checkpoint.safetensors").touch()
keep()
say(event="started", device="cpu", parameters=9, steps=["global"], epochs={"global": 1})
say(event="epoch", step="global", epoch=1, loss=0.5, val_type_acc=0.9)
if sys.stdin.readline().strip() == "stop":
    say(event="stopped")
    sys.exit(0)
weights = out / f"{name}.safetensors"
weights.write_bytes(name.encode())
card = {"name": name, "version": "1", "sha256": hashlib.sha256(name.encode()).hexdigest(),
        "data": "cells.zip: 2 cells", "split": "by case, fold 0 of 5 held out (1 cells)"}
weights.with_suffix(".json").write_text(json.dumps(card))
keep(state="finished", weights=weights.name)
say(event="finished", weights=str(weights), metrics={})
"""
FAKE_EVALUATION = """
import json, sys, zipfile
from pathlib import Path
at = lambda name: sys.argv[sys.argv.index(name) + 1]
cases = sorted({n.split("/")[0] for n in zipfile.ZipFile(at("--data")).namelist()})
shares = {"better": 0.999, "compact": 0.99}
share = shares.get(Path(at("--weights")).stem, 0.9)
cells = [{"case": case, "cell": "cell-1", "type": {"acc_per_case_d": share},
          "polarity": {"acc_per_case": 0.99}, "cells_exactly_right": 1.0} for case in cases]
out = Path(at("--out")); out.mkdir(parents=True)
(out / "metrics.json").write_text(json.dumps({"cells": cells}))
"""


@pytest.fixture
def cells(tmp_path: Path) -> Path:
    path = tmp_path / "cells.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for case in (HELD_OUT, SEEN):
            archive.writestr(f"{case}/cell-1/1-1.png", b"")
    return path


@pytest.fixture
def window(qtbot: QtBot, workspace: Workspace, tmp_path: Path) -> Iterator[MainWindow]:
    programs = []
    for name, text in (("train", FAKE_TRAINING), ("evaluate", FAKE_EVALUATION)):
        (tmp_path / f"{name}.py").write_text(text, encoding="utf-8")
        programs.append((sys.executable, str(tmp_path / f"{name}.py")))
    with open_window(qtbot, workspace, tmp_path / "config") as opened:
        models = opened.models
        models.process = TrainingProcess(opened, programs[0])
        models.library._compare = partial(compare_models, program=programs[1])
        models.library._check = lambda weights, monitor: None
        yield opened


def start_training(qtbot: QtBot, window: MainWindow, data: Path, name: str) -> TrainDialog:
    window.actions_["model.train"].trigger()
    dialog = window.findChild(TrainDialog)
    assert isinstance(dialog, TrainDialog)
    qtbot.waitExposed(dialog)
    qtbot.keyClicks(dialog.form.data, str(data))
    dialog.form.name.clear()
    qtbot.keyClicks(dialog.form.name, name)
    with qtbot.waitSignal(window.models.process.event_received, timeout=20_000):
        click(qtbot, dialog.start_button)
    return dialog


def finish(qtbot: QtBot, window: MainWindow) -> None:
    with qtbot.waitSignal(window.models.process.ended, timeout=20_000):
        window.models.process.go_on()


def compared(qtbot: QtBot, window: MainWindow) -> InstallDialog:
    """The dialog with the result of the comparison."""
    dialog = window.findChild(InstallDialog)
    assert isinstance(dialog, InstallDialog)
    qtbot.waitUntil(lambda: dialog.comparison is not None, timeout=20_000)
    return dialog


def press_notice(qtbot: QtBot, window: MainWindow, text: str) -> None:
    notices = window.centre.notices
    buttons = notices.findChildren(QPushButton)
    click(qtbot, next(b for b in buttons if b.text() == text))


def test_a_better_model_is_installed_with_one_click_and_rolled_back(
    qtbot: QtBot, window: MainWindow, cells: Path, workspace: Workspace, tmp_path: Path
) -> None:
    start_training(qtbot, window, cells, "better")
    assert window.status.training.isVisible()
    finish(qtbot, window)
    assert not window.status.training.isVisible()
    dialog = compared(qtbot, window)
    assert dialog.isVisible()
    assert dialog.comparison is not None
    assert dialog.comparison.plan.cases == (HELD_OUT,)
    # Nothing is installed by itself.
    assert window.models.weights == DEFAULT_WEIGHTS
    window.models.refresh()
    assert [model.name for model in window.models.models] == ["compact", "separation"]
    with qtbot.waitSignal(window.models.model_changed, timeout=20_000):
        click(qtbot, dialog.install_button)
    assert window.models.weights == workspace.folder / "models" / "better.safetensors"
    stored = SettingsStore(tmp_path / "config" / "settings.toml").values
    assert stored.weights == str(window.models.weights)
    assert "installed and in use" in window.centre.notices.text
    press_notice(qtbot, window, "Roll back")
    assert window.models.weights == DEFAULT_WEIGHTS


def test_a_worse_one_waits_in_its_folder_until_its_name_is_typed(
    qtbot: QtBot, window: MainWindow, cells: Path
) -> None:
    training = start_training(qtbot, window, cells, "worse")
    training.close()
    finish(qtbot, window)
    dialog = compared(qtbot, window)
    # Who works on a karyogram is told in a line, not by a window on top.
    assert not dialog.isVisible()
    assert "is worse than the one in use" in window.centre.notices.text
    press_notice(qtbot, window, "Show")
    assert dialog.isVisible()
    click(qtbot, dialog.keep_button)
    qtbot.waitUntil(lambda: window.findChild(InstallDialog) is None)
    window.actions_["model.train"].trigger()
    training.tabs.setCurrentIndex(RUNS)
    click(qtbot, training.runs.install)
    dialog = compared(qtbot, window)
    assert not dialog.install_button.isEnabled()
    qtbot.keyClicks(dialog.typed, "worse")
    with qtbot.waitSignal(window.models.model_changed, timeout=20_000):
        click(qtbot, dialog.install_button)
    assert window.models.weights.name == "worse.safetensors"


def test_a_stopped_training_is_resumed_from_the_history(
    qtbot: QtBot, window: MainWindow, cells: Path
) -> None:
    dialog = start_training(qtbot, window, cells, "better")
    with qtbot.waitSignal(window.models.process.ended, timeout=20_000):
        click(qtbot, dialog.stop_button)
    dialog.tabs.setCurrentIndex(RUNS)
    with qtbot.waitSignal(window.models.process.event_received, timeout=20_000):
        click(qtbot, dialog.runs.resume)
    finish(qtbot, window)
    assert compared(qtbot, window).model.name == "better"
    dialog.tabs.setCurrentIndex(RUNS)
    assert dialog.runs.chosen is not None
    assert dialog.runs.chosen.state == "finished"


def test_closing_the_window_asks_and_ends_the_training(
    qtbot: QtBot, window: MainWindow, cells: Path
) -> None:
    start_training(qtbot, window, cells, "better")

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


def test_closing_the_window_ends_a_comparison(
    qtbot: QtBot, window: MainWindow, cells: Path, tmp_path: Path
) -> None:
    (tmp_path / "evaluate.py").write_text("import time\ntime.sleep(600)")
    start_training(qtbot, window, cells, "better")
    finish(qtbot, window)
    assert window.jobs.is_busy
    window.close()
    assert not window.jobs.is_busy

"""The training dialog over a made-up training process: start, pause, stop, resume, history."""

import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from karyogui.errors import KaryoError
from karyogui.services.checked_pictures import CheckedSummary
from karyogui.services.progress import Monitor
from karyogui.services.training_runs import CHECKPOINT, PastRun
from karyogui.ui.training.curves import TrainingCurves
from karyogui.ui.training.own_data import OwnSummary
from karyogui.ui.training.train_dialog import NEW, PROGRESS, RUNS, TrainDialog
from karyogui.ui.widgets import local_time
from karyogui.workers.training_process import TrainingProcess
from model.vocabulary.events import Event
from model.vocabulary.training_request import TrainingRequest
from tests.unit.ui.training.models import put_model
from tests.unit.ui.windows import click

EVENTS = [
    {"event": "warning", "sentence": "The cells differ in scale."},
    {"event": "started", "device": "cpu", "parameters": 7, "steps": ["g"], "epochs": {"g": 2}},
    {"event": "batch", "step": "g", "epoch": 1, "done": 1, "total": 2, "loss": 2.0},
    {"event": "epoch", "step": "g", "epoch": 1, "loss": 1.5, "val_type_acc": 0.5},
    {
        "event": "epoch", "step": "g", "epoch": 2, "loss": 1.0, "val_type_acc": None,
        "images_per_second": 41.6, "memory": 1536, "seconds_left": 240,
    },
]  # fmt: skip
LISTEN = """
for line in sys.stdin:
    word = line.strip()
    if word in ("pause", "go on"):
        kind = {"pause": "paused", "go on": "resumed"}[word]
        print(json.dumps({"event": kind}), flush=True)
    if word == "stop":
        print(json.dumps({"event": "stopped"}), flush=True)
        break
"""
FINISH = 'print(json.dumps({"event": "finished", "weights": "new.safetensors"}), flush=True)'
Make = Callable[..., TrainDialog]
Write = Callable[[TrainingRequest, Monitor], None]


class FakeOwnData:
    """Two reviewed cells, and checked photographs as they are told."""

    def __init__(self, write: Write, checked: CheckedSummary | None = None) -> None:
        self.write = write
        self._checked = checked or CheckedSummary()

    def summary(self) -> OwnSummary:
        return OwnSummary("2 cells.")

    def checked(self) -> CheckedSummary:
        return self._checked


@pytest.fixture
def make(qtbot: QtBot, look: None, tmp_path: Path) -> Make:
    def build(ending: str, runs: Sequence[PastRun] = (), **more: object) -> TrainDialog:
        lines = "\n".join(f"print({json.dumps(e)!r}, flush=True)" for e in EVENTS)
        asked = f"open({str(tmp_path / 'asked')!r}, 'w').write(json.dumps(sys.argv[1:]))"
        script = tmp_path / "fake.py"
        script.write_text(f"import json, sys\n{asked}\n{lines}\n{ending}", encoding="utf-8")
        process = TrainingProcess(None, (sys.executable, str(script)))
        folder = tmp_path / "training"
        dialog = TrainDialog(None, folder, process, lambda: runs, **more)  # type: ignore[arg-type]
        dialog._test_process = process  # type: ignore[attr-defined]
        qtbot.addWidget(dialog)
        dialog.show()
        return dialog

    return build


def fill_in(dialog: TrainDialog, qtbot: QtBot, data: Path) -> None:
    data.touch()
    qtbot.keyClicks(dialog.form.data, str(data))


def begin(dialog: TrainDialog, qtbot: QtBot, tmp_path: Path) -> None:
    """Start and wait for the last of the events."""
    fill_in(dialog, qtbot, tmp_path / "cells.zip")
    click(qtbot, dialog.start_button)
    qtbot.waitUntil(lambda: "epoch 2 of 2" in dialog.status.text(), timeout=20_000)


def asked(tmp_path: Path) -> list[str]:
    return list(json.loads((tmp_path / "asked").read_text()))


def past(folder: Path, state: str, **more: object) -> PastRun:
    folder.mkdir(parents=True)
    request = TrainingRequest(Path("cells.zip"), folder, name=folder.name)
    run = PastRun(folder, request, state, "2026-03-01T10:20:30.5+00:00", epochs_done=3)
    return replace(run, epochs_total=9, **more)  # type: ignore[arg-type]


def test_before_a_training_runs_there_are_no_empty_curves(
    make: Make, qtbot: QtBot, tmp_path: Path
) -> None:
    dialog = make(LISTEN)
    dialog.tabs.setCurrentIndex(PROGRESS)
    told = [label.text() for label in dialog.progress.findChildren(QLabel) if label.isVisible()]
    assert "No training is running" in told
    assert not dialog.curves.isVisible()
    dialog.tabs.setCurrentIndex(NEW)
    begin(dialog, qtbot, tmp_path)
    assert dialog.curves.isVisible()
    assert dialog.log.isVisible()
    click(qtbot, dialog.stop_button)
    qtbot.waitUntil(lambda: "Stopped" in dialog.status.text(), timeout=20_000)


def test_it_says_what_is_missing(make: Make, qtbot: QtBot, tmp_path: Path) -> None:
    dialog = make("")
    assert "Choose the training data" in dialog.hint.text()
    assert not dialog.start_button.isEnabled()
    qtbot.keyClicks(dialog.form.data, str(tmp_path / "missing.zip"))
    assert "There is nothing at" in dialog.hint.text()
    dialog.form.data.clear()
    fill_in(dialog, qtbot, tmp_path / "cells.zip")
    assert dialog.start_button.isEnabled()
    dialog.form.name.setText("../elsewhere")
    assert "name" in dialog.hint.text()
    (tmp_path / "training" / "old").mkdir(parents=True)
    dialog.form.name.setText("old")
    assert "resume it under Runs" in dialog.hint.text()


def test_a_training_draws_its_curves_and_can_be_stopped(
    make: Make, qtbot: QtBot, tmp_path: Path
) -> None:
    dialog = make(LISTEN)
    begin(dialog, qtbot, tmp_path)
    assert dialog.tabs.currentIndex() == PROGRESS
    assert dialog.curves.points["loss"] == ([1, 2], [1.5, 1.0])
    assert dialog.curves.points["val_type_acc"] == ([1], [50.0])
    assert dialog.machine.text() == "CPU · 7 parameters · 42 images/s · memory 1.5 GiB"
    assert "about 4 min left" in dialog.status.text()
    assert "differ in scale" in dialog.log.toPlainText()
    assert asked(tmp_path)[0] == "train"
    dialog.tabs.setCurrentIndex(NEW)
    assert not dialog.start_button.isEnabled()
    assert "One training at a time" in dialog.hint.text()
    with qtbot.waitSignal(dialog.training_ended, timeout=20_000):
        click(qtbot, dialog.stop_button)
        dialog.tabs.setCurrentIndex(PROGRESS)
        assert not dialog.stop_button.isEnabled()
    assert dialog.status.text().startswith("Stopped")
    assert not dialog.stop_button.isVisible()


def test_it_pauses_and_goes_on(make: Make, qtbot: QtBot, tmp_path: Path) -> None:
    dialog = make(LISTEN)
    told: list[str] = []
    dialog.progress_changed.connect(told.append)
    begin(dialog, qtbot, tmp_path)
    click(qtbot, dialog.pause_button)
    assert not dialog.stop_button.hasFocus(), "the next Space would stop the training"
    qtbot.waitUntil(lambda: dialog.pause_button.text() == "Go on", timeout=20_000)
    assert dialog.pause_button.hasFocus()
    assert dialog.status.text().endswith("paused")
    assert told[-1] == "Training 100%, paused"
    click(qtbot, dialog.pause_button)
    qtbot.waitUntil(lambda: dialog.pause_button.text() == "Pause", timeout=20_000)
    assert "paused" not in dialog.status.text()
    with qtbot.waitSignal(dialog.training_ended, timeout=20_000):
        click(qtbot, dialog.stop_button)


def test_a_stopped_training_is_resumed_with_the_same_settings(
    make: Make, qtbot: QtBot, tmp_path: Path
) -> None:
    dialog = make(LISTEN)
    dialog.form.settings.steps["fused"].setValue(4)
    begin(dialog, qtbot, tmp_path)
    first = asked(tmp_path)
    with qtbot.waitSignal(dialog.training_ended, timeout=20_000):
        click(qtbot, dialog.stop_button)
    # What is filled in afterwards belongs to the next training.
    dialog.form.settings.steps["fused"].setValue(1)
    dialog.tabs.setCurrentIndex(RUNS)
    assert not dialog.resume_button.isVisible()
    dialog.tabs.setCurrentIndex(PROGRESS)
    with qtbot.waitSignal(dialog._process.event_received, timeout=20_000):
        click(qtbot, dialog.resume_button)
    assert asked(tmp_path) == [*first, "--resume"]
    with qtbot.waitSignal(dialog.training_ended, timeout=20_000):
        click(qtbot, dialog.stop_button)


def test_a_failure_is_told_in_words(make: Make, qtbot: QtBot, tmp_path: Path) -> None:
    failed = {"event": "failed", "sentence": "No cell in the archive.", "hint": "Look."}
    dialog = make(f"print({json.dumps(failed)!r}, flush=True)")
    fill_in(dialog, qtbot, tmp_path / "cells.zip")
    with qtbot.waitSignal(dialog.training_ended, timeout=20_000):
        click(qtbot, dialog.start_button)
    assert dialog.status.text() == "No cell in the archive. Look."
    assert dialog.status.property("role") == "error"
    assert dialog.resume_button.isVisible()


def test_a_finished_one_cannot_be_resumed_and_the_next_gets_a_name(
    make: Make, qtbot: QtBot, tmp_path: Path
) -> None:
    dialog = make(FINISH)
    fill_in(dialog, qtbot, tmp_path / "cells.zip")
    name = dialog.form.name.text()
    (tmp_path / "training").mkdir()
    with qtbot.waitSignal(dialog.training_ended, timeout=20_000):
        click(qtbot, dialog.start_button)
        assert (tmp_path / "training" / name / "request.json").exists()
    assert "compared before it is installed" in dialog.status.text()
    assert not dialog.resume_button.isVisible()
    assert dialog.form.name.text() == f"{name}-2"


def test_closing_the_dialog_lets_the_training_go_on(
    make: Make, qtbot: QtBot, tmp_path: Path
) -> None:
    dialog = make(LISTEN)
    process = dialog._test_process  # type: ignore[attr-defined]
    begin(dialog, qtbot, tmp_path)
    dialog.close()
    assert process.is_running
    with qtbot.waitSignal(process.ended, timeout=20_000):
        process.stop()


def test_own_cells_are_written_before_the_training_starts(
    make: Make, qtbot: QtBot, tmp_path: Path
) -> None:
    written: list[Path] = []

    def write(request: TrainingRequest, monitor: Monitor) -> None:
        request.data.parent.mkdir(parents=True)
        request.data.touch()
        written.append(request.data)

    dialog = make(LISTEN, own=FakeOwnData(write))
    dialog.form.source.setCurrentIndex(1)
    click(qtbot, dialog.start_button)
    qtbot.waitUntil(lambda: "epoch 2 of 2" in dialog.status.text(), timeout=20_000)
    (target,) = written
    arguments = asked(tmp_path)
    request = TrainingRequest.read(Path(arguments[arguments.index("--request") + 1]))
    assert request.data == target
    with qtbot.waitSignal(dialog.training_ended, timeout=20_000):
        click(qtbot, dialog.stop_button)


def test_own_cells_that_cannot_be_written_start_nothing(
    make: Make, qtbot: QtBot, tmp_path: Path
) -> None:
    def write(request: TrainingRequest, monitor: Monitor) -> None:
        raise KaryoError("The disk is full.", "Make room.")

    dialog = make(LISTEN, own=FakeOwnData(write))
    dialog.form.source.setCurrentIndex(1)
    click(qtbot, dialog.start_button)
    qtbot.waitUntil(lambda: dialog._writing is None, timeout=20_000)
    assert dialog.status.text() == "The disk is full. Make room."
    assert not (tmp_path / "asked").exists()
    dialog.tabs.setCurrentIndex(NEW)
    assert dialog.start_button.isEnabled()


def test_the_history_offers_what_each_run_can(make: Make, qtbot: QtBot, tmp_path: Path) -> None:
    done = past(tmp_path / "done", "finished", figures={"val_type_acc": 0.987})
    done = replace(done, weights=tmp_path / "done" / "done.safetensors")
    failed = past(tmp_path / "failed", "failed", sentence="The loss became nan.", hint="Lower it.")
    cut = past(tmp_path / "cut", "interrupted")
    (cut.folder / CHECKPOINT).touch()
    dialog = make(LISTEN, (done, failed, cut))
    dialog.tabs.setCurrentIndex(RUNS)
    table, runs = dialog.runs.table, dialog.runs
    rows = [[table.item(row, column).text() for column in (0, 1, 2, 6)] for row in range(3)]
    assert rows == [
        ["done", "finished", "3 of 9", "98.7 %"],
        ["failed", "failed", "3 of 9", "–"],
        ["cut", "interrupted", "3 of 9", "–"],
    ]
    with qtbot.waitSignal(dialog.install_requested) as wanted:
        click(qtbot, runs.install)
    assert wanted.args == [done]
    assert not runs.resume.isEnabled()
    table.selectRow(1)
    assert runs.hint.text() == "The loss became nan. Lower it."
    assert not runs.resume.isEnabled()
    assert not runs.install.isEnabled()
    table.selectRow(2)
    click(qtbot, runs.resume)
    qtbot.waitUntil(lambda: "epoch 2 of 2" in dialog.status.text(), timeout=20_000)
    arguments = asked(tmp_path)
    request = TrainingRequest.read(Path(arguments[arguments.index("--request") + 1]))
    assert request.out == cut.folder
    assert "--resume" in arguments
    assert not runs.resume.isEnabled()
    with qtbot.waitSignal(dialog.training_ended, timeout=20_000):
        click(qtbot, dialog.stop_button)


def test_a_moment_is_told_in_the_time_of_this_place() -> None:
    told = local_time("2026-03-01T10:20:30+00:00")
    assert told[4] == "-"
    assert told.endswith(":20") or told.endswith(":50") or told.endswith(":05")
    assert local_time("yesterday") == "yesterday"


def test_curves_begin_anew(qtbot: QtBot, look: None) -> None:
    curves = TrainingCurves()
    qtbot.addWidget(curves)
    curves.add_epoch(Event("epoch", {"step": "a", "loss": 1.0}).fields)
    curves.add_epoch({"step": "b", "loss": 0.5, "val_loss": "odd"})
    assert curves.points["loss"] == ([1, 2], [1.0, 0.5])
    assert curves.points["val_loss"] == ([], [])
    # No line joins the losses of two steps.
    assert not curves._plots[0].curves["loss"].opts["connect"][0]
    curves.clear()
    curves.add_epoch({"step": "a", "loss": 3.0})
    assert curves.points["loss"] == ([1], [3.0])


def test_a_separation_is_trained_from_the_same_dialog(
    make: Make, qtbot: QtBot, tmp_path: Path
) -> None:
    """Its own fields, its own program; request, progress and history are the same."""
    dialog = make(LISTEN, own=FakeOwnData(lambda *_: None, CheckedSummary(6, 12, {1: 4, 3: 8})))
    dialog.network.setFocus()
    qtbot.keyClick(dialog.network, Qt.Key.Key_Down)
    form = dialog.separation_form
    assert form.isVisible()
    assert not dialog.form.isVisible()
    assert "no separation in use" in dialog.hint.text()
    base = put_model(tmp_path, "base", kind="separation")
    form.set_active(base)
    assert form.hold_out.currentData() == 1
    assert form.own.text() == (
        "12 checked pictures of 6 cases: 8 to learn from, 4 kept apart to measure on."
    )
    form.name.clear()
    qtbot.keyClicks(form.name, "ours")
    click(qtbot, dialog.start_button)
    qtbot.waitUntil(lambda: "epoch 2 of 2" in dialog.status.text(), timeout=20_000)
    arguments = asked(tmp_path)
    assert arguments[0] == "train-separation"
    request = TrainingRequest.read(Path(arguments[arguments.index("--request") + 1]))
    assert (request.network, request.fine_tune, request.hold_out) == ("separation", base.path, 1)
    assert request.data == tmp_path / "training" / "ours" / "own-checked-pictures.zip"
    assert request.epochs == {"total": 8}
    assert not dialog.curves._boxes[1].isVisible()
    with qtbot.waitSignal(dialog.training_ended, timeout=20_000):
        click(qtbot, dialog.stop_button)


@pytest.mark.parametrize(
    ("checked", "sentence"),
    [
        (CheckedSummary(), "No photograph of this data folder has been checked yet"),
        (CheckedSummary(2, 4, {0: 2, 1: 2}), "At least 5 are needed to learn from, and 2 of"),
        (CheckedSummary(1, 40, {0: 40}), "Check more photographs"),
    ],
)
def test_too_few_checked_photographs_are_told_beforehand(
    make: Make, qtbot: QtBot, tmp_path: Path, checked: CheckedSummary, sentence: str
) -> None:
    dialog = make("", own=FakeOwnData(lambda *_: None, checked))
    dialog.separation_form.set_active(put_model(tmp_path, "base", kind="separation"))
    qtbot.keyClicks(dialog.network, "Sep")
    assert sentence in dialog.hint.text()
    assert not dialog.start_button.isEnabled()


def test_a_fold_with_too_few_is_told_with_a_better_one(
    make: Make, qtbot: QtBot, tmp_path: Path
) -> None:
    dialog = make("", own=FakeOwnData(lambda *_: None, CheckedSummary(6, 12, {1: 4, 3: 8})))
    form = dialog.separation_form
    form.set_active(put_model(tmp_path, "base", kind="separation"))
    qtbot.keyClicks(dialog.network, "Sep")
    assert dialog.start_button.isEnabled()
    form.hold_out.setFocus()
    qtbot.keyClick(form.hold_out, Qt.Key.Key_Down)
    assert "keep fold 1 apart" in dialog.hint.text()
    assert not dialog.start_button.isEnabled()


def test_who_goes_on_from_an_own_separation_keeps_its_cases_apart(
    make: Make, qtbot: QtBot, tmp_path: Path
) -> None:
    own = CheckedSummary(9, 21, {1: 5, 2: 6, 3: 10})
    dialog = make("", own=FakeOwnData(lambda *_: None, own))
    form = dialog.separation_form
    seen = {"tseng-dev.zip": 0, "own-checked-pictures.zip": 2}
    form.set_active(put_model(tmp_path, "ours", kind="separation", held_out_folds=seen))
    qtbot.keyClicks(dialog.network, "Sep")
    assert form.hold_out.currentData() == 2
    assert dialog.start_button.isEnabled()
    qtbot.keyClick(form.hold_out, Qt.Key.Key_Up)
    assert "learned from other cases than fold 2" in dialog.hint.text()

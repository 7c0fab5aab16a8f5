from dataclasses import replace

import pytest
from pytestqt.qtbot import QtBot

from karyogui.domain.analysis import ModelIdentity
from karyogui.domain.cell import Cell
from karyogui.ui.job_bar import JobBar
from karyogui.ui.status import StatusBar, model_text

CELL = Cell(1, 1, "cell 1", (), seconds=0.62)
MODEL = ModelIdentity("compact", "1.2", "0123456789ab")


@pytest.mark.parametrize(
    ("device", "runtime", "text"),
    [
        ("cpu", "", "model compact 1.2 · cpu · 0.6 s"),
        ("cpu", "OpenVINO int8, CPU", "model compact 1.2 · OpenVINO int8, CPU · 0.6 s"),
        ("cuda:0", "torch bf16, CUDA", "model compact 1.2 · torch bf16, CUDA · 0.6 s"),
        ("cuda", "torch bf16", "model compact 1.2 · cuda · torch bf16 · 0.6 s"),
    ],
)
def test_model_device_and_runtime_are_told_each_once(device: str, runtime: str, text: str) -> None:
    model = replace(MODEL, device=device, runtime=runtime)
    assert model_text(replace(CELL, model=model), "other") == text


def test_a_running_training_is_told_in_words(qtbot: QtBot) -> None:
    jobs = JobBar()
    bar = StatusBar(jobs)
    qtbot.addWidget(bar)
    bar.show_training("")
    assert bar.training.isHidden()
    bar.show_training("Training 40%")
    assert not bar.training.isHidden()
    words = bar.training.fontMetrics().horizontalAdvance("Training 40%")
    assert bar.training.sizeHint().width() > words


def test_without_an_analysis_the_installed_one_is_told() -> None:
    assert model_text(CELL, "compact") == "model compact"
    assert model_text(None, "") == "no model installed"

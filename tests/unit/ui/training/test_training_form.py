"""The form of a new training: defaults follow the preset, only what differs is asked for."""

from collections.abc import Callable
from dataclasses import asdict, fields
from pathlib import Path
from typing import get_args

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from karyogui.services.training_set import TrainingSetSummary
from karyogui.ui.training.own_data import OwnSummary, own_summary
from karyogui.ui.training.run_form import free_name
from karyogui.ui.training.settings_form import NumberEdit
from karyogui.ui.training.training_form import TrainingForm
from model.vocabulary.choices import CLASSIFIERS
from model.vocabulary.presets import PRESETS
from model.vocabulary.training import PAPER_SETTINGS, Augmentation, Decay, Epochs
from tests.unit.ui.training.models import put_model

ALL_TYPES = dict.fromkeys([*(str(n) for n in range(1, 23)), "X", "Y"], 2)


@pytest.fixture
def make(qtbot: QtBot, look: None, tmp_path: Path) -> Callable[..., TrainingForm]:
    def build(own: OwnSummary | None = None) -> TrainingForm:
        form = TrainingForm(tmp_path / "training", (lambda: own) if own else None)
        qtbot.addWidget(form)
        form.show()
        (tmp_path / "cells.zip").touch()
        form.data.setText(str(tmp_path / "cells.zip"))
        return form

    return build


def type_into(qtbot: QtBot, field: NumberEdit, text: str) -> None:
    field.selectAll()
    qtbot.keyClicks(field, text)


def test_untouched_it_asks_for_the_presets_own(make: Callable[..., TrainingForm]) -> None:
    form = make()
    assert form.complaint == ""
    assert (form.request.epochs, form.request.settings) == ({}, {})
    assert form.request.name == form.name.text()


def test_another_preset_refills_the_defaults(
    qtbot: QtBot, make: Callable[..., TrainingForm]
) -> None:
    form = make()
    form.settings.steps["fused"].setValue(99)
    qtbot.keyClicks(form.preset, "paper")
    shown = {key: box.value() for key, box in form.settings.steps.items()}
    assert shown == asdict(PAPER_SETTINGS.epochs)
    assert form.settings.numbers["learning_rate"].text() == "0.0001"
    assert form.settings.numbers["augmentation.rotation"].value == 45.0
    assert form.settings.decay.currentData() == "tenfold"
    assert form.request.epochs == {}
    assert form.name.text().startswith("paper-")


def test_everything_that_can_be_set_reaches_the_request(
    qtbot: QtBot, make: Callable[..., TrainingForm]
) -> None:
    form = make()
    form.settings.steps["g_net"].setValue(5)
    form.settings.steps["alternations"].setValue(2)
    for name, text in (
        ("learning_rate", "0,00002"),
        ("batch_size", "32"),
        ("weight_decay", "0.1"),
        ("ema", "0"),
        ("seed", "7"),
        ("augmentation.blur", "0.5"),
    ):
        type_into(qtbot, form.settings.numbers[name], text)
    qtbot.mouseClick(form.settings.advanced_button, Qt.MouseButton.LeftButton)
    qtbot.keyClicks(form.settings.decay, "Tenfold")
    qtbot.keyClicks(form.classifier, "ResNet-STN")
    qtbot.keyClicks(form.hold_out, "None")
    request = form.request
    assert request.epochs == {"g_net": 5, "alternations": 2}
    assert request.settings == {
        "learning_rate": 2e-5,
        "batch_size": 32,
        "weight_decay": 0.1,
        "ema": 0.0,
        "seed": 7,
        "augmentation.blur": 0.5,
        "decay": "tenfold",
    }
    assert (request.classifier, request.hold_out) == ("resnet-stn", -1)
    assert form.complaint == ""


def test_everything_that_a_training_knows_can_be_set(make: Callable[..., TrainingForm]) -> None:
    form = make()
    assert list(form.settings.steps) == [f.name for f in fields(Epochs)]
    strengths = [name for name in form.settings.numbers if "." in name]
    assert strengths == [f"augmentation.{f.name}" for f in fields(Augmentation)]
    for combo, known in (
        (form.preset, [config.preset for config in PRESETS]),
        (form.classifier, list(CLASSIFIERS)),
        (form.settings.decay, list(get_args(Decay))),
    ):
        assert [combo.itemData(i) for i in range(combo.count())] == known


def test_advanced_settings_are_folded_until_wanted(
    qtbot: QtBot, make: Callable[..., TrainingForm]
) -> None:
    form = make()
    assert not form.settings.advanced.isVisible()
    form.settings.advanced_button.setFocus()
    qtbot.keyClick(form.settings.advanced_button, Qt.Key.Key_Space)
    assert form.settings.advanced.isVisible()


@pytest.mark.parametrize(
    ("name", "text", "wanted"),
    [
        ("learning_rate", "0", "Learning rate: give a number above 0."),
        ("ema", "1", "give a number from 0 to below 1."),
        ("batch_size", "2.5", "Batch size: give a whole number from 1."),
        ("augmentation.erase", "1.1", "Patch, probability: give a number from 0 to 1."),
        ("seed", "", "Seed: give a whole number from 0."),
        ("weight_decay", "nan", "Weight decay"),
        ("augmentation.noise", "inf", "Noise"),
    ],
)
def test_a_number_that_cannot_be_is_told(
    qtbot: QtBot, make: Callable[..., TrainingForm], name: str, text: str, wanted: str
) -> None:
    form = make()
    form.settings.numbers[name].clear()
    type_into(qtbot, form.settings.numbers[name], text)
    assert wanted in form.complaint


def test_nothing_to_train_is_told(make: Callable[..., TrainingForm]) -> None:
    form = make()
    for box in form.settings.steps.values():
        box.setValue(0)
    form.settings.steps["alternations"].setValue(3)
    assert form.complaint == "Give at least one step an epoch."


def test_fine_tuning_takes_over_network_and_held_out_fold(
    qtbot: QtBot, make: Callable[..., TrainingForm], tmp_path: Path
) -> None:
    form = make()
    active = put_model(tmp_path, "base", preset="paper", split="by case, fold 3 of 5 held out")
    form.set_active(active)
    form.settings.steps["g_net"].setValue(9)
    qtbot.keyClicks(form.start_from, "Fine")
    assert form.is_fine_tuning
    assert form.preset.currentData() == "paper"
    assert form.hold_out.currentData() == 3
    assert form.request.fine_tune == active.path
    enabled = [key for key, box in form.settings.steps.items() if box.isEnabled()]
    assert enabled == ["fused"]
    assert set(form.request.epochs) <= {"fused"}
    assert form.complaint == ""
    form.hold_out.setCurrentIndex(0)
    assert "has seen cases of fold 0" in form.complaint
    form.hold_out.setCurrentIndex(3)
    form.classifier.setCurrentIndex(2)
    assert "is another network" in form.complaint


def test_without_a_model_there_is_nothing_to_fine_tune(
    make: Callable[..., TrainingForm], tmp_path: Path
) -> None:
    form = make()
    form.set_active(put_model(tmp_path, "base"))
    form.start_from.setCurrentIndex(1)
    form.set_active(None)
    assert form.start_from.currentIndex() == 0
    assert not form.is_fine_tuning
    assert form.settings.steps["g_net"].isEnabled()


def test_own_cells_are_told_and_their_archive_lies_with_the_run(
    qtbot: QtBot, make: Callable[..., TrainingForm], tmp_path: Path
) -> None:
    form = make(OwnSummary("92 chromosomes of 2 cells and 2 cases."))
    form.source.setFocus()
    qtbot.keyClick(form.source, Qt.Key.Key_Down)
    assert form.is_own
    assert form.own.text() == "92 chromosomes of 2 cells and 2 cases."
    assert not form.data.isVisible()
    assert form.complaint == ""
    assert form.request.data == form.request.out / "own-reviewed-cells.zip"


@pytest.mark.parametrize(
    ("found", "words", "complaint"),
    [
        (TrainingSetSummary(), "", "Nothing has been reviewed"),
        (
            TrainingSetSummary(1, 1, 1, 3, {"1": 3}),
            "3 chromosomes of 1 cell and 1 case; 1 cell reviewed in part",
            "23 types",
        ),
        (
            TrainingSetSummary(2, 2, 0, 90, {k: 2 for k in ALL_TYPES if k != "Y"}),
            "90 chromosomes of 2 cells and 2 cases",
            "No chromosome Y",
        ),
        (TrainingSetSummary(1, 3, 0, 138, ALL_TYPES), "138 chromosomes", "At least two cases"),
        (TrainingSetSummary(2, 3, 0, 138, ALL_TYPES), "138 chromosomes", ""),
    ],
)
def test_what_own_cells_offer_in_words(
    found: TrainingSetSummary, words: str, complaint: str
) -> None:
    told = own_summary(found)
    assert words in told.words
    assert complaint in told.complaint
    assert bool(told.complaint) is bool(complaint)


def test_own_cells_that_do_not_suffice_cannot_be_trained_on(
    make: Callable[..., TrainingForm],
) -> None:
    form = make(OwnSummary("3 chromosomes", "No chromosome Y has been reviewed yet."))
    form.source.setCurrentIndex(1)
    assert form.complaint == "No chromosome Y has been reviewed yet."


def test_a_name_is_free_or_gets_a_number(tmp_path: Path) -> None:
    assert free_name("a", tmp_path) == "a"
    (tmp_path / "a").mkdir()
    (tmp_path / "a-2").mkdir()
    assert free_name("a", tmp_path) == "a-3"

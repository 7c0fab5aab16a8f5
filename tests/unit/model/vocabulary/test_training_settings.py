import dataclasses

import pytest

from model.vocabulary.errors import ModelError
from model.vocabulary.training import (
    COMPACT_SETTINGS,
    PAPER_SETTINGS,
    Epochs,
    TrainingSettings,
)
from model.vocabulary.training_request import TrainingRequest, chosen_settings


def chosen(
    *arguments: str, preset: TrainingSettings = COMPACT_SETTINGS, fine_tune: bool = False
) -> TrainingSettings:
    tuned = ("--fine-tune", "w") if fine_tune else ()
    request = TrainingRequest.of_arguments(("--data", "a", "--out", "b", *tuned, *arguments))
    return chosen_settings(request, preset)


@pytest.mark.parametrize("epochs", [COMPACT_SETTINGS.epochs, PAPER_SETTINGS.epochs])
@pytest.mark.parametrize("alternations", [1, 2, 3])
def test_a_total_is_honoured_exactly(epochs: Epochs, alternations: int) -> None:
    repeated = dataclasses.replace(epochs, alternations=alternations)
    for total in range(3 + 2 * alternations, 200):
        scaled = repeated.scaled_to(total)
        assert scaled.total == total
        assert min(scaled.g_net, scaled.localisation, scaled.l_net, scaled.fused) >= 1


def test_a_total_keeps_the_proportions() -> None:
    for settings in (COMPACT_SETTINGS, PAPER_SETTINGS):
        assert settings.epochs.scaled_to(settings.epochs.total) == settings.epochs
    assert COMPACT_SETTINGS.epochs.scaled_to(38) == Epochs(6, 1, 6, 1, 1, 24)


def test_fewer_epochs_than_steps_give_one_each() -> None:
    assert PAPER_SETTINGS.epochs.scaled_to(1) == Epochs(1, 1, 1, 1, 1, 1)


def test_a_step_without_epochs_stays_without() -> None:
    assert Epochs(0, 0, 2, 0, 1, 4).scaled_to(9) == Epochs(0, 0, 3, 0, 1, 6)


def test_without_options_the_preset_stays() -> None:
    assert chosen() == COMPACT_SETTINGS
    assert chosen(preset=PAPER_SETTINGS) == PAPER_SETTINGS


def test_every_step_has_its_option() -> None:
    settings = chosen(
        "--epochs-g-net", "0", "--epochs-localisation", "2", "--epochs-l-net", "3",
        "--epochs-weak-localisation", "4", "--alternations", "5", "--epochs-fused", "6",
    )  # fmt: skip
    assert settings.epochs == Epochs(0, 2, 3, 4, 5, 6)


def test_alternations_and_a_total_go_together() -> None:
    epochs = chosen("--epochs", "21", "--alternations", "2").epochs
    assert (epochs.total, epochs.alternations) == (21, 2)


def test_fine_tuning_is_stage_2_alone() -> None:
    assert chosen(fine_tune=True).epochs == Epochs(0, 0, 0, 0, 0, 12)
    assert chosen("--epochs", "4", fine_tune=True).epochs == Epochs(0, 0, 0, 0, 0, 4)
    assert chosen("--epochs-fused", "4", fine_tune=True).epochs == Epochs(0, 0, 0, 0, 0, 4)


def test_single_strengths_of_the_augmentation() -> None:
    settings = chosen("--augmentation", "rotation=30", "--augmentation", "blur=0")
    assert settings.augmentation == dataclasses.replace(
        COMPACT_SETTINGS.augmentation, rotation=30.0, blur=0.0
    )


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--epochs", "5", "--epochs-fused", "2"), "The number of epochs is given twice"),
        (("--epochs", "0"), "Epochs cannot be 0."),
        (("--epochs-g-net", "-1"), "G net cannot be -1."),
        (("--alternations", "-2"), "Alternations cannot be -2."),
        (("--batch-size", "0"), "Batch size cannot be 0."),
        (("--learning-rate", "-1"), "Learning rate cannot be -1.0."),
        (("--learning-rate", "nan"), "Learning rate cannot be nan."),
        (("--weight-decay", "-0.1"), "Weight decay cannot be -0.1."),
        (("--ema", "1"), "Ema cannot be 1.0."),
        (("--seed", "-3"), "Seed cannot be -3."),
        (("--augmentation", "shear=1"), "There is no augmentation “shear”."),
        (("--augmentation", "blur=2"), "Blur cannot be 2."),
        (("--augmentation", "noise=-1"), "Noise cannot be -1."),
        (("--augmentation", "noise=inf"), "Noise cannot be inf."),
        (("--augmentation", "rotation"), "Rotation cannot be ."),
    ],
)
def test_what_cannot_be_is_refused(arguments: tuple[str, ...], sentence: str) -> None:
    with pytest.raises(ModelError) as refusal:
        chosen(*arguments)
    assert refusal.value.sentence.startswith(sentence)
    assert refusal.value.hint


def test_nothing_to_train_is_refused() -> None:
    steps = ("g-net", "localisation", "l-net", "weak-localisation", "fused")
    with pytest.raises(ModelError, match="nothing to train"):
        chosen(*(word for step in steps for word in (f"--epochs-{step}", "0")))

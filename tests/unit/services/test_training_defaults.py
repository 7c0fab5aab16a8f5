"""The dialog's table of defaults is what the training would do anyway."""

from dataclasses import asdict

import pytest

from karyogui.services.training import EPOCHS
from karyogui.services.training_defaults import (
    AUGMENTATION_LABELS,
    CLASSIFIERS,
    DECAYS,
    DEFAULTS,
    SHARES,
    STEPS,
)
from model.config import PRESETS, NetworkConfig
from model.network import comparison
from model.training import settings


@pytest.mark.parametrize("config", PRESETS, ids=lambda config: config.preset)
def test_the_defaults_are_those_of_the_training(config: NetworkConfig) -> None:
    true, shown = settings.settings_for(config), DEFAULTS[config.preset]
    assert dict(shown.epochs) == asdict(true.epochs)
    assert dict(shown.augmentation) == asdict(true.augmentation)
    plain = ("batch_size", "learning_rate", "weight_decay", "ema", "decay", "seed")
    for name in plain:
        assert getattr(shown, name) == getattr(true, name), name


def test_the_table_names_all_presets_steps_classifiers_and_strengths() -> None:
    assert set(DEFAULTS) == {config.preset for config in PRESETS}
    assert tuple(step.key for step in STEPS) == EPOCHS[1:]
    assert tuple((kind.id, kind.label) for kind in comparison.CLASSIFIERS) == CLASSIFIERS
    assert set(AUGMENTATION_LABELS) == set(DEFAULTS["compact"].augmentation)
    assert SHARES == settings.SHARES
    assert {value for value, _ in DECAYS} == {"cosine", "tenfold"}

"""What can be done with models."""

from __future__ import annotations

from karyogui.ui.action_spec import ActionSpec
from karyogui.ui.training.controller import ModelController


def model_actions(models: ModelController) -> tuple[ActionSpec, ...]:
    """Choose, compare, roll back, train."""
    return (
        ActionSpec("model.choose", "Models…", "models", models.choose),
        ActionSpec("model.compare", "Compare models…", "compare", models.compare),
        ActionSpec(
            "model.roll_back",
            "Roll back model",
            "roll-back",
            models.roll_back,
            enabled_when=lambda: models.can_roll_back,
            tip="Go back to the model used before",
            otherwise="No other model was used before",
        ),
        ActionSpec("model.train", "Train…", "train", models.train),
    )

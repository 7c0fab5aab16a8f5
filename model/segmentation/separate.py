"""The separators to choose from, and the best one that works here."""

from __future__ import annotations

from pathlib import Path

from model.segmentation.base import Separator
from model.segmentation.classical import ClassicalSeparator
from model.segmentation.learned import LearnedSeparator
from model.segmentation.weights import SEPARATION
from model.vocabulary.errors import ModelError

AUTO: str = "auto"
SEPARATORS: dict[str, str] = {
    LearnedSeparator.id: LearnedSeparator.label,
    ClassicalSeparator.id: ClassicalSeparator.label,
}
"""Id → name for people, the default first."""


def open_separator(wanted: str = AUTO, weights: Path | None = None) -> Separator:
    """A separator by its id; "auto" is the learned one where its weights are, else the classical.

    ModelError for an unknown id and for weights that are missing (when asked for) or unusable.
    """
    path = weights or SEPARATION
    if wanted == ClassicalSeparator.id or (wanted == AUTO and not path.exists()):
        return ClassicalSeparator()
    if wanted in (AUTO, LearnedSeparator.id):
        return LearnedSeparator.load(path)
    raise ModelError(
        f"There is no separator {wanted}.", f"There are: {AUTO}, {', '.join(SEPARATORS)}."
    )

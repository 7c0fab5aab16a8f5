"""Several networks, each on the cases that it did not learn: cross validation by case (III-A)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from model.data.cells import LabelledCell
from model.vocabulary.archive import FOLDS, fold_of
from model.vocabulary.card import held_out_fold, read_card
from model.vocabulary.errors import ModelError


def fold_of_weights(weights: Path) -> int | None:
    """The fold that the training left out, by the card; None when it saw every case."""
    return held_out_fold(read_card(weights))


def held_out_cells(
    cells: Sequence[LabelledCell], weights: Path
) -> tuple[int, tuple[LabelledCell, ...]]:
    """The fold that the weights held out and its cells; ModelError without either."""
    fold = fold_of_weights(weights)
    if fold is None:
        raise ModelError("These weights were trained without holding out any case.")
    apart = tuple(cell for cell in cells if fold_of(cell.case) == fold)
    if not apart:
        raise ModelError("The archive has no case that these weights held out.")
    return fold, apart


def distinct_folds(weights: Sequence[Path]) -> tuple[Path, ...]:
    """The same weights in the order of their folds; ModelError when a fold is twice or unknown."""
    by_fold: dict[int, Path] = {}
    for path in weights:
        fold = fold_of_weights(path)
        if fold is None:
            raise ModelError(f"{path.name} was trained without holding out any case.")
        if fold in by_fold:
            raise ModelError(
                f"{by_fold[fold].name} and {path.name} both held out fold {fold}.",
                "Give one file of weights for each fold.",
            )
        by_fold[fold] = path
    return tuple(by_fold[fold] for fold in sorted(by_fold))


def five_folds(weights: Sequence[Path], where: str) -> tuple[Path, ...]:
    """One of the weights for each of the five folds; ModelError names the folds without any."""
    ordered = distinct_folds(weights)
    there = {fold_of_weights(path) for path in ordered}
    missing = [str(fold) for fold in range(FOLDS) if fold not in there]
    if missing:
        raise ModelError(
            f"{where} no weights that held out fold {' and fold '.join(missing)}.",
            "Train them with `train --hold-out FOLD`.",
        )
    return ordered


def weights_in(folder: Path) -> tuple[Path, ...]:
    """The weights of a folder that held out a fold; ModelError when there is no such folder."""
    if not folder.is_dir():
        raise ModelError(f"There is no folder {folder}.")
    found = sorted(folder.glob("*.safetensors"))
    return tuple(path for path in found if fold_of_weights(path) is not None)


def over_folds(each: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Figures of several networks, alike in shape, joined number by number to mean and sd.

    Only numbers and groups of numbers are joined; None counts as not measured.
    """
    joined: dict[str, Any] = {}
    for key, first in (each[0] if each else {}).items():
        if isinstance(first, Mapping):
            joined[key] = over_folds([one[key] for one in each])
        elif first is None or isinstance(first, int | float):
            joined[key] = mean_sd([one[key] for one in each])
    return joined


def mean_sd(values: Sequence[float | None]) -> dict[str, float | None]:
    """Mean and sample standard deviation (over n - 1); None where there are too few values."""
    known = [value for value in values if value is not None]
    return {
        "mean": float(np.mean(known)) if known else None,
        "sd": float(np.std(known, ddof=1)) if len(known) > 1 else None,
    }
